//! The brand's stores, and who works where.

use std::collections::BTreeMap;
use std::ops::Deref;

use foldhash::HashMap;
use jiff::civil::Date;

use super::{Rulebook, Store};
use crate::scripts::{Asker, Facts, StoreFacts};

/// All stores by id, with an index of their people. Reads like a map.
#[derive(Clone, Debug, Default)]
pub struct Stores {
    by_id: BTreeMap<String, Store>,
    /// Whoever works in several stores is found in the first of them.
    of_person: HashMap<String, String>,
}

impl From<BTreeMap<String, Store>> for Stores {
    fn from(by_id: BTreeMap<String, Store>) -> Self {
        let mut of_person = HashMap::default();
        for store in by_id.values() {
            for person in &store.staff {
                of_person.entry(person.clone()).or_insert_with(|| store.id.clone());
            }
        }
        Self { by_id, of_person }
    }
}

impl Deref for Stores {
    type Target = BTreeMap<String, Store>;

    fn deref(&self) -> &Self::Target {
        &self.by_id
    }
}

/// What templates may name of a store.
impl From<&Store> for StoreFacts {
    fn from(store: &Store) -> Self {
        Self {
            id: store.id.clone(),
            name: store.name.clone(),
            region: store.region.clone(),
            address: store.address.clone(),
            hours: store.hours.clone(),
            phone: store.phone.clone(),
        }
    }
}

impl Store {
    /// Its region, if it has one.
    pub fn region(&self) -> Option<&str> {
        Some(self.region.as_str()).filter(|region| !region.is_empty())
    }
}

/// For whom scripts are looked up on this day in a store, or outside of all: the bot itself.
pub fn asker_in(store: Option<&Store>, today: Date) -> Asker<'_> {
    let region = store.and_then(Store::region);
    Asker { store: store.map(|store| store.id.as_str()), region, ..Asker::anybody(today) }
}

/// What scripts can tell of the brand and the store, when they speak to nobody.
pub fn facts_in(brand: &str, store: Option<&Store>, today: Date) -> Facts {
    let store = store.map(StoreFacts::from).unwrap_or_default();
    Facts { brand: brand.to_owned(), store, today, ..Facts::default() }
}

impl Rulebook {
    /// The store in which this userid works; `None` for whoever is no staff.
    pub fn store_of(&self, userid: &str) -> Option<&Store> {
        self.stores.get(self.stores.of_person.get(userid)?)
    }
}

//! Stores.

use std::collections::BTreeMap;

use super::Reading;
use crate::files::{AnyText, At};
use crate::rules::Store;
use crate::rules::written::StoreEntry;

pub fn check(reading: &Reading<'_>) -> BTreeMap<String, Store> {
    reading.stores().filter_map(store).map(|store| (store.id.clone(), store)).collect()
}

/// `None` when something required is missing, which has been reported.
fn store(entry: &StoreEntry) -> Option<Store> {
    let text = |value: &Option<At<AnyText>>| value.as_ref().map(|text| text.0.clone()).unwrap_or_default();
    let owner = entry.owner.as_ref().map(|owner| owner.0.clone());
    let mut staff: Vec<String> = owner.iter().cloned().collect();
    for person in entry.staff.iter().flat_map(|list| &list.value) {
        if !staff.contains(&person.0) {
            staff.push(person.0.clone());
        }
    }
    Some(Store {
        id: entry.id.as_ref()?.0.clone(),
        name: entry.name.as_ref()?.0.clone(),
        region: text(&entry.region),
        address: text(&entry.address),
        hours: text(&entry.hours),
        phone: text(&entry.phone),
        owner,
        staff,
        tags: entry.tags.iter().flat_map(|list| &list.value).map(|tag| tag.0.clone()).collect(),
    })
}

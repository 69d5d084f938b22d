//! The brand's scripts, and what regions and stores have made of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::scripts::{Asker, Override, Scope, Script};

/// Every version of every script.
#[derive(Debug)]
pub struct Versions {
    /// The brand's scripts, then what regions and stores made of them.
    all: Vec<Arc<Script>>,
    /// How many of them are the brand's.
    brands: usize,
    by_id: HashMap<String, usize>,
    changed: HashMap<usize, Changed>,
    overrides: Vec<Override>,
    /// Store id → region.
    regions: BTreeMap<String, String>,
}

/// Where a script is another one than the brand's; `None` = it is switched off there.
#[derive(Debug, Default)]
struct Changed {
    regions: BTreeMap<String, Option<usize>>,
    stores: BTreeMap<String, Option<usize>>,
}

impl Versions {
    /// Overrides of unknown scripts change nothing.
    pub fn new(
        scripts: Vec<Arc<Script>>,
        overrides: Vec<Override>,
        regions: BTreeMap<String, String>,
    ) -> Self {
        let by_id = scripts.iter().enumerate().map(|(nth, script)| (script.id.clone(), nth)).collect();
        let brands = scripts.len();
        let changed = HashMap::new();
        let mut versions = Self { all: scripts, brands, by_id, changed, overrides: Vec::new(), regions };
        // A region's first: its stores build on them.
        for over in overrides.iter().filter(|over| matches!(over.scope, Scope::Region(_))) {
            versions.add(over);
        }
        for over in overrides.iter().filter(|over| matches!(over.scope, Scope::Store(_))) {
            versions.add(over);
        }
        versions.overrides = overrides;
        versions
    }

    fn add(&mut self, over: &Override) {
        let Some(&brands) = self.by_id.get(&over.script) else { return };
        let (base, off) = match &over.scope {
            Scope::Region(_) => (brands, false),
            Scope::Store(store) => {
                self.of_region_of(store, brands).map_or((brands, true), |base| (base, false))
            }
        };
        let version = (!over.off.unwrap_or(off)).then(|| {
            self.all.push(Arc::new(over.apply(&self.all[base])));
            self.all.len() - 1
        });
        let changed = self.changed.entry(brands).or_default();
        match &over.scope {
            Scope::Region(region) => changed.regions.insert(region.clone(), version),
            Scope::Store(store) => changed.stores.insert(store.clone(), version),
        };
    }

    /// The version of the store's region; `None` when it is switched off there.
    fn of_region_of(&self, store: &str, brands: usize) -> Option<usize> {
        let region = || self.changed.get(&brands)?.regions.get(self.regions.get(store)?);
        region().copied().unwrap_or(Some(brands))
    }

    pub fn brands(&self) -> &[Arc<Script>] {
        &self.all[..self.brands]
    }

    pub fn all(&self) -> &[Arc<Script>] {
        &self.all
    }

    /// The brand's script.
    pub fn get(&self, id: &str) -> Option<&Script> {
        self.by_id.get(id).map(|&nth| &*self.all[nth])
    }

    /// What this region or store has made of the script; `None` where it is the brand's or switched off.
    pub fn changed_in(&self, id: &str, scope: &Scope) -> Option<&Script> {
        let changed = self.changed.get(self.by_id.get(id)?)?;
        let version = match scope {
            Scope::Region(region) => changed.regions.get(region),
            Scope::Store(store) => changed.stores.get(store),
        };
        Some(&self.all[(*version?)?])
    }

    /// The version of the script that holds for the asker.
    pub fn resolved(&self, id: &str, asker: &Asker<'_>) -> Option<&Script> {
        let script = &self.all[self.version(*self.by_id.get(id)?, asker)?];
        script.is_for(asker).then_some(script)
    }

    /// This version, if it is the one that holds for the asker.
    pub fn here(&self, version: usize, asker: &Asker<'_>) -> Option<&Script> {
        let script = &self.all[version];
        let brands = *self.by_id.get(&script.id)?;
        (self.version(brands, asker) == Some(version) && script.is_for(asker)).then_some(script)
    }

    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// What the asker's region and then the store change of the script.
    pub fn overrides_of(&self, id: &str, asker: &Asker<'_>) -> Vec<&Override> {
        let region = self.region(asker);
        let here = |over: &&Override| match &over.scope {
            Scope::Region(of) => region == Some(of.as_str()),
            Scope::Store(of) => asker.store == Some(of.as_str()),
        };
        let mut found: Vec<_> = self.overrides.iter().filter(|over| over.script == id).filter(here).collect();
        found.sort_by_key(|over| matches!(over.scope, Scope::Store(_)));
        found
    }

    fn region<'r>(&'r self, asker: &Asker<'r>) -> Option<&'r str> {
        asker.region.or_else(|| Some(self.regions.get(asker.store?)?.as_str()))
    }

    /// What the asker's store, else its region, has made of the brand's script.
    fn version(&self, brands: usize, asker: &Asker<'_>) -> Option<usize> {
        let Some(changed) = self.changed.get(&brands) else { return Some(brands) };
        let of_store = asker.store.and_then(|store| changed.stores.get(store));
        let of_region = || changed.regions.get(self.region(asker)?);
        of_store.or_else(of_region).copied().unwrap_or(Some(brands))
    }
}

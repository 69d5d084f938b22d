//! Which groups something is for: whether there are such profiles, stores and regions.

use super::Known;
use crate::files::{At, Id, Report, Text};
use crate::rules::Selector;
use crate::rules::written::SelectorTable;

/// What it says; what it names in vain is told.
pub fn check(written: Option<&At<SelectorTable>>, known: &Known, report: &mut Report<'_>) -> Selector {
    let Some(table) = written else { return Selector::default() };
    for profile in listed(table.profiles.as_ref()) {
        known.profiles.check(&profile.0, profile.place, report);
    }
    for store in listed(table.stores.as_ref()) {
        known.stores.check(&store.0, store.place, report);
    }
    for region in listed(table.regions.as_ref()) {
        known.regions.check(&region.0, region.place, report);
    }
    let ids = |list: Option<&At<Vec<At<Id>>>>| listed(list).map(|id| id.0.clone()).collect();
    let texts = |list: Option<&At<Vec<At<Text>>>>| listed(list).map(|text| text.0.clone()).collect();
    Selector {
        profiles: ids(table.profiles.as_ref()),
        stores: ids(table.stores.as_ref()),
        regions: texts(table.regions.as_ref()),
        names: texts(table.names.as_ref()),
    }
}

fn listed<T>(list: Option<&At<Vec<At<T>>>>) -> impl Iterator<Item = &At<T>> {
    list.into_iter().flat_map(|list| &list.value)
}

//! How many posts are in their groups, by region and store.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::Row;

/// The figures of some posts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub posts: usize,
    /// They are in their groups.
    pub there: usize,
    /// Somebody was heard to put them there.
    pub seen: usize,
    /// Of those that are there; zero when none is.
    pub latest: SignedDuration,
}

impl Total {
    /// Of all of them.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row<'a>>) -> Self {
        let mut total = Self::default();
        rows.into_iter().for_each(|row| total.add(row));
        total
    }

    fn add(&mut self, row: &Row<'_>) {
        self.posts += 1;
        self.there += usize::from(row.outcome().is_there());
        self.seen += usize::from(row.record.course.seen.is_some());
        self.latest = self.latest.max(row.record.late_by().unwrap_or_default());
    }
}

/// The name of the region and of the store, both empty where there is none, and the figures there.
pub fn by_store<'a>(rows: impl IntoIterator<Item = &'a Row<'a>>) -> BTreeMap<(&'a str, &'a str), Total> {
    let mut totals: BTreeMap<(&str, &str), Total> = BTreeMap::new();
    for row in rows {
        totals.entry((&row.place.region, &row.place.store)).or_default().add(row);
    }
    totals
}

/// The same by region alone.
pub fn by_region<'a>(rows: impl IntoIterator<Item = &'a Row<'a>>) -> BTreeMap<&'a str, Total> {
    let mut totals: BTreeMap<&str, Total> = BTreeMap::new();
    for row in rows {
        totals.entry(&row.place.region).or_default().add(row);
    }
    totals
}

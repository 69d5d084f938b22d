//! Which entries hold a gram: an inverted index in two flat arrays.

use std::borrow::Cow;
use std::cmp::Reverse;

/// A gram is known by its hash alone, and neighbouring hashes share a bucket: [`Postings::of`] may name
/// entries that do not hold the gram, and never misses one that does. Whoever reads it looks at the entry.
#[derive(Debug, Default)]
pub(super) struct Postings {
    /// Where each bucket begins in `entries`, and where the last one ends.
    starts: Vec<u32>,
    entries: Vec<u32>,
    /// From a hash to its bucket.
    shift: u32,
}

/// How many entries a bucket has on average. With fewer, the buckets outgrow the processor's cache, and building
/// takes longer; with more, strangers do.
const ENTRIES_PER_BUCKET: usize = 8;

impl Postings {
    /// From each gram's hash with the entry that holds it, entries in ascending order.
    pub(super) fn new(grams: &[(u32, u32)]) -> Self {
        let bits = (grams.len() / ENTRIES_PER_BUCKET).max(2).next_power_of_two().ilog2();
        let shift = u32::BITS - bits;
        let bucket = |hash: u32| (hash >> shift) as usize;
        // An entry is listed once however often it holds the gram; each bucket remembers its last one. Both stand
        // side by side, because most of the time goes into waiting for memory.
        let mut buckets = vec![Bucket { last: u32::MAX, end: 0 }; 1 << bits];
        for &(hash, entry) in grams {
            let bucket = &mut buckets[bucket(hash)];
            bucket.end += u32::from(bucket.is_news(entry));
        }
        let mut starts = Vec::with_capacity(buckets.len() + 1);
        let mut start = 0;
        for bucket in &mut buckets {
            starts.push(start);
            start += bucket.end;
            *bucket = Bucket { last: u32::MAX, end: starts[starts.len() - 1] };
        }
        starts.push(start);
        let mut entries = vec![0; start as usize];
        for &(hash, entry) in grams {
            let bucket = &mut buckets[bucket(hash)];
            if bucket.is_news(entry) {
                entries[bucket.end as usize] = entry;
                bucket.end += 1;
            }
        }
        Self { starts, entries, shift }
    }

    /// The entries that may hold the gram, ascending.
    pub(super) fn of(&self, hash: u32) -> &[u32] {
        if self.starts.is_empty() {
            return &[];
        }
        let bucket = (hash >> self.shift) as usize;
        &self.entries[self.starts[bucket] as usize..self.starts[bucket + 1] as usize]
    }
}

/// A bucket while it is filled.
#[derive(Clone, Copy)]
struct Bucket {
    last: u32,
    /// How many entries it will have, then where the next one goes.
    end: u32,
}

impl Bucket {
    fn is_news(&mut self, entry: u32) -> bool {
        std::mem::replace(&mut self.last, entry) != entry
    }
}

/// The entries that all lists have in common, ascending; none when there is no list.
pub(super) fn in_all<'l>(mut lists: Vec<Cow<'l, [u32]>>) -> impl Iterator<Item = u32> + 'l {
    lists.sort_by_key(|list| list.len());
    let mut others = lists.into_iter();
    let shortest = others.next().unwrap_or_default();
    let mut others: Vec<(Cow<'l, [u32]>, usize)> = others.map(|list| (list, 0)).collect();
    (0..shortest.len()).map(move |at| shortest[at]).filter(move |&entry| {
        others.iter_mut().all(|(list, from)| {
            *from = skip_to(list, *from, entry);
            list.get(*from) == Some(&entry)
        })
    })
}

/// In how many lists entries were met.
pub(super) struct Tally {
    counts: Vec<u16>,
    /// Each entry that was met, once.
    met: Vec<u32>,
}

impl Tally {
    /// Of entries that fit; all are below `entries`. The shortest lists tell most and are read first, until
    /// `read_at_most` entries were counted.
    pub(super) fn of(
        mut lists: Vec<&[u32]>,
        entries: usize,
        read_at_most: usize,
        mut fits: impl FnMut(u32) -> bool,
    ) -> Self {
        lists.sort_by_key(|list| list.len());
        let mut tally = Self { counts: vec![0; entries], met: Vec::new() };
        for &entry in lists.into_iter().flatten().filter(|&&entry| fits(entry)).take(read_at_most) {
            let count = &mut tally.counts[entry as usize];
            if *count == 0 {
                tally.met.push(entry);
            }
            *count = count.saturating_add(1);
        }
        tally
    }

    /// Up to `at_most` entries with the highest scores by their counts, highest first, equal ones in ascending
    /// order.
    pub(super) fn highest(self, at_most: usize, score: impl Fn(u32, u16) -> u32) -> Vec<u32> {
        let scored = |&entry: &u32| (Reverse(score(entry, self.counts[entry as usize])), entry);
        let mut best: Vec<(Reverse<u32>, u32)> = self.met.iter().map(scored).collect();
        if at_most < best.len() {
            best.select_nth_unstable(at_most);
            best.truncate(at_most);
        }
        best.sort_unstable();
        best.into_iter().map(|(_, entry)| entry).collect()
    }
}

/// The first place from `from` on where the list is not below `entry`; takes longer steps the longer it goes.
fn skip_to(list: &[u32], from: usize, entry: u32) -> usize {
    let mut step = 1;
    while list.get(from + step - 1).is_some_and(|&below| below < entry) {
        step *= 2;
    }
    let (start, end) = (from + step / 2, (from + step).min(list.len()));
    start.min(end) + list[start.min(end)..end].partition_point(|&below| below < entry)
}

/// Spreads a gram over all 32 bits; the upper ones are the best (Fibonacci hashing).
pub(super) fn hash(gram: u64) -> u32 {
    (gram.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

/// The hash of two neighbouring letters.
pub(super) fn pair(one: u32, other: u32) -> u32 {
    hash(u64::from(one) << 32 | u64::from(other))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_index_holds_nothing() {
        assert_eq!(Postings::default().of(7), [0; 0]);
        assert_eq!(Postings::new(&[]).of(u32::MAX), [0; 0]);
    }

    #[test]
    fn the_entries_met_most_come_first() {
        let lists: Vec<&[u32]> = vec![&[0, 1, 2, 3, 4], &[1, 3], &[3, 4]];
        let most = |read, at_most| {
            let tally = Tally::of(lists.clone(), 5, read, |entry| entry != 0);
            tally.highest(at_most, |_, count| count.into())
        };
        assert_eq!(most(99, 9), [3, 1, 4, 2]);
        assert_eq!(most(99, 2), [3, 1]);
        assert_eq!(most(4, 9), [3, 1, 4]);
    }

    proptest! {
        #[test]
        fn what_all_lists_have_in_common(lists in prop::collection::vec(prop::collection::btree_set(0_u32..60, 0..50), 0..4)) {
            let sorted = lists.iter().map(|list| list.iter().copied().collect::<Vec<u32>>().into()).collect();
            let common = lists.iter().cloned().reduce(|all, list| &all & &list).unwrap_or_default();
            prop_assert_eq!(in_all(sorted).collect::<Vec<u32>>(), common.into_iter().collect::<Vec<u32>>());
        }

        #[test]
        fn every_entry_is_found_under_each_of_its_grams_once(
            entries in prop::collection::vec(prop::collection::vec(any::<u64>(), 0..6), 0..40),
        ) {
            let of = |(at, grams): (u32, &Vec<u64>)| grams.iter().map(move |gram| (hash(*gram), at)).collect::<Vec<_>>();
            let grams: Vec<(u32, u32)> = (0..).zip(&entries).flat_map(of).collect();
            let postings = Postings::new(&grams);
            for (hash, entry) in grams {
                let found = postings.of(hash);
                prop_assert_eq!(found.iter().filter(|one| **one == entry).count(), 1);
                prop_assert!(found.is_sorted());
            }
        }
    }
}

//! What a search has found so far: each script once, by its best match.

use super::Found;
use super::how::{How, Rank};

pub struct Gathered<F> {
    fits: F,
    /// For each script of the library, where it stands in `found`, or why it does not.
    slots: Vec<u32>,
    found: Vec<(Rank, Found)>,
}

/// Not offered yet.
const NEW: u32 = u32::MAX;
/// Offered and refused.
const UNFIT: u32 = u32::MAX - 1;

impl<F: Fn(usize) -> bool> Gathered<F> {
    /// `fits` says of each of the library's scripts whether it may be found; it is asked once.
    pub fn new(scripts: usize, fits: F) -> Self {
        Self { fits, slots: vec![NEW; scripts], found: Vec::new() }
    }

    pub fn offer(&mut self, script: usize, how: How, rank: Rank) {
        if !self.takes(script) {
            return;
        }
        let found = Found { script, how };
        match self.slots[script] {
            NEW => {
                self.slots[script] = u32::try_from(self.found.len()).unwrap_or(UNFIT);
                self.found.push((rank, found));
            }
            slot => {
                let known = &mut self.found[slot as usize];
                if rank < known.0 {
                    *known = (rank, found);
                }
            }
        }
    }

    /// Whether the script fits.
    pub fn takes(&mut self, script: usize) -> bool {
        if self.slots[script] == NEW && !(self.fits)(script) {
            self.slots[script] = UNFIT;
        }
        self.slots[script] != UNFIT
    }

    /// Whether the script fits and was not found yet.
    pub fn is_new(&mut self, script: usize) -> bool {
        self.takes(script) && self.slots[script] == NEW
    }

    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// The best ones in order: by rank, then by what `preferred` says, then as they stand in the library.
    pub fn best<P: Ord>(self, at_most: usize, preferred: impl Fn(usize) -> P) -> Vec<Found> {
        let order = |(rank, found): &(Rank, Found)| (*rank, preferred(found.script), found.script);
        let mut found: Vec<_> = self.found.iter().map(|one| (order(one), one.1)).collect();
        if at_most < found.len() {
            found.select_nth_unstable_by(at_most, |one, other| one.0.cmp(&other.0));
            found.truncate(at_most);
        }
        found.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        found.into_iter().map(|(_, found)| found).collect()
    }
}

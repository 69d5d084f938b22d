//! The ways to read one message: as it is written, as one would say it, and backwards where it was turned around.

use super::Finding;
use crate::text::{Folded, Reading, fingerprint_of, trimmed};

/// Kept from message to message, for their memory.
#[derive(Debug, Default)]
pub(super) struct Views {
    pub folded: Folded,
    spoken: Reading,
    reversed: Reading,
    is_spoken: bool,
    is_reversed: bool,
}

impl Views {
    pub fn look_at(&mut self, text: &str) {
        self.folded.fold(text);
        self.is_spoken = self.spoken.speak(&self.folded);
        self.is_reversed = self.reversed.reverse(&self.folded);
    }

    /// Lets `find` look at every view; what it finds is given in characters of the folded text, what several views
    /// show once.
    pub fn each(&self, findings: &mut Vec<Finding>, find: impl Fn(&Folded, &mut Vec<Finding>)) {
        find(&self.folded, findings);
        for (is_other, reading) in [(self.is_spoken, &self.spoken), (self.is_reversed, &self.reversed)] {
            if !is_other {
                continue;
            }
            let mut more = Vec::new();
            find(reading.folded(), &mut more);
            for mut finding in more {
                (finding.start, finding.end) = reading.span(finding.start, finding.end);
                if !findings.iter().any(|known| is_same(known, &finding)) {
                    findings.push(finding);
                }
            }
        }
    }

    /// What `look` sees in the first view in which it sees anything.
    pub fn find<T>(&self, look: impl Fn(&Folded) -> Option<T>) -> Option<T> {
        let spoken = self.is_spoken.then(|| self.spoken.folded());
        let reversed = self.is_reversed.then(|| self.reversed.folded());
        [Some(&self.folded), spoken, reversed].into_iter().flatten().find_map(look)
    }

    /// FNV-1a over the letters and digits, so that no separator, width or script makes two texts of one;
    /// over the whole folded text when there are none (a row of emoji); 0 when there is nothing. Stable across runs
    /// and versions of the standard library, as it is stored.
    pub fn fingerprint(&self) -> u64 {
        let Folded { chars, letters, .. } = &self.folded;
        let chars = if letters.chars.is_empty() { trimmed(chars) } else { &letters.chars };
        if chars.is_empty() { 0 } else { fingerprint_of(chars.iter().copied()) }
    }
}

/// A phrase that was found already, or a contact in a place where one was found.
fn is_same(known: &Finding, new: &Finding) -> bool {
    let same = known.name == new.name && known.detail == new.detail;
    let overlaps = known.start < new.end && new.start < known.end;
    same || (overlaps && known.name.is_shape() && new.name.is_shape())
}

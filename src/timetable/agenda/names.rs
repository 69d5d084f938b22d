//! The ids of groups, each kept once and called by a number of four bytes.

use std::collections::HashSet;
use std::sync::Arc;

#[derive(Debug, Default)]
pub struct Names {
    /// `None` where the name was forgotten.
    names: Vec<Option<Arc<str>>>,
    /// The numbers in the order of their names: a quarter of what a map of a million ids takes.
    sorted: Vec<u32>,
    /// Numbers to be used again.
    free: Vec<u32>,
}

impl Names {
    /// All of these at once; names may come several times.
    pub fn of<'n>(all: impl Iterator<Item = &'n Arc<str>>) -> Self {
        let mut names: Vec<Arc<str>> = Vec::new();
        let mut seen: HashSet<&str> = HashSet::new();
        for name in all {
            if seen.insert(name) {
                names.push(Arc::clone(name));
            }
        }
        names.sort_unstable();
        names.shrink_to_fit();
        let sorted = (0..u32::try_from(names.len()).unwrap_or(u32::MAX)).collect();
        Self { names: names.into_iter().map(Some).collect(), sorted, free: Vec::new() }
    }

    pub fn name(&self, number: u32) -> Option<Arc<str>> {
        self.names.get(number as usize)?.clone()
    }

    /// Each with its number.
    pub fn all(&self) -> impl Iterator<Item = (Arc<str>, u32)> {
        self.names.iter().zip(0..).filter_map(|(name, number)| Some((name.clone()?, number)))
    }

    pub fn find(&self, name: &str) -> Option<u32> {
        self.place(name).ok().map(|at| self.sorted[at])
    }

    /// Its number, a new one if need be.
    pub fn intern(&mut self, name: &Arc<str>) -> u32 {
        match self.place(name) {
            Ok(at) => self.sorted[at],
            Err(at) => {
                let number = match self.free.pop() {
                    Some(number) => number,
                    None => {
                        self.names.push(None);
                        // More than four thousand million groups do not fit into memory.
                        u32::try_from(self.names.len() - 1).unwrap_or(u32::MAX)
                    }
                };
                self.names[number as usize] = Some(Arc::clone(name));
                self.sorted.insert(at, number);
                number
            }
        }
    }

    /// Nothing may call it by its number any more.
    pub fn forget(&mut self, name: &str) {
        if let Ok(at) = self.place(name) {
            let number = self.sorted.remove(at);
            self.names[number as usize] = None;
            self.free.push(number);
        }
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|number| {
            let known = self.names.get(*number as usize).and_then(Option::as_deref);
            known.unwrap_or_default().cmp(name)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_leads_back_to_its_name(
            first in proptest::collection::vec("[ab]{1,3}", 0..8),
            then in proptest::collection::vec((any::<bool>(), "[ab]{1,3}"), 0..20),
        ) {
            let first: Vec<Arc<str>> = first.into_iter().map(Arc::from).collect();
            let mut names = Names::of(first.iter());
            let mut known: BTreeSet<Arc<str>> = first.into_iter().collect();
            for (comes, name) in then {
                let name: Arc<str> = name.into();
                if comes {
                    names.intern(&name);
                    known.insert(name);
                } else {
                    names.forget(&name);
                    known.remove(&name);
                }
                for name in &known {
                    let found = names.find(name).and_then(|number| names.name(number));
                    prop_assert_eq!(found.as_ref(), Some(name));
                }
                prop_assert_eq!(names.sorted.len(), known.len());
            }
        }
    }
}

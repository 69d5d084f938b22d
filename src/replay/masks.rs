//! Names taken away, for those who may see what would happen but not to whom.

use std::collections::HashMap;

use super::compare::Difference;
use super::deed::{Deed, Person};
use crate::decision::MemberId;

/// Pseudonyms in the order in which people appear: the same person is the same throughout.
#[derive(Debug, Default)]
pub struct Masks(HashMap<MemberId, String>);

impl Masks {
    /// Hides everybody whom the difference names, also inside what is said.
    pub fn hide(&mut self, difference: &mut Difference) {
        let sides = || difference.before.iter().chain(&difference.after);
        let people: Vec<Person> = sides().flat_map(people_of).cloned().collect();
        let named: Vec<(String, String)> =
            people.iter().map(|person| (person.name.clone(), self.mask(&person.id))).collect();
        let ids = people.iter().map(|person| (person.id.to_string(), self.mask(&person.id)));
        // Longer names first: one may be the beginning of another.
        let mut hidden: Vec<(String, String)> = named.into_iter().chain(ids).collect();
        hidden.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let text = |text: &mut String| {
            for (name, mask) in hidden.iter().filter(|(name, _)| !name.is_empty()) {
                *text = text.replace(name, mask);
            }
        };
        text(&mut difference.instead);
        for deed in difference.before.iter_mut().chain(&mut difference.after) {
            [&mut deed.said, &mut deed.why].into_iter().for_each(text);
            deed.text.iter_mut().for_each(text);
            for person in deed.who.iter_mut().chain(&mut deed.to).chain(&mut deed.mentions) {
                let mask = self.mask(&person.id);
                *person = Person { id: MemberId::from(mask.as_str()), name: mask };
            }
        }
    }

    fn mask(&mut self, id: &MemberId) -> String {
        let next = self.0.len() + 1;
        self.0.entry(id.clone()).or_insert_with(|| format!("成员{next}")).clone()
    }
}

fn people_of(deed: &Deed) -> impl Iterator<Item = &Person> {
    deed.who.iter().chain(&deed.to).chain(&deed.mentions)
}

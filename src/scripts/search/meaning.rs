//! One way in which a query may be meant, letter by letter.

use std::borrow::Cow;

use super::alphabet::{Alphabet, Sound};
use super::how::{Extent, Way};
use super::terms::{Gram, Terms};
use crate::scripts::postings::in_all;

/// Two initials fit the inside of almost every title.
const INITIALS_INSIDE_AT_LEAST: usize = 3;

/// What is known of each letter of a part of a term.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning(pub Vec<Known>);

/// What is known of one letter.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// It is this one.
    Letter { number: u32, sound: Sound },
    /// It is this one, or another that sounds the same.
    SoundsAs { number: u32, sounds: Vec<Sound> },
    /// It was typed as this.
    Syllable(Sound),
    /// Its typing begins with this.
    Begun { typed: Vec<u8>, way: Way },
}

impl Meaning {
    /// The terms that may hold it, ascending.
    pub fn candidates<'t>(&self, terms: &'t Terms) -> impl Iterator<Item = u32> + 't {
        let letters = self.0.iter().filter_map(|known| match known {
            Known::Letter { number, .. } => Some(vec![terms.holding(&Gram::Letter(*number))]),
            _ => None,
        });
        let pairs = self.0.windows(2).map(|pair| pair[0].before(&pair[1], terms));
        let mut lists: Vec<Vec<&[u32]>> = letters.chain(pairs).collect();
        match &self.0[..] {
            [Known::Syllable(sound)] => lists.push(vec![terms.holding(&Gram::First(*sound))]),
            [one @ Known::Begun { .. }, other @ Known::Begun { .. }] => {
                lists = vec![vec![terms.holding(&Gram::FirstInitials(one.initial(), other.initial()))]];
            }
            _ => {}
        }
        in_all(narrowest(lists))
    }

    /// The best way in which it is found in the term.
    pub fn find_in(&self, term: &[u32], alphabet: &Alphabet) -> Option<(Way, Extent)> {
        let parts = term.windows(self.0.len()).enumerate();
        let found = parts.filter_map(|(at, part)| {
            let way = self.0.iter().zip(part).try_fold(Way::Written, |way, (known, letter)| {
                Some(way.max(known.way(*letter, alphabet)?))
            })?;
            let extent = match at {
                0 if term.len() == part.len() => Extent::Whole,
                0 => Extent::Start,
                _ => Extent::Inside,
            };
            let by_chance =
                way == Way::Initials && extent == Extent::Inside && part.len() < INITIALS_INSIDE_AT_LEAST;
            (!by_chance).then_some((way, extent))
        });
        found.min()
    }
}

/// Lists to be intersected: those that are whole, or else the shortest that must be put together first.
fn narrowest(lists: Vec<Vec<&[u32]>>) -> Vec<Cow<'_, [u32]>> {
    let whole = |lists: &Vec<&[u32]>| lists.len() == 1;
    if lists.iter().any(whole) {
        return lists.into_iter().filter(whole).flatten().map(Cow::from).collect();
    }
    let parts = lists.into_iter().min_by_key(|parts| parts.iter().map(|part| part.len()).sum::<usize>());
    let mut all = parts.unwrap_or_default().concat();
    all.sort_unstable();
    all.dedup();
    vec![all.into()]
}

impl Known {
    /// What must be forgiven for this to be the letter.
    fn way(&self, letter: u32, alphabet: &Alphabet) -> Option<Way> {
        match self {
            Self::Letter { number, .. } => (*number == letter).then_some(Way::Written),
            Self::SoundsAs { number, .. } if *number == letter => Some(Way::Written),
            Self::SoundsAs { sounds, .. } => {
                let alike = alphabet.sounds(letter).iter().any(|sound| sounds.contains(sound));
                alike.then_some(Way::SameSound)
            }
            Self::Syllable(sound) => {
                let itself = alphabet.readings(letter).is_empty();
                let way = if itself { Way::Written } else { Way::Pinyin };
                alphabet.sounds(letter).contains(sound).then_some(way)
            }
            Self::Begun { typed, way } => {
                let begun = match typed[..] {
                    [initial] => {
                        alphabet.sounds(letter).iter().any(|sound| sound.initial == u32::from(initial))
                    }
                    _ => {
                        alphabet.readings(letter).iter().any(|reading| reading.as_bytes().starts_with(typed))
                    }
                };
                let itself = alphabet.readings(letter).is_empty();
                begun.then_some(if itself { Way::Written } else { *way })
            }
        }
    }

    fn sounds(&self) -> &[Sound] {
        match self {
            // Whoever holds the letter itself is listed under each of its sounds, so one will do.
            Self::Letter { sound, .. } | Self::Syllable(sound) => std::slice::from_ref(sound),
            Self::SoundsAs { sounds, .. } => sounds,
            Self::Begun { .. } => &[],
        }
    }

    fn initial(&self) -> u32 {
        match self {
            Self::Begun { typed, .. } => Sound::typed(typed).initial,
            other => other.sounds()[0].initial,
        }
    }

    /// Lists whose terms, taken together, are all that may hold both, this one first.
    fn before<'t>(&self, next: &Self, terms: &'t Terms) -> Vec<&'t [u32]> {
        let (ones, others) = (self.sounds(), next.sounds());
        if ones.is_empty() || others.is_empty() {
            return vec![terms.holding(&Gram::Initials(self.initial(), next.initial()))];
        }
        let pairs = ones.iter().flat_map(|&one| others.iter().map(move |&other| Gram::Sounds(one, other)));
        pairs.map(|pair| terms.holding(&pair)).collect()
    }
}

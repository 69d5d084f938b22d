//! What was typed, and how it may be meant: written out, as pinyin, as initials, or a mixture.

use super::alphabet::{Alphabet, Sound};
use super::how::Way;
use super::meaning::{Known, Meaning};
use crate::text::{SYLLABLE_AT_MOST, readings};

/// Longer than any keyword typed by hand, also as pinyin; what is longer is compared as a whole only.
const LETTERS_AT_MOST: usize = 48;
/// What is typed without blanks can be cut into syllables in several ways (xian, xi an).
const MEANINGS_AT_MOST: usize = 8;
/// The same with initials between the syllables; each more costs a search, and the first ones have the longest
/// syllables, which are what people mean.
const MIXTURES_AT_MOST: usize = 4;
/// How many ways are looked at for them: long words without initials can be cut in thousands.
const CUTS_AT_MOST: usize = 64;

/// A typed keyword, folded to its letters; at least one.
pub struct Query {
    letters: Vec<Letter>,
    /// The letters a to z of `letters`; 0 in place of everything else.
    typed: Vec<u8>,
}

struct Letter {
    number: u32,
    sounds: Vec<Sound>,
}

impl Query {
    /// `None` when there is nothing to look for piece by piece.
    pub fn new(key: &str, alphabet: &Alphabet) -> Option<Self> {
        let characters: Vec<char> = key.chars().take(LETTERS_AT_MOST + 1).collect();
        // One letter or digit of the keyboard stands in too many terms to mean any.
        let is_one_key = characters.len() == 1 && characters[0].is_ascii();
        if characters.is_empty() || is_one_key || characters.len() > LETTERS_AT_MOST {
            return None;
        }
        let letter = |&c: &char| Letter { number: alphabet.number(c), sounds: Sound::all(c, &readings(c)) };
        let typed = |&c: &char| if c.is_ascii_lowercase() { c as u8 } else { 0 };
        let letters = characters.iter().map(letter).collect();
        Some(Self { letters, typed: characters.iter().map(typed).collect() })
    }

    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// Nothing but the letters a to z, which may be pinyin.
    pub fn is_typed(&self) -> bool {
        !self.typed.contains(&0)
    }

    /// None of them, so that every letter stands for itself.
    pub fn is_written(&self) -> bool {
        self.typed.iter().all(|&byte| byte == 0)
    }

    /// Its letters by their numbers in the alphabet.
    pub fn numbers(&self) -> Vec<u32> {
        self.letters.iter().map(|letter| letter.number).collect()
    }

    /// The letters a to z; 0 in place of everything else.
    pub fn typed(&self) -> &[u8] {
        &self.typed
    }

    /// What it sounds like, whoever the letters are.
    pub fn by_sound(&self) -> Meaning {
        let known =
            |letter: &Letter| Known::SoundsAs { number: letter.number, sounds: letter.sounds.clone() };
        Meaning(self.letters.iter().map(known).collect())
    }

    /// The ways of cutting it into letters: what is typed may be syllables, the last one unfinished, or initials.
    pub fn meanings(&self, alphabet: &Alphabet) -> Vec<Meaning> {
        let mut meanings = Vec::new();
        self.cut(0, &mut Vec::new(), alphabet, &mut meanings);
        if !self.is_written() {
            meanings.push(self.initials(false));
            meanings.push(self.initials(true));
            meanings.dedup();
        }
        meanings
    }

    fn cut(&self, from: usize, known: &mut Vec<Known>, alphabet: &Alphabet, meanings: &mut Vec<Meaning>) {
        if meanings.len() == MEANINGS_AT_MOST {
            return;
        }
        if from == self.len() {
            return meanings.push(Meaning(known.clone()));
        }
        let mut go_on = |letter: Known, to: usize| {
            known.push(letter);
            self.cut(to, known, alphabet, meanings);
            known.pop();
        };
        let run = self.run(from);
        if run.is_empty() {
            return go_on(self.letter(from), from + 1);
        }
        for length in (1..=run.len().min(SYLLABLE_AT_MOST)).rev() {
            if alphabet.is_unit(&run[..length]) {
                go_on(Known::Syllable(Sound::typed(&run[..length])), from + length);
            }
        }
        if from > 0 && from + run.len() == self.len() && alphabet.is_beginning(run) {
            let way = if run.len() > 1 { Way::Pinyin } else { Way::Initials };
            go_on(Known::Begun { typed: run.to_vec(), way }, self.len());
        }
    }

    /// The ways of cutting it into syllables and initials together (`ybtian`), the longest pieces first.
    pub fn mixtures(&self, alphabet: &Alphabet) -> Vec<Meaning> {
        let pieces: Vec<_> = (0..self.len()).map(|from| self.pieces(from, alphabet)).collect();
        // From where the end can be reached: nobody walks into the others.
        let mut leads = vec![false; self.len() + 1];
        leads[self.len()] = true;
        for from in (0..self.len()).rev() {
            leads[from] = pieces[from].iter().any(|(_, to)| leads[*to]);
        }
        let mut open = vec![(0, Vec::new())];
        let mut mixtures = Vec::new();
        let mut cuts = 0;
        while let Some((from, known)) = open.pop() {
            if from == self.len() {
                cuts += 1;
                mixtures.extend(is_mixture(&known).then_some(Meaning(known)));
                if cuts == CUTS_AT_MOST || mixtures.len() == MIXTURES_AT_MOST {
                    break;
                }
                continue;
            }
            for (piece, to) in pieces[from].iter().rev().filter(|(_, to)| leads[*to]) {
                open.push((*to, [&known[..], std::slice::from_ref(piece)].concat()));
            }
        }
        mixtures
    }

    /// What may stand from here on: syllables, also an unfinished last one, or an initial; and where each ends.
    fn pieces(&self, from: usize, alphabet: &Alphabet) -> Vec<(Known, usize)> {
        let run = self.run(from);
        let Some(first) = run.get(..1) else { return vec![(self.letter(from), from + 1)] };
        let begun = |typed: &[u8], way| Known::Begun { typed: typed.to_vec(), way };
        let mut pieces = Vec::new();
        if run.len() > 1 && from + run.len() == self.len() && alphabet.is_beginning(run) {
            pieces.push((begun(run, Way::Pinyin), self.len()));
        }
        for length in (2..=run.len().min(SYLLABLE_AT_MOST)).rev() {
            if alphabet.is_unit(&run[..length]) {
                pieces.push((Known::Syllable(Sound::typed(&run[..length])), from + length));
            }
        }
        if let [b'z' | b'c' | b's', b'h', ..] = run {
            pieces.push((begun(&run[..2], Way::Initials), from + 2));
        }
        if alphabet.is_beginning(first) {
            pieces.push((begun(first, Way::Initials), from + 1));
        }
        pieces
    }

    /// One letter for each initial; with `double`, zh, ch and sh are initials, too.
    fn initials(&self, double: bool) -> Meaning {
        let mut known = Vec::new();
        let mut at = 0;
        while at < self.len() {
            let length = match self.run(at) {
                [b'z' | b'c' | b's', b'h', ..] if double => 2,
                _ => 1,
            };
            known.push(match self.run(at) {
                [] => self.letter(at),
                run => Known::Begun { typed: run[..length].to_vec(), way: Way::Initials },
            });
            at += length;
        }
        Meaning(known)
    }

    fn letter(&self, at: usize) -> Known {
        let letter = &self.letters[at];
        Known::Letter { number: letter.number, sound: letter.sounds[0] }
    }

    /// The letters a to z from here on.
    fn run(&self, at: usize) -> &[u8] {
        let rest = &self.typed[at..];
        &rest[..rest.iter().position(|&byte| byte == 0).unwrap_or(rest.len())]
    }
}

/// Whether some of it is pinyin and some of it initials.
fn is_mixture(known: &[Known]) -> bool {
    let is_initial = |known: &Known| matches!(known, Known::Begun { way: Way::Initials, .. });
    let is_pinyin =
        |known: &Known| matches!(known, Known::Syllable(_) | Known::Begun { way: Way::Pinyin, .. });
    known.iter().any(is_initial) && known.iter().any(is_pinyin)
}

//! Terms that are one slip of the finger away.
//!
//! Two words that differ by one letter become the same when that letter is left out, so every term is listed
//! under itself and under each of its forms with one letter left out (W. Garbe's symmetric deletion).

use super::how::Field;
use super::query::Query;
use super::terms::Terms;
use crate::scripts::postings::{Postings, hash};

/// Of words with fewer letters nothing is left to know them by.
const WRITTEN_AT_LEAST: usize = 2;
/// The same for words typed in a to z, of which there are only 26.
const TYPED_AT_LEAST: usize = 4;
/// Longer terms are found by their parts, and would be listed too often.
const LETTERS_AT_MOST: usize = 24;

/// Written terms by their letters' numbers, and keywords also by their pinyin in the usual reading.
#[derive(Debug, Default)]
pub struct Typos {
    forms: Postings,
}

/// A term that differs from what was typed by one letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typo {
    pub term: u32,
    /// It has as many letters, one of which is another.
    pub wrong_letter: bool,
}

impl Typos {
    pub fn new(terms: &Terms) -> Self {
        let mut forms = Vec::new();
        for nth in 0..terms.len() {
            let letters = terms.letters(nth);
            if (WRITTEN_AT_LEAST..=LETTERS_AT_MOST).contains(&letters.len()) {
                forms.extend(with_one_left_out(letters).map(|form| (form, nth)));
            }
            if terms.field(nth) == Field::Keyword {
                let typed = typing(terms, nth);
                if (TYPED_AT_LEAST..=LETTERS_AT_MOST).contains(&typed.len()) {
                    forms.extend(with_one_left_out(&typed).map(|form| (form, nth)));
                }
            }
        }
        Self { forms: Postings::new(&forms) }
    }

    /// In the order of the terms.
    pub fn of(&self, query: &Query, terms: &Terms) -> Vec<Typo> {
        let numbers = query.numbers();
        let typed: Vec<u32> = query.typed().iter().map(|&byte| byte.into()).collect();
        let mut typos = Vec::new();
        if query.is_typed() && typed.len() >= TYPED_AT_LEAST {
            self.find(&typed, |term| slip(&typed, &typing(terms, term)), &mut typos);
        }
        if query.is_typed() && typed.len() >= TYPED_AT_LEAST
            || !query.is_typed() && numbers.len() >= WRITTEN_AT_LEAST
        {
            self.find(&numbers, |term| slip(&numbers, terms.letters(term)), &mut typos);
        }
        typos
    }

    fn find(&self, word: &[u32], slip: impl Fn(u32) -> Option<Slip>, typos: &mut Vec<Typo>) {
        if word.len() > LETTERS_AT_MOST {
            return;
        }
        let mut near: Vec<u32> =
            with_one_left_out(word).flat_map(|form| self.forms.of(form)).copied().collect();
        near.sort_unstable();
        near.dedup();
        let found = near.into_iter().filter_map(|term| Some((term, slip(term)?)));
        typos.extend(found.map(|(term, slip)| Typo { term, wrong_letter: slip == Slip::Replaced }));
    }
}

/// A keyword as it is typed: the usual reading of each letter, or the letter itself.
fn typing(terms: &Terms, nth: u32) -> Vec<u32> {
    let mut typed = Vec::new();
    for &number in terms.letters(nth) {
        match terms.alphabet.readings(number).first() {
            Some(reading) => typed.extend(reading.bytes().map(u32::from)),
            None => typed.push(terms.alphabet.character(number).into()),
        }
    }
    typed
}

/// The hashes of the word and of its forms with one letter left out.
fn with_one_left_out(word: &[u32]) -> impl Iterator<Item = u32> {
    (0..=word.len()).map(|left_out| {
        let (before, after) = (&word[..left_out], word.get(left_out + 1..).unwrap_or_default());
        let letters = before.iter().chain(after);
        hash(letters.fold(0, |all: u64, &letter| {
            (all.rotate_left(5) ^ u64::from(letter)).wrapping_mul(0x517c_c1b7_2722_0a95)
        }))
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slip {
    /// One letter too many or too few.
    Count,
    Swapped,
    Replaced,
}

/// The one slip between two words; `None` when they are the same or further apart.
fn slip(one: &[u32], other: &[u32]) -> Option<Slip> {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let same_start = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (short, long) = (&short[same_start..], &long[same_start..]);
    match (short, long) {
        (rest, [_, more @ ..]) if rest == more => Some(Slip::Count),
        ([_, rest @ ..], [_, more @ ..]) if rest == more => Some(Slip::Replaced),
        ([a, b, rest @ ..], [c, d, more @ ..]) if rest == more && (a, b) == (d, c) => Some(Slip::Swapped),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_one_slip_from_two() {
        let slip = |one: &str, other: &str| {
            let letters = |word: &str| word.chars().map(u32::from).collect::<Vec<u32>>();
            assert_eq!(slip(&letters(one), &letters(other)), slip(&letters(other), &letters(one)));
            slip(&letters(one), &letters(other))
        };
        for (one, other, expected) in [
            ("退换货", "退货", Some(Slip::Count)),
            ("退换货", "换货", Some(Slip::Count)),
            ("退换货", "退换", Some(Slip::Count)),
            ("退换货", "退还货", Some(Slip::Replaced)),
            ("退换货", "退货换", Some(Slip::Swapped)),
            ("退换货", "货换退", None),
            ("退换货", "退换货", None),
            ("退换货", "货", None),
            ("", "货", Some(Slip::Count)),
            ("", "", None),
        ] {
            assert_eq!(slip(one, other), expected, "{one} {other}");
        }
    }
}

//! Phone numbers: mobile, landline with area code, 400 and 800 lines.

use super::numbers::Number;
use super::{Contacts, Row};
use crate::perception::{Finding, SignalName};
use crate::text::digit;

/// Customers give their number for a delivery, so a number alone says little.
const MOBILE_WEIGHT: f32 = 0.3;

/// Shops and hotlines have these.
const LANDLINE_WEIGHT: f32 = 0.2;

/// Words that may touch a number without making it an order number.
const CALL_WORDS: [&str; 6] = ["tel", "phone", "call", "mobile", "dh", "sj"];

const LONGEST_CALL_WORD: usize = 6;

pub(super) fn find(row: Row, contacts: &mut Contacts) {
    let mut nth = 0;
    while let Some(letter) = row.letter(nth) {
        // A mobile number begins with 1 or 86, a landline with 0, 400 or 800.
        let first = digit(letter).filter(|first| matches!(first, '0' | '1' | '4' | '8'));
        let found = first.filter(|_| may_start(row, nth)).and_then(|_| phone(row, nth));
        let Some((number, detail, weight)) = found else {
            nth += 1;
            continue;
        };
        let (start, end) = (row.folded(nth), row.folded(number.end - 1) + 1);
        let hidden = number.is_hidden();
        contacts.add(Finding { name: SignalName::Phone, start, end, detail, weight, hidden });
        nth = number.end;
    }
}

/// Not inside a longer number and not behind the letters of an order number.
fn may_start(row: Row, nth: usize) -> bool {
    let Some(before) = row.letter(nth.wrapping_sub(1)).filter(|_| row.is_joined(nth)) else { return true };
    if digit(before).is_some() && !before.is_ascii_alphabetic() {
        return false;
    }
    let is_latin = |at: &usize| row.letter(*at).is_some_and(|c| c.is_ascii_alphabetic());
    let word = (0..nth).rev().take(LONGEST_CALL_WORD + 1).take_while(is_latin).count();
    word == 0 || CALL_WORDS.iter().any(|call| call.len() == word && row.spells(nth - word, call))
}

fn phone(row: Row, start: usize) -> Option<(Number, String, f32)> {
    let number = Number::read(row, start, |number| subscriber(number).is_some())?;
    let (detail, weight) = subscriber(&number)?;
    let detail = detail.to_owned();
    Some((number, detail, weight))
}

/// The number without the country's code, and its weight.
fn subscriber(number: &Number) -> Option<(&str, f32)> {
    let digits = number.digits();
    if let Some(local) = number.mobile().filter(|local| is_grouped(number, digits.len() - local.len())) {
        return Some((local, MOBILE_WEIGHT));
    }
    if number.listed || number.spelled {
        return None;
    }
    let parts = number.parts();
    let fits = match digits.get(..3)? {
        "400" | "800" => {
            digits.len() == 10 && matches!(parts, [10] | [3, 7] | [3, 3, 4] | [3, 4, 3] | [4, 3, 3])
        }
        area if area.starts_with("00") || !area.starts_with('0') => false,
        "010" | "020" | "021" | "022" | "023" | "024" | "025" | "027" | "028" | "029" => {
            matches!(parts, [11] | [3, 8] | [3, 4, 4])
        }
        _ => matches!(parts, [11 | 12] | [4, 7 | 8] | [4, 3 | 4, 4]),
    };
    fits.then_some((digits, LANDLINE_WEIGHT))
}

/// In one part, in parts of at least three digits, or digit by digit; not a row of prices.
fn is_grouped(number: &Number, country: usize) -> bool {
    let parts = match number.parts() {
        [first, rest @ ..] if *first == country => rest,
        parts => parts,
    };
    parts.len() == 1
        || parts.iter().all(|&length| length == 1)
        || (!number.listed && parts.iter().all(|&length| length >= 3))
}

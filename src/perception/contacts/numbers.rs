//! Numbers as people write and hide them: in groups, digit by digit, in Chinese numerals, with O for 0.

use super::Row;
use crate::text::digit;

/// More than this between two digits is no longer one number.
const WIDEST_GAP: usize = 3;

/// The longest number that is read as one contact: +86 and a mobile number.
pub(super) const LONGEST: usize = 13;

/// Digits that may belong together, from one letter of a row on.
///
/// Kept without memory of its own: nearly every number turns out to be a price.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Number {
    /// ASCII digits, and how many there are.
    digits: [u8; LONGEST + 1],
    length: usize,
    /// Lengths of the parts between separators, and how many there are.
    parts: [usize; LONGEST + 2],
    count: usize,
    /// The letter behind the last digit.
    pub end: usize,
    /// A digit was written as a numeral or a letter.
    pub spelled: bool,
    /// How many digits were written as Latin letters.
    pub lettered: usize,
    /// Commas or slashes separate the parts, as in a list of prices.
    pub listed: bool,
}

impl Number {
    /// ASCII digits.
    pub fn digits(&self) -> &str {
        std::str::from_utf8(&self.digits[..self.length]).unwrap_or_default()
    }

    /// Lengths of the parts between separators.
    pub fn parts(&self) -> &[usize] {
        &self.parts[..self.count]
    }

    /// The shortest number from `start` on that `accept` takes, joining part after part.
    pub(super) fn read(row: Row, start: usize, mut accept: impl FnMut(&Self) -> bool) -> Option<Self> {
        let mut number = Self { end: start, ..Self::default() };
        while number.take_part(row) {
            if accept(&number) {
                return Some(number);
            }
        }
        None
    }

    /// The longest number from `start` on of at most `most` digits.
    pub(super) fn longest(row: Row, start: usize, most: usize) -> Option<Self> {
        let mut longest = None;
        Self::read(row, start, |number| {
            if number.length <= most {
                longest = Some(number.length);
            }
            false
        });
        let length = longest?;
        Self::read(row, start, |number| number.length == length)
    }

    /// Nobody writes a number digit by digit or in words who wants to be found.
    pub(super) fn is_hidden(&self) -> bool {
        self.spelled || (self.count > 3 && self.parts().iter().all(|&length| length == 1))
    }

    /// A mobile number of the mainland, with or without the country's code before it. Letters may stand for
    /// most of its digits, but a word is no number.
    pub(super) fn mobile(&self) -> Option<&str> {
        let digits = self.digits();
        let local = digits.strip_prefix("86").filter(|local| local.len() == 11).unwrap_or(digits);
        let bytes = local.as_bytes();
        let is_mobile = bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1]);
        (is_mobile && digits.len() - self.lettered >= 2).then_some(local)
    }

    fn take_part(&mut self, row: Row) -> bool {
        let gap = if self.count == 0 { &[] } else { row.gap(self.end) };
        let time = gap.contains(&':') && self.parts().last().is_some_and(|&length| length == 2);
        if gap.len() > WIDEST_GAP || time {
            return false;
        }
        let mut length = 0;
        while let Some(letter) = row.letter(self.end) {
            let Some(digit) = digit(letter).filter(|_| length == 0 || row.is_joined(self.end)) else { break };
            self.digits[self.length] = digit as u8;
            self.length += 1;
            self.spelled |= digit != letter;
            self.lettered += usize::from(letter.is_ascii_alphabetic());
            self.end += 1;
            length += 1;
            if self.length > LONGEST {
                return false;
            }
        }
        self.parts[self.count] = length;
        self.count += 1;
        self.listed |= gap.iter().any(|c| matches!(c, ',' | '、' | '/' | '|'));
        let word_goes_on =
            row.is_joined(self.end) && row.letter(self.end).is_some_and(|c| c.is_ascii_alphabetic());
        length > 0 && !word_goes_on
    }
}

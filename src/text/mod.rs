//! PURE. Text as our users write it: Chinese, disguised, cut at byte limits.
//!
//! [`Folded`] undoes the disguises a character at a time and remembers where each character came from;
//! [`Letters`] is its second view, without everything that is neither letter nor digit. A [`Reading`] is a folded text
//! read in another way: emoji as words and split characters joined, or backwards.

mod cut;
mod fingerprint;
mod fold;
mod look_alike;
mod mention;
mod pinyin;
mod question;
mod reading;
mod similarity;
mod simplify;
mod split;
mod subsequence;
mod table;

pub use cut::{cut_to_bytes, one_line, whole_lines};
pub use fingerprint::{fingerprint, fingerprint_of};
pub use fold::{Folded, Letters, Trick, TrickKind, is_letter, trimmed};
pub use mention::strip_mention;
pub use pinyin::{SYLLABLE_AT_MOST, readings};
pub use question::asks_something;
pub use reading::Reading;
pub use similarity::{Grams, similarity};
pub use split::split_to_bytes;
pub use subsequence::Subsequences;
pub use table::{Traits, digit};

/// Folds width, case, traditional characters, zero-width characters and look-alikes.
pub fn fold(text: &str) -> String {
    Folded::new(text).text()
}

/// What two texts have in common when a person would call them the same keyword: the folded letters and
/// digits, or, when there are none (`？`), the folded text without blanks around it.
pub fn matching_key(text: &str) -> String {
    let folded = Folded::new(text);
    if folded.letters.chars.is_empty() { folded.text().trim().to_owned() } else { folded.letters.text() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_the_same_in_any_disguise() {
        for written in ["月饼", " 月饼！", "月 餅", "「月\u{200b}饼」", "月-饼。"] {
            assert_eq!(matching_key(written), "月饼", "{written:?}");
        }
        assert_eq!(matching_key("ＶＩＰ 价格"), "vip价格");
        assert_eq!(matching_key(" ？ "), "?");
        assert_eq!(matching_key(""), "");
    }
}

//! Money as people write it: `"68元"`, `"9.9元"`. Exact: whole fen inside.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::{Misspelled, Shape, Spelled};

/// An amount in fen, more than nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money(u64);

/// One hundred million yuan: more is surely a slip of the finger.
const FEN_AT_MOST: u64 = 10_000_000_000;
const FEN_PER_YUAN: u64 = 100;

impl Money {
    /// `None` for nothing at all and for more than anybody means.
    pub fn from_fen(fen: u64) -> Option<Self> {
        (1..=FEN_AT_MOST).contains(&fen).then_some(Self(fen))
    }

    pub fn fen(self) -> u64 {
        self.0
    }
}

/// Without digits that say nothing: `68元`, `9.9元`, `0.05元`.
impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (yuan, fen) = (self.0 / FEN_PER_YUAN, self.0 % FEN_PER_YUAN);
        match fen {
            0 => write!(formatter, "{yuan}元"),
            _ if fen % 10 == 0 => write!(formatter, "{yuan}.{}元", fen / 10),
            _ => write!(formatter, "{yuan}.{fen:02}元"),
        }
    }
}

impl Spelled for Money {
    const SHAPE: Shape = Shape::Special { chinese: "价钱", example: "9.9元" };
    const PATTERN: Option<&'static str> = Some(r"^[0-9]+(\.[0-9]{1,2})?元$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        if let Some(money) = text.strip_suffix('元').and_then(plain) {
            return Ok(money);
        }
        let hint = match meant(text) {
            Some(money) => format!("写成 \"{money}\""),
            None => "数字后面写“元”，最多两位小数，例如 \"68元\"、\"9.9元\"".to_owned(),
        };
        Err(Misspelled::new("bad-money", format!("价钱 {text:?} 看不懂"), hint))
    }
}

/// `68`, `9.9`, `0.05`: no sign, no blanks, at most two digits behind the point.
fn plain(number: &str) -> Option<Money> {
    let (yuan, fen) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(yuan) || !digits(fen) || fen.len() > 2 {
        return None;
    }
    let fen: u64 = format!("{fen:0<2}").parse().ok()?;
    Money::from_fen(yuan.parse::<u64>().ok()?.checked_mul(FEN_PER_YUAN)?.checked_add(fen)?)
}

/// What people write otherwise: `￥68`, `68`, `68块`, `1,280.00 元`.
fn meant(text: &str) -> Option<Money> {
    let narrow: String = text.nfkc().filter(|letter| !letter.is_whitespace() && *letter != ',').collect();
    let bare = narrow.trim_start_matches(['¥', '￥']);
    let bare = bare.trim_end_matches("人民币").trim_end_matches("RMB");
    plain(bare.trim_end_matches(['元', '块', '钱', '圆']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fen(text: &str) -> Option<u64> {
        Money::parse(text).ok().map(Money::fen)
    }

    #[test]
    fn reads_what_people_write() {
        assert_eq!(fen("68元"), Some(6800));
        assert_eq!(fen("9.9元"), Some(990));
        assert_eq!(fen("0.05元"), Some(5));
        assert_eq!(fen("1280.50元"), Some(128_050));
        for bad in [
            "",
            "元",
            "68",
            "0元",
            "-1元",
            "9.999元",
            "9.元",
            ".5元",
            "1e3元",
            "100000001元",
            "99999999999999999999元",
        ] {
            assert_eq!(fen(bad), None, "{bad}");
        }
    }

    #[test]
    fn knows_what_was_meant() {
        let hint = |text: &str| Money::parse(text).expect_err("a misspelling").hint.expect("a hint");
        for (text, expected) in
            [("68", "68元"), ("￥９.90", "9.9元"), ("68 块钱", "68元"), ("1,280元", "1280元")]
        {
            assert_eq!(hint(text), format!("写成 \"{expected}\""));
        }
        assert!(hint("六十八").contains("9.9元"));
    }

    proptest! {
        #[test]
        fn money_survives_its_spelling(fen in 1..=FEN_AT_MOST) {
            let money = Money::from_fen(fen).expect("money");
            prop_assert_eq!(Money::parse(&money.to_string()), Ok(money));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,30}") {
            let _ = Money::parse(&text);
        }
    }
}

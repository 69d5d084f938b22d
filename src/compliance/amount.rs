//! Sums of money in a text.

use std::ops::Range;

use super::context::pattern;
use super::draft::{BLANK, Part};

/// A sum as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Amount {
    /// Bytes of the squeezed text, with sign and unit.
    pub span: Range<usize>,
    /// In 元; `None` when a blank will hold it.
    pub yuan: Option<f64>,
}

pattern!(
    WRITTEN = "¥([0-9][0-9,]*(?:\\.[0-9]+)?)(万|w|千|k)?元?\
        |([0-9][0-9,]*(?:\\.[0-9]+)?|[零一二两三四五六七八九十百千]+)(万|w|千|k|亿)?(?:元|块钱|块)"
);

/// What may follow `块` or `元` when it counts no money: `3块豆腐`, `三元桥`.
const NO_MONEY: &[&str] = &["桥", "里", "路", "街", "村", "镇", "牛奶", "宵", "旦", "素"];
/// What may follow `块` when it counts money: `15块一斤`.
const GOES_ON: &str = "一两二三四五六七八九十每包左以多起钱的啊呀吧了就封";

/// Blanks that hold a price by what they name: `product("x").price | yuan`.
const PRICE_NAMES: &[&str] = &["price", "yuan"];

/// All sums of a text, in order.
pub(super) fn amounts(part: &Part) -> Vec<Amount> {
    let written = WRITTEN.captures_iter(&part.text).filter_map(|found| {
        let whole = found.get(0).filter(|whole| is_money(whole.as_str(), part.rest(whole.end())))?;
        let digits = found.get(1).or(found.get(3))?.as_str();
        let unit = found.get(2).or(found.get(4)).map_or("", |unit| unit.as_str());
        Some(Amount { span: whole.range(), yuan: number(digits).map(|number| number * times(unit)) })
    });
    let blanks =
        part.blanks.iter().filter(|blank| PRICE_NAMES.iter().any(|name| blank.expression.contains(name)));
    let blanks = blanks.map(|blank| Amount { span: blank.at..blank.at + BLANK.len_utf8(), yuan: None });
    let mut amounts: Vec<Amount> = written.chain(blanks).collect();
    amounts.sort_by_key(|amount| amount.span.start);
    amounts
}

fn is_money(written: &str, rest: &str) -> bool {
    let next = rest.chars().next();
    let counts_things =
        written.ends_with('块') && next.is_some_and(|next| next.is_alphabetic() && !GOES_ON.contains(next));
    !counts_things && !NO_MONEY.iter().any(|word| rest.starts_with(word))
}

fn times(unit: &str) -> f64 {
    match unit {
        "千" | "k" => 1_000.0,
        "万" | "w" => 10_000.0,
        "亿" => 100_000_000.0,
        _ => 1.0,
    }
}

const DIGITS: &[(char, f64)] = &[
    ('零', 0.0),
    ('一', 1.0),
    ('二', 2.0),
    ('两', 2.0),
    ('三', 3.0),
    ('四', 4.0),
    ('五', 5.0),
    ('六', 6.0),
    ('七', 7.0),
    ('八', 8.0),
    ('九', 9.0),
];

/// `1,299.5` or `三百二十`.
fn number(text: &str) -> Option<f64> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return text.replace(',', "").parse().ok();
    }
    let (mut sum, mut digit) = (0.0, 0.0);
    for c in text.chars() {
        let unit = match c {
            '十' => 10.0,
            '百' => 100.0,
            '千' => 1_000.0,
            _ => {
                digit = DIGITS.iter().find(|(written, _)| *written == c)?.1;
                continue;
            }
        };
        sum += if digit == 0.0 { unit } else { digit * unit };
        digit = 0.0;
    }
    Some(sum + digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_sums_as_people_write_them() {
        for (text, yuan) in [
            ("9.9元", 9.9),
            ("￥１，２９９", 1299.0),
            ("6万元", 60_000.0),
            ("5.8w元", 58_000.0),
            ("十万元", 100_000.0),
            ("三百二十块钱", 320.0),
            ("两千元", 2_000.0),
            ("15块", 15.0),
        ] {
            let found = amounts(&Part::new(text));
            assert_eq!(found.len(), 1, "{text}");
            assert!(found[0].yuan.is_some_and(|found| (found - yuan).abs() < 0.001), "{text}: {found:?}");
        }
        for text in ["3块豆腐", "2026年", "5个", "元宵", "第5期"] {
            assert_eq!(amounts(&Part::new(text)), [], "{text}");
        }
        let blank = amounts(&Part::new("预订价{{ product(\"a\").price | yuan }}"));
        assert_eq!(blank.len(), 1);
        assert_eq!(blank[0].yuan, None);
    }
}

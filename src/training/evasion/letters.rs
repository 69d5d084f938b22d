//! Tricks that need no table: what stands between letters, and other forms of digits and Latin letters.

use crate::training::random::Random;

/// A symbol between any two neighbouring characters, where `symbol` gives one for the first of them.
pub(super) fn between(text: &str, mut symbol: impl FnMut(char) -> Option<char>) -> String {
    let mut laced = String::with_capacity(text.len() * 2);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        laced.push(c);
        if rest.peek().is_some() {
            laced.extend(symbol(c));
        }
    }
    laced
}

/// A symbol behind every character for which there is one.
pub(super) fn behind(text: &str, mut symbol: impl FnMut(char) -> Option<char>) -> String {
    text.chars().flat_map(|c| std::iter::once(c).chain(symbol(c))).collect()
}

pub(super) fn replaced(text: &str, by: impl FnMut(char) -> char) -> String {
    text.chars().map(by).collect()
}

pub(super) fn full_width(c: char) -> char {
    match c {
        '!'..='~' => shifted(c, '!', '！'),
        _ => c,
    }
}

/// Digits and Latin letters in one style of circles, or digits as keycaps.
pub(super) fn circled(text: &str, random: &mut Random) -> String {
    let style = random.below(4);
    let mut styled = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match (c, style) {
            ('0'..='9', 0) => styled.extend([c, '\u{fe0f}', '\u{20e3}']),
            ('0', 1) => styled.push('⓪'),
            ('1'..='9', 1) => styled.push(shifted(c, '1', '①')),
            ('0', 2) => styled.push('⓿'),
            ('1'..='9', 2) => styled.push(shifted(c, '1', '❶')),
            ('1'..='9', 3) => styled.push(shifted(c, '1', '⑴')),
            ('a'..='z', 0 | 1) => styled.push(shifted(c, 'a', 'ⓐ')),
            ('A'..='Z', 0 | 1) => styled.push(shifted(c, 'A', 'Ⓐ')),
            ('a'..='z', 2) => styled.push(shifted(c, 'a', '🅐')),
            ('a'..='z', 3) => styled.push(shifted(c, 'a', '🅰')),
            _ => styled.push(c),
        }
    }
    styled
}

/// The digits 0 to 9 in other scripts and as words.
const DIGITS: [&str; 6] = [
    "零一二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "〇一二三四五六七八九",
    "₀₁₂₃₄₅₆₇₈₉",
    "⁰¹²³⁴⁵⁶⁷⁸⁹",
    "洞幺两三四五六拐八勾",
];

pub(super) fn other_digits(text: &str, random: &mut Random) -> String {
    if random.percent(15) {
        return replaced(text, |c| match c {
            '0' => 'O',
            '1' => 'l',
            _ => c,
        });
    }
    let style: Vec<char> = random.choose(&DIGITS).map(|style| style.chars().collect()).unwrap_or_default();
    replaced(text, |c| c.to_digit(10).and_then(|digit| style.get(digit as usize).copied()).unwrap_or(c))
}

/// Where the capitals, the small letters and the digits of alphabets without gaps begin: bold, sans-serif bold,
/// monospace.
const ALPHABETS: [(char, char, char); 3] = [('𝐀', '𝐚', '𝟎'), ('𝗔', '𝗮', '𝟬'), ('𝙰', '𝚊', '𝟶')];

pub(super) fn mathematical(text: &str, random: &mut Random) -> String {
    let Some(&(capital, small, digit)) = random.choose(&ALPHABETS) else { return text.to_owned() };
    replaced(text, |c| match c {
        'A'..='Z' => shifted(c, 'A', capital),
        'a'..='z' => shifted(c, 'a', small),
        '0'..='9' => shifted(c, '0', digit),
        _ => c,
    })
}

/// The character as far behind `to` as `c` is behind `from`.
fn shifted(c: char, from: char, to: char) -> char {
    char::from_u32(u32::from(to) + (u32::from(c) - u32::from(from))).unwrap_or(c)
}

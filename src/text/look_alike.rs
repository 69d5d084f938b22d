//! Characters that look like a Latin letter or a digit and are none, where Unicode's compatibility forms
//! do not already say so.

use super::TrickKind;

/// The Latin letter or digit that a reader sees, and whether showing it this way is a trick.
pub(super) fn look_alike(c: char) -> Option<(char, Option<TrickKind>)> {
    if let Some(seen) = foreign(c) {
        return Some((seen, Some(TrickKind::LookAlike)));
    }
    if let Some(seen) = small_capital(c) {
        return Some((seen, Some(TrickKind::Styled)));
    }
    enclosed(c)
}

/// Greek, Cyrillic and Latin letters of other alphabets. Unicode's own folding would make a Greek η
/// stay an η; a reader of an advertisement sees an n.
fn foreign(c: char) -> Option<char> {
    Some(match c {
        'Α' | 'α' | 'А' | 'а' | 'ɑ' => 'a',
        'Β' | 'β' | 'В' | 'в' | 'Ь' | 'ь' => 'b',
        'С' | 'с' | 'ϲ' | 'Ϲ' => 'c',
        'đ' | 'Đ' | 'ԁ' => 'd',
        'Ε' | 'ε' | 'Е' | 'е' | 'є' | 'Є' => 'e',
        'ɡ' | 'ց' => 'g',
        'Η' | 'Н' | 'н' | 'һ' | 'Һ' | 'ħ' | 'Ħ' => 'h',
        'Ι' | 'ι' | 'І' | 'і' | 'ı' | 'ɩ' | 'Ӏ' | 'ӏ' => 'i',
        'Ј' | 'ј' => 'j',
        'Κ' | 'κ' | 'К' | 'к' => 'k',
        'ł' | 'Ł' => 'l',
        'Μ' | 'М' | 'м' => 'm',
        'Ν' | 'η' => 'n',
        'Ο' | 'ο' | 'О' | 'о' | 'ø' | 'Ø' | 'օ' => 'o',
        'Ρ' | 'ρ' | 'Р' | 'р' => 'p',
        // Ǫ is how advertisers write the Q of QQ.
        'ԛ' | 'Ԛ' | 'Ǫ' | 'ǫ' | 'Ǭ' | 'ǭ' => 'q',
        'Ѕ' | 'ѕ' => 's',
        'Τ' | 'τ' | 'Т' | 'т' | 'ŧ' => 't',
        'ν' | 'υ' | 'ѵ' | 'Ѵ' | 'ʋ' => 'v',
        'ԝ' | 'Ԝ' | 'ѡ' => 'w',
        'Χ' | 'χ' | 'Х' | 'х' => 'x',
        'Υ' | 'γ' | 'У' | 'у' | 'Ү' | 'ү' => 'y',
        'Ζ' | 'ζ' => 'z',
        _ => return None,
    })
}

fn small_capital(c: char) -> Option<char> {
    Some(match c {
        'ᴀ' => 'a',
        'ʙ' => 'b',
        'ᴄ' => 'c',
        'ᴅ' => 'd',
        'ᴇ' => 'e',
        'ꜰ' => 'f',
        'ɢ' => 'g',
        'ʜ' => 'h',
        'ɪ' => 'i',
        'ᴊ' => 'j',
        'ᴋ' => 'k',
        'ʟ' => 'l',
        'ᴍ' => 'm',
        'ɴ' => 'n',
        'ᴏ' => 'o',
        'ᴘ' => 'p',
        'ʀ' => 'r',
        'ꜱ' => 's',
        'ᴛ' => 't',
        'ᴜ' => 'u',
        'ᴠ' => 'v',
        'ᴡ' => 'w',
        'ʏ' => 'y',
        'ᴢ' => 'z',
        _ => return None,
    })
}

/// Circled and squared forms. Numbers in circles make honest lists and are no trick; letters are.
fn enclosed(c: char) -> Option<(char, Option<TrickKind>)> {
    let digit = |base: char| {
        let nth = c as u32 - base as u32 + 1;
        char::from_digit(nth % 10, 10).filter(|_| nth < 10).map(|digit| (digit, None))
    };
    let letter = |base: u32| {
        char::from_u32(u32::from('a') + (c as u32 - base)).map(|letter| (letter, Some(TrickKind::Styled)))
    };
    match c {
        '➕' | '﬩' => Some(('+', None)),
        '⓿' | '🄋' | '🄌' => Some(('0', None)),
        '❶'..='❾' => digit('❶'),
        '⓵'..='⓽' => digit('⓵'),
        '➀'..='➈' => digit('➀'),
        '➊'..='➒' => digit('➊'),
        '🅐'..='🅩' => letter(0x1f150),
        '🅰'..='🆉' => letter(0x1f170),
        '\u{1f1e6}'..='\u{1f1ff}' => letter(0x1f1e6),
        _ => numeral(c).map(|seen| (seen, None)),
    }
}

/// The zeros of the scripts that write numbers in digits of their own (Unicode, general category Nd, basic
/// plane); the other nine follow each.
const ZEROS: [u32; 36] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
    0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x3020,
];

/// Digits of other scripts, and the merchants' numerals of Suzhou (〡 to 〩, one after U+3020 as if that were a
/// zero).
fn numeral(c: char) -> Option<char> {
    let at = ZEROS.iter().find_map(|zero| (c as u32).checked_sub(*zero).filter(|value| *value < 10))?;
    char::from_digit(at, 10).filter(|_| c != '\u{3020}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_latin_letters_and_digits() {
        let seen: String =
            "ѵх ᴠx 🅥🅧 🅰🇰 ❶❾⓵➀➒⓿ Ǭ".chars().map(|c| look_alike(c).map_or(c, |(seen, _)| seen)).collect();
        assert_eq!(seen, "vx vx vx ak 191190 q");
        let seen: String =
            "༡༣༩ ៦០ ०९ ٣ 〡〢〩 〠".chars().map(|c| look_alike(c).map_or(c, |(seen, _)| seen)).collect();
        assert_eq!(seen, "139 60 09 3 129 〠");
    }
}

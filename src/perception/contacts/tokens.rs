//! Tokens that an app reads from the clipboard: 淘口令 (`￥aB3dE5fG7hJ￥`) and what video apps write
//! (`3.58 XyZ:/ 复制打开…`).

use super::Contacts;
use crate::perception::{Finding, SignalName};

/// It leads into a shop or a video, as a link does.
const WEIGHT: f32 = 0.4;

/// Letters and digits between two signs of money; the apps write eleven.
const BETWEEN_SIGNS: std::ops::RangeInclusive<usize> = 8..=14;

/// Letters before `:/`.
const BEFORE_SLASH: std::ops::RangeInclusive<usize> = 2..=8;

/// Letters, signs and the share number between the start of such a token and its `:/`.
const HEAD_AT_MOST: usize = 24;

pub(super) fn find(chars: &[char], contacts: &mut Contacts) {
    let mut at = 0;
    while at < chars.len() {
        let token = match chars[at] {
            sign if is_money(sign) => between_signs(chars, at),
            '/' => before_slash(chars, at),
            _ => None,
        };
        let Some((start, end)) = token else {
            at += 1;
            continue;
        };
        let detail = chars[start..end].iter().collect();
        contacts.add(Finding { name: SignalName::Url, start, end, detail, weight: WEIGHT, hidden: false });
        at = end;
    }
}

fn is_money(sign: char) -> bool {
    matches!(sign, '¥' | '$' | '€' | '£' | '₤' | '₳' | '₴' | '¢')
}

/// A sign, a word of letters and digits, a sign. An amount holds no letters.
fn between_signs(chars: &[char], start: usize) -> Option<(usize, usize)> {
    let word =
        chars[start + 1..].iter().take(*BETWEEN_SIGNS.end() + 1).take_while(|c| c.is_ascii_alphanumeric());
    let (length, letters) = word
        .fold((0, 0), |(length, letters), c| (length + 1, letters + usize::from(c.is_ascii_alphabetic())));
    let end = start + 1 + length;
    let is_token = BETWEEN_SIGNS.contains(&length) && letters >= 2;
    (is_token && chars.get(end).copied().is_some_and(is_money)).then_some((start, end + 1))
}

/// `3.58 xyz:/` and nothing but a blank or a letter that is not Latin behind it: no address goes on so.
fn before_slash(chars: &[char], slash: usize) -> Option<(usize, usize)> {
    let goes_on = chars.get(slash + 1).is_some_and(|c| *c == '/' || c.is_ascii_alphanumeric());
    let before = chars[..slash].strip_suffix(&[':'])?;
    let letters =
        before.iter().rev().take(*BEFORE_SLASH.end() + 1).take_while(|c| c.is_ascii_alphabetic()).count();
    if goes_on || !BEFORE_SLASH.contains(&letters) {
        return None;
    }
    let is_head = |c: &&char| c.is_ascii_graphic() || **c == ' ';
    let head = before.len() - before.iter().rev().take(HEAD_AT_MOST).take_while(is_head).count();
    let number = before[head..before.len() - letters].windows(3).position(
        |three| matches!(three, [whole, '.', part] if whole.is_ascii_digit() && part.is_ascii_digit()),
    )?;
    Some((head + number, slash + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Folded;

    fn found(text: &str) -> Vec<String> {
        let mut contacts = Contacts::default();
        find(&Folded::new(text).chars, &mut contacts);
        contacts.found.into_iter().map(|finding| finding.detail).collect()
    }

    #[test]
    fn finds_tokens() {
        for (text, token) in [
            ("复制这段话￥aB3dE5fG7hJ￥打开", "¥ab3de5fg7hj¥"),
            ("$aB3dE5fG7hJ$", "$ab3de5fg7hj$"),
            ("4.21 wQx:/ 复制打开看看", "4.21 wqx:/"),
            ("7.99 a@B.cd Efg:/ 复制此消息", "7.99 a@b.cd efg:/"),
        ] {
            assert_eq!(found(text), [token], "{text:?}");
        }
    }

    #[test]
    fn prices_and_addresses_are_no_tokens() {
        for text in [
            "￥39.9 ￥59.9",
            "原价¥12345678¥",
            "$abc$",
            "http://a.cn/b",
            "9.9元/斤",
            "颜色:/尺码:/",
            "https:/abc",
            "和/或",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text:?}");
        }
    }
}

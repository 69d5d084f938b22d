//! Web addresses and mail addresses, also with `点`, `。` or a ring for the dot.

use super::Contacts;
use crate::perception::{Finding, SignalName};

/// A link where others talk; shops post links too, so it needs company.
const LINK_WEIGHT: f32 = 0.4;

/// People give a mail address for an invoice.
const MAIL_WEIGHT: f32 = 0.15;

/// The endings that bare addresses in chats have; anything else needs `://` or `www.` before it.
const ENDINGS: [&str; 41] = [
    "app", "biz", "cc", "club", "cn", "co", "com", "fun", "hk", "icu", "info", "io", "ink", "link", "live",
    "ltd", "me", "mobi", "net", "online", "org", "pro", "pub", "pw", "ren", "shop", "site", "space", "store",
    "tech", "top", "tv", "tw", "vip", "wang", "website", "win", "work", "wiki", "xin", "xyz",
];

/// Endings that are believed behind a disguised dot.
const DISGUISED_ENDINGS: [&str; 12] =
    ["bet", "cc", "club", "cn", "com", "icu", "net", "org", "pw", "top", "vip", "xyz"];

/// Endings that are believed behind a disguised dot and a number: `1000点vip` are points for members.
const NUMBER_ENDINGS: [&str; 5] = ["cc", "com", "net", "pw", "xyz"];

/// The longest label of the DNS.
const LONGEST_LABEL: usize = 63;

/// Of a host with more labels the last ones are found, and they tell whose it is. Keeps the search linear.
const LABELS_AT_MOST: usize = 8;

pub(super) fn find(chars: &[char], contacts: &mut Contacts) {
    let mut from = 0;
    let mut at = 0;
    while at < chars.len() {
        match Dot::at(chars, at).and_then(|dot| Host::around(chars, dot, from)) {
            Some(host) => {
                let address = host.address(chars, from);
                (at, from) = (address.end, address.end);
                contacts.add(address);
            }
            None => at += 1,
        }
    }
}

/// A dot between two labels, with the blanks and brackets that disguise it.
#[derive(Clone, Copy)]
struct Dot {
    /// Behind the label on the left.
    start: usize,
    /// The label on the right.
    end: usize,
    sign: char,
    plain: bool,
}

impl Dot {
    fn at(chars: &[char], at: usize) -> Option<Self> {
        let sign = chars[at];
        if !matches!(sign, '.' | '。' | '点' | '丶' | '○' | '◎' | '●') {
            return None;
        }
        let mut dot = Self { start: at, end: at + 1, sign, plain: sign == '.' };
        dot.step_over(chars, |left, right| matches!((left, right), ('[', ']') | ('(', ')') | ('【', '】')));
        dot.step_over(chars, |left, right| {
            left == right && matches!(left, ' ' | 'ー' | '-' | '—' | '~' | '_' | '*')
        });
        Some(dot)
    }

    fn step_over(&mut self, chars: &[char], around: fn(char, char) -> bool) {
        let left = self.start.checked_sub(1).map(|at| chars[at]);
        if let (Some(left), Some(&right)) = (left, chars.get(self.end))
            && around(left, right)
        {
            self.start -= 1;
            self.end += 1;
            self.plain = false;
        }
    }

    /// The dot that follows a label which ends here.
    fn behind(chars: &[char], end: usize) -> Option<Self> {
        let window = end..chars.len().min(end + 3);
        window.filter_map(|at| Self::at(chars, at)).find(|dot| dot.start == end)
    }
}

/// Labels and the dots between them, up to the last ending that is believed.
struct Host {
    start: usize,
    end: usize,
    name: String,
    hidden: bool,
}

impl Host {
    fn around(chars: &[char], dot: Dot, from: usize) -> Option<Self> {
        let before = &chars[from.max(dot.start.saturating_sub(LONGEST_LABEL))..dot.start];
        let start = dot.start - before.iter().rev().take_while(|&&c| is_label(c)).count();
        if start == dot.start {
            return None;
        }
        // Nearly every dot turns out to be no host's, so nothing is put together before one is believed.
        let mut labels: [&[char]; LABELS_AT_MOST] = [&[]; LABELS_AT_MOST];
        labels[0] = &chars[start..dot.start];
        let anything = chars[..start].ends_with(&[':', '/', '/']);
        let (mut best, mut hidden, mut count) = (None, false, 1);
        let mut next = Some(dot);
        while let Some(dot) = next.filter(|_| count < LABELS_AT_MOST) {
            let behind = chars[dot.end..].iter().take(LONGEST_LABEL);
            let label = &chars[dot.end..][..behind.take_while(|&&c| is_label(c)).count()];
            if label.is_empty() {
                break;
            }
            let end = dot.end + label.len();
            hidden |= !dot.plain;
            let believed = if hidden {
                is_believed_hidden(labels[0], dot.sign, label)
            } else {
                anything || is_one_of(label, &ENDINGS) || (count > 1 && is_one_of(labels[0], &["www"]))
            };
            labels[count] = label;
            count += 1;
            if believed {
                best = Some((end, count, hidden));
            }
            next = Dot::behind(chars, end);
        }
        // What stands before an @ is a person, not a host.
        let (end, count, hidden) = best.filter(|(end, ..)| chars.get(*end) != Some(&'@'))?;
        let name = labels[..count].join(&'.').into_iter().collect();
        Some(Self { start, end, name, hidden })
    }

    fn address(self, chars: &[char], from: usize) -> Finding {
        let Self { mut start, mut end, name, hidden } = self;
        let mailbox = match chars[from..start].split_last() {
            Some(('@', before)) => before.iter().rev().take_while(|&&c| is_mailbox(c)).count(),
            _ => 0,
        };
        if mailbox > 0 {
            start -= mailbox + 1;
        }
        let scheme = match &chars[from..start] {
            [before @ .., ':', '/', '/'] => {
                3 + before.iter().rev().take_while(|c| c.is_ascii_alphabetic()).count()
            }
            _ => 0,
        };
        // `http://shop.example.com@evil.top`: a name before the host of a link is a lure, not a mailbox.
        if mailbox > 0 && scheme == 0 {
            let detail = chars[start..end].iter().collect();
            return Finding { name: SignalName::Url, start, end, detail, weight: MAIL_WEIGHT, hidden };
        }
        start -= scheme;
        end += path(&chars[end..]);
        Finding { name: SignalName::Url, start, end, detail: name, weight: LINK_WEIGHT, hidden }
    }
}

/// `abc点vip` and `abc123。com`, but not `3点top10` nor `我用svip。vip有吗`.
fn is_believed_hidden(first: &[char], sign: char, ending: &[char]) -> bool {
    let lettered = first.iter().any(char::is_ascii_alphabetic);
    let named = first.len() >= 3 && (lettered || (first.len() >= 4 && is_one_of(ending, &NUMBER_ENDINGS)));
    let clear =
        sign != '。' || is_one_of(ending, &["com", "net", "xyz"]) || first.iter().any(char::is_ascii_digit);
    named && clear && is_one_of(ending, &DISGUISED_ENDINGS)
}

fn is_one_of(label: &[char], words: &[&str]) -> bool {
    words.iter().any(|word| word.chars().eq(label.iter().copied()))
}

fn is_label(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

fn is_mailbox(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+')
}

/// Length of port, path and query behind a host.
fn path(behind: &[char]) -> usize {
    if !behind.first().is_some_and(|c| matches!(c, '/' | '?' | '#' | ':')) {
        return 0;
    }
    let is_part = |c: &&char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | ')' | ']' | ',');
    behind.iter().take_while(is_part).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Folded;

    fn found(text: &str) -> Vec<(String, bool)> {
        let chars = Folded::new(text).chars;
        let mut contacts = Contacts::default();
        find(&chars, &mut contacts);
        contacts.found.into_iter().map(|finding| (finding.detail, finding.hidden)).collect()
    }

    #[test]
    fn finds_hosts() {
        let examples = [
            ("点击http://t.cn/A6abcdef领取", "t.cn", false),
            ("HTTPS://Shop.Example.COM:8080/a?b=1，快来", "shop.example.com", false),
            ("ＷＷＷ．４４１ＭＺ．ＣＯＭ", "www.441mz.com", false),
            ("看abc.com.cn吧", "abc.com.cn", false),
            ("t.me/abc11210 进频道", "t.me", false),
            ("http://10.0.0.1/x", "10.0.0.1", false),
            ("www.abc.museum", "www.abc.museum", false),
            ("http://shop.example.com@evil.top/x", "evil.top", false),
            ("浏览器输入 abc 点 vip", "abc.vip", true),
            ("abc123。com 首充百送百", "abc123.com", true),
            ("hxxps://abc123[.]top 免费看", "abc123.top", true),
            ("百度🔍𝕨𝕩𝟙𝟚𝟛.𝕧𝕚𝕡", "wx123.vip", false),
            ("wwwー点ーabc123ー点ーcom", "www.abc123.com", true),
            ("2a67b點top", "2a67b.top", true),
            ("a93m点ⓒⓒ", "a93m.cc", true),
            ("6658点com", "6658.com", true),
            ("abc123○com", "abc123.com", true),
            ("发票发到 zhang.san@qq.com 谢谢", "zhang.san@qq.com", false),
        ];
        for (text, detail, hidden) in examples {
            assert_eq!(found(text), [(detail.to_owned(), hidden)], "{text:?}");
        }
    }

    #[test]
    fn prices_times_and_words_are_no_hosts() {
        for text in [
            "9.9包邮",
            "下午3点top10直播",
            "满1000点vip可用",
            "早上8点cctv有节目",
            "我是svip。vip有优惠吗",
            "v2.0",
            "ok. me too",
            "好的。com",
            "1.5kg",
            "...",
            "@老板.top",
            "zhang@",
        ] {
            assert_eq!(found(text), [], "{text:?}");
        }
    }

    #[test]
    fn the_span_holds_scheme_and_path() {
        let chars: Vec<char> = "看https://a.cn/b?c=d，好".chars().collect();
        let mut contacts = Contacts::default();
        find(&chars, &mut contacts);
        let address = &contacts.found[0];
        assert_eq!(chars[address.start..address.end].iter().collect::<String>(), "https://a.cn/b?c=d");
    }
}

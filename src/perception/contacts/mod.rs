//! Contacts found by their shape: addresses, tokens, WeChat and QQ ids, phone numbers.

mod addresses;
mod ids;
mod numbers;
mod phones;
mod tokens;

use super::Finding;
use crate::text::{Folded, Traits};

/// Far more than a person writes into one message; keeps a hostile one from filling the journal.
const AT_MOST: usize = 100;

/// The shortest number that is anybody's: a QQ number.
const SHORTEST_NUMBER: u32 = 5;

/// The shortest phone number is one of the 400 lines.
const SHORTEST_PHONE: u32 = 10;

/// Looks for addresses first, then ids, then phone numbers; what one has taken the next leaves alone.
/// Each contact is reported once, at its first place.
///
/// What a message cannot hold is not looked for: most hold neither Latin letters nor as many digits.
pub(super) fn find(folded: &Folded, findings: &mut Vec<Finding>) {
    let latin = folded.holds.any(Traits::LATIN);
    if !latin && folded.figures < SHORTEST_NUMBER {
        return;
    }
    let mut contacts = Contacts::default();
    let row = Row { chars: &folded.chars, letters: &folded.letters.chars, at: &folded.letters.at };
    if latin && folded.holds.any(Traits::DOT) {
        addresses::find(&folded.chars, &mut contacts);
    }
    if latin && folded.holds.any(Traits::SIGN) {
        tokens::find(&folded.chars, &mut contacts);
    }
    ids::find(row, &mut contacts);
    if folded.figures >= SHORTEST_PHONE {
        phones::find(row, &mut contacts);
    }
    findings.append(&mut contacts.found);
}

#[derive(Default)]
struct Contacts {
    found: Vec<Finding>,
}

impl Contacts {
    fn add(&mut self, new: Finding) {
        let is_known = |known: &Finding| {
            let overlaps = known.start < new.end && new.start < known.end;
            overlaps || (known.name == new.name && known.detail == new.detail)
        };
        if self.found.len() < AT_MOST && !self.found.iter().any(is_known) {
            self.found.push(new);
        }
    }
}

/// The letters of a message in a row, with what stands between them.
#[derive(Clone, Copy)]
struct Row<'a> {
    /// The folded text.
    chars: &'a [char],
    letters: &'a [char],
    /// Where in the folded text the letters stand.
    at: &'a [u32],
}

impl<'a> Row<'a> {
    fn letter(self, nth: usize) -> Option<char> {
        self.letters.get(nth).copied()
    }

    /// What stands before this letter, back to the one before it; behind the last one, what follows it.
    fn gap(self, nth: usize) -> &'a [char] {
        let start = nth.checked_sub(1).map_or(0, |before| self.folded(before) + 1);
        &self.chars[start..self.folded(nth)]
    }

    /// Which folded character the letter is; the text's length behind the last one.
    fn folded(self, nth: usize) -> usize {
        self.at.get(nth).map_or(self.chars.len(), |&at| at as usize)
    }

    /// The letter exists and nothing separates it from the one before.
    fn is_joined(self, nth: usize) -> bool {
        nth > 0 && nth < self.at.len() && self.gap(nth).is_empty()
    }

    /// The letters from here spell the word, whatever separates them.
    fn spells(self, nth: usize, word: &str) -> bool {
        self.letters
            .get(nth..)
            .is_some_and(|rest| word.chars().zip(0..).all(|(c, at)| rest.get(at) == Some(&c)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::perception::SignalName::{self, Phone, QqId, Url, WechatId};

    fn found(text: &str) -> Vec<(SignalName, String)> {
        let mut findings = Vec::new();
        find(&Folded::new(text), &mut findings);
        findings.into_iter().map(|finding| (finding.name, finding.detail)).collect()
    }

    #[test]
    fn finds_wechat_ids() {
        let examples = [
            ("加V：abc12345", "abc12345"),
            ("加ＶＸ：ａｂｃ１２３４５ 日结", "abc12345"),
            ("➕V：abc11210 备注888", "abc11210"),
            ("＋VX abc11210", "abc11210"),
            ("𝒗𝒙：𝒂𝒃𝒄11210 看片", "abc11210"),
            ("ⓥⓧ ⓐⓑⓒ11210 兼职", "abc11210"),
            ("🅥🅧abc11210", "abc11210"),
            ("wx：１３９００００００００", "13900000000"),
            ("微信：①③⑨⓪⓪⓪⓪⓪⓪⓪⓪", "13900000000"),
            ("微信同号14755100121", "14755100121"),
            ("薇❤信❤abc11210", "abc11210"),
            ("加薇信abc11210，带你日入三千", "abc11210"),
            ("加 . 我 . 微 . 信 a b c 1 2 3 4 5", "abc12345"),
            ("加我微信lily_wang-88", "lily_wang-88"),
            ("微信号是：lilywang", "lilywang"),
            ("加微sx111 505", "sx111505"),
            ("家威：abc11210", "abc11210"),
            ("崴信abc11210", "abc11210"),
            ("Ⅴ：abc⑫345", "abc12345"),
            ("wechat id: none? 加v abc_123", "abc_123"),
        ];
        for (text, detail) in examples {
            let detail = detail.to_owned();
            assert!(found(text).contains(&(WechatId, detail)), "{text:?}: {:?}", found(text));
        }
    }

    #[test]
    fn finds_qq_numbers_and_groups() {
        let examples = [
            ("扣扣：182785892，长期有效", "182785892"),
            ("企鹅182785892 看片", "182785892"),
            ("ＱＱ群１００２００３００ 免费领", "100200300"),
            ("加群 615 101 485", "615101485"),
            ("进群：100200300", "100200300"),
            ("q:12345", "12345"),
            ("抠抠182785892", "182785892"),
            ("加Ǭ㪊 100200300", "100200300"),
            ("QQ群一〇〇二〇〇三〇〇", "100200300"),
            ("加客服QQ182785892办理", "182785892"),
        ];
        for (text, detail) in examples {
            assert_eq!(found(text), [(QqId, detail.to_owned())], "{text:?}");
        }
    }

    #[test]
    fn finds_phone_numbers() {
        let examples = [
            ("电话13812345678", "13812345678"),
            ("138-1234-5678 / 微信支付", "13812345678"),
            ("+86 138 1234 5678", "13812345678"),
            ("一三八 一二三四 五六七八", "13812345678"),
            ("电话壹叁玖零零零零零零零零", "13900000000"),
            ("联系 l39OOOOOOOO", "13900000000"),
            ("𝟏𝟑𝟗𝟎𝟎𝟎𝟎𝟎𝟎𝟎𝟎 办证", "13900000000"),
            ("1.3.8.1.2.3.4.5.6.7.8", "13812345678"),
            ("tel13812345678", "13812345678"),
            ("门店电话010-62345678", "01062345678"),
            ("(0571)8765432", "05718765432"),
            ("客服400-820-8820", "4008208820"),
            ("办证 ༡༣༩༠༠༠༠༠༠༠༠", "13900000000"),
        ];
        for (text, detail) in examples {
            assert_eq!(found(text), [(Phone, detail.to_owned())], "{text:?}");
        }
    }

    #[test]
    fn everyday_numbers_and_words_are_no_contacts() {
        let texts = [
            "可以加微信吗",
            "老板微信多少，我加你发地址",
            "微信支付失败怎么回事",
            "加微信 please",
            "微信 android 版",
            "怎么进二群，这个群满500了",
            "群500人，扣10000元",
            "企鹅玩偶多少钱",
            "扣1",
            "单号SF13800138000123",
            "快递单号 78901380013800012",
            "2024-11-21 18:00:00",
            "139、199、299、39",
            "13 15 16 18 20 3",
            "1.3800138000",
            "一三五送货，二四六休息",
            "尾号8821",
            "L码还是XL码，V领的",
            "+1",
            "iPhone15Pro",
            "稍微甜一点",
            "微信13:00-15:00有人回吗",
            "我家微波炉坏了12345",
            "型号WX-8050，功率2000W",
            "3号楼2单元501，门牌60112",
            "接龙 1.老张2箱 2.老李10箱 3.小王15箱",
            "订单 20241121000012345 到哪了",
            "货架V12 3层",
            "圆通YT7890138001380 到了",
        ];
        for text in texts {
            assert_eq!(found(text), [], "{text:?}");
        }
    }

    #[test]
    fn what_one_has_taken_the_next_leaves_alone() {
        assert_eq!(found("http://a.top/13812345678"), [(Url, "a.top".to_owned())]);
        assert_eq!(found("加V13812345678"), [(WechatId, "13812345678".to_owned())]);
    }
}

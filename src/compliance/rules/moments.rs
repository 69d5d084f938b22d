//! 朋友圈文案。

use std::ops::Range;

use crate::compliance::amount::amounts;
use crate::compliance::context::pattern;
use crate::compliance::draft::{Draft, Part};
use crate::compliance::rule::{Basis, Fault, Hit, Rule, What};
use crate::files::Severity;

/// A moments text is read while scrolling.
const SENTENCES_AT_MOST: usize = 3;

pub(super) static RULE: Rule = Rule {
    code: "compliance/moments",
    title: "朋友圈文案",
    severity: Severity::Warning,
    basis: &[Basis { name: "品牌自己的规矩", article: "", date: "场景 moments 适用" }],
    why: "朋友圈是给朋友看的，不是广告位：最多三句话，有价格就不放链接，有链接就不写价格。写长了没人看，写成广告会被屏蔽。",
    instead: "留下最想说的三句，写今天亲眼看见的；价格和链接只留一样，或都不留",
    failing: &[
        "早上卸货。司机泡着山楂片。他说树比儿子大一岁。«车开走了。»",
        "鸡蛋到了！\n新鲜着呢！\n快来看！\n«过时不候！»",
        "山楂汁每瓶«9.9元»到周日，下单看 https://shop.example.com",
        "今天蜂蜜«{{ product(\"honey\").price | yuan }}»，下单看 shop.example.com",
    ],
    passing: &[
        "早上卸货，司机的保温杯里泡着山楂片。他说家里那棵树比儿子大一岁。车开走了，门口落了两片叶子。",
        "“真甜！”她说。孩子又伸手拿了一颗。",
        "今天下雨，店里煮了热山楂汁，路过进来坐坐。",
        "鸡蛋到了！！！新鲜着呢~",
        "老街坊送来一把小葱。晚上吃葱花饼……",
        "新到的核桃，照片在这里 https://shop.example.com",
        "山楂汁每瓶9.9元，到周日。",
    ],
    scene: Some("moments"),
    words: &[],
    allowed: &[],
    judge,
};

pattern!(LINK = "https?://|www\\.|[a-z0-9-]+\\.(?:com|cn|net|top|shop|cc)|小程序链接|点链接|戳链接");
/// Blanks that hold an address.
const LINK_NAMES: &[&str] = &["link", "url"];

fn judge(draft: &Draft, _: &[Hit]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let sentences: Vec<(usize, Range<usize>)> = draft
        .parts
        .iter()
        .enumerate()
        .flat_map(|(nth, part)| sentences(&part.text).into_iter().map(move |span| (nth, span)))
        .collect();
    if let Some((part, span)) = sentences.get(SENTENCES_AT_MOST) {
        let message = format!("有 {} 句，朋友圈最多 {SENTENCES_AT_MOST} 句，从这里开始多了", sentences.len());
        faults.push(Fault { part: *part, span: span.clone(), what: What::Said(message) });
    }
    let linked = draft.says(&LINK) || draft.fills_in(LINK_NAMES);
    let price = draft.parts.iter().enumerate().find_map(|(nth, part)| Some((nth, price(part)?)));
    if let Some((part, span)) = price.filter(|_| linked) {
        let what = What::Said("价格和链接写在一起，就成了广告".to_owned());
        faults.push(Fault { part, span, what });
    }
    faults
}

fn price(part: &Part) -> Option<Range<usize>> {
    amounts(part).into_iter().map(|amount| amount.span).next()
}

/// Where each sentence stands. Several end marks in a row are one end; a quotation that goes on
/// (`“真甜！”她说。`) has no end inside; a line is a sentence of its own.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if !matches!(c, '。' | '!' | '?' | '\n') {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some((next, mark)) =
            rest.next_if(|(_, next)| matches!(next, '。' | '!' | '?' | '”' | '’' | '」' | '"'))
        {
            end = next + mark.len_utf8();
        }
        let quoted = text[..end].ends_with(['”', '’', '」', '"']);
        let goes_on = quoted && rest.peek().is_some_and(|(_, next)| next.is_alphanumeric() || *next == ',');
        if !goes_on {
            found.push(start..end);
            start = end;
        }
    }
    found.push(start..text.len());
    found.retain(|span| text[span.clone()].chars().any(char::is_alphanumeric));
    found.into_iter().map(|span| trimmed(text, span)).collect()
}

fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let inner = &text[span.clone()];
    let start = span.start + inner.len() - inner.trim_start().len();
    start..start + inner.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_counted_as_people_do() {
        for (text, count) in [
            ("好。好!好?", 3),
            ("鸡蛋到了!!!", 1),
            ("“真甜!”她说。走了。", 2),
            ("他说:“来。”\n她说:“好。”", 2),
            ("早上好\n今天有雨", 2),
            ("等等......还热着。", 1),
            ("", 0),
            ("🎂🎂", 0),
            ("好", 1),
        ] {
            assert_eq!(sentences(text).len(), count, "{text:?}");
        }
    }
}

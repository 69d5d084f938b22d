//! 赠送没有说清。

use super::advertising_law;
use crate::compliance::context::{QUANTITY, TERM, denied, pattern};
use crate::compliance::draft::Draft;
use crate::compliance::rule::{Fault, Hit, Rule, What, quote};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/gifts",
    title: "赠送没有说清",
    severity: Severity::Warning,
    basis: &[advertising_law("第八条")],
    why: "说了送，就要说清送什么、什么规格、多少、到什么时候、怎么领。只写“送好礼”，人来了领不到，就是骗人来。",
    instead: "写全，例如“买一箱山楂汁，送250毫升山楂汁一瓶，9月25日前到店领，每户一次，共50瓶”",
    failing: &[
        "下单就送«精美礼品»！",
        "«买一送一»，手慢无",
        "进店«送好礼»",
        "满额有«赠品»，多买多送",
        "今天下单«加赠»神秘礼物",
        "«到店有礼»",
    ],
    passing: &[
        "买一送一：买一瓶250毫升山楂汁送同款一瓶，9月25日前，每户一次",
        "满100元赠品为蜂蜜小饼一包50克，今天打烊前在柜台领，共30包",
        "免费送货到楼下",
        "送礼送长辈，贵的便宜的各一样",
        "礼品盒和礼品袋在柜台，自己拿",
        "礼品卡长期有效，没有赠品",
        "今天不送赠品，只送祝福",
        "生日快乐，送您一句祝福",
        "到店自提的，送到车上也行",
        "赠品发完了，不再送",
    ],
    scene: None,
    words: &[&[
        "赠品",
        "买一送一",
        "买二送一",
        "买三送一",
        "买一赠一",
        "满赠",
        "加赠",
        "附赠",
        "随单赠",
        "免费赠送",
        "送好礼",
        "送礼品",
        "送大礼",
        "送豪礼",
        "送礼包",
        "送小礼",
        "精美礼品",
        "精美礼物",
        "精美小礼",
        "神秘礼",
        "好礼相送",
        "下单有礼",
        "进店有礼",
        "到店有礼",
        "有礼",
        "入会有礼",
        "免费领取",
        "免费送",
    ]],
    allowed: &[
        "免费送货",
        "免费送到",
        "免费送上",
        "免费送达",
        "免费送一程",
        "免费送回",
        "有礼貌",
        "有礼了",
        "有礼盒",
        "有礼品盒",
        "有礼品袋",
        "赠品发完",
        "有礼金",
        "彬彬有礼",
        "送礼品盒",
        "送礼品卡",
    ],
    judge,
};

pattern!(NO_GIFT = "发完|领完|送完了|结束|取消|没有赠品");

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    let mut missing = Vec::new();
    // A gift's own name says one: `买一送一`.
    let counted = draft.parts.iter().any(|part| QUANTITY.is_match(&part.text));
    if !counted {
        missing.push("送什么、多少");
    }
    if !draft.says(&TERM) {
        missing.push("到什么时候");
    }
    let wrong = |hit: &&Hit| {
        let part = &draft.parts[hit.part];
        let clause = &part.text[part.clause(hit.span.clone())];
        !denied(part.before(hit.span.start)) && !clause.contains('不') && !NO_GIFT.is_match(clause)
    };
    // One gift is told once, however many words are made about it.
    let first = hits.iter().find(wrong).filter(|_| !missing.is_empty());
    first
        .map(|hit| {
            let quote = quote(&draft.parts[hit.part], &hit.span);
            let message = format!("{quote}没有写清{}", missing.join("、"));
            Fault { part: hit.part, span: hit.span.clone(), what: What::Said(message) }
        })
        .into_iter()
        .collect()
}

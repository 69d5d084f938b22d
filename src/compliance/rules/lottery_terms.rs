//! 抽奖没有说清。

use super::promotion_regulation;
use crate::compliance::context::{TERM, asks, denied, pattern};
use crate::compliance::draft::Draft;
use crate::compliance::rule::{Fault, Hit, Rule, What, quote};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/lottery-terms",
    title: "抽奖没有说清",
    severity: Severity::Warning,
    basis: &[promotion_regulation("第十三条")],
    why: "抽奖开始以前要说清：奖品是什么、多少份或多大机会、怎么参加、什么时候开奖。开始以后不许改。",
    instead: "写全，例如“今晚八点在群里抽3位，各得250毫升山楂汁一瓶，回复‘抽’就算参加，明天打烊前来领”",
    failing: &[
        "今天群里«抽奖»，快来",
        "进店就能«砸金蛋»",
        "下单参加«大转盘»，好运等你",
        "周末«抽奖»，惊喜多多",
    ],
    passing: &[
        "今晚八点群里抽奖，抽3位，各得山楂汁一瓶，回复“抽”参加",
        "我们不抽奖，实打实的价",
        "昨天抽奖的中奖名单：三号楼刘姐，请来领",
        "抽奖结果公布了，没中的别灰心",
        "什么时候抽奖？等通知",
        "周日下午三点开奖，一等奖1名山楂汁一箱，二等奖5名各一瓶，店里消费满50元领一张奖券",
    ],
    scene: None,
    words: &[&["抽奖", "大转盘", "砸金蛋", "刮刮乐", "刮奖", "摇奖", "抽盲盒", "幸运抽取"]],
    allowed: &["抽奖结果", "抽奖结束", "抽奖名单"],
    judge,
};

pattern!(HOW_MANY = "[0-9一二三四五六七八九十两百]+(?:名|位|个人|人|份|户|个|台|瓶|箱)|概率|中奖率|[0-9]+%");
pattern!(PAST = "名单|结果|公布|中奖的|恭喜|没中|结束|不做|不搞|不抽|马上开始");

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    let mut missing = Vec::new();
    if !draft.says(&HOW_MANY) {
        missing.push("多少份奖品或多大机会");
    }
    if !draft.says(&TERM) {
        missing.push("什么时候开奖");
    }
    let wrong = |hit: &&Hit| {
        let part = &draft.parts[hit.part];
        let before = part.before(hit.span.start);
        let clause = &part.text[part.clause(hit.span.clone())];
        !denied(before)
            && !before.ends_with('不')
            && !asks(clause)
            && !PAST.is_match(part.sentence(hit.span.clone()))
    };
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

//! 抽奖的最高奖。

use std::ops::Range;

use super::promotion_regulation;
use crate::compliance::amount::amounts;
use crate::compliance::context::{denied, pattern};
use crate::compliance::draft::{Draft, Part};
use crate::compliance::rule::{Basis, Fault, Hit, Rule, What};
use crate::files::Severity;

/// 元, for the highest prize of a draw.
const PRIZE_AT_MOST: f64 = 50_000.0;

pub(super) static RULE: Rule = Rule {
    code: "compliance/lottery-limit",
    title: "抽奖最高奖超过五万元",
    severity: Severity::Error,
    basis: &[
        promotion_regulation("第十七条"),
        Basis {
            name: "《中华人民共和国反不正当竞争法》", article: "有奖销售一条", date: "2025-10-15 施行"
        },
    ],
    why: "抽奖式的有奖销售，最高奖的金额不得超过五万元；奖品是东西或使用权的，按同期的市价算。汽车、房子几乎一定超。",
    instead: "把最高奖降到五万元以内，并写明奖品和价格",
    failing: &[
        "抽奖赢«6万元»现金",
        "一等奖«十万元»，人人有机会",
        "特等奖送«汽车»一辆",
        "幸运大奖«￥88,888»",
        "抽一位送«一套房»",
    ],
    passing: &[
        "周日下午三点抽一名，一等奖是价值5万元的旅游基金一份",
        "一等奖山楂汁一箱，价值120元，9月25日晚八点开奖",
        "奖金池一共10万元，单个最高500元",
        "汽车停在门口的，请挪一下，抽奖马上开始",
        "今晚八点抽奖，抽3位送汽车模型，价值50元",
        "十万元大奖这种事我们不搞",
    ],
    scene: None,
    words: &[&[
        "抽奖",
        "大奖",
        "一等奖",
        "特等奖",
        "头奖",
        "头等奖",
        "中奖",
        "抽取",
        "抽一位",
        "抽一名",
        "摇奖",
        "刮奖",
        "砸金蛋",
        "大转盘",
        "赢取",
    ]],
    allowed: &[],
    judge,
};

pattern!(
    THING = "(?:奖|送|赢|抽|得)[^。!?\n,]{0,8}?(汽车|轿车|小轿车|宝马|奔驰|奥迪|特斯拉|一套房|商品房|住房一套|别墅)(模型|玩具|停|挂件|票|贴)?"
);
pattern!(REFUSED = "不搞|不做|不办|从不|从来不");
pattern!(WHOLE = "(?:奖金?池|总奖金?|总价值|共|累计|合计|总额|总计)[^,]{0,5}$");

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen = None;
    for hit in hits {
        let part = &draft.parts[hit.part];
        if seen == Some(hit.part) || REFUSED.is_match(part.sentence(hit.span.clone())) {
            continue;
        }
        seen = Some(hit.part);
        let too_much = "超过五万元，抽奖的最高奖不能这么大";
        faults.extend(sums(part).map(|span| Fault { part: hit.part, span, what: What::Quoted(too_much) }));
        let too_dear = "作抽奖的奖品，几乎一定超过五万元";
        faults.extend(things(part).map(|span| Fault { part: hit.part, span, what: What::Quoted(too_dear) }));
    }
    faults
}

fn sums(part: &Part) -> impl Iterator<Item = Range<usize>> {
    amounts(part)
        .into_iter()
        .filter(|amount| amount.yuan.is_some_and(|yuan| yuan > PRIZE_AT_MOST))
        .map(|amount| amount.span)
        .filter(|span| !WHOLE.is_match(part.before(span.start)) && !denied(part.before(span.start)))
}

fn things(part: &Part) -> impl Iterator<Item = Range<usize>> {
    let found = THING.captures_iter(&part.text).filter(|found| found.get(2).is_none());
    found.filter_map(|found| Some(found.get(1)?.range()))
}

//! 没有出处的数字。

use super::advertising_law;
use crate::compliance::context::{GAME, WHEN_WHERE, asks, denied, pattern};
use crate::compliance::draft::Draft;
use crate::compliance::rule::{Fault, Hit, Rule, What};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/unsourced-figures",
    title: "数据没有出处",
    severity: Severity::Warning,
    basis: &[advertising_law("第十一条")],
    why: "百分之多少的顾客、卖了多少万、研究表明……用了数据和结论，就要说清从哪来、什么范围、到哪天为止，而且得是真的。",
    instead: "在后面写上出处和范围，例如“（本店小程序，2026年9月）”；拿不出来就换成亲眼看见的事",
    failing: &[
        "«98%的顾客»都回购",
        "«九成的妈妈»选它",
        "«好评率99%»，放心买",
        "«累计热销100万»瓶",
        "«研究表明»，山楂人人要吃",
        "«专家证实»，就吃这一种",
        "每10个街坊就有«9个»选我们",
        "«销量第一»的山楂汁",
        "«年销10万»箱",
    ],
    passing: &[
        "98%的顾客选了自提（本店小程序订单，2026年9月）",
        "昨天群里投票，八成的街坊选了甜粽",
        "果汁含量100%，看配料表",
        "今天全场八折，到晚上九点",
        "据2026年8月本店后台统计，复购率62%",
        "今天卖了32箱，剩下的明天来",
        "每户限两份",
        "还剩30盒，卖完就没了",
        "检测报告编号贴在收银台，可以查",
        "有多少人吃过？举个手",
        "电量剩20%，我先充会儿电",
        "糖减了三成，是照大家去年提的意见改的",
    ],
    scene: None,
    words: &[SHARES, RATES, VOLUMES, AUTHORITIES, RANKS],
    allowed: &[],
    judge,
};

const SHARES: &[&str] = &[
    "%的",
    "成的",
    "成以上的",
    "百分之",
    "个街坊",
    "个顾客",
    "个妈妈",
    "个家庭",
    "个客人",
    "个用户",
    "个人里",
    "个人就",
];
const RATES: &[&str] =
    &["好评率", "满意度", "满意率", "复购率", "回购率", "有效率", "推荐率", "回头率", "合格率"];
const VOLUMES: &[&str] =
    &["热销", "累计", "已售", "售出", "年销", "月销", "狂销", "卖出", "销量", "服务超", "服务了"];
const AUTHORITIES: &[&str] = &["表明", "证明", "显示", "证实", "发现"];
/// The group of the words that follow.
const RANK: usize = 4;
const RANKS: &[&str] = &["销量第一", "排名第一", "市场份额第一", "销量领先", "回购第一", "好评第一"];

const PEOPLE: &str = "顾客|客户|客人|用户|会员|家庭|妈妈|宝妈|街坊|邻居|消费者|人|回头客|家长|老人|女性|男性";

pattern!(
    SHARE = &format!(
        "(?:[0-9]+(?:\\.[0-9]+)?%|百分之[0-9零一二三四五六七八九十百]+|[一二三四五六七八九0-9]+成)(?:以上)?的?(?:{PEOPLE})"
    )
);
pattern!(OUT_OF = &format!("[每在]?[0-9十百]+个?(?:{PEOPLE})里?(?:就|中)?,?(?:有|就有)([0-9九八七六五]+个)"));
pattern!(
    RATE = "^(?:高达|超过|达到|已?达|为|是|[:])?[0-9]+(?:\\.[0-9]+)?(?:%|成)|^(?:高达|超过|达到)?百分之"
);
pattern!(
    VOLUME = "^(?:热销|售出|销售|卖出|服务|突破|超过?|高达|已?达|量)*[0-9一二三四五六七八九十百千]+(?:\\.[0-9]+)?(?:万|亿|w|千万|百万)"
);
pattern!(STUDY = "(?:研究|专家|实验|检测|数据|调查|科学|权威|报告|医学|大学)[^,]{0,6}$");
pattern!(
    /// A source, a range, a count of one's own.
    SOURCE = "来源|出处|数据来自|据[^。\n]{0,20}(?:统计|调查|报告|发布|数据|公布)|统计时间|截至|截止到?[0-9]|《[^》]+》|检测报告|报告编号|编号|样本|问卷|投票|接龙|后台|小程序|系统记录|报名表|[0-9]{4}年"
);

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    if draft.says(&SOURCE) {
        return Vec::new();
    }
    hits.iter().filter_map(|hit| fault(draft, hit)).collect()
}

fn fault(draft: &Draft, hit: &Hit) -> Option<Fault> {
    let part = &draft.parts[hit.part];
    let clause = part.clause(hit.span.clone());
    let (before, after) = (part.before(hit.span.start), part.after(hit.span.end));
    if denied(before) || asks(&part.text[clause.clone()]) || GAME.is_match(part.sentence(hit.span.clone())) {
        return None;
    }
    if hit.group == RANK && WHEN_WHERE.is_match(before) {
        return None;
    }
    let span = match hit.group {
        0 => {
            let found = SHARE.find(&part.text[clause.clone()]).map(|found| found.range());
            let counted =
                OUT_OF.captures(&part.text[clause.clone()]).and_then(|found| Some(found.get(1)?.range()));
            found.or(counted).map(|found| clause.start + found.start..clause.start + found.end)?
        }
        1 => hit.span.start..hit.span.end + RATE.find(after)?.end(),
        2 => hit.span.start..hit.span.end + VOLUME.find(after)?.end(),
        3 => hit.span.start - before.len() + STUDY.find(before)?.start()..hit.span.end,
        _ => hit.span.clone(),
    };
    Some(Fault {
        part: hit.part, span, what: What::Quoted("没有出处：数据和结论要写明来源、范围和时间")
    })
}

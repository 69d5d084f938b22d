//! 原价和现价。

use super::price_regulation;
use crate::compliance::context::{denied, pattern};
use crate::compliance::draft::Draft;
use crate::compliance::rule::{Fault, Hit, Rule, What};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/fake-original-price",
    title: "原价没有依据",
    severity: Severity::Warning,
    basis: &[price_regulation("第十六条、第十九条")],
    why: "写“原价”“市场价”来对比，那个价要真有：没有另外说明，就得是这家店前七天里成交过的最低价。编一个高的再打折，是价格欺诈。",
    instead: "没有成交过的原价就删掉，只写现价；有的话写明依据，例如“原价为前七日最低成交价”",
    failing: &[
        "«原价199元»，现价只要99元",
        "«市场价59元»，今天只要29元",
        "«专柜价￥398»，群里到手价99元",
        "«原价99元»，限时秒杀9.9元",
        "«别处卖68元»，我们特价39元",
    ],
    passing: &[
        "原价39元（前七日最低成交价），到周日29元一瓶",
        "活动结束，恢复原价",
        "不满意按原价退",
        "请不要自己另写原价",
        "原价多少以价签为准",
        "市场价天天变，以店里价签为准",
        "没有原价现价，就一个价",
    ],
    scene: None,
    words: &[&[
        "原价",
        "市场价",
        "专柜价",
        "门市价",
        "吊牌价",
        "划线价",
        "超市价",
        "平时卖",
        "平常卖",
        "别处卖",
        "外面卖",
        "官方价",
        "建议零售价",
    ]],
    allowed: &["恢复原价", "按原价退", "原价退", "另写原价", "编的原价"],
    judge,
};

pattern!(
    FIGURE = "^(?:是|要|为|:|都|卖)*¥?(?:[0-9]+(?:\\.[0-9]+)?|[一二三四五六七八九十百千两]+)(?:元|块钱?)?"
);
pattern!(
    NOW = "现价|现在|今天|今日|特价|活动价|秒杀|到手|只要|仅需|仅售|立减|直降|折|现仅|只卖|拼团|群里价|券后"
);
pattern!(GROUNDS = "成交价|前七[日天]|前7[日天]|七[日天]内|近7[日天]|近七[日天]");

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    if draft.says(&GROUNDS) || !draft.says(&NOW) {
        return Vec::new();
    }
    let fault = |hit: &Hit| {
        let part = &draft.parts[hit.part];
        let figure = FIGURE.find(part.rest(hit.span.end))?;
        let span = hit.span.start..hit.span.end + figure.end();
        let what = What::Quoted("是拿来对比的价，没有写依据");
        (!denied(part.before(hit.span.start))).then_some(Fault { part: hit.part, span, what })
    };
    hits.iter().filter_map(fault).collect()
}

//! 未成年人。

use super::advertising_law;
use crate::compliance::context::{denied, pattern};
use crate::compliance::draft::{Draft, Part};
use crate::compliance::rule::{Fault, Hit, Rule, each};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/minors",
    title: "未成年人",
    severity: Severity::Error,
    basis: &[advertising_law("第四十条、第三十八条、第二十条")],
    why: "不能哄孩子去缠着家长买，不能请不满十岁的孩子代言，也不能说哪样东西能顶替母乳。",
    instead: "话对家长说，不对孩子说；孩子的照片先问过家长，不替商品说话；母乳的话题不碰",
    failing: &[
        "小朋友快«叫妈妈买»一箱",
        "宝贝们，«让爸爸买»给你喝",
        "«回家求妈妈»，明天就有",
        "八岁的«小代言人»给大家推荐",
        "«萌娃代言»，萌翻全场",
        "«媲美母乳»的羊奶粉",
        "«别的小朋友都有»，你怎么能没有",
        "不给孩子买，«不是好妈妈»",
    ],
    passing: &[
        "带孩子来串冰糖葫芦，糖锅由大人看着",
        "小朋友怕酸，可以兑一半水",
        "别让孩子缠着妈妈买，吃多了牙疼",
        "一岁以内的宝宝不要吃蜂蜜",
        "妈妈们聊聊，孩子早饭吃什么",
        "六个月以内请坚持母乳喂养",
        "孩子的画贴在店里，愿意的家长说一声",
        "我让爸爸买点葱回来",
    ],
    scene: None,
    words: &[URGES, OTHERS],
    allowed: &["求妈妈们", "求爸爸们", "求爸妈们"],
    judge,
};

const URGES: &[&str] = &[
    "叫妈妈买",
    "让妈妈买",
    "叫爸爸买",
    "让爸爸买",
    "叫爸妈买",
    "让爸妈买",
    "叫家长买",
    "让家长买",
    "叫大人买",
    "让大人买",
    "求妈妈",
    "求爸爸",
    "求爸妈",
    "缠着妈妈",
    "缠着爸妈",
    "缠着家长",
    "回家求妈妈",
    "跟妈妈要",
    "跟爸妈要",
    "向爸妈要",
    "向家长要",
    "让妈妈给你买",
    "让爸妈给你买",
];
const OTHERS: &[&str] = &[
    "小代言人",
    "萌娃代言",
    "宝宝代言",
    "儿童代言",
    "小朋友代言",
    "孩子代言",
    "小小代言人",
    "代替母乳",
    "替代母乳",
    "媲美母乳",
    "母乳级",
    "胜过母乳",
    "超越母乳",
    "接近母乳",
    "别的小朋友都有",
    "同学都有",
    "不是好妈妈",
    "不是好爸爸",
    "不是合格的妈妈",
    "输在起跑线",
];

pattern!(TO_CHILDREN = "小朋友|宝贝|孩子们|同学|娃|宝宝|你");
pattern!(SELF = "我(?:叫|让|求|回家|刚|去)");

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    each(draft, hits, "违反保护未成年人的规定", is_wrong)
}

fn is_wrong(part: &Part, hit: &Hit) -> bool {
    let (before, sentence) = (part.before(hit.span.start), part.sentence(hit.span.clone()));
    if denied(before)
        || before.ends_with('别')
        || before.ends_with("别让孩子")
        || before.ends_with("不要让孩子")
    {
        return false;
    }
    hit.group == 1
        || !before.ends_with('我')
            && !SELF.is_match(sentence)
            && (TO_CHILDREN.is_match(sentence) || before.is_empty())
}

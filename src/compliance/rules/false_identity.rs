//! 假身份。

use super::{READ, advertising_law, wecom_rules};
use crate::compliance::context::{denied, pattern};
use crate::compliance::draft::{Draft, Part};
use crate::compliance::rule::{Fault, Hit, Rule, each};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/false-identity",
    title: "假冒身份",
    severity: Severity::Error,
    basis: &[advertising_law("第二十八条"), wecom_rules(READ)],
    why: "店员装成顾客叫好、自称医生专家、冒充微信官方，都是骗人。露馅一次，这个群就没人信了。",
    instead: "是店员就说是店员；想要顾客说好，请顾客自己来说，给了好处也要写明",
    failing: &[
        "找两个人«假装顾客»带节奏",
        "用«小号»在群里夸几句",
        "请几个«托儿»接龙，热热场",
        "我们是«微信官方»合作，点这里认证",
        "店员«自称营养师»，给大家讲课",
        "让«水军»刷一刷",
        "«扮成街坊»晒单",
    ],
    passing: &[
        "大家注意，有人用差不多的头像和名字冒充我们",
        "我是{{ store.name }}的店员，有事叫我",
        "没有托儿，都是街坊真心话",
        "不要用小号进群，一家一个号就行",
        "小号的保鲜盒还剩三个，大号的没了",
        "微信官方不会找您要密码，别信",
        "骗子常假装顾客退款，店员小心",
        "S号是小号，给孩子穿",
    ],
    scene: None,
    words: &[
        &[
            "假装顾客",
            "假扮顾客",
            "扮成顾客",
            "装成顾客",
            "冒充顾客",
            "装作顾客",
            "扮演顾客",
            "扮成街坊",
            "装成街坊",
            "假装街坊",
            "扮成客人",
            "假装客人",
            "冒充客人",
            "托儿",
            "水军",
            "马甲号",
            "自导自演",
            "自称医生",
            "自称专家",
            "自称营养师",
            "冒充医生",
            "冒充专家",
            "以医生身份",
            "以专家身份",
            "扮成医生",
            "冒充官方",
        ],
        &["小号"],
        &["微信官方", "腾讯官方", "微信团队"],
    ],
    allowed: &["托儿所", "托儿班", "水军训练", "拜托儿", "托儿子"],
    judge,
};

pattern!(WARNS = "骗|别信|警惕|谨防|小心|注意|提醒|有人|不会|不要用|举报|反诈|核实");
pattern!(CLAIMED = "(?:是|代表|受|和|与|跟|联合|经)[^,]{0,3}$");
pattern!(USED = "(?:用|开|换|拿|上)(?:个|着)?$");

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    each(draft, hits, "是假冒身份", is_wrong)
}

fn is_wrong(part: &Part, hit: &Hit) -> bool {
    let before = part.before(hit.span.start);
    if denied(before) || WARNS.is_match(part.sentence(hit.span.clone())) {
        return false;
    }
    match hit.group {
        1 => USED.is_match(before),
        2 => CLAIMED.is_match(before),
        _ => true,
    }
}

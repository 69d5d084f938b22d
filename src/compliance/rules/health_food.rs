//! 保健功能。

use super::advertising_law;
use crate::compliance::context::{asks, denied, pattern};
use crate::compliance::draft::Draft;
use crate::compliance::rule::{Basis, Fault, Hit, Rule, What};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/health-food",
    title: "保健功能和保健食品",
    severity: Severity::Error,
    basis: &[
        advertising_law("第十八条"),
        Basis {
            name: "《中华人民共和国食品安全法》", article: "第七十八条", date: "2021-04-29 修正"
        },
    ],
    why: "普通食品不能说保健功能；真有批准文号的保健食品，也只能说批准过的功能，不能打包票，还要写明“本品不能代替药物”。",
    instead: "普通食品删掉功能，只说口味和配料；保健食品写上批准文号和“本品不能代替药物”，不打包票",
    failing: &[
        "每天一杯«增强免疫力»",
        "睡前喝一口，«助眠»«安神»",
        "«美容养颜»，越吃越年轻",
        "«抗氧化»、«延缓衰老»，女人都该喝",
        "这款«保健食品»卖得好",
        "«无副作用»，«无效退款»",
        "小米粥«养胃»，老人都爱",
        "喝出好身材，«减肥»«燃脂»",
        "国食健注G20200001，增强免疫力，«保证有效»，本品不能代替药物",
    ],
    passing: &[
        "山楂汁酸酸甜甜，开胃解腻",
        "国食健注G20200001，有助于增强免疫力，本品不能代替药物",
        "我们不卖保健食品",
        "普通食品，没有保健功能",
        "怎么吃能减肥我不懂，您问营养师",
        "减肥的姐妹，这包是没加糖的",
        "天冷喝一杯热的，暖暖手",
        "富含膳食纤维，看包装上的营养成分表",
        "今晚早点睡，晚安",
        "配料里没有香精和色素",
    ],
    scene: None,
    words: &[EFFECTS, HEALTH_FOOD, ASSURANCES, SLIMMING],
    allowed: &[
        "保护眼",
        "护眼模式",
        "护眼灯",
        "不是保健食品",
        "不是保健品",
        "减肥的姐妹",
        "减肥的街坊",
        "减肥的朋友",
        "在减肥",
        "减肥期间",
        "减肥成功",
        "刮油烟",
    ],
    judge,
};

/// Effects that only an approved health food may name.
const EFFECTS: &[&str] = &[
    "增强免疫力",
    "提高免疫力",
    "提升免疫力",
    "增强免疫",
    "提高免疫",
    "改善睡眠",
    "助眠",
    "安神",
    "抗氧化",
    "抗衰老",
    "延缓衰老",
    "抗疲劳",
    "缓解疲劳",
    "缓解体力疲劳",
    "增强体质",
    "强身健体",
    "延年益寿",
    "美容养颜",
    "养颜",
    "祛斑",
    "美白祛斑",
    "燃脂",
    "刮油",
    "丰胸",
    "长高个",
    "助长高",
    "补脑",
    "健脑",
    "增强记忆",
    "提高记忆",
    "改善视力",
    "护眼",
    "养胃",
    "护胃",
    "暖宫",
    "润肠",
    "促进消化",
    "助消化",
    "帮助消化",
    "调节肠道",
    "调理肠胃",
    "提高代谢",
    "促进代谢",
    "改善体质",
    "养生功效",
    "保健功效",
    "保健功能",
    "滋补身体",
];

/// What people talk about anyway; a claim only when the goods are said to do it.
const SLIMMING: &[&str] = &["减肥", "瘦身", "减脂"];

const HEALTH_FOOD: &[&str] = &["保健食品", "保健品", "国食健", "食健备", "蓝帽子"];

/// Nobody may promise these.
const ASSURANCES: &[&str] = &[
    "保证有效",
    "包有效",
    "无效退款",
    "无效全退",
    "无副作用",
    "零副作用",
    "没有副作用",
    "没有任何副作用",
    "永不反弹",
    "安全无毒副",
    "立竿见影",
    "一吃就好",
    "一喝就好",
    "吃了就好",
    "人人都需要补",
];

pattern!(
    SLIMS = "帮|助|轻松|快速|越[吃喝]|[吃喝]出|神器|必备|效果|功效|[吃喝用].{0,4}(?:又|还能?|可以|能)|减肥茶|不反弹|排毒|燃脂|好身材"
);
pattern!(NOTICE = "不能(?:代替|替代|当)药");
pattern!(APPROVED = "国食健|食健备|批准文号");
pattern!(INNOCENT = "查处|不合格|抽检|没有保健|无保健|不卖|的?姐妹|瘦身的|不懂|营养师");

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    let approved = draft.says(&APPROVED) && draft.says(&NOTICE);
    let fault = |hit: &Hit| {
        let part = &draft.parts[hit.part];
        let clause = &part.text[part.clause(hit.span.clone())];
        let assurance = hit.group == 2;
        let idle = hit.group == 3 && !SLIMS.is_match(part.sentence(hit.span.clone()));
        let innocent =
            idle || asks(clause) || INNOCENT.is_match(clause) || denied(part.before(hit.span.start));
        if (approved || innocent) && !assurance {
            return None;
        }
        let what = match hit.group {
            0 | 3 => "是保健功能，普通食品不能说",
            1 => "没有同时写明批准文号和“本品不能代替药物”",
            _ => "是对功效或安全的保证，谁也不能说",
        };
        Some(Fault { part: hit.part, span: hit.span.clone(), what: What::Quoted(what) })
    };
    hits.iter().filter_map(fault).collect()
}

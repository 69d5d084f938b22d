//! 酒类。

use super::advertising_law;
use crate::compliance::context::{denied, pattern};
use crate::compliance::draft::Draft;
use crate::compliance::rule::{Basis, Fault, Hit, Rule, What};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/alcohol",
    title: "酒类宣传",
    severity: Severity::Error,
    basis: &[
        advertising_law("第二十三条"),
        Basis {
            name: "《中华人民共和国未成年人保护法》", article: "第五十九条", date: "2024-04-26 修正"
        },
    ],
    why: "卖酒的话不能劝人喝、鼓励多喝，不能写喝的动作和开车开船，也不能说喝酒解乏、助眠、壮阳。更不能让未成年人沾边。",
    instead: "只说产地、年份、度数、配餐和价格；加一句“过量饮酒有害健康，不向未成年人售酒”",
    failing: &[
        "今晚新到白酒，«不醉不归»！",
        "老酒一坛，«感情深一口闷»",
        "米酒睡前一小杯，«助眠»«解乏»",
        "药酒«壮阳»«补肾»，男人都懂",
        "这瓶红酒，«美容养颜»",
        "啤酒无限«畅饮»，«喝个够»",
        "端起白酒«一饮而尽»，痛快",
        "带上啤酒，«自驾»出发",
        "果酒度数低，«小朋友»也能喝",
        "累了一天，喝杯黄酒«放松»一下",
        "送老爸的白酒，«活血»«暖身»",
        "好酒«干了这杯»再说",
    ],
    passing: &[
        "开车不喝酒，喝酒不开车，要喝的请叫代驾",
        "白酒53度，产自本地酒坊，过量饮酒有害健康",
        "不向未成年人售酒，看着年轻的请出示身份证",
        "啤酒鸭的做法：鸭子焯水，加一罐啤酒，小火四十分钟",
        "葡萄酒到货，适合配红肉",
        "酒酿圆子一碗，热热乎乎",
        "今天山楂汁畅饮，一人一杯，到晚上八点",
        "自驾游的街坊，路上注意安全",
        "小朋友的果汁在左边，大人的米酒在右边，别拿错",
        "忙完坐下来放松一下，喝杯热山楂汁",
        "酒精湿巾放在门口",
        "白酒不能助眠，也不能壮阳，别信这些说法",
    ],
    scene: None,
    words: &[URGES, DRIVING, EFFECTS, MINORS, ALWAYS],
    allowed: &["代驾驾驶", "开车不喝", "放松紧"],
    judge,
};

/// Wrong where the text is about drinks with alcohol.
const URGES: &[&str] = &[
    "畅饮",
    "喝个够",
    "喝到爽",
    "喝个痛快",
    "喝到痛快",
    "敞开喝",
    "放开喝",
    "走一个",
    "满上",
    "拼酒",
    "斗酒",
    "千杯",
    "碰杯",
    "干杯",
    "举杯痛饮",
    "干了这杯",
    "再来一杯",
    "喝起来",
    "喝到嗨",
    "喝到断片",
    "多喝几杯",
    "多喝点",
];
const DRIVING: &[&str] = &["开车", "驾车", "自驾", "驾驶", "兜风", "骑行", "开船", "游艇"];
const EFFECTS: &[&str] = &[
    "解乏",
    "助眠",
    "壮阳",
    "补肾",
    "活血",
    "舒筋",
    "提神",
    "缓解疲劳",
    "解压",
    "减压",
    "解忧",
    "消愁",
    "忘忧",
    "暖身",
    "驱寒",
    "祛寒",
    "美容",
    "养颜",
    "美容养颜",
    "养生",
    "软化血管",
    "增强体力",
    "放松",
    "缓解焦虑",
    "降三高",
    "滋补",
    "睡得香",
    "忘掉烦恼",
    "一解千愁",
];
const MINORS: &[&str] = &["小朋友", "孩子", "宝宝", "学生", "未成年", "儿童", "娃"];
/// Wrong in themselves.
const ALWAYS: &[&str] = &[
    "不醉不归",
    "不醉不休",
    "不醉不散",
    "一醉方休",
    "一醉解千愁",
    "感情深一口闷",
    "一口闷",
    "一饮而尽",
    "对瓶吹",
    "酒后真爽",
];

pattern!(
    /// What makes a text one about alcoholic drinks; `酒店`, `酒精`, `啤酒鸭` do not.
    ABOUT = "(?:白|红|葡萄|黄|米|果|洋|梅|清|药|桑葚|杨梅|枸杞|青梅|甜|老|好|美|陈|喝|饮|这|的|品|新|卖|买|送)酒(?:[^店精席家楼红窝酿糟鸭味吧]|$)|啤酒(?:[^鸭]|$)|酒友|[瓶杯斤箱坛口两]酒|酒香|酒体|佳酿|陈酿|原浆|酱香型?|浓香型|清香型|窖藏|威士忌|白兰地|伏特加|精酿|茅台|五粮液|小酌|微醺"
);
pattern!(COOKING = "做法|焯水|炖|焖|腌|去腥|料酒|小火|下锅");
pattern!(
    SAFE = "不开车|别开车|勿开车|不喝酒|别喝酒|酒驾|代驾|酒后|不向|禁止|勿|不卖给|不售|远离|不能喝|别给|不给|身份证|别拿错|看好"
);
pattern!(DRINK = "^[^,。]{0,6}?(?:喝|尝|抿)|^也[能可]|^适合");
pattern!(SOFT_DRINK = "^[^,。]{0,6}?(?:喝|尝)[^,。]{0,4}(?:果汁|山楂汁|牛奶|水|汤|饮料|汽水|酸奶|豆浆|粥)");
pattern!(ON_THE_ROAD = "喝|畅饮|小酌|微醺|带上|来一[杯瓶罐]|一路|出发|配");

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    let about = draft.says(&ABOUT) && !draft.says(&COOKING);
    let fault = |hit: &Hit| {
        let part = &draft.parts[hit.part];
        let (sentence, after) = (part.sentence(hit.span.clone()), part.after(hit.span.end));
        let innocent = denied(part.before(hit.span.start))
            || (matches!(hit.group, 1 | 3) && SAFE.is_match(sentence))
            || (hit.group == 1 && !ON_THE_ROAD.is_match(sentence))
            || (hit.group == 3 && (!DRINK.is_match(after) || SOFT_DRINK.is_match(after)));
        if innocent || (!about && hit.group != 4) {
            return None;
        }
        let what = match hit.group {
            1 => "和酒写在一起：酒类宣传不能出现驾驶",
            2 => "是说喝酒有功效，酒类宣传不许说",
            3 => "和喝酒写在一起：不能让未成年人沾边",
            _ => "是劝酒、鼓励多喝或喝酒的动作，酒类宣传不许写",
        };
        Some(Fault { part: hit.part, span: hit.span.clone(), what: What::Quoted(what) })
    };
    hits.iter().filter_map(fault).collect()
}

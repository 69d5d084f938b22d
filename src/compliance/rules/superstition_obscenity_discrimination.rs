//! 迷信、低俗、歧视。

use super::advertising_law;
use crate::compliance::context::{denied, pattern};
use crate::compliance::draft::{Draft, Part};
use crate::compliance::rule::{Fault, Hit, Rule, each};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/superstition-obscenity-discrimination",
    title: "迷信、低俗、歧视",
    severity: Severity::Error,
    basis: &[advertising_law("第九条第（七）、（八）、（九）项")],
    why: "说东西能转运辟邪、擦边低俗的话、看不起哪一类人的话，广告里都不许有。老习俗可以讲，讲成“习俗是这样”，别讲成“买了就灵”。",
    instead: "说东西是什么、好吃在哪里；讲习俗就写明是老话；人不分地方、性别、年纪",
    failing: &[
        "«开光»手串，买一箱送一串",
        "戴上它«旺财运»、«转运»，来年顺顺利利",
        "本命年«犯太岁»，来我们店挑一款",
        "«算命»先生说今年要吃它",
        "今晚群里«激情视频»，进来就看",
        "«剩女»都在喝的山楂汁",
        "«外地人勿»扰，只卖本地",
        "«乡巴佬»没吃过吧",
    ],
    passing: &[
        "恭喜发财，招财进宝，给大家拜年",
        "快递在转运中心，明天到",
        "这事八字还没一撇",
        "端午挂艾草，老话说能辟邪，图个热闹",
        "柜台上的招财猫又在招手了",
        "男士女士都合适，老人孩子也爱吃",
        "外地的街坊也能寄，运费自付",
        "过日子要有点情趣，买束花回家",
        "平平安安，心想事成",
        "一场说走就走的旅行，激情满满",
    ],
    scene: None,
    words: &[SUPERSTITION, OBSCENITY, DISCRIMINATION, &["转运"]],
    allowed: &[
        "打开光",
        "拉开光",
        "切开光",
        "转运中",
        "转运站",
        "转运单",
        "转运车",
        "转运到",
        "转运至",
        "货物转运",
        "正在转运",
        "快递转运",
        "算命名",
        "打算命名",
        "看八字没",
        "开光嘴",
    ],
    judge,
};

const SUPERSTITION: &[&str] = &[
    "开光",
    "旺运",
    "转运珠",
    "转运手",
    "改运势",
    "改运程",
    "生辰八字",
    "算八字",
    "合八字",
    "看八字",
    "旺财运",
    "催财",
    "招财运",
    "聚财气",
    "旺夫",
    "克夫",
    "犯太岁",
    "化太岁",
    "化煞",
    "挡煞",
    "辟邪",
    "避邪",
    "驱邪",
    "消灾",
    "算命",
    "占卜",
    "命理",
    "符咒",
    "灵符",
    "神水",
    "佛牌",
    "风水宝物",
    "风水摆件",
    "大师加持",
    "有求必应",
    "保佑发财",
    "财神附体",
];

const OBSCENITY: &[&str] = &[
    "约炮",
    "一夜情",
    "裸聊",
    "激情视频",
    "三级片",
    "春药",
    "催情",
    "荷官",
    "爆乳",
    "擦边福利",
    "福利姬",
    "处女膜",
    "叫床",
];

const DISCRIMINATION: &[&str] = &[
    "剩女",
    "大龄剩",
    "赔钱货",
    "乡巴佬",
    "乡下人才",
    "娘炮",
    "黑鬼",
    "残废",
    "穷鬼",
    "穷人别",
    "买不起别",
    "丑女",
    "外地人勿",
    "外地人免",
    "外地人不卖",
    "外地人不接",
    "外地人别",
    "外地人滚",
    "胖子勿",
    "老头老太勿",
    "限男性",
    "只招男",
    "重男轻女好",
    "头发长见识短",
];

pattern!(
    /// Telling of a custom sells no charm.
    CUSTOM = "习俗|风俗|老话|古人|古时|传说|民间|老人[家们]?[常都]?[说讲]|相传|说法|迷信|科学"
);

pattern!(LUCK = "手串|手链|葫芦|水晶|珠|戴|佩|好运|开光|本命年|旺|财|运势|必备|风水");

const WHAT: &str = "含有迷信、低俗或歧视的内容，广告里不许有";

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    each(draft, hits, WHAT, is_wrong)
}

fn is_wrong(part: &Part, hit: &Hit) -> bool {
    let sentence = part.sentence(hit.span.clone());
    let told = matches!(hit.group, 0 | 3) && CUSTOM.is_match(sentence);
    // Parcels are carried on, too.
    let parcel = hit.group == 3 && !LUCK.is_match(sentence);
    !told && !parcel && !denied(part.before(hit.span.start))
}

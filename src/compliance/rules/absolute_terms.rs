//! 绝对化用语. What begins with 最 is judged in `superlatives`.

use std::ops::Range;

use super::advertising_law;
use super::superlatives::superlative;
use crate::compliance::context::{GAME, WHEN_WHERE, denied, pattern};
use crate::compliance::draft::{Draft, Part};
use crate::compliance::rule::{Basis, Fault, Hit, Rule, What};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/absolute-terms",
    title: "绝对化用语",
    severity: Severity::Error,
    basis: &[
        advertising_law("第九条第（三）项"),
        Basis {
            name: "市场监管总局《广告绝对化用语执法指南》",
            article: "第五条、第六条",
            date: "2023-02-25 发布",
        },
    ],
    why: "“国家级”“最高级”“最佳”这一类话没法证明，容易误导人，也贬低了同行。指着自己的货这样说就违法，起罚二十万元。\
          说吃法和时间（趁热吃最香）、自家东西比自家东西（店里最小的一款）、服务态度（顾客第一）、群里的评选，不在此列。",
    instead: "换成看得见、查得到的事实：哪天到的、配料几样、多少人回头买过；实在想夸就说“好吃”“我自己也吃”",
    failing: &[
        "我们家的山楂汁«最好吃»，不信来尝",
        "«全网最低价»，错过等一年",
        "山谷小铺，山货«第一品牌»！",
        "«国家级»品质，放心吃",
        "这蜂蜜是«极品»，«顶级»货源",
        "«100%纯天然»，«百分百正宗»",
        "味道«最 好»！",
        "山楂汁界的«ＮＯ.1»",
        "«最佳»口感，«独一无二»的配方",
        "我们的核桃«最新鲜»、«最便宜»",
        "销量«全国第一»",
        "«史上最»低，«绝对正宗»",
        "「最香」不敢说，但一定是«最正宗»的",
        "选我们，就是选«最好的山楂»",
        "坚果«之王»，送礼«不二之选»",
        "«全网最低价»只在今天，错过没有",
        "品质«最好»，价格«最低»",
        "«最优质»的货源，«最先进»的工艺",
        "我家的鸡蛋«全市最新鲜»",
        "{{ store.name }}，社区«团购第一家»",
    ],
    passing: &[
        "第一次来的街坊，先尝再买",
        "货到了第一时间告诉大家",
        "最近天冷，多穿点",
        "今天是最后一天",
        "每户最多可领2张",
        "第一个到店的街坊，帮忙拍张照",
        "最好提前一天说，我给您留着",
        "最好吃完饭再来",
        "开封以后最好冷藏，最好三天内喝完",
        "最佳赏味期在瓶底，请看一眼",
        "山楂汁冰镇最好喝",
        "鸡蛋当天吃最新鲜",
        "趁热吃最香",
        "您最喜欢哪一种？",
        "大家说说，哪家的粽子最好吃？",
        "店里最小的一款是250克",
        "三款里最甜的是枣泥馅",
        "安全第一，雨天路滑慢点骑",
        "我们不敢说是最好的，您尝了再说",
        "没有最好，只有更好",
        "集赞排名第一的街坊得一箱山楂汁",
        "明天最低气温三度",
        "运费最低5元起",
        "万能的群友，谁家有打气筒？",
        "配料：山楂汁100%",
        "最美老板娘评选今天开始报名",
        "唯一要注意的是坚果过敏",
        "这是国家级非物质文化遗产的手艺",
        "我最拿手的是番茄炒蛋",
        "第一批货周五到，第二批下周二",
        "选出您心里最好吃的一样，发在群里",
        "NO.1 山楂汁，NO.2 蜂蜜，NO.3 核桃，报号就行",
        "挑最好的给您留着",
        "老人孩子最要紧",
    ],
    scene: None,
    words: &[PLAIN, &["最"], &["第一"], &["no.1", "no1", "no 1", "top1", "top 1", "number one"], CERTAIN],
    allowed: ALLOWED,
    judge,
};

/// Wrong wherever they stand, unless allowed or denied.
const PLAIN: &[&str] = &[
    "国家级",
    "世界级",
    "宇宙级",
    "全球级",
    "最高级",
    "最佳",
    "顶级",
    "顶尖",
    "极品",
    "至尊",
    "绝无仅有",
    "独一无二",
    "举世无双",
    "天下无双",
    "无与伦比",
    "史无前例",
    "前无古人",
    "空前绝后",
    "登峰造极",
    "万能",
    "史上最",
    "地表最强",
    "首屈一指",
    "遥遥领先",
    "行业领先",
    "世界领先",
    "国际领先",
    "全国领先",
    "全球领先",
    "国内领先",
    "全网领先",
    "领导品牌",
    "领袖品牌",
    "领先品牌",
    "王牌",
    "驰名商标",
    "填补国内空白",
    "缔造者",
    "无敌",
    "界天花板",
    "界的天花板",
    "之王",
    "巅峰之作",
    "鼻祖",
    "首选品牌",
    "送礼首选",
    "不二之选",
    "不二选择",
    "全国首家",
    "全网首家",
    "全市首家",
    "全球首家",
    "国内首家",
    "行业首家",
    "全国唯一",
    "全网唯一",
    "全市唯一",
    "全城唯一",
    "全球唯一",
    "国内唯一",
    "行业唯一",
    "唯一品牌",
    "唯一指定",
    "唯一正宗",
    "唯一正品",
    "唯一一家",
    "唯一选择",
    "销量冠军",
    "销售冠军",
    "全国冠军",
    "行业冠军",
    "品类冠军",
    "极致口感",
    "极致享受",
    "极致体验",
    "极致美味",
    "极致性价比",
    "最低价",
    "最低折扣",
    "全网最",
    "全球最",
    "全国最",
    "全城最",
    "全市最",
    "全省最",
    "世界最",
    "宇宙最",
    "亚洲最",
    "行业最",
    "业内最",
    "同城最",
    "史上第一",
    "天下第一",
    "宇宙第一",
    "独此一家",
    "零风险",
];

/// Words of certainty; what follows decides.
const CERTAIN: &[&str] = &["100%", "百分百", "百分之百", "百分之一百", "绝对"];

const ALLOWED: &[&str] = &[
    "历史上最",
    "历史上第一",
    "近代史上第一",
    "微笑无敌",
    "青春无敌",
    "真爱无敌",
    "国家级非遗",
    "国家级非物质",
    "国家级自然保护区",
    "国家级风景",
    "国家级森林公园",
    "国家级湿地",
    "国家级地质公园",
    "国家级农业产业化",
    "国家级生态",
    "国家级示范",
    "国家级文物",
    "国家级贫困县",
    "世界级难题",
    "世界级非遗",
    "最高级别",
    "最高级会员",
    "最佳赏味",
    "最佳食用",
    "最佳饮用",
    "最佳品尝",
    "最佳温度",
    "最佳时间",
    "最佳时机",
    "最佳时期",
    "最佳保存",
    "最佳储存",
    "最佳保质",
    "最佳状态",
    "最佳搭配",
    "最佳吃法",
    "最佳做法",
    "最佳拍档",
    "最佳员工",
    "最佳店员",
    "最佳选手",
    "最佳作品",
    "最佳试吃官",
    "最佳老板娘",
    "最佳辩手",
    "最佳人气",
    "最佳创意",
    "最佳厨艺",
    "最佳晒图",
    "最佳观众",
    "至尊宝",
    "手气最佳",
    "运气最佳",
    "王牌对王牌",
    "万能胶",
    "万能插",
    "万能充",
    "万能钥匙",
    "万能遥控",
    "万能蒸",
    "万能酱",
    "万能料",
    "万能汁",
    "万能调",
    "万能蘸",
    "万能公式",
    "万能卡",
    "万能工匠",
    "万能扳手",
    "万能的群",
    "万能的朋友",
    "万能的街坊",
    "万能的邻居",
    "史上最热",
    "史上最冷",
    "史上最长",
    "无敌时间",
    "之王姐",
    "之王哥",
    "之王阿姨",
    "之王叔",
    "之王师傅",
    "之王老师",
    "最低价格为准",
    "唯一指定联系人",
];

pattern!(
    /// What makes a certainty a claim.
    CLAIM = "^(?:的|是|地)?(?:纯|天然|正宗|正品|地道|有效|有用|见效|安全|放心|满意|无添加|无公害|零添加|0添加|不加|不含|绿色|有机\
        |新鲜|健康|原生态|野生|根治|管用|好评|靠谱|真[材货]|好吃|好喝|便宜|划算|超值|保真|优质|领先|权威|第一|最|低价|实惠|治)"
);
pattern!(COMPOSITION = "^(?:的|是)?纯?(?:果汁|棉|羊毛|山楂汁|苹果汁|橙汁|葡萄汁|椰子水|椰汁)");
pattern!(PRIZE = "奖|荣获|提名|入围|主角|配角|导演|歌手");
pattern!(
    /// The weather, the map and the family have extremes.
    NATURE = "幸福|可爱|爱|妈妈|爸爸|奶奶|老师|温|冷|热|暖|雨|雪|风|湖|河|山|桥|岛|江|海|峰|瀑布|城市|隧道"
);
pattern!(
    /// 第一 among all.
    AMONG_ALL = "(?:全国|全网|全球|全市|全省|全城|全区|全县|世界|亚洲|中国|国内|行业|业界|业内|同行|同城|天下|江湖|宇宙|类目|团购)(?:的|排名|销量|口碑|人气|品质|质量|味道)*$"
);
pattern!(
    /// A measure by which somebody comes first.
    RANKED = "(?:销量|销售额?|口碑|好评率?|回购率?|复购率?|市占率|占有率|市场份额|产量|排名|人气|评分|热度|排行榜?)(?:的?排[名行]?|稳居|位居|连续.{0,4}|都?是)?$"
);
pattern!(
    /// A rank in order or time, no claim.
    ORDINAL = "^(?:次|天|时间|步|批|季|期|届|顿|口|杯|封|课|场|轮|句|反应|眼|印象|手|线|人称|桶|道|遍|回|排|页|声|单|例|夜|晚|周|年|届|学期|节)"
);
fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    let fault = |hit: &Hit| {
        let part = &draft.parts[hit.part];
        if denied(part.before(hit.span.start)) {
            return None;
        }
        let span = match hit.group {
            0 => plain(part, hit),
            1 => superlative(part, hit.span.clone()),
            2 => first(part, hit.span.clone()),
            3 => number_one(part, hit),
            _ => certain(part, hit),
        }?;
        Some(Fault {
            part: hit.part, span, what: What::Quoted("是绝对化用语，不能用来说自己的货和服务")
        })
    };
    hits.iter().filter_map(fault).collect()
}

fn plain(part: &Part, hit: &Hit) -> Option<Range<usize>> {
    let prize = part.text[hit.span.clone()].starts_with("最佳")
        && PRIZE.is_match(&part.text[part.clause(hit.span.clone())]);
    let nature = part.text[hit.span.clone()].ends_with('最') && NATURE.is_match(part.after(hit.span.end));
    (!prize && !nature).then(|| hit.span.clone())
}

fn first(part: &Part, span: Range<usize>) -> Option<Range<usize>> {
    let (before, after) = (part.before(span.start), part.after(span.end));
    if let Some(word) = ["品牌", "大品牌", "选择", "股"].iter().find(|word| after.starts_with(**word))
    {
        return Some(span.start..span.end + word.len());
    }
    if ORDINAL.is_match(after) {
        return None;
    }
    let house = if after.starts_with('家') { span.end + '家'.len_utf8() } else { span.end };
    if let Some(everybody) = AMONG_ALL.find(before) {
        return Some(span.start - before.len() + everybody.start()..house);
    }
    let a_fact = GAME.is_match(part.sentence(span.clone())) || WHEN_WHERE.is_match(before);
    (RANKED.is_match(before) && !a_fact).then_some(span.start..house)
}

/// A list that goes on with number two only counts.
fn number_one(part: &Part, hit: &Hit) -> Option<Range<usize>> {
    let counts = ["no.2", "no2", "no 2", "top2", "top 2"].iter().any(|second| part.text.contains(second));
    (!counts).then(|| hit.span.clone())
}

fn certain(part: &Part, hit: &Hit) -> Option<Range<usize>> {
    let after = part.after(hit.span.end);
    let claim = CLAIM.find(after).filter(|_| !COMPOSITION.is_match(after))?;
    let pure = if after[claim.end()..].starts_with("天然") { "天然".len() } else { 0 };
    Some(hit.span.start..hit.span.end + claim.end() + pure)
}

//! Whether a 最 claims something of one's own goods; a part of `absolute_terms`.

use std::ops::Range;

use crate::compliance::context::{WHEN_WHERE, asks, pattern};
use crate::compliance::draft::{BLANK, Part};

/// What goods are praised for. Longer ones first where one begins another.
const PRAISES: &[&str] = &[
    "美味",
    "香",
    "甜",
    "鲜",
    "嫩",
    "脆",
    "糯",
    "醇",
    "浓郁",
    "正宗",
    "地道",
    "纯",
    "天然",
    "原生态",
    "绿色",
    "营养",
    "滋补",
    "养生",
    "新鲜",
    "实惠",
    "划算",
    "便宜",
    "优惠",
    "超值",
    "值得买",
    "值得拥有",
    "值得信赖",
    "低的价",
    "优",
    "高端",
    "高档",
    "高品质",
    "豪华",
    "奢华",
    "尊贵",
    "牛",
    "棒",
    "靓",
    "先进",
    "领先",
    "专业",
    "受欢迎",
    "畅销",
    "热销",
    "热卖",
    "火爆",
    "火",
    "信赖",
    "良心",
    "完美",
    "极致",
    "稀缺",
    "齐全",
    "低价",
    "新科技",
    "新技术",
    "新工艺",
    "大优惠",
    "大力度",
    "大规模",
];

/// Begin like a praise and are none.
const NO_PRAISE: &[&str] =
    &["优先", "优解", "火候", "火锅", "棒小伙", "甜蜜", "纯真", "香港", "牛奶", "鲜花"];

/// Measures that only claim something when compared with all others: `价格最低`.
const MEASURES: &[&str] = &["低", "大", "高", "强", "好"];

/// After 最好: eat, drink … `最好吃` praises, `最好吃完再来` advises.
const BEST_TO: &[char] = &['吃', '喝', '看', '用', '玩', '闻', '卖'];

pattern!(
    MEASURED = "(?:价格|价钱|价|品质|质量|味道|口感|口味|口碑|服务|效果|疗效|性价比|信誉|卖相|原料|用料|食材|规模|力度|优惠力度|折扣|销量|品种|甜度)(?:也|都|是|又|全)?$"
);
pattern!(
    EVERYBODY = "全国|全网|全球|全市|全省|全城|全区|世界|亚洲|国内|行业|业内|同行|同城|市场|史上|宇宙|地表|小区里|这一片"
);
pattern!(
    /// How and when to enjoy something is a tip, not a comparison.
    TIP = "趁热|趁鲜|冰镇|冷藏|冷冻|加热|热一热|热着|温着|常温|现[吃喝做炒煮剥切磨摘榨]|当[天季]|应季|刚(?:出锅|出炉|摘|采|炒|做|蒸|煮|剥|下来|到)|[蒸煮炒烤炖焖拌涮泡煎炸煲烧]着|凉拌|清蒸|红烧|白灼|炖汤|煲汤|煮汤|做汤|泡水|兑水|下火锅\
        |[配就抹夹蘸搭]着|配[粥饭面茶酒]|拌[饭面粥]|时候|季节|时节|[0-9一二三四五六七八九十]月|[春夏秋冬][天季]?|早上|中午|晚上|饭[前后]|头[一]?茬|吃法|做法|这样[吃喝做]|这么[吃喝做]|以后|之后|几天|放[一两二三四五六七八九十几]+天|周[一二三四五六日末]|上午|下午|傍晚|头天|立[春夏秋冬]|霜降|冬至|清明|火候"
);
pattern!(
    TIP_AFTER = "^的?(?:办法|方法|方式|做法|吃法|喝法|时候|时间|季节|时节|时机|时令|日子|[一那这]天|[一那这]次|[一那这]顿|[一那这]口|[一那这]句|温度|状态|火候|比例|路线|月份|部位|话)"
);
pattern!(TAKEN_BACK = "^[”’」\"']?(?:不敢|不好|谈不上|说不上|算不上|说不准|我不)");
pattern!(
    /// One's own goods, compared among themselves.
    OWN = "本店|店里|我们店|咱们店|自家|我家|我们家|咱家|柜台|架上|货架|家里|其中|里头|里面|里边|当中|[一两二三四五六七八九十几0-9这]+(?:款|种|样|个|瓶|箱|盒|包|味|口味)|同款|系列|群里|这批|这几"
);
pattern!(
    OWN_AFTER = "^的?(?:[一那这几]?(?:款|种|样|个|瓶|箱|盒|包|件|批|只|罐|袋|道|号|家|位)|是|就是|要数|还是)"
);
pattern!(OWN_SET = "(?:里|里头|里面|里边|当中|其中)(?:数|就)?[^,]{0,4}$");
pattern!(SALES = "^(?:受欢迎|畅销|热销|热卖|火爆|火)");
pattern!(
    /// Somebody's taste, or a vote.
    OPINION = "[您你他她]们?家|(?:^|[^给为替让把])[您你我他她]$|觉得|认为|心里|心目中|评选|评出|选出|投票|打分|猜|说说|讲讲|晒晒"
);
pattern!(
    /// `最好的…` that is not about goods.
    BEST_OF = "^的(?:办法|方法|方式|做法|吃法|喝法|时候|时间|季节|时机|朋友|闺蜜|兄弟|姐妹|邻居|[一那这]天|安排|年华|时光|年纪|自己|我们|陪伴|状态|结果|情况|一面|老师|祝福|爱|消息|温度|证明|回答|奖励|夸奖|答谢|感谢|鼓励|反馈|建议|广告|告别|相遇|遇见|祝愿|风景|景色|故事|青春|生活|日常|教育|榜样|见证|机会|开始|结局|路|习惯|药|医生|调料|厨师|厨房|代言|案例|搭档|举措|相处|礼物|妈妈|爸爸|家人|孩子|你|您|我)"
);
pattern!(PRIZE = "^的?[^,]{0,6}奖");
pattern!(ADMIRES = "^(?:棒|牛|完美|靓)");
pattern!(SOMEBODY = "[您你他她]|我们$|大家|孩子|宝贝|自己|姐妹|团队|妈|爸|街坊|邻居");
pattern!(THRIFT = "^(?:划算|实惠|便宜|优惠|超值)");
pattern!(
    /// One's own ways of buying, compared: `整箱买最划算`.
    WAY_OF_BUYING = "(?:买|拿|订|带|凑|办卡|自提|拼|整箱|一起|套餐|组合|大包|大瓶)[^,]{0,4}$"
);
pattern!(OUR_SHOP = "店|我们|我家|咱家|这里|这儿");
pattern!(PICKED = "(?:挑|选了|选出|拣|捡|拿|把|找)[^,]{0,4}$");

/// What is claimed, if the 最 at this place claims something.
pub(super) fn superlative(part: &Part, span: Range<usize>) -> Option<Range<usize>> {
    let (before, after) = (part.before(span.start), part.after(span.end));
    if let Some(rest) = after.strip_prefix('好') {
        let good = span.start..span.end + '好'.len_utf8();
        let length = best(before, rest)?;
        return (!is_innocent(part, &good)).then_some(good.start..good.end + length);
    }
    let word = praise(before, after)?;
    let found = span.start..span.end + word;
    (!is_innocent(part, &found)).then_some(found)
}

/// How many bytes after 最 praise; `None` when nothing does.
fn praise(before: &str, after: &str) -> Option<usize> {
    if NO_PRAISE.iter().any(|word| after.starts_with(word)) {
        return None;
    }
    let praises = PRAISES.iter().filter(|praise| after.starts_with(**praise)).map(|praise| praise.len());
    let measures =
        MEASURES.iter().filter(|measure| after.starts_with(**measure)).map(|measure| measure.len());
    let word = praises.max().or_else(|| measures.max().filter(|_| MEASURED.is_match(before)))?;
    // 最优质, 最优秀, 最优良 are one word.
    let longer = ["优质", "优秀", "优良"].iter().find(|word| after.starts_with(**word));
    Some(longer.map_or(word, |longer| longer.len()))
}

/// How many bytes after 最好 belong to the claim; `None` when 最好 advises.
fn best(before: &str, rest: &str) -> Option<usize> {
    let mut letters = rest.chars();
    let ends =
        |next: Option<char>| next.is_none_or(|c| !c.is_alphanumeric() || "的了啦呀啊哦噢哟呢".contains(c));
    match letters.next() {
        Some(verb) if BEST_TO.contains(&verb) => ends(letters.next()).then_some(verb.len_utf8()),
        Some('的') => best_of(before, rest),
        next if ends(next) && next != Some(BLANK) => MEASURED.is_match(before).then_some(0),
        _ => None,
    }
}

/// 的 and up to two characters of what is best.
const BEST_SHOWN: usize = 3;

fn best_of(before: &str, rest: &str) -> Option<usize> {
    if BEST_OF.is_match(rest) || PICKED.is_match(before) {
        return None;
    }
    let letters = rest.char_indices().take(BEST_SHOWN).take_while(|(_, c)| c.is_alphanumeric());
    letters.last().map(|(at, c)| at + c.len_utf8())
}

/// A question, a tip, a comparison within one's own shelves, somebody's taste.
fn is_innocent(part: &Part, found: &Range<usize>) -> bool {
    let (before, after) = (part.before(found.start), part.after(found.end));
    let said = &part.text[found.start + '最'.len_utf8()..];
    if EVERYBODY.is_match(before) {
        return false;
    }
    let among_own = (OWN.is_match(before) || WHEN_WHERE.is_match(before)) && OWN_AFTER.is_match(after);
    let own_facts = SALES.is_match(said) && WHEN_WHERE.is_match(before);
    let way_of_buying = THRIFT.is_match(said) && WAY_OF_BUYING.is_match(before) && !OUR_SHOP.is_match(before);
    let admired = ADMIRES.is_match(said) && SOMEBODY.is_match(before);
    among_own
        || own_facts
        || admired
        || PRIZE.is_match(after)
        || way_of_buying
        || OWN_SET.is_match(before)
        || TIP.is_match(before)
        || TIP_AFTER.is_match(after)
        || OPINION.is_match(before)
        || TAKEN_BACK.is_match(after)
        || asks(&part.text[part.clause(found.clone())])
}

//! 红包的话怎么说。

use super::{READ, advertising_law};
use crate::compliance::context::{denied, pattern};
use crate::compliance::draft::{Draft, Part};
use crate::compliance::rule::{Basis, Fault, Hit, Rule, each};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/red-packet-wording",
    title: "红包的话像赌博",
    severity: Severity::Error,
    basis: &[
        Basis { name: "微信支付现金红包的使用规范", article: "", date: READ },
        advertising_law("第九条第（八）项"),
    ],
    why: "先交钱再抽、手气最差的接着发、押注翻倍、包赚，都像赌博；倒卖、套现、外挂抢红包也一样。微信会停掉支付，严重的要坐牢。",
    instead: "红包就是白给：谁答对、谁打卡满几天就给谁，说清总数和到什么时候，不收钱、不下注",
    failing: &[
        "«红包接龙»，«手气最差的发下一个»",
        "来玩«红包扫雷»",
        "«发红包抢座位»，先到先得",
        "交5元«付费抽奖»，人人有份",
        "«押注»单双，«稳赚»不赔",
        "«1元抽奖»，赢大红包",
        "«抢红包外挂»，需要的私信",
        "«发100返200»，先发先返",
        "红包«套现»的加我",
        "«手气最佳的接着发»",
    ],
    passing: &[
        "打卡满七天的街坊，今晚八点领红包，共20个",
        "发广告就发红包，这是群规",
        "红包雨周五晚八点开始，每人抢一次",
        "警惕红包扫雷、押注，都是骗局",
        "手气最佳的是三号楼刘姐，恭喜",
        "这款不踩雷，买过的都说行",
        "抢到红包的说声新年好",
        "过年红包大家图个乐，抢到多少都开心",
        "红包接龙不玩，咱们玩成语接龙",
    ],
    scene: None,
    words: &[WORDS, NEXT],
    allowed: &[],
    judge,
};

const WORDS: &[&str] = &[
    "红包接龙",
    "红包扫雷",
    "红包踩雷",
    "埋雷",
    "扫雷群",
    "红包牛牛",
    "抢庄",
    "坐庄",
    "押注",
    "下注",
    "押大小",
    "押单双",
    "梭哈",
    "对赌",
    "红包赌",
    "赌红包",
    "以小博大",
    "一本万利",
    "稳赚",
    "稳赢",
    "包赢",
    "包赚",
    "发红包抢座",
    "发红包占座",
    "发红包抢座位",
    "发红包抢名额",
    "发红包买名额",
    "付费抽奖",
    "花钱抽奖",
    "交钱抽奖",
    "1元抽奖",
    "一元抽奖",
    "一元夺宝",
    "1元夺宝",
    "先付后抽",
    "红包翻倍",
    "翻倍红包",
    "红包返利",
    "抢红包外挂",
    "红包外挂",
    "抢红包神器",
    "抢红包软件",
    "代抢红包",
    "自动抢红包",
    "红包代发",
    "出售红包",
    "卖红包",
    "收红包码",
    "高价收红包",
    "套现",
    "返200",
    "发100返",
    "发一百返",
    "拼手气赌",
];
const NEXT: &[&str] = &["手气最差", "手气最佳", "手气最好", "运气王", "运气最差"];

pattern!(SENDS = "^的?(?:人|那位|同学|街坊)?(?:继续|接着|再|来)?(?:接着)?发(?:下一个?|红包|$|,|。|!)?");
pattern!(WARNS = "骗|警惕|小心|谨防|别信|违法|不玩|不搞|禁止|拒绝|举报");

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    let mut faults = each(draft, hits, "像赌博或倒卖红包，微信支付不许", is_wrong);
    for fault in &mut faults {
        let part = &draft.parts[fault.part];
        if let Some(sends) = SENDS
            .find(part.rest(fault.span.end))
            .filter(|_| part.text[fault.span.clone()].starts_with("手气"))
        {
            fault.span.end += sends.end();
        }
    }
    faults
}

fn is_wrong(part: &Part, hit: &Hit) -> bool {
    if denied(part.before(hit.span.start)) || WARNS.is_match(part.sentence(hit.span.clone())) {
        return false;
    }
    hit.group == 0 || SENDS.is_match(part.rest(hit.span.end))
}

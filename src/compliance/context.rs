//! What stands around a word and turns its meaning: a denial, a question, a term.

use std::sync::LazyLock;

use regex::Regex;

/// Declares a pattern that is compiled at its first use.
macro_rules! pattern {
    ($(#[doc = $doc:literal])* $visibility:vis $name:ident = $text:expr) => {
        $(#[doc = $doc])*
        $visibility static $name: std::sync::LazyLock<regex::Regex> =
            std::sync::LazyLock::new(|| regex::Regex::new($text).expect("a pattern of ours"));
    };
}
pub(super) use pattern;

/// How far before a word its denial may stand, in characters: `不能说是全国第一`.
const DENIAL_REACH: usize = 6;

/// What denies the words that follow.
const DENIALS: &[&str] = &[
    "不是",
    "不算",
    "不敢",
    "不说",
    "不能",
    "不会",
    "不可",
    "不得",
    "不许",
    "不准",
    "不要",
    "不用",
    "不做",
    "不搞",
    "不求",
    "不追求",
    "不承诺",
    "不保证",
    "不宣传",
    "不吹",
    "没有",
    "没说",
    "别说",
    "别写",
    "别信",
    "别发",
    "别用",
    "别拿",
    "别再",
    "并非",
    "并不",
    "无法",
    "无须",
    "无需",
    "禁止",
    "严禁",
    "谢绝",
    "拒绝",
    "抵制",
    "切勿",
    "请勿",
    "勿",
    "谈不上",
    "称不上",
    "算不上",
    "说不上",
    "谨防",
    "警惕",
    "当心",
    "小心",
    "避免",
    "不存在",
];

/// Whether what stands before a word in its clause denies it.
pub(super) fn denied(before: &str) -> bool {
    let start = before.char_indices().rev().nth(DENIAL_REACH - 1).map_or(0, |(at, _)| at);
    // A denial that begins further to the left may still reach in.
    let near = &before[start..];
    DENIALS.iter().any(|denial| near.contains(denial))
}

/// Whether a clause asks instead of claiming.
pub(super) fn asks(clause: &str) -> bool {
    static ASKS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("哪|谁(?:[^都也]|$)|怎么|怎样|如何|什么时候|啥时候|是不是|有没有|[吗呢么]$")
            .expect("a pattern of ours")
    });
    ASKS.is_match(clause)
}

pattern!(
    /// A day, a span of time or an end, as offers name them.
    pub(super) TERM = "[0-9一二三四五六七八九十]+月[0-9一二三四五六七八九十底初中]+|[0-9]+[号日]|(?:11\\.11|12\\.12|6\\.18)|[0-9]{1,2}[./-][0-9]{1,2}(?:日|号|前|之前|止|至|到)\
        |[今明后当][天日晚早]|今年|本[周月季]|[这下]个?[周月]|(?:周|星期|礼拜)[一二三四五六日天末]|月底|月初|年底|截止|截至|为止|之前|以前|期间|有效\
        |[送售用抢]完[为即]止|送完|售完|[0-9一二三四五六七八九十两几]+个?(?:天|日|小时|分钟|周|月|年)[之以]?内|即日起|起至|点前|散场前|打烊前|除夕|春节|中秋|端午|国庆|元旦"
);

pattern!(
    /// How many, with what is counted.
    pub(super) QUANTITY = "[0-9一二三四五六七八九十百两半几每][0-9一二三四五六七八九十百千]*\
        (?:小|大|整)?(?:个|瓶|盒|包|份|张|罐|袋|枚|箱|克|g|kg|毫升|ml|升|l|斤|公斤|片|支|杯|件|只|把|条|块|串|颗|粒|双|套|对|碗|桶|提|位|名|人|台|部|次|元)"
);

pattern!(
    /// A time or a place that makes a rank a fact: `这个月店里卖得最好`.
    pub(super) WHEN_WHERE = "今天|昨天|前天|[本上这]周|[这上]个?月|本月|今年|去年|店里|本店|我们店|群里|柜台|大家|街坊|老顾客|这一批|这批"
);

pattern!(
    /// Games and votes have a first and prizes of their own.
    pub(super) GAME = "集赞|点赞|赞数|投票|票数|打卡|接龙|比赛|竞赛|评选|答题|猜|游戏|榜单|积分|运动会|本轮|本期|选手|名次|决赛|报名"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_must_be_near() {
        for denying in ["我们不敢说是", "不是什么", "没有", "别说自己是"] {
            assert!(denied(denying), "{denying}");
        }
        for plain in ["不添加防腐剂的山楂汁是", "我们是", ""] {
            assert!(!denied(plain), "{plain}");
        }
    }

    #[test]
    fn terms_and_quantities_are_known() {
        for term in ["9月25日之前", "到周日", "送完为止", "今天", "三天内", "11.11", "月底前"]
        {
            assert!(TERM.is_match(term), "{term}");
        }
        assert!(!TERM.is_match("多买多送") && !TERM.is_match("9.9元"));
        for quantity in ["一瓶", "每户两份", "250毫升", "30个", "3小包"] {
            assert!(QUANTITY.is_match(quantity), "{quantity}");
        }
        assert!(!QUANTITY.is_match("多买多送"));
    }
}

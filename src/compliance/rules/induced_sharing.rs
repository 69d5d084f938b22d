//! 诱导分享、诱导关注。

use std::ops::Range;

use super::{READ, wecom_rules};
use crate::compliance::context::{denied, pattern};
use crate::compliance::draft::{Draft, Part};
use crate::compliance::rule::{Basis, Fault, Hit, Rule, What};
use crate::files::Severity;

pub(super) static RULE: Rule = Rule {
    code: "compliance/induced-sharing",
    title: "诱导分享和强制关注",
    severity: Severity::Error,
    basis: &[
        Basis {
            name: "《微信外部链接内容管理规范》", article: "第2.1条", date: "2019-10-28 施行"
        },
        wecom_rules(READ),
    ],
    why: "用红包、优惠、抽奖换人转发、拉人、关注，或者吓唬人“不转不是……”，微信会封链接、封号，群也可能没了。\
          自己群里互相点赞的小游戏不往外传，不算。",
    instead: "去掉奖励，只说“觉得好就告诉邻居一声”；要做活动就放在群里：回复、接龙、晒做法",
    failing: &[
        "«转发朋友圈领红包»",
        "«分享到三个群，免费领»一箱",
        "«集赞送好礼»",
        "«集满38个赞来店领一»瓶",
        "«邀请3人进群免费领»",
        "«分享后可见»优惠价",
        "«不转不是»好邻居",
        "«转发保平安»",
        "«关注公众号才能»领券",
        "«拉5个人进群送鸡蛋»一托",
        "«发圈截图领优惠券»",
        "好友«助力免单»",
        "«转 发到群里就送»一瓶",
    ],
    passing: &[
        "群里点赞，赞3就是给三号作品投票",
        "本群集赞比赛，赞数前三名各得山楂汁一瓶",
        "欢迎分享您家的做法",
        "觉得有用就转给需要的邻居",
        "邀请您周六来店里品鉴会",
        "群里禁止转发领红包的链接",
        "砍价链接别往这儿发",
        "扫码领东西的，别往这儿发",
        "带上家里人一起来尝",
        "请不要转发没核实的消息",
        "关注我们的小程序，到货会有提醒",
        "分享一个好消息：鸡蛋到了",
        "发朋友圈，三句话以内，写你今天看见的",
        "让人往外发、拉人头才给东西的话，我们不说",
        "邻居介绍来的，我记得谢谢您",
    ],
    scene: None,
    words: &[SHARE, LIKES, FOLLOW, THREATS],
    allowed: &["砍价链接别", "助力车", "助力泵", "分享会", "关注后厨"],
    judge,
};

const SHARE: &[&str] = &[
    "转发",
    "分享",
    "发朋友圈",
    "发圈",
    "转朋友圈",
    "转到朋友圈",
    "发到朋友圈",
    "转到群",
    "邀请",
    "拉人",
    "拉新",
    "拉群",
    "进群",
    "助力",
    "砍一刀",
    "砍价",
    "裂变",
];
const LIKES: &[&str] = &["集赞", "攒赞", "求赞", "个赞"];
const FOLLOW: &[&str] = &["关注", "加粉", "扫码加"];
/// Wrong in themselves.
const THREATS: &[&str] = &[
    "不转不是",
    "不转就不是",
    "不转后悔",
    "不转倒霉",
    "不转死",
    "转发保平安",
    "转发好运",
    "转走好运",
    "转发有好运",
    "分享后可见",
    "转发后可见",
    "转发才能看",
    "分享才能看",
    "分享解锁",
    "转发解锁",
    "关注后可见",
    "为了家人转",
    "看到必转",
    "必须转发",
];

const REWARD: &str = "免费[领送拿得]取?|领(?:红包|奖|优惠券|券|取|好礼|福利|一|[0-9])|领$|送(?:[你您])?(?:[0-9一二两三四五六七八九十半]|好礼|大礼|小礼|礼|券|红包|优惠|鸡蛋|积分)\
    |送[^,。货到上]{1,6}[0-9一二两三半](?:个|瓶|盒|包|份|张|箱|袋|斤|托|枚|罐)|得(?:[0-9一二两三四五六七八九十]|红包|券|奖|积分|优惠)|就送|赚|返现|返[0-9]|红包|优惠券|抽奖|有奖|奖励|大奖|奖品|可见|解锁|才能|方可|即可[领得享参免]|就能[领得享免看]|积分|免单|享?[0-9一二三四五六七八九]折|立减|现金";

pattern!(REWARDED = &format!("^[^。!?\n]{{0,14}}?(?:{REWARD})"));
pattern!(
    INVITED = "^(?:[0-9一二三四五六七八九十两几]+[个位名]?)?(?:好友|朋友|新人|新朋友|人|邻居|亲友|身边)"
);
pattern!(PULLED = "拉(?:[0-9一二三四五六七八九十两几]+)?个?位?(?:人|好友|朋友|邻居)[^,。]{0,2}$");
pattern!(COUNTED = "(?:集|攒|凑)?[满够齐]?[0-9一二三四五六七八九十百两]+$");
pattern!(
    INSIDE = "群里|群内|本群|咱们群|回复|作品|投票|评选|比赛|第[一二三]|[前头][一二三]|赞[0-9一二三]{1,2}(?:[^0-9个]|$)|[0-9一二三]号"
);
pattern!(OUTSIDE = "朋友圈|转发|好友|外面|三个群|[0-9]个群");
pattern!(REFUSED = "别往|别发|别转|别点|不说|不要|禁止|请勿|不搞|不做|请不|不能|不许|骗");

fn judge(draft: &Draft, hits: &[Hit]) -> Vec<Fault> {
    let fault = |hit: &Hit| {
        let part = &draft.parts[hit.part];
        let sentence = part.sentence(hit.span.clone());
        if denied(part.before(hit.span.start)) || REFUSED.is_match(sentence) {
            return None;
        }
        let span = match hit.group {
            0 => shared(part, &hit.span),
            1 => liked(part, &hit.span),
            2 => followed(part, &hit.span),
            _ => Some(hit.span.clone()),
        }?;
        Some(Fault {
            part: hit.part, span, what: What::Quoted("是诱导分享或强制关注，会被微信封")
        })
    };
    hits.iter().filter_map(fault).collect()
}

/// From the sharing to its reward.
fn shared(part: &Part, span: &Range<usize>) -> Option<Range<usize>> {
    let (word, after) = (&part.text[span.clone()], part.rest(span.end));
    let start = match word {
        "进群" => {
            span.start - part.before(span.start).len() + PULLED.find(part.before(span.start))?.start()
        }
        "邀请" if !INVITED.is_match(after) => return None,
        _ => span.start,
    };
    let reward = REWARDED.find(after)?;
    Some(start..span.end + reward.end())
}

fn liked(part: &Part, span: &Range<usize>) -> Option<Range<usize>> {
    let sentence = part.sentence(span.clone());
    if INSIDE.is_match(sentence) && !OUTSIDE.is_match(sentence) {
        return None;
    }
    let reward = REWARDED.find(part.rest(span.end))?;
    let before = part.before(span.start);
    let start = COUNTED.find(before).map_or(span.start, |count| span.start - before.len() + count.start());
    Some(start..span.end + reward.end())
}

fn followed(part: &Part, span: &Range<usize>) -> Option<Range<usize>> {
    let after = part.rest(span.end);
    let reward = REWARDED.find(after)?;
    let account = ["公众号", "视频号", "我们", "店铺", "账号", "并", "后", "即", "就", "才", "领", "送"];
    account.iter().any(|word| after.starts_with(word)).then(|| span.start..span.end + reward.end())
}

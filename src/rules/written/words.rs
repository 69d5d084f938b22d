//! Texts of special forms, and the words that the rules' enums are written with.

use std::net::SocketAddr;

use jiff::tz::TimeZone;

use crate::choices;
use crate::files::{Choice, Misspelled, Shape, Spelled};
use crate::perception::SignalName;
use crate::rules::{BlacklistScope, GroupEar, ModerationRule, Role, RungAct, SendBudget, WelcomeStop};
use crate::scripts::{MessageKind, Pattern, ScriptRole, Step, StoreField};

choices! { GroupEar {
    GroupRobot = "group-robot", "群机器人，每条都听到";
    Aibot = "aibot", "智能机器人，只听到 @ 它的";
    Archive = "archive", "会话内容存档，每条都听到，但晚一点";
    Events = "events", "客户群事件：进群、退群、改名";
    MemberList = "member-list", "定时读成员名单，能知道谁进谁退";
} }

choices! { Role {
    Owner = "owner", "群主";
    Staff = "staff", "门店的人";
    Ops = "ops", "运营";
    Kol = "kol", "意见领袖";
    Member = "member", "普通成员";
} }

choices! { RungAct {
    Note = "note", "只记下来";
    Warn = "warn", "在群里提醒";
    Recall = "recall", "撤回那条消息，机器人不能撤的请人撤";
    Mute = "mute", "禁言，机器人不能禁的请人禁";
    Fine = "fine", "发广告就发红包，请人收";
    Remove = "remove", "移出群";
    Blacklist = "blacklist", "拉黑";
} }

choices! { WelcomeStop {
    Spoke = "spoke", "说过话了";
    Left = "left", "退群了";
} }

choices! { ModerationRule {
    Ad = "ad", "广告";
    Flood = "flood", "刷屏";
    Spread = "spread", "同一段话发到几个群";
    Name = "name", "名字就是广告";
} }

choices! { BlacklistScope {
    Group = "group", "只在这个群";
    Brand = "brand", "品牌的所有群";
} }

choices! { SendBudget {
    Monthly = "monthly", "一个月的条数等于当月天数，企业微信的默认";
    Weekly = "weekly", "七天 7 条";
    Daily = "daily", "一天 1 条";
} }

choices! { SignalName {
    Ad = "ad", "广告用语";
    Contact = "contact", "引流用语";
    Fraud = "fraud", "诈骗用语";
    Gambling = "gambling", "赌博用语";
    Adult = "adult", "色情用语";
    Politics = "politics", "敏感用语";
    Competitor = "competitor", "竞品推广";
    Profanity = "profanity", "不文明用语";
} }

choices! { Step {
    FindNeed = "find-need", "找需求";
    GiveValue = "give-value", "给价值";
    BuildTrust = "build-trust", "建信任";
    GiveBenefit = "give-benefit", "给利益";
    RemoveRisk = "remove-risk", "去风险";
    SetThreshold = "set-threshold", "设门槛";
} }

choices! { MessageKind {
    Text = "text", "纯文字";
    Markdown = "markdown", "带格式的文字";
    Image = "image", "图片";
    Link = "link", "链接";
    MiniProgram = "mini-program", "小程序";
    Video = "video", "视频";
    File = "file", "文件";
} }

choices! { ScriptRole {
    Staff = "staff", "门店的人";
    Ops = "ops", "运营，什么话术都能用";
    Kol = "kol", "意见领袖";
} }

choices! { StoreField {
    Triggers = "triggers", "关键词";
    Valid = "valid", "有效期";
    Variants = "variants", "各版本的比例";
    Defaults = "defaults", "要填的空的默认值";
    Off = "off", "不用这条话术";
    Text = "text", "内容，品牌没有看过的文字";
} }

/// What a script makes people feel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sense(pub &'static str);

const SENSES: &[Choice] = &[
    Choice { word: "仪式感", doc: "有个正式的时刻" },
    Choice { word: "场景感", doc: "看得见用在哪里" },
    Choice { word: "利益感", doc: "得到实惠" },
    Choice { word: "参与感", doc: "自己也有份" },
    Choice { word: "卷入感", doc: "越聊越投入" },
    Choice { word: "荣誉感", doc: "有面子" },
];

impl Spelled for Sense {
    const SHAPE: Shape = Shape::Choice(SENSES);

    fn parse(text: &str) -> Result<Self, Misspelled> {
        let known = SENSES.iter().find(|choice| choice.word == text);
        known.map(|choice| Self(choice.word)).ok_or_else(|| Misspelled::choice(text, SENSES))
    }
}

/// What a template calls an answer: `left`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskName(pub String);

impl Spelled for AskName {
    const SHAPE: Shape = Shape::Special { chinese: "空的名字", example: "left" };
    const PATTERN: Option<&'static str> = Some("^[a-z][a-z0-9_]*$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        let good = text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if good {
            return Ok(Self(text.to_owned()));
        }
        let hint = "用小写英文字母开头，后面可以有数字和下划线，例如 \"left\"";
        Err(Misspelled::new("bad-name", format!("空的名字 {text:?} 不能这样写"), hint))
    }
}

/// A regular expression that a whole answer must fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Regex(pub Pattern);

impl Spelled for Regex {
    const SHAPE: Shape = Shape::Special { chinese: "格式（正则表达式）", example: "[0-9]{1,4}" };
    /// Any text: no pattern knows a pattern.
    const PATTERN: Option<&'static str> = Some(".*");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        Pattern::new(text).map(Self).map_err(|_| {
            let hint = "数字写 \"[0-9]{1,4}\"，只能选几样的改用 choices = [\"…\"]";
            Misspelled::new("bad-pattern", format!("格式 {text:?} 看不懂"), hint)
        })
    }
}

/// `127.0.0.1:8080`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenAddress(pub SocketAddr);

impl Spelled for ListenAddress {
    const SHAPE: Shape = Shape::Special { chinese: "监听地址", example: "127.0.0.1:8080" };
    const PATTERN: Option<&'static str> = Some(r"^([0-9]{1,3}(\.[0-9]{1,3}){3}|\[[0-9A-Fa-f:.%]+\]):[0-9]+$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        text.parse().map(Self).map_err(|_| {
            let hint = "写成 IP:端口，例如 \"127.0.0.1:8080\"；要让外面连得上写 \"0.0.0.0:8080\"";
            Misspelled::new("bad-address", format!("监听地址 {text:?} 看不懂"), hint)
        })
    }
}

/// A name of the time zone database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZoneName(pub TimeZone);

impl Spelled for TimeZoneName {
    const SHAPE: Shape = Shape::Special { chinese: "时区", example: "Asia/Shanghai" };
    const PATTERN: Option<&'static str> = Some("^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        TimeZone::get(text).map(Self).map_err(|_| {
            let hint = "中国写 \"Asia/Shanghai\"（没有 Asia/Beijing）";
            Misspelled::new("bad-timezone", format!("没有时区 {text:?}"), hint)
        })
    }
}

/// `https://host` with an optional path, without a final `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress(pub String);

impl Spelled for WebAddress {
    const SHAPE: Shape = Shape::Special { chinese: "网址", example: "https://qyapi.weixin.qq.com" };
    const PATTERN: Option<&'static str> = Some(r##"^https?://[!"$-.0-9;->@-~][!"$->@-~]*$"##);

    fn parse(text: &str) -> Result<Self, Misspelled> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let good = rest.is_some_and(|rest| {
            !rest.starts_with(['/', ':'])
                && !rest.is_empty()
                && rest.chars().all(|letter| letter.is_ascii_graphic() && letter != '?' && letter != '#')
        });
        if good {
            return Ok(Self(text.trim_end_matches('/').to_owned()));
        }
        let hint = "以 https:// 开头，例如 \"https://qyapi.weixin.qq.com\"";
        Err(Misspelled::new("bad-address", format!("网址 {text:?} 看不懂"), hint))
    }
}

/// A domain of the brand: `shop.example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(pub String);

impl Spelled for Domain {
    const SHAPE: Shape = Shape::Special { chinese: "域名", example: "shop.example.com" };
    const PATTERN: Option<&'static str> = Some(r"^[\p{Alphabetic}\p{N}-]+(\.[\p{Alphabetic}\p{N}-]+)+$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        let letter = |letter: char| letter.is_alphanumeric() || letter == '-';
        let is_domain = |text: &str| {
            text.contains('.') && text.split('.').all(|label| !label.is_empty() && label.chars().all(letter))
        };
        let lower = text.to_lowercase();
        // As it is written: İ falls into a letter and a mark when it is lowered.
        if is_domain(text) {
            return Ok(Self(lower));
        }
        let bare = lower.trim_start_matches("https://").trim_start_matches("http://");
        let bare = bare.trim_start_matches("*.").split(['/', ':', '?']).next().unwrap_or_default();
        let hint = if is_domain(bare) {
            format!("只写域名：\"{bare}\"，它下面的所有页面和子域名都算")
        } else {
            "只写域名，例如 \"shop.example.com\"".to_owned()
        };
        Err(Misspelled::new("bad-domain", format!("域名 {text:?} 看不懂"), hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_domains() {
        assert!(Domain::parse("A.İ.a").is_ok());
        assert_eq!(
            Domain::parse("Shop.Example.com").map(|domain| domain.0),
            Ok("shop.example.com".to_owned())
        );
        let wrong = Domain::parse("https://shop.example.com/sale?x=1").expect_err("an address");
        assert_eq!(
            wrong.hint.as_deref(),
            Some("只写域名：\"shop.example.com\"，它下面的所有页面和子域名都算")
        );
        assert!(Domain::parse("localhost").is_err());
    }

    #[test]
    fn reads_web_addresses() {
        assert_eq!(
            WebAddress::parse("http://127.0.0.1:9/").map(|address| address.0),
            Ok("http://127.0.0.1:9".to_owned())
        );
        for bad in ["qyapi.weixin.qq.com", "https://", "https:///x", "https://a b"] {
            assert!(WebAddress::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn words_are_those_of_the_journal() {
        for category in ["ad", "contact", "fraud", "gambling", "adult", "politics", "competitor", "profanity"]
        {
            assert_eq!(SignalName::parse(category).map(SignalName::as_str), Ok(category));
        }
    }
}

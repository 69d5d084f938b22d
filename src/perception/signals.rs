//! What perception says about a message: named signals with the spans that fired.

use serde::{Deserialize, Serialize};

/// Everything seen in one message, without any memory and without knowing who wrote it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Signals {
    /// 0 (nothing) to 1 (surely an outsider's advertisement), for a sender about whom nothing is known.
    #[serde(default)]
    pub score: f32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Signal>,
    /// Fingerprint of the folded text: equal for the same text in any disguise; 0 when there is none.
    #[serde(default)]
    pub fingerprint: u64,
}

/// One finding in a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    pub name: SignalName,
    /// Start and end in characters (not bytes) of the original text.
    pub span: (usize, usize),
    /// What was found, folded: the phrase, the number, the address.
    pub detail: String,
    /// How much it speaks for an advertisement, 0 to 1.
    pub weight: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignalName {
    // Lexicon categories (`config/lexicons/*.toml`).
    Ad,
    Contact,
    Fraud,
    Gambling,
    Adult,
    Politics,
    Competitor,
    Profanity,
    // Contacts found by shape.
    Phone,
    WechatId,
    QqId,
    Url,
    /// The text was disguised (zero-width characters, letters of other scripts, separators).
    Disguise,
}

impl SignalName {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ad => "ad",
            Self::Contact => "contact",
            Self::Fraud => "fraud",
            Self::Gambling => "gambling",
            Self::Adult => "adult",
            Self::Politics => "politics",
            Self::Competitor => "competitor",
            Self::Profanity => "profanity",
            Self::Phone => "phone",
            Self::WechatId => "wechat-id",
            Self::QqId => "qq-id",
            Self::Url => "url",
            Self::Disguise => "disguise",
        }
    }

    /// The word that staff read.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Ad => "广告用语",
            Self::Contact => "引流用语",
            Self::Fraud => "诈骗用语",
            Self::Gambling => "赌博用语",
            Self::Adult => "色情用语",
            Self::Politics => "敏感用语",
            Self::Competitor => "竞品推广",
            Self::Profanity => "不文明用语",
            Self::Phone => "电话号码",
            Self::WechatId => "微信号",
            Self::QqId => "QQ 号",
            Self::Url => "外部链接",
            Self::Disguise => "变形文字",
        }
    }
}

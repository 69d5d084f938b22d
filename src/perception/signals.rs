//! What perception says about a message: named signals with the spans that fired.

use serde::{Deserialize, Serialize};

/// Everything seen in one message, without any memory and without knowing who wrote it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Signals {
    /// 0 (nothing) to 1 (surely an outsider's advertisement), for a sender about whom nothing is known:
    /// [`Signals::score_of`] all findings that [`SignalName::advertises`].
    #[serde(default)]
    pub score: f32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Signal>,
    /// Fingerprint of the folded text: equal for the same text in any disguise; 0 when there is none.
    #[serde(default)]
    pub fingerprint: u64,
}

/// The weight from which a message is taken for an advertisement, unless a profile says otherwise.
pub const AD_FROM: f32 = 1.0;

impl Signals {
    /// The weights of these findings added up, to thousandths; what `act_at` of a profile is compared with. What
    /// a person has called honest takes its share of all of them away.
    pub fn weight_of<'a>(found: impl IntoIterator<Item = &'a Signal>) -> f32 {
        let Counted { phrases, classifier, shapes, honest, .. } = Counted::of(found);
        let sum = (phrases.max(classifier) + shapes.iter().sum::<f32>()) * (1.0 - honest);
        (sum * 1000.0).round() / 1000.0
    }

    /// The chance that not all of these findings are wrong, `1 - Π(1 - weight)`: 0 for none, never above 1.
    pub fn score_of<'a>(found: impl IntoIterator<Item = &'a Signal>) -> f32 {
        let Counted { doubt, classifier, shapes, honest, .. } = Counted::of(found);
        let doubt = doubt.min(1.0 - classifier) * shapes.iter().map(|weight| 1.0 - weight).product::<f32>();
        (1.0 - doubt) * (1.0 - honest)
    }
}

/// What the findings of a message come to. Every phrase counts, but of the contacts and disguises only the
/// strongest of each name: a second phone number says nothing new. The classifier reads the words that the
/// phrases are made of, so that only the stronger of the two counts.
struct Counted {
    phrases: f32,
    /// The chance that all phrases are wrong.
    doubt: f32,
    classifier: f32,
    shapes: [f32; SignalName::SHAPES.len()],
    honest: f32,
}

impl Counted {
    fn of<'a>(found: impl IntoIterator<Item = &'a Signal>) -> Self {
        let shapes = [0.0; SignalName::SHAPES.len()];
        let mut counted = Self { phrases: 0.0, doubt: 1.0, classifier: 0.0, shapes, honest: 0.0 };
        for signal in found {
            let weight = signal.weight.clamp(0.0, 1.0);
            let shape = SignalName::SHAPES.iter().position(|&shape| shape == signal.name);
            match (signal.name, shape) {
                (SignalName::Classifier, _) => counted.classifier = counted.classifier.max(weight),
                (SignalName::KnownHonest, _) => counted.honest = counted.honest.max(weight),
                (_, Some(shape)) => counted.shapes[shape] = counted.shapes[shape].max(weight),
                _ => {
                    counted.phrases += weight;
                    counted.doubt *= 1.0 - weight;
                }
            }
        }
        counted
    }
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
    /// It is written as advertisements are: what the trained model says.
    Classifier,
    /// Nearly the same as a message that a person called an advertisement.
    KnownAd,
    /// Nearly the same as a message that a person called honest; its weight speaks for the sender.
    KnownHonest,
}

impl SignalName {
    /// Found by shape, not by a lexicon.
    const SHAPES: [Self; 5] = [Self::Phone, Self::WechatId, Self::QqId, Self::Url, Self::Disguise];

    pub(super) fn is_shape(self) -> bool {
        Self::SHAPES.contains(&self)
    }

    /// Found by a lexicon.
    pub fn is_phrase(self) -> bool {
        self <= Self::Profanity
    }

    /// A lexicon's category whose advertisements the classifier has learned too. It knows neither whose rivals are
    /// named nor what is no advertisement.
    pub(super) fn is_judged_by_words(self) -> bool {
        matches!(self, Self::Ad | Self::Contact | Self::Fraud | Self::Gambling | Self::Adult)
    }

    /// Insults and politics break a group's rules too, but they are no advertisements.
    pub fn advertises(self) -> bool {
        !matches!(self, Self::Politics | Self::Profanity | Self::KnownHonest)
    }

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
            Self::Classifier => "classifier",
            Self::KnownAd => "known-ad",
            Self::KnownHonest => "known-honest",
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
            Self::Classifier => "像广告的写法",
            Self::KnownAd => "和已认定的广告几乎一样",
            Self::KnownHonest => "和已放行的消息几乎一样",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(name: SignalName, weight: f32) -> Signal {
        Signal { name, span: (0, 1), detail: String::new(), weight }
    }

    #[test]
    fn phrases_add_up_and_shapes_count_once() {
        let found = [
            signal(SignalName::Ad, 0.4),
            signal(SignalName::Ad, 0.2),
            signal(SignalName::Phone, 0.2),
            signal(SignalName::Phone, 0.3),
        ];
        assert_eq!(Signals::weight_of(&found), 0.9);
        assert!((Signals::score_of(&found) - (1.0 - 0.6 * 0.8 * 0.7)).abs() < 1e-6);
        assert_eq!(Signals::weight_of(&found[..0]), 0.0);
        assert_eq!(Signals::score_of(&found[..0]), 0.0);
    }

    #[test]
    fn the_classifier_and_the_phrases_say_the_same_thing() {
        let mut found = vec![
            signal(SignalName::Ad, 0.4),
            signal(SignalName::Fraud, 0.2),
            signal(SignalName::Classifier, 0.5),
            signal(SignalName::Url, 0.1),
        ];
        assert_eq!(Signals::weight_of(&found), 0.7);
        found.push(signal(SignalName::Classifier, 0.8));
        assert_eq!(Signals::weight_of(&found), 0.9);
        assert!((Signals::score_of(&found) - (1.0 - 0.2 * 0.9)).abs() < 1e-6);
    }

    #[test]
    fn nothing_is_left_of_what_is_known_to_be_honest() {
        let found = [
            signal(SignalName::Ad, 1.0),
            signal(SignalName::Phone, 0.5),
            signal(SignalName::KnownHonest, 1.0),
        ];
        assert_eq!((Signals::weight_of(&found), Signals::score_of(&found)), (0.0, 0.0));
    }

    #[test]
    fn odd_weights_stay_between_zero_and_one() {
        let found = [signal(SignalName::Ad, 7.0), signal(SignalName::Fraud, -1.0)];
        assert_eq!(Signals::weight_of(&found), 1.0);
        assert_eq!(Signals::score_of(&found), 1.0);
    }
}

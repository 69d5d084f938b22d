//! Which of the signs count in this group, and what they come to.

use std::collections::BTreeSet;

use crate::decision::Draft;
use crate::perception::{Signal, SignalName, Signals};
use crate::rules::Moderation;

/// The counted signs of one message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Weighed {
    pub weight: f32,
    /// How many different kinds of sign there are: two say more than one said twice.
    pub kinds: usize,
    /// Chinese; empty when nothing counted.
    pub evidence: String,
}

impl Weighed {
    /// What counts of these signs here and now.
    pub fn of(draft: &Draft<'_>, rules: &Moderation, signals: &Signals) -> Self {
        let ad_hour = in_ad_hours(draft, rules);
        let counted: Vec<&Signal> = signals
            .found
            .iter()
            .filter(|signal| counts(rules, signal) && !(ad_hour && is_welcome_in_ad_hours(signal.name)))
            .collect();
        let weight = Signals::weight_of(counted.iter().copied());
        Self { weight, kinds: kinds(&counted), evidence: describe(&counted) }
    }

    /// Adds one more kind of sign.
    pub fn add(&mut self, weight: f32, evidence: &str) {
        self.weight += weight;
        self.kinds += 1;
        if !self.evidence.is_empty() {
            self.evidence.push('、');
        }
        self.evidence.push_str(evidence);
    }
}

/// The classifier reads the words that the phrases are made of: beside one it is no kind of its own.
fn kinds(counted: &[&Signal]) -> usize {
    let mut kinds: BTreeSet<SignalName> = counted.iter().map(|signal| signal.name).collect();
    kinds.remove(&SignalName::KnownHonest);
    if kinds.iter().any(|kind| kind.is_phrase()) {
        kinds.remove(&SignalName::Classifier);
    }
    kinds.len()
}

fn counts(rules: &Moderation, signal: &Signal) -> bool {
    // Perception tells numbers and ids folded, without separators.
    let ours = |list: &[String]| list.iter().any(|ours| crate::text::matching_key(ours) == signal.detail);
    match signal.name {
        SignalName::Url => !rules.allow_links.iter().any(|domain| is_below(&signal.detail, domain)),
        SignalName::Phone | SignalName::WechatId | SignalName::QqId => !ours(&rules.allow_contacts),
        SignalName::Disguise | SignalName::Classifier | SignalName::KnownAd | SignalName::KnownHonest => true,
        category => rules.categories.contains(&category),
    }
}

/// Whether a host is the domain itself or a name below it.
fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// In the hours in which advertisements are welcome, only what is never an honest offer counts.
fn is_welcome_in_ad_hours(name: SignalName) -> bool {
    !matches!(
        name,
        SignalName::Fraud
            | SignalName::Gambling
            | SignalName::Adult
            | SignalName::Politics
            | SignalName::Profanity
            | SignalName::KnownHonest
    )
}

fn in_ad_hours(draft: &Draft<'_>, rules: &Moderation) -> bool {
    rules.ad_hours.iter().any(|window| window.holds(draft.event.at, &draft.rules.timezone))
}

fn describe(signals: &[&Signal]) -> String {
    let in_words = |signal: &&Signal| match signal.detail.as_str() {
        "" => signal.name.chinese().to_owned(),
        detail => format!("{}「{detail}」", signal.name.chinese()),
    };
    let mut words: Vec<String> = signals.iter().map(in_words).collect();
    words.dedup();
    words.join("、")
}

//! F4 Moderation: judges what perception saw, with memory, and climbs the profile's ladder.
//!
//! Three outcomes: the bot acts, a person is asked while the group hears nothing, or the message
//! passes. Whatever was done can be undone by a person ([`verdict`]).

use crate::decision::event::{Ear, EventKind, MemberId, TimerKind};
use crate::decision::{Case, Draft};
use crate::rules::{GroupEar, Moderation, ModerationRule};

mod ask;
mod blacklist;
mod flood;
mod hands;
mod judge;
mod ladder;
mod names;
mod raid;
mod shadow;
mod spread;
#[cfg(test)]
mod tests;
mod trust;
mod verdict;
mod weigh;

pub(super) use verdict::{offers_pardon, tapped};

pub const NAME: &str = "moderation";

pub fn run(draft: &mut Draft<'_>) {
    match &draft.event.kind {
        EventKind::TimerDue { timer: TimerKind::ShadowReport, .. } => return shadow::report(draft),
        EventKind::Ruled(ruling) => return verdict::ruled(draft, ruling),
        EventKind::ActionDone { action, .. } => hands::done(draft, action),
        _ => {}
    }
    let Some(profile) = draft.profile() else { return };
    let rules = &profile.moderation;
    if rules.off {
        return;
    }
    for id in draft.joined.clone() {
        blacklist::turn_away(draft, &id);
    }
    names::look(draft, rules);
    let event = draft.event;
    match (&event.kind, &event.from) {
        (EventKind::TimerDue { timer: TimerKind::Spread, subject }, _) => {
            spread::judge_again(draft, rules, subject);
        }
        (EventKind::Message(message), Some(from))
            if heard_for_moderation(draft) && !rules.exempt.contains(&draft.role(from)) =>
        {
            judge::message(draft, rules, from, message);
        }
        _ => {}
    }
}

/// A group heard by two ears would count every message twice: the first ear that hears all counts.
fn heard_for_moderation(draft: &Draft<'_>) -> bool {
    let ears = draft.rule().map_or(&[][..], |rule| &rule.ears);
    let first = ears.iter().find(|ear| matches!(ear, GroupEar::GroupRobot | GroupEar::Archive));
    match draft.event.ear {
        Ear::GroupRobot => first.is_none_or(|ear| *ear == GroupEar::GroupRobot),
        Ear::Archive => first.is_none_or(|ear| *ear == GroupEar::Archive),
        // What mentions the robot is better than nothing, and nothing is what else we would have.
        Ear::Aibot => first.is_none() && draft.event.group.is_some(),
        _ => false,
    }
}

/// What is held against somebody, and how it is known.
struct Offence<'a> {
    case: Case,
    rule: ModerationRule,
    /// The platform's id of the message, for whoever can take it back.
    message_id: &'a str,
    /// What the group hears instead of the rung's script when it is only a warning.
    script: Option<&'a str>,
}

impl Offence<'_> {
    fn member(&self) -> &MemberId {
        &self.case.member
    }

    /// The evidence as a person reads it: what was said, and what fired.
    fn why(&self) -> String {
        /// Characters of the offending message; the rest of a card is for the findings.
        const SHOWN: usize = 60;
        format!("「{}」：{}", crate::text::one_line(&self.case.text, SHOWN), self.case.evidence)
    }
}

/// Whether this rule only notes what it would do.
fn in_shadow(rules: &Moderation, rule: ModerationRule) -> bool {
    rules.shadow || rules.shadow_rules.contains(&rule)
}

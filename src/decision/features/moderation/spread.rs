//! The same text by strangers in several of the brand's groups: each of them is judged with that in
//! mind, also those who wrote before anybody could know, and ops is told once.

use std::collections::BTreeSet;

use super::weigh::Weighed;
use super::{NAME, Offence, in_shadow, judge, shadow, trust};
use crate::decision::event::TimerKind;
use crate::decision::{Case, Draft, Sighting, Spread, Timer};
use crate::rules::{Moderation, ModerationRule, SpreadRule};
use crate::text::{is_letter, one_line};

/// As a sign by itself it asks a person (`ask_at` as shipped), together with another it acts.
pub(super) const WEIGHT: f32 = 0.5;
/// Characters of the text that ops is shown.
const SHOWN: usize = 80;

/// Remembers where a stranger's text was seen. Says so when that were several groups.
pub(super) fn notice(draft: &mut Draft<'_>, rules: &Moderation, case: &Case) -> Option<String> {
    let rule = rules.spread?;
    let fingerprint = draft.signals.fingerprint;
    let long_enough = case.text.chars().filter(|c| is_letter(*c)).nth(rule.letters_at_least - 1).is_some();
    if fingerprint == 0 || !long_enough || trust::is_established(draft, rules, &case.member) {
        return None;
    }
    let spread = remember(draft, rule, fingerprint, case);
    let groups: BTreeSet<_> = spread.sightings.iter().map(|sighting| &sighting.group).collect();
    let groups = groups.len();
    if groups < rule.groups {
        return None;
    }
    let minutes = rule.within.as_mins();
    let evidence = format!("{minutes} 分钟内同一段话出现在品牌的 {groups} 个群");
    if in_shadow(rules, ModerationRule::Spread) {
        shadow::note(draft, ModerationRule::Spread, "提醒运营，按群发处理", case);
        return None;
    }
    alert(draft, rule, &evidence);
    Some(evidence)
}

/// The text's sightings within the time, this one included.
fn remember<'d>(draft: &'d mut Draft<'_>, rule: SpreadRule, fingerprint: u64, case: &Case) -> &'d Spread {
    let at = case.at;
    let spread = draft.spread_mut().get_or_insert_with(|| Spread {
        fingerprint,
        text: case.text.clone(),
        sightings: Vec::new(),
        alerted_at: None,
    });
    spread.sightings.retain(|seen| {
        let same = seen.group == case.group && seen.member == case.member;
        !same && at.duration_since(seen.at) < rule.within
    });
    let surplus = (spread.sightings.len() + 1).saturating_sub(Spread::SIGHTINGS_AT_MOST);
    spread.sightings.drain(..surplus);
    spread.sightings.push(Sighting {
        message: case.message.clone(),
        at,
        group: case.group.clone(),
        member: case.member.clone(),
        judged: false,
    });
    spread
}

/// Tells ops, once within the time, and has the earlier senders judged, each in their own group: a
/// decision changes one group only, so each gets an event of its own.
fn alert(draft: &mut Draft<'_>, rule: SpreadRule, evidence: &str) {
    let (now, at, event) = (draft.now, draft.event.at, draft.event);
    let Some(spread) = draft.spread_mut() else { return };
    let told = spread.alerted_at.is_some_and(|told| at.duration_since(told) < rule.within);
    let text = one_line(&spread.text, SHOWN);
    let senders = spread.sightings.len();
    let mut waiting = Vec::new();
    for seen in spread.sightings.iter_mut().filter(|seen| !seen.judged && seen.message != event.key) {
        seen.judged = true;
        waiting.push((seen.group.clone(), seen.member.clone()));
    }
    let timers: Vec<Timer> = waiting
        .into_iter()
        .map(|(group, member)| Timer {
            key: format!("spread:{group}:{}", spread.subject(&member)),
            due: now,
            kind: TimerKind::Spread,
            subject: spread.subject(&member),
            group: Some(group),
        })
        .collect();
    if !told {
        spread.alerted_at = Some(at);
    }
    timers.into_iter().for_each(|timer| draft.set_timer(timer));
    if told {
        return;
    }
    draft.because(NAME, "spread", format!("{evidence}，{senders} 个人发过，已提醒运营"));
    let alarm = format!(
        "有人在品牌的群里群发：{evidence}，发的人有 {senders} 个。\n「{text}」\n\
         各群已按群规处理，每人记一次；拿不准的已请群主看。"
    );
    draft.tell_ops(&alarm, "\n……");
}

/// This sender of the text was judged by their message's own signs: once is enough.
pub(super) fn judged(draft: &mut Draft<'_>, case: &Case) {
    // Only what is there is touched: most texts were seen nowhere else.
    let Some(spread) = draft.spread_mut() else { return };
    spread
        .sightings
        .iter_mut()
        .filter(|seen| seen.message == case.message)
        .for_each(|seen| seen.judged = true);
}

/// An earlier message of a text that was found to go through the brand's groups.
pub(super) fn judge_again(draft: &mut Draft<'_>, rules: &Moderation, subject: &str) {
    let (Some(rule), Some(group)) = (rules.spread, draft.event.group.clone()) else { return };
    let Some(spread) = draft.spread_mut().clone() else { return };
    let member = Spread::member_in(subject);
    let seen =
        spread.sightings.iter().find(|seen| seen.group == group && Some(&seen.member) == member.as_ref());
    let Some(seen) = seen.filter(|seen| !rules.exempt.contains(&draft.role(&seen.member))) else { return };
    let mut found =
        Weighed::of(draft, rules, &draft.rules.perceiver.perceive_with(&spread.text, draft.learned()));
    let minutes = rule.within.as_mins();
    found.add(WEIGHT, &format!("{minutes} 分钟内同一段话出现在品牌的几个群"));
    let case = Case {
        message: seen.message.clone(),
        at: seen.at,
        group,
        member: seen.member.clone(),
        text: spread.text.clone(),
        evidence: String::new(),
    };
    let mut offence = Offence { case, rule: ModerationRule::Spread, message_id: "", script: None };
    judge::conclude(draft, rules, &mut offence, &found);
}

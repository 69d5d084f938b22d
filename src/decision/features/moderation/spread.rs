//! The same text by strangers in several of the brand's groups: each of them is judged with that in
//! mind, also those who wrote before anybody could know, and ops is told once.

use super::weigh::Weighed;
use super::{NAME, Offence, in_shadow, judge, shadow, trust};
use crate::decision::case::TEXT_BYTES_AT_MOST;
use crate::decision::event::{GroupId, MemberId, TimerKind};
use crate::decision::{Case, Draft, Event, Sighting, Spread, Timer};
use crate::rules::{Moderation, ModerationRule, SpreadRule};
use crate::text::{cut_to_bytes, is_letter, one_line};

/// As a sign by itself it asks a person (`ask_at` as shipped), together with another it acts.
pub(super) const WEIGHT: f32 = 0.5;
/// Characters of the text that ops is shown.
const SHOWN: usize = 80;

/// Remembers where a stranger's text was seen. Says so when that were several groups. `evidence` is what else is
/// held against the text.
pub(super) fn notice(
    draft: &mut Draft<'_>,
    rules: &Moderation,
    from: &MemberId,
    text: &str,
    evidence: &str,
) -> Option<String> {
    let rule = rules.spread?;
    let fingerprint = draft.signals.fingerprint;
    let long_enough = text.chars().filter(|c| is_letter(*c)).nth(rule.letters_at_least - 1).is_some();
    if fingerprint == 0 || !long_enough || trust::is_established(draft, rules, from) {
        return None;
    }
    let group = draft.event.group.as_ref()?;
    let spread = remember(draft, rule, fingerprint, group, from);
    let groups = spread.groups();
    if groups < rule.groups {
        return None;
    }
    let minutes = rule.within.as_mins();
    let found = format!("{minutes} 分钟内同一段话出现在品牌的 {groups} 个群");
    if in_shadow(rules, ModerationRule::Spread) {
        let case = Case::of(draft.event, evidence)?;
        shadow::note(draft, ModerationRule::Spread, "提醒运营，按群发处理", &case);
        return None;
    }
    alert(draft, rule, text, &found);
    Some(found)
}

/// The text's sightings within the time, this one included.
fn remember<'d>(
    draft: &'d mut Draft<'_>,
    rule: SpreadRule,
    fingerprint: u64,
    group: &GroupId,
    member: &MemberId,
) -> &'d Spread {
    let Event { key, at, .. } = draft.event;
    let at = *at;
    // Nearly every text is seen once, and one of them is remembered for every message.
    let sightings = || Vec::with_capacity(1);
    let new = || Spread { fingerprint, text: String::new(), sightings: sightings(), alerted_at: None };
    let spread = draft.spread_mut().get_or_insert_with(new);
    spread.sightings.retain(|seen| {
        let same = seen.group == *group && seen.member == *member;
        !same && at.duration_since(seen.at) < rule.within
    });
    let surplus = (spread.sightings.len() + 1).saturating_sub(Spread::SIGHTINGS_AT_MOST);
    spread.sightings.drain(..surplus);
    spread.sightings.push(Sighting {
        message: key.clone(),
        at,
        group: group.clone(),
        member: member.clone(),
        judged: false,
    });
    spread
}

/// Tells ops, once within the time, and has the earlier senders judged, each in their own group: a
/// decision changes one group only, so each gets an event of its own.
fn alert(draft: &mut Draft<'_>, rule: SpreadRule, text: &str, evidence: &str) {
    let (now, at, event) = (draft.now, draft.event.at, draft.event);
    let Some(spread) = draft.spread_mut() else { return };
    if spread.text.is_empty() {
        spread.text = cut_to_bytes(text, TEXT_BYTES_AT_MOST).to_owned();
    }
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

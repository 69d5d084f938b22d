//! What newcomers hear after the welcome: one message for everybody who was welcomed together, a while later,
//! to those who still need it.
//!
//! A step keeps its distance from the one before it. What quiet hours (or a machine that slept) postpone is
//! said later and in order, never twice and never dropped. Which step is next is found in the rules as they
//! are now: a step that was added to them is said to those whose turn it has not passed, one that was taken
//! out is not.

use jiff::Timestamp;

use super::{NAME, awake, is_welcome, say_to};
use crate::decision::event::{MemberId, TimerKind};
use crate::decision::saying::Asked;
use crate::decision::{Draft, MemberState, Timer, WelcomeBatch};
use crate::rules::{Welcome, WelcomeStep, WelcomeStop};

/// Batches of one group that wait for a step. Each was a welcome of its own: more of them mean that the group
/// is far beyond its good size, and that a step takes days.
const BATCHES_AT_MOST: usize = 64;

/// The welcome was said to `newcomers`.
pub fn begin(draft: &mut Draft<'_>, rules: &Welcome, newcomers: Vec<MemberId>) {
    let Some(first) = rules.steps.first().filter(|_| !newcomers.is_empty()) else { return };
    let now = draft.now;
    let due = awake(draft, rules, now.saturating_add(first.after).unwrap_or(now));
    let batch = WelcomeBatch { welcomed_at: now, newcomers, passed: None, passed_at: now, due };
    let oldest = match draft.group_mut() {
        Some(group) if group.welcome.batches.len() >= BATCHES_AT_MOST => {
            Some(group.welcome.batches.remove(0))
        }
        _ => None,
    };
    if let Some(oldest) = oldest {
        draft.clear_timer(timer_key(draft, &oldest));
        draft.because(NAME, "too_many_batches", "等着听后面几句的新人太多批，最早的一批不再说");
    }
    keep(draft, batch);
}

/// The files have changed: what waits, waits for the step that is next now. A new step whose moment has
/// passed is left out: nobody hears at noon what belonged to the morning.
pub fn plan_anew(draft: &mut Draft<'_>, rules: &Welcome) {
    let batches = draft.group().map(|group| group.welcome.batches.clone()).unwrap_or_default();
    let now = draft.now;
    for mut batch in batches.into_iter().filter(|batch| batch.due > now) {
        let before = batch.clone();
        while let Some(step) =
            next(rules, &batch).filter(|step| awake(draft, rules, moment(&batch, step)) <= now)
        {
            (batch.passed_at, batch.passed) = (moment(&batch, step), Some(step.after));
        }
        let Some(step) = next(rules, &batch) else {
            end(draft, &batch);
            continue;
        };
        batch.due = awake(draft, rules, moment(&batch, step));
        if batch != before {
            keep(draft, batch);
        }
    }
}

/// A step is due.
pub fn due(draft: &mut Draft<'_>, rules: &Welcome, subject: &str) {
    let Some(mut batch) = draft.group().and_then(|group| group.welcome.batch(subject)).cloned() else {
        return;
    };
    let Some(step) = next(rules, &batch).cloned() else {
        draft.because(NAME, "no_step", "欢迎以后没有要说的话了");
        return end(draft, &batch);
    };
    let allowed = awake(draft, rules, moment(&batch, &step).max(draft.now));
    if allowed > draft.now {
        draft.because(NAME, "step_postponed", "欢迎以后的话顺延");
        return keep(draft, WelcomeBatch { due: allowed, ..batch });
    }
    batch.newcomers.retain(|id| still_here(draft, id, batch.welcomed_at));
    let to: Vec<MemberId> =
        batch.newcomers.iter().filter(|id| !has_stopped(draft, id, &step)).cloned().collect();
    tell(draft, rules, &step, &to);
    batch.passed = Some(step.after);
    batch.passed_at = draft.now;
    match next(rules, &batch).filter(|_| !batch.newcomers.is_empty()) {
        Some(step) => {
            let due = awake(draft, rules, moment(&batch, step));
            keep(draft, WelcomeBatch { due, ..batch });
        }
        None => end(draft, &batch),
    }
}

fn tell(draft: &mut Draft<'_>, rules: &Welcome, step: &WelcomeStep, to: &[MemberId]) {
    if to.is_empty() {
        return draft.because(NAME, "step_nobody", "欢迎以后的这一句，没有人还需要听");
    }
    let asked = Asked {
        title: "请接着招呼新成员",
        why: format!("欢迎过的 {} 位新成员该听到下一句了，机器人不能在这个群里直接发言", to.len()),
    };
    let because = ("step", format!("对 {} 位新成员说下一句（话术 {}）", to.len(), step.script));
    say_to(draft, rules, &step.script, to, because, &asked);
}

/// Notes that a newcomer who is to hear more has written.
pub fn heard(draft: &mut Draft<'_>, from: &MemberId) {
    let Some(welcome) = draft.group().map(|group| &group.welcome) else { return };
    let hears =
        welcome.waiting.contains(from) || welcome.batches.iter().any(|batch| batch.newcomers.contains(from));
    let at = draft.event.at;
    let since_joining =
        |member: &MemberState| !member.spoke && member.joined_at.is_none_or(|joined| joined <= at);
    if hears && draft.member(from).is_some_and(since_joining) {
        draft.member_mut(from).spoke = true;
    }
}

/// The first step that the batch has not passed; none when the welcome is off.
fn next<'r>(rules: &'r Welcome, batch: &WelcomeBatch) -> Option<&'r WelcomeStep> {
    let ahead = |step: &&WelcomeStep| batch.passed.is_none_or(|passed| step.after > passed);
    rules.steps.iter().filter(|_| !rules.off).find(ahead)
}

/// As long after the step before as the two are apart in the rules.
fn moment(batch: &WelcomeBatch, step: &WelcomeStep) -> Timestamp {
    let distance = step.after - batch.passed.unwrap_or_default();
    batch.passed_at.saturating_add(distance).unwrap_or(batch.passed_at)
}

/// Whoever left and came back is a returner, not a newcomer.
fn still_here(draft: &Draft<'_>, id: &MemberId, welcomed_at: Timestamp) -> bool {
    let joined = draft.member(id).and_then(|member| member.joined_at);
    is_welcome(draft, id) && joined.is_some_and(|joined| joined <= welcomed_at)
}

fn has_stopped(draft: &Draft<'_>, id: &MemberId, step: &WelcomeStep) -> bool {
    let spoke = || draft.member(id).is_some_and(|member| member.spoke);
    step.unless.contains(&WelcomeStop::Spoke) && spoke()
}

fn timer_key(draft: &Draft<'_>, batch: &WelcomeBatch) -> String {
    let group = draft.group().map(|group| group.id.to_string()).unwrap_or_default();
    format!("welcome-step:{group}:{}", batch.subject())
}

/// Remembers the batch and wakes for it.
fn keep(draft: &mut Draft<'_>, batch: WelcomeBatch) {
    let (key, due, subject) = (timer_key(draft, &batch), batch.due, batch.subject());
    let Some(group) = draft.group_mut() else { return };
    let id = group.id.clone();
    group.welcome.batches.retain(|other| other.welcomed_at != batch.welcomed_at);
    group.welcome.batches.push(batch);
    group.welcome.batches.sort_by_key(|batch| batch.welcomed_at);
    draft.set_timer(Timer { key, due, kind: TimerKind::WelcomeStep, group: Some(id), subject });
}

fn end(draft: &mut Draft<'_>, batch: &WelcomeBatch) {
    draft.clear_timer(timer_key(draft, batch));
    if let Some(group) = draft.group_mut() {
        group.welcome.batches.retain(|other| other.welcomed_at != batch.welcomed_at);
    }
}

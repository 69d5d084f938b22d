//! One look at a run: every step whose time has come is said, waits or is skipped, each with a reason; then the
//! run sleeps until the next moment at which something may happen.

use jiff::{SignedDuration, Timestamp};

use super::{NAME, lines, takes, wake};
use crate::decision::event::MemberId;
use crate::decision::{Draft, PlaybookRun, Skip, StepDone, StepEnd};
use crate::rules::{Playbook, PlaybookStep, PlaybookStop, StepCondition, StepRole, full_ears};

/// What becomes of one step now.
enum Verdict {
    /// Its time has not come.
    Ahead(Timestamp),
    /// Its time has come; it waits until then for its condition, or for the end of the quiet hours.
    Waits(Timestamp),
    Skip(Skip),
    Say,
}

pub fn at(draft: &mut Draft<'_>, run: &str) {
    let Some(state) = draft.group().and_then(|group| group.playbooks.get(run)).cloned() else { return };
    let playbook = draft.rules.playbooks.get(PlaybookRun::playbook_of(run));
    let Some(playbook) = playbook.filter(|playbook| takes(draft, playbook)) else {
        if state.next.is_some() {
            draft.because(NAME, "rests", "剧本撤下了，或不再给这个群，停在这里");
        }
        return rest(draft, run);
    };
    if let Some(state) = stopped(draft, playbook, &state) {
        draft.because(
            NAME,
            "stopped",
            format!("剧本「{}」：店里的人自己在说了，后面的不再说", playbook.title),
        );
        keep(draft, run, state);
        return rest(draft, run);
    }
    if state.stopped.is_some() {
        return rest(draft, run);
    }
    note_key_persons(draft, playbook, run);
    let next = steps(draft, playbook, run);
    if next.is_none() && state.next.is_some() {
        draft.because(NAME, "ended", format!("剧本「{}」走完了", playbook.title));
    }
    wake(draft, run, next);
}

/// Whoever has lines is to be known by name when they are due.
fn note_key_persons(draft: &mut Draft<'_>, playbook: &Playbook, run: &str) {
    if !playbook.steps.iter().any(|step| step.role == StepRole::Kol) {
        return;
    }
    let kol = draft.rule().map(|rule| rule.kol.iter().map(|id| MemberId::from(id.as_str())).collect());
    if let Some(state) = draft.group_mut().and_then(|group| group.playbooks.get_mut(run)) {
        state.key_persons = kol.unwrap_or_default();
    }
}

/// Every step that is not done, in order. Returns when to look again.
fn steps(draft: &mut Draft<'_>, playbook: &Playbook, run: &str) -> Option<Timestamp> {
    let planned = draft.group()?.playbooks.get(run)?.next;
    let mut next: Option<Timestamp> = None;
    for step in &playbook.steps {
        // What the step before has said counts for this one.
        let Some(mut state) = draft.group().and_then(|group| group.playbooks.get(run)).cloned() else {
            break;
        };
        if state.done.contains_key(&step.id) {
            continue;
        }
        let verdict = judge(draft, playbook, step, &state, planned);
        state.waiting.remove(&step.id);
        match verdict {
            Verdict::Ahead(at) => next = Some(next.map_or(at, |next| next.min(at))),
            Verdict::Waits(at) => {
                state.waiting.insert(step.id.clone());
                next = Some(next.map_or(at, |next| next.min(at)));
            }
            Verdict::Skip(skip) => skipped(draft, playbook, step, &mut state, skip),
            Verdict::Say => match lines::say(draft, playbook, step, run, &state) {
                Ok(how) => drop(state.done.insert(step.id.clone(), StepDone { at: draft.now, how })),
                Err(skip) => skipped(draft, playbook, step, &mut state, skip),
            },
        }
        keep(draft, run, state);
    }
    next
}

fn judge(
    draft: &Draft<'_>,
    playbook: &Playbook,
    step: &PlaybookStep,
    state: &PlaybookRun,
    planned: Option<Timestamp>,
) -> Verdict {
    let (zone, now) = (&draft.rules.timezone, draft.now);
    let Some(moment) = playbook.moment(step, state.since, zone) else { return Verdict::Skip(Skip::Past) };
    let quiet = draft.profile().and_then(|profile| profile.quiet());
    let awake = |at| quiet.map_or(at, |quiet| quiet.next_allowed(at, zone));
    let due = awake(moment);
    if due > now {
        return Verdict::Ahead(due);
    }
    // Had we known of it when we last planned, we would have been there by now.
    let known = state.waiting.contains(&step.id) || planned.is_some_and(|planned| planned <= due);
    if !known {
        return Verdict::Skip(Skip::Past);
    }
    let until = due.saturating_add(step.within).unwrap_or(due);
    match awake(now) {
        allowed if !playbook.is_in_time(until, allowed) => {
            let in_vain = step.when.is_some() && state.waiting.contains(&step.id);
            Verdict::Skip(if in_vain { Skip::Unmet } else { Skip::Late })
        }
        allowed if allowed > now => Verdict::Waits(allowed),
        _ => on_condition(draft, step, state, until),
    }
}

/// A condition may still come true until `until`.
fn on_condition(draft: &Draft<'_>, step: &PlaybookStep, state: &PlaybookRun, until: Timestamp) -> Verdict {
    let Some(condition) = step.when else { return Verdict::Say };
    if draft.rule().is_none_or(|rule| full_ears(&rule.ears).next().is_none()) {
        return Verdict::Skip(Skip::Unheard);
    }
    let now = draft.now;
    let activity = draft.group().map(|group| group.activity.clone()).unwrap_or_default();
    let asked = match (activity.asked, state.last_said()) {
        (Some(asked), Some(said)) => asked >= said,
        (asked, None) => asked.is_some_and(|asked| now.duration_since(asked) < A_DAY),
        (None, _) => false,
    };
    let (holds, may_hold_at) = match condition {
        StepCondition::Asked => (asked, until),
        StepCondition::NotAsked => (!asked, until),
        StepCondition::QuietFor(quiet) => {
            let quiet_at = activity.spoke.and_then(|spoke| spoke.checked_add(quiet).ok());
            (quiet_at.is_none_or(|at| at <= now), quiet_at.map_or(until, |at| at.min(until)))
        }
    };
    match holds {
        true => Verdict::Say,
        false if may_hold_at > now => Verdict::Waits(may_hold_at),
        false => Verdict::Skip(Skip::Unmet),
    }
}

/// Before the first line of a run, what was asked longer ago has nothing to do with it.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Whether a step of the run goes on as soon as somebody asks.
pub fn waits_for_a_question(run: &PlaybookRun, playbook: &Playbook) -> bool {
    let waits =
        |step: &PlaybookStep| step.when == Some(StepCondition::Asked) && run.waiting.contains(&step.id);
    playbook.steps.iter().any(waits)
}

/// The run as it is once a stop rule has held; `None` while none does.
fn stopped(draft: &Draft<'_>, playbook: &Playbook, state: &PlaybookRun) -> Option<PlaybookRun> {
    let first = state.first_said().filter(|_| state.stopped.is_none())?;
    let spoke = draft.group()?.activity.staff_spoke?;
    let stops = playbook.stop.contains(&PlaybookStop::StaffSpoke) && spoke > first;
    stops.then(|| PlaybookRun { stopped: Some(draft.now), ..state.clone() })
}

fn skipped(
    draft: &mut Draft<'_>,
    playbook: &Playbook,
    step: &PlaybookStep,
    state: &mut PlaybookRun,
    skip: Skip,
) {
    let text = format!(
        "剧本「{}」{}的一句（{}）跳过：{}",
        playbook.title,
        playbook.when_in_words(step),
        step.id,
        skip.chinese()
    );
    draft.because(NAME, skip.code(), text);
    state.done.insert(step.id.clone(), StepDone { at: draft.now, how: StepEnd::Skipped(skip) });
}

fn keep(draft: &mut Draft<'_>, run: &str, state: PlaybookRun) {
    if let Some(group) = draft.group_mut() {
        group.playbooks.insert(run.to_owned(), state);
    }
}

/// Nothing wakes it; what waited has missed its time.
fn rest(draft: &mut Draft<'_>, run: &str) {
    if let Some(state) = draft.group_mut().and_then(|group| group.playbooks.get_mut(run)) {
        state.waiting.clear();
    }
    wake(draft, run, None);
}

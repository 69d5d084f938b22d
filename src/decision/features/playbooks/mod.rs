//! F7 Playbooks (剧本): scripts in order, each on its day, at its time, by its role.
//!
//! A playbook runs in a group once, or once for each of its dates, or once for everybody who joined on one
//! day. A run is one durable timer and a short list of what was done, by the ids of the steps: whatever becomes
//! of the clock, the machine or the file, no step is carried out twice ([`look`]).

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::decision::event::{EventKind, MemberId, TimerKind};
use crate::decision::{Draft, PlaybookRun, Timer};
use crate::rules::{Anchor, Playbook, PlaybookStep, Role};

mod lines;
mod look;
#[cfg(test)]
mod tests;

pub const NAME: &str = "playbooks";

/// How long a run is remembered after its last step: while it is, no change of the file brings a step back.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    match &event.kind {
        EventKind::TimerDue { timer: TimerKind::Playbook, subject } => {
            look::at(draft, subject);
            forget_old(draft);
        }
        EventKind::TimerDue { timer: TimerKind::Plan, .. } => {
            for run in runs(draft) {
                look::at(draft, &run);
            }
            start(draft);
        }
        EventKind::GroupChanged(_) | EventKind::GroupSnapshot(_) => start(draft),
        EventKind::Message(message) if !message.private => asked(draft),
        _ => {}
    }
}

fn runs(draft: &Draft<'_>) -> Vec<String> {
    draft.group().map(|group| group.playbooks.keys().cloned().collect()).unwrap_or_default()
}

/// Whether the playbook is for this group, as it is now.
fn takes(draft: &Draft<'_>, playbook: &Playbook) -> bool {
    let (Some(group), Some(rule)) = (draft.group(), draft.rule()) else { return false };
    let ended = |id: &String| draft.campaign(id).is_some_and(|state| state.ended.is_some());
    let stopped = playbook.off || playbook.campaign.as_ref().is_some_and(ended);
    !stopped && group.dismissed_at.is_none() && playbook.groups.takes(rule, draft.rules, &group.name)
}

/// Begins whatever is to run here and does not yet.
fn start(draft: &mut Draft<'_>) {
    for playbook in draft.rules.playbooks.values() {
        if !takes(draft, playbook) {
            continue;
        }
        for Wanted { run, since, begins } in wanted(draft, playbook) {
            let known = draft.group().is_some_and(|group| group.playbooks.contains_key(&run));
            if !known && has_future(draft, playbook, since) {
                begin(draft, playbook, run, since, begins.filter(|_| !is_plan(draft)));
            }
        }
    }
}

/// A run that a playbook asks for.
struct Wanted {
    run: String,
    /// The day that it counts from.
    since: Date,
    /// The moment that makes it begin, if there is one: what was due after it is late, not past.
    begins: Option<Timestamp>,
}

fn wanted(draft: &Draft<'_>, playbook: &Playbook) -> Vec<Wanted> {
    let from = |begins: Timestamp, id: fn(&Playbook, Date) -> String| {
        let since = playbook.first_day(begins, &draft.rules.timezone);
        Wanted { run: id(playbook, since), since, begins: Some(begins) }
    };
    match &playbook.anchor {
        Anchor::GroupCreated => {
            let created = draft.group().and_then(|group| group.created_at);
            created.map(|created| from(created, |playbook, _| playbook.id.clone())).into_iter().collect()
        }
        Anchor::Joined => {
            let newcomer = |id: &&MemberId| is_newcomer(draft, id);
            let joined = draft.joined.iter().filter(newcomer).filter_map(|id| draft.member(id)?.joined_at);
            joined.map(|joined| from(joined, PlaybookRun::id_of_newcomers)).collect()
        }
        Anchor::Dates(dates) => {
            let run = |date: &Date| Wanted {
                run: PlaybookRun::id_of_date(playbook, *date),
                since: *date,
                begins: None,
            };
            dates.iter().map(run).collect()
        }
    }
}

/// A member or key person who has not been here a short while ago.
fn is_newcomer(draft: &Draft<'_>, id: &MemberId) -> bool {
    let repeat_after = draft.profile().map(|profile| profile.welcome.repeat_after).unwrap_or_default();
    let returned = draft.member(id).is_some_and(|member| {
        let (welcomed, joined) = (member.welcomed_at, member.joined_at);
        welcomed.zip(joined).is_some_and(|(welcomed, joined)| {
            welcomed < joined && joined.duration_since(welcomed) < repeat_after
        })
    });
    matches!(draft.role(id), Role::Member | Role::Kol) && draft.blacklisted(id).is_none() && !returned
}

fn has_future(draft: &Draft<'_>, playbook: &Playbook, since: Date) -> bool {
    let zone = &draft.rules.timezone;
    let until = |step: &PlaybookStep| playbook.moment(step, since, zone)?.checked_add(step.within).ok();
    playbook.steps.iter().filter_map(until).any(|until| playbook.is_in_time(until, draft.now))
}

fn begin(draft: &mut Draft<'_>, playbook: &Playbook, run: String, since: Date, begins: Option<Timestamp>) {
    draft.because(NAME, "begun", format!("剧本「{}」开始，从 {since} 数起", playbook.title));
    if let Some(group) = draft.group_mut() {
        group.playbooks.insert(run.clone(), PlaybookRun { next: begins, ..PlaybookRun::new(since) });
    }
    look::at(draft, &run);
}

fn is_plan(draft: &Draft<'_>) -> bool {
    matches!(draft.event.kind, EventKind::TimerDue { timer: TimerKind::Plan, .. })
}

/// A member has asked something: whoever waits for that goes on at once.
fn asked(draft: &mut Draft<'_>) {
    let Some(group) = draft.group() else { return };
    let this = draft.event.at.min(draft.now);
    let Some(asked) = group.activity.asked.filter(|asked| *asked == this) else { return };
    let waits = |run: &PlaybookRun, playbook: &Playbook| {
        let asked_since = run.last_said().is_none_or(|said| said < asked);
        asked_since
            && run.next.is_some_and(|next| next > draft.now)
            && look::waits_for_a_question(run, playbook)
    };
    let due: Vec<String> = group
        .playbooks
        .iter()
        .filter(|(id, run)| {
            let playbook = draft.rules.playbooks.get(PlaybookRun::playbook_of(id));
            playbook.is_some_and(|playbook| waits(run, playbook))
        })
        .map(|(id, _)| id.clone())
        .collect();
    for run in due {
        wake(draft, &run, Some(draft.now));
    }
}

/// Looks at the run at this moment, and at no other; `None` = it rests.
fn wake(draft: &mut Draft<'_>, run: &str, next: Option<Timestamp>) {
    let Some(group) = draft.group_mut() else { return };
    let id = group.id.clone();
    let Some(state) = group.playbooks.get_mut(run).filter(|state| state.next != next) else { return };
    state.next = next;
    let key = format!("playbook:{id}:{run}");
    match next {
        Some(due) => {
            let (kind, subject) = (TimerKind::Playbook, run.to_owned());
            draft.set_timer(Timer { key, due, kind, group: Some(id), subject });
        }
        None => draft.clear_timer(key),
    }
}

/// Runs that ended long ago say nothing any more.
fn forget_old(draft: &mut Draft<'_>) {
    let now = draft.now;
    let old = |run: &PlaybookRun| {
        let last = run.done.values().map(|done| done.at).max();
        run.next.is_none() && last.is_some_and(|last| now.duration_since(last) > REMEMBERED)
    };
    if draft.group().is_some_and(|group| group.playbooks.values().any(old))
        && let Some(group) = draft.group_mut()
    {
        group.playbooks.retain(|_, run| !old(run));
    }
}

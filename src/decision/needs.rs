//! Which part of our memory an event needs, besides its group.

use super::action::Act;
use super::agenda::PlaybookRun;
use super::cascade::{CascadeRun, CascadesNeeded};
use super::event::{Ear, Event, EventKey, EventKind, GroupChange, GroupId, MemberId, TimerKind};
use super::scheduled::PostDue;
use super::staff_task::StaffTask;
use super::standing::Spread;
use super::state::GroupState;
use crate::perception::Signals;
use crate::text::matching_key;

/// The members (and persons) to load before [`super::decide`] can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Members {
    Named(Vec<MemberId>),
    /// Everybody of whom the group knows, for comparing with a member list, and who is on that list.
    All(Vec<MemberId>),
}

/// The group that the event is about: its own, the task's, or the one that a tapped button names.
pub fn group_needed<'a>(event: &'a Event, task: Option<&'a StaffTask>) -> Option<&'a GroupId> {
    event.group.as_ref().or_else(|| {
        let task = task?;
        let EventKind::CardTapped(tap) = &event.kind else { return task.group.as_ref() };
        task.group.as_ref().or_else(|| task.offer.as_ref()?.group_of(&tap.button))
    })
}

/// The id of the staff task that the event is about. A task is loaded first: it may name the group.
pub fn task_needed(event: &Event) -> Option<&str> {
    match &event.kind {
        EventKind::TimerDue {
            timer: TimerKind::TaskReminder | TimerKind::TaskEscalation | TimerKind::TaskExpiry,
            subject,
        } => Some(subject),
        EventKind::CardTapped(tap) => Some(task_of_card(&tap.task_id)),
        EventKind::ActionFailed { action, .. } => action.task.as_deref(),
        EventKind::Ruled(ruling) => ruling.task.as_deref(),
        _ => None,
    }
}

/// `group` and `task` as remembered so far.
pub fn members_needed(event: &Event, group: Option<&GroupState>, task: Option<&StaffTask>) -> Members {
    let mut named: Vec<MemberId> = event.from.iter().cloned().collect();
    // Whoever may be asked to do something is called by name.
    named.extend(group.and_then(|group| group.owner.clone()));
    match &event.kind {
        EventKind::GroupSnapshot(snapshot) => {
            return Members::All(snapshot.members.iter().map(|member| member.id.clone()).collect());
        }
        EventKind::GroupChanged(
            GroupChange::MembersAdded { members, .. } | GroupChange::MembersRemoved { members, .. },
        ) => named.extend(members.iter().cloned()),
        EventKind::TimerDue { timer: TimerKind::Welcome, .. } => {
            named.extend(group.into_iter().flat_map(|group| group.welcome.waiting.iter().cloned()));
        }
        EventKind::TimerDue { timer: TimerKind::WelcomeStep, subject } => {
            let batch = group.and_then(|group| group.welcome.batch(subject));
            named.extend(batch.into_iter().flat_map(|batch| batch.newcomers.iter().cloned()));
        }
        EventKind::TimerDue { timer: TimerKind::Plan, .. } => {
            let runs = || group.into_iter().flat_map(|group| &group.playbooks);
            named.extend(runs().flat_map(|(_, run)| run.key_persons.iter().cloned()));
            if runs().any(|(run, _)| PlaybookRun::is_of_newcomers(run)) {
                return Members::All(named);
            }
        }
        EventKind::TimerDue { timer: TimerKind::Playbook, subject } => {
            let run = group.and_then(|group| group.playbooks.get(subject));
            named.extend(run.into_iter().flat_map(|run| run.key_persons.iter().cloned()));
            if PlaybookRun::is_of_newcomers(subject) {
                // Who joined on its day is found among all.
                return Members::All(named);
            }
        }
        EventKind::ActionDone { action, .. } | EventKind::ActionFailed { action, .. } => {
            named.extend(action.act.member().cloned());
            named.extend(action.case.as_ref().map(|case| case.member.clone()));
        }
        EventKind::TimerDue { timer: TimerKind::Spread, subject } => {
            named.extend(Spread::member_in(subject));
        }
        EventKind::Ruled(ruling) => named.push(ruling.case.member.clone()),
        EventKind::PostTrouble(trouble) => {
            named.extend(trouble.owners.iter().map(|one| one.owner.clone()));
        }
        EventKind::MomentNews(news) => named.extend(news.people()),
        _ => {}
    }
    if let Some(task) = task {
        named.push(task.assignee.clone());
        named.extend(task.act.member().cloned());
        named.extend(task.case.as_ref().map(|case| case.member.clone()));
    }
    Members::Named(named)
}

/// The fingerprint of the text of which it matters where else it was seen.
pub fn spread_needed(event: &Event, signals: &Signals) -> Option<u64> {
    match &event.kind {
        EventKind::Message(_) if event.group.is_some() && event.ear != Ear::App => {
            Some(signals.fingerprint).filter(|fingerprint| *fingerprint != 0)
        }
        EventKind::TimerDue { timer: TimerKind::Spread, subject } => Spread::fingerprint_in(subject),
        _ => None,
    }
}

/// The message on which somebody may have given a verdict before.
pub fn verdict_needed<'a>(event: &'a Event, task: Option<&'a StaffTask>) -> Option<&'a EventKey> {
    match &event.kind {
        EventKind::CardTapped(_) => Some(&task?.case.as_ref()?.message),
        EventKind::Ruled(ruling) => Some(&ruling.case.message),
        _ => None,
    }
}

/// The schedule that the event is about.
pub fn schedule_needed(event: &Event) -> Option<String> {
    match &event.kind {
        EventKind::PostDue(due) => Some(due.schedule.clone()),
        EventKind::TimerDue { timer: TimerKind::Post, subject } => {
            PostDue::from_subject(subject).map(|due| due.schedule)
        }
        EventKind::ScheduleOrdered(ordered) => Some(ordered.schedule.clone()),
        _ => None,
    }
}

/// The join code that the event is about.
pub fn join_code_needed(event: &Event) -> Option<&str> {
    match &event.kind {
        EventKind::TimerDue { timer: TimerKind::JoinCode, subject } => Some(subject),
        EventKind::JoinCodeDone(done) => Some(&done.act.code),
        EventKind::JoinCodeOrdered(order) => Some(&order.code),
        EventKind::ActionFailed { action, .. } | EventKind::ActionDoubted { action, .. } => match &action.act
        {
            Act::JoinCode(act) => Some(&act.code),
            _ => None,
        },
        _ => None,
    }
}

/// The words by which somebody says in private that they have understood.
const RECEIPTS: [&str; 3] = ["收到", "已收到", "收到了"];

/// The runs of cascades that the event is about.
pub fn cascades_needed(event: &Event) -> CascadesNeeded {
    let of_card = |card: &str, person: &MemberId| match CascadeRun::of_card(card) {
        Some(run) => CascadesNeeded::OfRun(run.to_owned(), person.clone()),
        None => CascadesNeeded::None,
    };
    match (&event.kind, &event.from) {
        (EventKind::Cascade(request), _) => CascadesNeeded::Whole(CascadeRun::id_of(request.run())),
        (EventKind::TimerDue { timer: TimerKind::Cascade, subject }, _) => {
            CascadesNeeded::Whole(subject.clone())
        }
        (EventKind::CardTapped(tap), Some(from)) => of_card(&tap.task_id, from),
        (EventKind::Message(message), Some(from)) if event.ear == Ear::App && message.private => {
            let is_receipt = RECEIPTS.contains(&matching_key(&message.content.text).as_str());
            if is_receipt { CascadesNeeded::Waiting(from.clone()) } else { CascadesNeeded::None }
        }
        (EventKind::ActionFailed { action, .. }, _) => match &action.act {
            Act::TaskCard { to, card } => of_card(&card.task_id, to),
            _ => CascadesNeeded::None,
        },
        _ => CascadesNeeded::None,
    }
}

/// Whether the event is about the library of group welcomes.
pub fn welcome_templates_needed(event: &Event) -> bool {
    matches!(event.kind, EventKind::WelcomeLibrary(_))
}

/// The task that a card belongs to: each card of a task has a number behind a dash.
fn task_of_card(card: &str) -> &str {
    card.split_once('-').map_or(card, |(task, _)| task)
}

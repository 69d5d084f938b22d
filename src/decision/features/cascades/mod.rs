//! F13 Cascades (传达): an announcement goes down the organisation, everybody acknowledges it, who has
//! not is reminded, and what stays without an answer is told to those above.
//!
//! Whom it is told next is worked out at every step anew, from the organisation as the files have it
//! now and from what was done so far ([`plan`]): there is no list that a change of the files could make
//! wrong. Nobody is told twice in one run, and nobody whose turn comes is left out.

use jiff::{SignedDuration, Timestamp};

use crate::decision::event::{EventKind, TimerKind};
use crate::decision::{CascadeChange, CascadeRun, Draft, Timer};

mod answers;
mod plan;
mod requests;
mod step;
#[cfg(test)]
mod tests;
mod words;

pub const NAME: &str = "cascades";

/// The key of the card's button.
const RECEIVED: &str = "received";
/// Between two steps of one run. With [`plan::PEOPLE_AT_ONCE`] it makes 40 people a second: ten thousand
/// are told in four minutes, and whoever asks the bot something meanwhile waits behind a few hundred
/// messages, not behind all.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    match &event.kind {
        EventKind::Cascade(request) => requests::asked(draft, request),
        EventKind::TimerDue { timer: TimerKind::Cascade, .. } => step::due(draft),
        EventKind::CardTapped(tap) => answers::tapped(draft, tap),
        EventKind::Message(message) => answers::said(draft, message),
        EventKind::ActionFailed { action, why, .. } => answers::failed(draft, action, why),
        _ => {}
    }
}

/// The run is looked at then: not sooner than its pace allows, and not in its quiet hours.
fn look_at(draft: &mut Draft<'_>, run: &CascadeRun, due: Timestamp) {
    let paced = run.stepped_at.and_then(|at| at.checked_add(PAUSE).ok());
    let due = awake(draft, run, due.max(draft.now).max(paced.unwrap_or(draft.now)));
    draft.set_timer(Timer {
        key: timer_key(run),
        due,
        kind: TimerKind::Cascade,
        group: None,
        subject: run.id.clone(),
    });
}

/// This moment, or the end of the run's quiet hours.
fn awake(draft: &Draft<'_>, run: &CascadeRun, at: Timestamp) -> Timestamp {
    run.rule.quiet.map_or(at, |quiet| quiet.next_allowed(at, &draft.rules.timezone))
}

fn timer_key(run: &CascadeRun) -> String {
    format!("cascade:{}", run.id)
}

fn keep(draft: &mut Draft<'_>, run: &CascadeRun) {
    draft.change_cascade(CascadeChange::Run(run.clone()));
}

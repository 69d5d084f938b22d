//! PURE. The core: [`decide`] says what an event changes, what is to be done about it and why.
//!
//! No clock, no I/O, no randomness: the same arguments give the same [`Decision`], so the live bot,
//! the stories and a replay run the same code.

pub mod action;
mod draft;
pub mod event;
mod features;
mod file_news;
mod memory;
mod needs;
pub mod reason;
mod route;
pub mod state;

pub use action::{Act, Action, Hand, TaskCard};
pub use draft::Draft;
pub use event::{
    CardTap, ContactChange, Content, ContentKind, Ear, Event, EventKey, EventKind, GroupChange, GroupId,
    GroupKind, GroupSnapshot, MemberId, Message, SnapshotMember, TimerKind,
};
pub use features::FEATURES;
pub use file_news::{FileNews, NamedCommit};
pub use memory::Memory;
pub use needs::{Members, members_needed, task_needed};
pub use reason::Reason;
pub use state::{
    Blacklisting, Change, GroupState, MemberState, PersonState, Said, StaffTask, State, TaskState, Timer,
    WelcomeState,
};

use jiff::Timestamp;

use crate::perception::Signals;
use crate::rules::Rulebook;

/// What follows from one event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    pub changes: Vec<Change>,
    pub actions: Vec<Action>,
    pub reasons: Vec<Reason>,
}

/// Decides about one event. `state` holds what [`task_needed`] and [`members_needed`]
/// asked for; `now` is the moment of deciding,
/// which is later than `event.at` by the platform's delay.
pub fn decide(state: &State, event: &Event, signals: &Signals, rules: &Rulebook, now: Timestamp) -> Decision {
    let mut draft = Draft::new(state, event, signals, rules, now);
    for feature in FEATURES {
        (feature.run)(&mut draft);
    }
    draft.finish()
}

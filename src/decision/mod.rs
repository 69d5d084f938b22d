//! PURE. The core: `decide(state, event, signals, rules, now) -> Decision`.

pub mod action;
pub mod event;
pub mod reason;
pub mod state;

pub use action::{Act, Action, Hand, TaskCard};
pub use event::{Ear, Event, EventKey, EventKind, GroupId, MemberId};
pub use reason::Reason;

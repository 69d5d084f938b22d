//! PURE. The core: [`decide`] says what an event changes, what is to be done about it and why.
//!
//! No clock, no I/O, no randomness: the same arguments give the same [`Decision`], so the live bot,
//! the stories and a replay run the same code.

pub mod action;
mod agenda;
mod campaign;
mod cascade;
mod case;
mod coming;
mod content;
mod draft;
pub mod event;
mod features;
mod file_news;
mod handed;
mod join_code;
mod later;
mod mass_send;
mod memory;
mod moment;
mod needs;
mod preview;
mod reach;
pub mod reason;
#[cfg(test)]
mod rehearsal;
mod route;
mod saying;
mod scheduled;
mod staff_memory;
mod staff_task;
mod standing;
pub mod state;
mod welcome_library;
mod words;
mod written;

pub use action::{Act, Action, Hand, TaskCard};
pub use agenda::{ActivityState, NudgeState, PlaybookRun, Skip, StepDone, StepEnd, WelcomeBatch};
pub use campaign::{
    ApprovalAnswer, ApprovalAsked, CampaignEnd, CampaignOrder, CampaignOrdered, CampaignState,
};
pub use cascade::{
    CascadeChange, CascadeMemory, CascadeNode, CascadePerson, CascadeRequest, CascadeRun, CascadeState,
    Cascades, CascadesNeeded,
};
pub use case::{Case, Ruling, Verdict};
pub use coming::{Coming, HeldUp};
pub use draft::Draft;
pub use event::{
    CardTap, ContactChange, Content, ContentKind, Ear, Event, EventKey, EventKind, GroupChange, GroupId,
    GroupKind, GroupSnapshot, MemberId, Message, SnapshotMember, TimerKind,
};
pub use features::{FEATURES, LibraryPlan, MomentPlan, plan_moment, plan_welcome_library};
pub use file_news::{FileNews, NamedCommit};
pub use handed::{HandedAs, HandedPost, HandedPosts, PostSeen};
pub use join_code::{
    GROUPS_AT_MOST as GROUPS_OF_A_CODE, JoinAsk, JoinCodeAct, JoinCodeDone, JoinCodeMemory, JoinCodeOrder,
    JoinCodeState, JoinCodes, JoinOrder, JoinSeat, JoinStanding, JoinTold, JoinTrouble, JoinWay,
};
pub use later::{LaterPost, PostedBy};
pub use mass_send::{
    MassSend, MassSent, OwnersGroups, PostEnding, PostName, PostOutcome, PostTrouble, Trouble,
};
pub use memory::Memory;
pub use moment::{
    MomentEvent, MomentFigures, MomentNews, MomentNotMade, MomentOfStore, MomentOrder, MomentPerson,
    MomentRequest, MomentTask,
};
pub use needs::{
    Members, cascades_needed, group_needed, join_code_needed, members_needed, schedule_needed, spread_needed,
    task_needed, verdict_needed, welcome_templates_needed,
};
pub use preview::Planned;
pub use reach::{Counted, Figures, Reach, ReachedPerson, Standing};
pub use reason::Reason;
pub use scheduled::{MissedPosts, Order, Paused, PostDue, ScheduleOrder, ScheduleState};
pub use staff_memory::{Dialogue, Given, Question, ScriptUse, StaffMemory, UseKind};
pub use staff_task::{Offer, StaffTask, TaskState};
pub use standing::{BrandState, RaidState, ShadowTally, Sighting, Spread, Trust};
pub use state::{
    Blacklisting, Change, GroupState, MemberState, PersonState, Said, State, Timer, WelcomeState,
};
pub use welcome_library::{
    KnownTemplate, TemplateChange, TemplateStanding, TemplateStep, WelcomeLibraryEvent,
};

pub use crate::scripts::{MediaFile, Part};

use jiff::Timestamp;

use crate::perception::Signals;
use crate::rules::Rulebook;
use crate::scripts::Facts;

/// What follows from one event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    pub changes: Vec<Change>,
    pub actions: Vec<Action>,
    pub reasons: Vec<Reason>,
}

/// Decides about one event. `state` holds what [`task_needed`], [`members_needed`], [`spread_needed`],
/// [`verdict_needed`] and [`cascades_needed`] asked for; `now` is the moment of deciding,
/// which is later than `event.at` by the platform's delay.
pub fn decide(state: &State, event: &Event, signals: &Signals, rules: &Rulebook, now: Timestamp) -> Decision {
    let mut draft = Draft::new(state, event, signals, rules, now);
    for feature in FEATURES {
        (feature.run)(&mut draft);
    }
    draft.finish()
}

/// What a script would be filled in with while deciding about this event, for whoever wants to know
/// whether something that was said is a certain script. `spoken_to` and `person` as in
/// [`Draft::facts`].
pub fn facts(
    state: &State,
    event: &Event,
    rules: &Rulebook,
    now: Timestamp,
    spoken_to: &[MemberId],
    person: Option<&MemberId>,
) -> Facts {
    Draft::new(state, event, &Signals::default(), rules, now).facts(spoken_to, person)
}

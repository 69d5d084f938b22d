//! What we remember, small and typed. Each feature owns its own part.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::agenda::{ActivityState, NudgeState, PlaybookRun, WelcomeBatch};
use super::cascade::{CascadeChange, CascadeMemory};
use super::case::Verdict;
use super::event::{Ear, Event, EventKey, EventKind, GroupId, GroupKind, MemberId, TimerKind};
use super::handed::{HandedPosts, PostSeen};
use super::join_code::{JoinCodeMemory, JoinCodeState, JoinSeat, JoinStanding};
use super::mass_send::MassSent;
use super::scheduled::ScheduleState;
use super::staff_memory::{ScriptUse, StaffMemory};
use super::staff_task::StaffTask;
use super::standing::{BrandState, RaidState, Spread, Trust};
use super::welcome_library::KnownTemplate;
use crate::perception::learned::Learned;

/// The part of our memory that one event needs; see [`super::task_needed`] and [`super::members_needed`].
///
/// What nearly every event needs and few change is shared: the state is copied for every decision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub group: Option<Arc<GroupState>>,
    /// Members of that group.
    pub members: BTreeMap<MemberId, Arc<MemberState>>,
    /// The same persons across all groups of the brand.
    pub people: BTreeMap<MemberId, Arc<PersonState>>,
    pub task: Option<StaffTask>,
    /// Where else the message's text was seen of late.
    pub spread: Option<Spread>,
    /// The latest verdict on the message that the event is about.
    pub verdict: Option<Verdict>,
    pub brand: BrandState,
    /// What people have taught, for what is looked at only now: names, and texts that went around.
    pub learned: Arc<Learned>,
    /// What people said about the schedule that the event is about.
    pub schedule: Option<ScheduleState>,
    /// What [`super::cascades_needed`] asked for. Shared, because a whole run may be of thousands.
    pub cascades: Arc<Vec<CascadeMemory>>,
    /// The join code that the event is about.
    pub join_code: JoinCodeMemory,
    /// What we have put into the library of group welcomes, if the event is about it.
    pub welcome_templates: Arc<[KnownTemplate]>,
}

/// How our memory changes, as data: whole new values, by key. What changes with nearly every message goes on as it is,
/// shared, into the lane's memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Group(Arc<GroupState>),
    Member {
        group: GroupId,
        id: MemberId,
        state: Arc<MemberState>,
        /// False when only what is not kept on disk has changed.
        lasting: bool,
    },
    Person {
        id: MemberId,
        state: Arc<PersonState>,
    },
    Task(Box<StaffTask>),
    Used(ScriptUse),
    /// Added; an earlier one on the same message stays.
    Verdict(Box<Verdict>),
    Spread(Box<Spread>),
    Brand(BrandState),
    SetTimer(Timer),
    ClearTimer {
        key: String,
    },
    Schedule {
        id: String,
        state: ScheduleState,
    },
    /// Takes back what a schedule wants to post and has not posted yet, as of this moment. With a store that is
    /// what owners of its groups have not confirmed; what hands post at once has left.
    WithdrawPosts {
        schedule: String,
        at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        store: Option<String>,
    },
    Cascade(Box<CascadeChange>),
    JoinCode(Box<JoinCodeState>),
    /// A group that a join code may lead to; `None` = not any more.
    JoinSeat {
        code: String,
        group: GroupId,
        seat: Option<JoinSeat>,
    },
    /// Nobody can publish this moment any more, from now on.
    CancelMoment {
        moment: String,
        by: String,
        at: Timestamp,
    },
    /// As if this template had never been asked for.
    ForgetWelcomeTemplate {
        key: String,
    },
    /// A post that people were handed is in its group.
    PostSeen(Box<PostSeen>),
}

impl Change {
    /// Whether it is worth the disk; what is not may be forgotten by a restart.
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Member { lasting, .. } => *lasting,
            Self::Spread(spread) => spread.is_lasting(),
            _ => true,
        }
    }
}

/// A moment at which time itself becomes an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// Setting a timer replaces the one with the same key.
    pub key: String,
    pub due: Timestamp,
    pub kind: TimerKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// The id of the task it is about; empty for a group's own timers.
    pub subject: String,
}

impl Timer {
    /// The event of this timer's moment; its key makes a second firing impossible.
    pub fn event(&self) -> Event {
        Event {
            key: EventKey::new(format!("timer:{}:{}", self.key, self.due.as_millisecond())),
            at: self.due,
            ear: Ear::Clock,
            via: "clock".into(),
            group: self.group.clone(),
            from: None,
            kind: EventKind::TimerDue { timer: self.kind, subject: self.subject.clone() },
            raw: None,
        }
    }
}

/// One group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupState {
    pub id: GroupId,
    pub kind: GroupKind,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<MemberId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    pub first_heard_at: Timestamp,
    /// A member list has been read once; only from then on are newcomers told from old members.
    #[serde(default)]
    pub members_known: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismissed_at: Option<Timestamp>,
    #[serde(default)]
    pub welcome: WelcomeState,
    /// Script id → when members were last given this public answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answered: BTreeMap<String, Timestamp>,
    #[serde(default, skip_serializing_if = "RaidState::is_empty")]
    pub raid: RaidState,
    #[serde(default, skip_serializing_if = "MassSent::is_empty")]
    pub mass_sent: MassSent,
    /// By run id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub playbooks: BTreeMap<String, PlaybookRun>,
    #[serde(default, skip_serializing_if = "ActivityState::is_empty")]
    pub activity: ActivityState,
    #[serde(default, skip_serializing_if = "NudgeState::is_empty")]
    pub nudge: NudgeState,
    #[serde(default, skip_serializing_if = "JoinStanding::is_empty")]
    pub joins: JoinStanding,
    /// Posts that people were handed and that were not heard here yet.
    #[serde(default, skip_serializing_if = "HandedPosts::is_empty")]
    pub handed: HandedPosts,
}

impl GroupState {
    pub fn new(id: GroupId, first_heard_at: Timestamp) -> Self {
        Self {
            id,
            kind: GroupKind::default(),
            name: String::new(),
            owner: None,
            created_at: None,
            first_heard_at,
            members_known: false,
            dismissed_at: None,
            welcome: WelcomeState::default(),
            answered: BTreeMap::new(),
            raid: RaidState::default(),
            mass_sent: MassSent::default(),
            playbooks: BTreeMap::new(),
            activity: ActivityState::default(),
            nudge: NudgeState::default(),
            joins: JoinStanding::default(),
            handed: HandedPosts::default(),
        }
    }
}

/// Newcomers who wait for the end of the welcome window, and those who were welcomed and hear more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WelcomeState {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<MemberId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// In the order of their welcomes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batches: Vec<WelcomeBatch>,
}

impl WelcomeState {
    /// The batch that a timer is about, by its subject.
    pub fn batch(&self, subject: &str) -> Option<&WelcomeBatch> {
        self.batches.iter().find(|batch| batch.subject() == subject)
    }
}

/// One member of one group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemberState {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A member of the corp itself, not a customer; `None` until a member list was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corp_member: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcomed_at: Option<Timestamp>,
    /// Strikes that still count when they are read with the profile's expiry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strikes: Vec<Timestamp>,
    /// The latest messages inside the flood window. Not kept on disk: it is worth half a minute, and
    /// would be written for every message of everybody.
    #[serde(skip)]
    pub recent: Vec<Said>,
    /// When this member's removal was last asked for, until they come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removal_asked_at: Option<Timestamp>,
    /// When a hand or a person last removed this member, until they come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
    /// When a person was asked about this member and has not answered yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// Banned from this group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blacklisted: Option<Blacklisting>,
    /// Has written since joining; noted of newcomers alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spoke: bool,
    /// The `state` of the join code that brought them last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join_state: Option<String>,
}

/// One message as the flood window remembers it: when, and the text's
/// [fingerprint](crate::perception::Signals::fingerprint).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said(pub Timestamp, pub u64);

/// One person in all groups of the brand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonState {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blacklisted: Option<Blacklisting>,
    #[serde(default, skip_serializing_if = "StaffMemory::is_empty")]
    pub staff: StaffMemory,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Blacklisting {
    pub since: Timestamp,
    /// `None` = for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    pub why: String,
    /// The message that it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<EventKey>,
}

impl MemberState {
    /// Whether both are the same on disk.
    pub fn is_kept_as(&self, other: &Self) -> bool {
        // All fields are named, so that a new one cannot be forgotten here.
        let Self {
            name,
            corp_member,
            joined_at,
            left_at,
            welcomed_at,
            strikes,
            recent: _,
            removal_asked_at,
            removed_at,
            asked_at,
            trust,
            blacklisted,
            spoke,
            join_state,
        } = self;
        *name == other.name
            && *corp_member == other.corp_member
            && *joined_at == other.joined_at
            && *left_at == other.left_at
            && *welcomed_at == other.welcomed_at
            && *strikes == other.strikes
            && *removal_asked_at == other.removal_asked_at
            && *removed_at == other.removed_at
            && *asked_at == other.asked_at
            && *trust == other.trust
            && *blacklisted == other.blacklisted
            && *spoke == other.spoke
            && *join_state == other.join_state
    }

    pub fn present(&self) -> bool {
        self.joined_at.is_some() && self.left_at.is_none()
    }
}

impl Blacklisting {
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

//! What can happen, in our own words.
//!
//! Every ear turns what it hears into an [`Event`]; nothing behind the ears knows a platform's wire
//! format. Time and the outcome of our own actions are events like any other, so that the core has
//! one kind of input and an incident can be replayed from the stored events alone.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::campaign::CampaignOrdered;
use super::cascade::CascadeRequest;
use super::case::Ruling;
pub use super::content::{Content, ContentKind};
use super::file_news::FileNews;
use super::join_code::{JoinCodeDone, JoinCodeOrder};
use super::mass_send::{PostEnding, PostTrouble};
use super::moment::{MomentNews, MomentRequest};
use super::scheduled::{MissedPosts, PostDue, ScheduleOrder};
use super::welcome_library::WelcomeLibraryEvent;
use crate::rules::Hand;

/// Declares an opaque identifier: cheap to clone, stored as plain text, never parsed.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{:?}", &*self.0)
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

id! {
    /// A chat group's id as the platform gives it (`wr…`, or an appchat's chat id).
    GroupId
}
id! {
    /// A person's id as the platform gives it: a member's userid or a customer's `wm…`/`wo…`.
    /// Ids of different ears are never joined without conversion (wecom-receive.md §4.10, §8).
    MemberId
}
id! {
    /// What makes an event the same event when the platform sends it again.
    EventKey
}

/// Where an event was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ear {
    /// A self-built app's callback: private messages, cards, customer-contact events.
    App,
    /// The XML callback of a group robot: every message of the group (wecom-receive.md §5).
    GroupRobot,
    /// The smart robot: private chats, and group messages that mention it.
    Aibot,
    /// 会话内容存档: every message, late.
    Archive,
    /// Our own reading of member lists.
    Sync,
    /// The passing of time.
    Clock,
    /// The outcome of our own actions.
    Delivery,
    /// Our own reading of the files that people edit.
    Files,
    /// Whoever runs the bot, at its command line.
    Operator,
}

impl Ear {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::GroupRobot => "group-robot",
            Self::Aibot => "aibot",
            Self::Archive => "archive",
            Self::Sync => "sync",
            Self::Clock => "clock",
            Self::Delivery => "delivery",
            Self::Files => "files",
            Self::Operator => "operator",
        }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub key: EventKey,
    /// When it happened, by the platform's clock (second or millisecond resolution).
    pub at: Timestamp,
    pub ear: Ear,
    /// Which app, robot or archive of ours heard it: its id in `config/zhanggui.toml`.
    pub via: Arc<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// Who did it; `None` when the platform itself speaks (`sys`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<MemberId>,
    pub kind: EventKind,
    /// The decrypted body, kept only for [`EventKind::Unknown`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

impl Event {
    /// What became of something that we did by this hand.
    pub fn of_hand(key: String, at: Timestamp, hand: &Hand, kind: EventKind) -> Self {
        Self {
            key: EventKey::new(key),
            at,
            ear: Ear::Delivery,
            via: hand.to_string().into(),
            group: None,
            from: None,
            kind,
            raw: None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Message(Box<Message>),
    /// A person took back an earlier message.
    Recalled {
        message: String,
    },
    /// A person opened the private chat with the app or the robot.
    EnteredChat,
    CardTapped(CardTap),
    GroupChanged(GroupChange),
    /// A group's details as just read from the platform.
    GroupSnapshot(Box<GroupSnapshot>),
    ContactChanged(ContactChange),
    /// A type of the protocol page on which nothing acts yet; its fields are kept.
    Other {
        name: String,
        fields: BTreeMap<String, String>,
    },
    /// A type the protocol page does not know; [`Event::raw`] has the body.
    Unknown {
        name: String,
    },
    TimerDue {
        timer: TimerKind,
        subject: String,
    },
    /// Delivery carried out an action on whose success something waits.
    ActionDone {
        id: i64,
        action: Box<Action>,
    },
    /// Delivery gave up on an action through one hand; `id` is the outbox row's.
    ActionFailed {
        id: i64,
        action: Box<Action>,
        why: String,
    },
    /// Something that ops should know about the files that they edit.
    FileNews(Box<FileNews>),
    /// A person said whether a message was an advertisement.
    Ruled(Box<Ruling>),
    /// A scheduled post's moment in one group.
    PostDue(PostDue),
    /// Scheduled posts whose moment passed while nobody could post them.
    PostsMissed(Vec<MissedPosts>),
    /// Whoever runs the bot holds a schedule up, or lets it go on.
    ScheduleOrdered(ScheduleOrder),
    /// A post that waited for the group's owner came to its end; `from` is who sent it.
    PostEnded(Box<PostEnding>),
    /// Posts that do not get into their groups.
    PostTrouble(Box<PostTrouble>),
    /// Whoever runs the bot starts or cancels a cascade.
    Cascade(Box<CascadeRequest>),
    /// The platform did what we asked about a join code.
    JoinCodeDone(Box<JoinCodeDone>),
    /// Whoever runs the bot wants something of a join code.
    JoinCodeOrdered(JoinCodeOrder),
    /// Nobody knows whether an action was carried out, and it is not repeated; `id` is the outbox row's.
    ActionDoubted {
        id: i64,
        action: Box<Action>,
        why: String,
    },
    /// Whoever runs the bot has staff publish something, or no longer.
    Moment(Box<MomentRequest>),
    /// What became of a moment.
    MomentNews(Box<MomentNews>),
    /// The library of group welcomes is to be changed, or was.
    WelcomeLibrary(WelcomeLibraryEvent),
    /// Whoever runs the bot agrees to a campaign, holds it up, ends it.
    CampaignOrdered(Box<CampaignOrdered>),
}

impl EventKind {
    /// The name in the journal and in metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Recalled { .. } => "recalled",
            Self::EnteredChat => "entered_chat",
            Self::CardTapped(_) => "card_tapped",
            Self::GroupChanged(_) => "group_changed",
            Self::GroupSnapshot(_) => "group_snapshot",
            Self::ContactChanged(_) => "contact_changed",
            Self::Other { .. } => "other",
            Self::Unknown { .. } => "unknown",
            Self::TimerDue { .. } => "timer_due",
            Self::ActionDone { .. } => "action_done",
            Self::ActionFailed { .. } => "action_failed",
            Self::FileNews(_) => "file_news",
            Self::Ruled(_) => "ruled",
            Self::PostDue(_) => "post_due",
            Self::PostsMissed(_) => "posts_missed",
            Self::ScheduleOrdered(_) => "schedule_ordered",
            Self::CampaignOrdered(_) => "campaign_ordered",
            Self::PostEnded(_) => "post_ended",
            Self::PostTrouble(_) => "post_trouble",
            Self::Cascade(_) => "cascade",
            Self::JoinCodeDone(_) => "join_code_done",
            Self::JoinCodeOrdered(_) => "join_code_ordered",
            Self::ActionDoubted { .. } => "action_doubted",
            Self::Moment(_) => "moment",
            Self::MomentNews(_) => "moment_news",
            Self::WelcomeLibrary(_) => "welcome_library",
        }
    }
}

/// A message as a person wrote it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The platform's message id (MsgId, msgid).
    pub id: String,
    /// A 1:1 chat with the app or the robot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// It mentions our robot (every group message that an `aibot` ear hears does).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub to_bot: bool,
    pub content: Content,
    /// The text this message quotes, where the ear tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_name: Option<String>,
    /// One-shot address for an active reply, valid 1 h (wecom-receive.md §4.8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_url: Option<String>,
}

/// A tap on one of our cards.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CardTap {
    pub task_id: String,
    /// The key of the button (EventKey).
    pub button: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub card_type: String,
    /// Ticket for one later update of the card, 72 h (wecom-send.md §3.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_url: Option<String>,
    /// Question key → chosen option ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub selected: BTreeMap<String, Vec<String>>,
    /// The tap came from the card's top-right menu.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub menu: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupChange {
    Created,
    Dismissed,
    /// `members` is empty when the platform only says that somebody joined (no MemChangeList).
    MembersAdded {
        members: Vec<MemberId>,
        scene: Option<i64>,
    },
    /// `scene` 0 = left, 1 = removed by owner or admin (wecom-receive.md §3.3).
    MembersRemoved {
        members: Vec<MemberId>,
        scene: Option<i64>,
    },
    OwnerChanged,
    NameChanged,
    NoticeChanged,
    /// Our robot was put into the group.
    RobotAdded,
    /// An UpdateDetail the protocol page does not know.
    Updated {
        detail: String,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupKind {
    #[default]
    Internal,
    Customer,
}

/// A group's details as read by `externalcontact/groupchat/get` or `appchat/get`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupSnapshot {
    pub kind: GroupKind,
    pub name: String,
    pub owner: Option<MemberId>,
    pub admins: Vec<MemberId>,
    pub created_at: Option<Timestamp>,
    pub members: Vec<SnapshotMember>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotMember {
    pub id: MemberId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A member of the corp itself (`type` 1), not a customer.
    pub corp_member: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<Timestamp>,
    /// The `state` of the join code that brought the member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// `change_external_contact` (wecom-receive.md §3.2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ContactChange {
    /// ChangeType as the platform spells it.
    pub change: String,
    pub user: Option<MemberId>,
    pub contact: Option<MemberId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Valid 20 s, usable once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome_code: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

/// What a timer is for; the subject (group or task id) travels beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKind {
    Welcome,
    TaskReminder,
    TaskEscalation,
    TaskExpiry,
    /// The text of an earlier message turned out to go through the brand's groups.
    Spread,
    ShadowReport,
    /// A scheduled post that quiet hours held up.
    Post,
    /// A run of a cascade is to be looked at; the subject is its id.
    Cascade,
    /// The next words after a welcome; the subject is the welcome's moment in milliseconds.
    WelcomeStep,
    /// A playbook's next step; the subject is the run's id.
    Playbook,
    Nudge,
    /// The files have changed: what a group has before it is planned anew, or, with its id as subject, a campaign.
    /// No timer, but an event of the same kind.
    Plan,
    /// A join code is to be looked at; the subject is its id.
    JoinCode,
    /// Whether a campaign may begin is to be asked, or asked again; the subject is its id.
    Campaign,
}

impl TimerKind {
    /// What staff and ops read.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Welcome => "欢迎新成员",
            Self::TaskReminder => "提醒待办",
            Self::TaskEscalation => "升级待办",
            Self::TaskExpiry => "待办过期",
            Self::Spread => "补判群发的广告",
            Self::ShadowReport => "影子模式日报",
            Self::Post => "排期（安静时段后）",
            Self::Cascade => "传达",
            Self::WelcomeStep => "欢迎以后的话",
            Self::Playbook => "剧本",
            Self::Nudge => "暖场",
            Self::JoinCode => "进群码",
            Self::Plan => "安排剧本、暖场和活动",
            Self::Campaign => "活动",
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::TaskReminder => "task_reminder",
            Self::TaskEscalation => "task_escalation",
            Self::TaskExpiry => "task_expiry",
            Self::Spread => "spread",
            Self::ShadowReport => "shadow_report",
            Self::Post => "post",
            Self::Cascade => "cascade",
            Self::WelcomeStep => "welcome_step",
            Self::Playbook => "playbook",
            Self::Nudge => "nudge",
            Self::Plan => "plan",
            Self::JoinCode => "join_code",
            Self::Campaign => "campaign",
        }
    }
}

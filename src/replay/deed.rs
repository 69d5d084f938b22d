//! What people would notice of a decision, told apart so that the same deed of two runs is found.

use jiff::Timestamp;
use serde::Serialize;

use crate::decision::{
    Act, Action, Change, Decision, Event, EventKind, GroupId, MemberId, Memory, Reason, TimerKind,
};

/// The kinds of deeds, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeedKind {
    /// Somebody is taken out, by a hand or by a person who is asked to.
    Kick,
    /// Somebody is warned in the group.
    Warning,
    /// What the group hears after a removal.
    Line,
    /// A person is asked whether it was an advertisement.
    Question,
    /// What is done instead of something that the platform refused.
    Fallback,
    Welcome,
    /// A script, or what else somebody is answered.
    Answer,
    Reminder,
    Escalation,
    Other,
}

impl DeedKind {
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Kick => "移出",
            Self::Warning => "提醒",
            Self::Line => "移出后说的话",
            Self::Question => "请人看",
            Self::Fallback => "没办成，换个办法",
            Self::Welcome => "欢迎",
            Self::Answer => "话术和回答",
            Self::Reminder => "催办",
            Self::Escalation => "升级给运营",
            Self::Other => "其他",
        }
    }
}

/// By what the same deed of two runs is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeedKey {
    pub kind: DeedKind,
    /// What it goes back to: an event from outside, who is greeted for the how-manieth time, a task.
    pub root: String,
    pub about: String,
}

/// Something that people would notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    pub key: DeedKey,
    pub at: Timestamp,
    pub group: Option<GroupId>,
    pub group_name: String,
    /// Whom it is about.
    pub who: Option<Person>,
    /// What somebody had said.
    pub said: String,
    /// How and by whom: `appchat:assistant`, `staff-task:assistant`.
    pub hand: String,
    /// The person who is told or asked.
    pub to: Option<Person>,
    /// A card's title.
    pub title: Option<String>,
    pub text: Option<String>,
    pub mentions: Vec<Person>,
    pub why: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: MemberId,
    pub name: String,
}

impl Deed {
    /// Whether people would notice no difference but the time.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let noticed = |deed: &Self| (deed.hand.clone(), deed.to.clone(), deed.title.clone());
        noticed(self) == noticed(other) && self.text == other.text && self.mentions == other.mentions
    }
}

/// Everything that the deeds of one decision are told by.
pub(super) struct Scene<'a> {
    pub event: &'a Event,
    pub decision: &'a Decision,
    pub root: &'a str,
    pub at: Timestamp,
    /// After the decision.
    pub memory: &'a Memory,
}

impl Scene<'_> {
    pub fn deeds(&self) -> Vec<Deed> {
        self.decision.actions.iter().filter_map(|action| self.deed(action)).collect()
    }

    fn deed(&self, action: &Action) -> Option<Deed> {
        if action.act.is_silent() || matches!(action.act, Act::UpdateCard { .. }) {
            return None;
        }
        // A card stands for the act that a person is asked to do.
        let task = action.task.as_ref().and_then(|id| self.memory.tasks.get(id));
        let act = task.map_or(&action.act, |task| &task.act);
        let kind = self.kind(act);
        let group = action.group.as_ref().or(self.event.group.as_ref());
        let state = group.and_then(|group| self.memory.groups.get(group));
        let about = self.about(act);
        let (to, title) = match &action.act {
            Act::Tell { to, .. } => (Some(self.person(to, group)), None),
            Act::TaskCard { to, card } => (Some(self.person(to, group)), Some(card.title.clone())),
            _ => (None, None),
        };
        let key = DeedKey {
            kind,
            root: self.root.to_owned(),
            about: about.as_ref().map(ToString::to_string).unwrap_or_default(),
        };
        Some(Deed {
            key,
            at: self.at,
            group: group.cloned(),
            group_name: state.map(|state| state.name.clone()).unwrap_or_default(),
            who: about.map(|id| self.person(&id, group)),
            said: self.said(),
            hand: action.hand.to_string(),
            to,
            title,
            text: action.act.text().map(std::borrow::Cow::into_owned),
            mentions: action.act.mentions().iter().map(|id| self.person(id, group)).collect(),
            why: why(&self.decision.reasons),
        })
    }

    fn kind(&self, act: &Act) -> DeedKind {
        match (&self.event.kind, act) {
            (EventKind::TimerDue { timer: TimerKind::Welcome | TimerKind::WelcomeStep, .. }, _) => {
                DeedKind::Welcome
            }
            (EventKind::TimerDue { timer: TimerKind::TaskReminder, .. }, _) => DeedKind::Reminder,
            (EventKind::TimerDue { timer: TimerKind::TaskEscalation, .. }, _) => DeedKind::Escalation,
            (EventKind::ActionFailed { .. }, _) => DeedKind::Fallback,
            (EventKind::ActionDone { .. }, Act::Post { .. }) => DeedKind::Line,
            (_, Act::Remove { .. }) => DeedKind::Kick,
            (_, Act::Judge { .. }) => DeedKind::Question,
            (EventKind::Message(_), Act::Post { .. }) => DeedKind::Warning,
            (_, Act::Answer { .. } | Act::Tell { .. }) => DeedKind::Answer,
            _ => DeedKind::Other,
        }
    }

    /// Who is removed, warned, greeted first, or has asked.
    fn about(&self, act: &Act) -> Option<MemberId> {
        match (&self.event.kind, act) {
            (EventKind::TimerDue { timer: TimerKind::Welcome, .. }, _) => {
                greeted(self.decision, self.at).next().cloned()
            }
            (_, act) if act.member().is_some() => act.member().cloned(),
            (EventKind::ActionDone { action, .. } | EventKind::ActionFailed { action, .. }, _) => {
                let act = &action.act;
                act.member().or_else(|| act.mentions().first()).cloned()
            }
            _ => self.event.from.clone(),
        }
    }

    fn person(&self, id: &MemberId, group: Option<&GroupId>) -> Person {
        let here = group.and_then(|group| self.memory.members.get(group)?.get(id)?.name.clone());
        let name = here.or_else(|| self.memory.people.get(id)?.name.clone());
        let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| id.to_string());
        Person { id: id.clone(), name }
    }

    fn said(&self) -> String {
        match &self.event.kind {
            EventKind::Message(message) => message.content.text.clone(),
            _ => String::new(),
        }
    }
}

/// Who is welcomed by this decision, in the order of ids.
pub(super) fn greeted(decision: &Decision, at: Timestamp) -> impl Iterator<Item = &MemberId> {
    decision.changes.iter().filter_map(move |change| match change {
        Change::Member { id, state, .. } => (state.welcomed_at == Some(at)).then_some(id),
        _ => None,
    })
}

/// The reasons that say why; that a card was sent, or a group read, says nothing.
pub(super) fn why(reasons: &[Reason]) -> String {
    let telling = reasons.iter().filter(|reason| {
        reason.feature != "registry" && !(reason.feature == "staff_tasks" && reason.code == "asked")
    });
    telling.map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("；")
}

//! Scheduled posts as the core sees them: one moment of one schedule in one group, what was missed,
//! and what a person said about a schedule.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::{Ear, Event, EventKey, EventKind, GroupId, MemberId, TimerKind};

/// One occurrence of a schedule in one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostDue {
    pub schedule: String,
    /// The moment that the schedule names, before the group's jitter.
    pub occurrence: Timestamp,
}

impl PostDue {
    /// The feature whose reasons tell what became of it.
    pub const FEATURE: &'static str = "scheduled_posts";
    /// The code of its reason that the post goes out later.
    pub const POSTPONED: &'static str = "postponed";

    /// The same occurrence in the same group is the same event, whatever restarts, reloads and moved
    /// clocks lie between: it fires once.
    pub fn key(&self, group: &GroupId) -> EventKey {
        EventKey::new(format!("post:{}:{group}:{}", self.schedule, self.occurrence.as_second()))
    }

    /// The event of this group's own moment.
    pub fn event(self, group: GroupId, due: Timestamp) -> Event {
        Event {
            key: self.key(&group),
            at: due,
            ear: Ear::Clock,
            via: "schedules".into(),
            group: Some(group),
            from: None,
            kind: EventKind::PostDue(self),
            raw: None,
        }
    }

    /// Keys of the events that quiet hours put in the place of this one begin with the first text, and
    /// come before the second.
    pub fn postponed_keys(&self, group: &GroupId) -> (String, String) {
        let begin = format!("timer:{}", self.timer_key(group));
        // `;` is the character behind `:`.
        (format!("{begin}:"), format!("{begin};"))
    }

    /// The key of the timer that quiet hours set.
    pub(super) fn timer_key(&self, group: &GroupId) -> String {
        format!("{}:{group}:{}", TimerKind::Post.as_str(), self.name())
    }

    /// One occurrence, the same for all groups: `morning-greeting@1795335799`. Also a timer's subject.
    pub fn name(&self) -> String {
        format!("{}@{}", self.schedule, self.occurrence.as_second())
    }

    /// What [`Self::name`] wrote.
    pub(super) fn from_subject(subject: &str) -> Option<Self> {
        let (schedule, second) = subject.rsplit_once('@')?;
        let occurrence = Timestamp::from_second(second.parse().ok()?).ok()?;
        Some(Self { schedule: schedule.to_owned(), occurrence })
    }
}

/// Occurrences of one schedule that nobody could post in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissedPosts {
    pub schedule: String,
    pub occurrences: u32,
    pub first: Timestamp,
    pub last: Timestamp,
    /// In how many groups, at most.
    pub groups: u32,
}

/// What people said about a schedule, beside its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleState {
    /// Nothing goes out while this stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Paused>,
    /// The latest occurrence of which ops was told that it did not go out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    pub by: MemberId,
    pub at: Timestamp,
}

/// What a person wants of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleOrder {
    pub schedule: String,
    pub order: Order,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Lets nothing more go out, and takes back what has not left yet.
    Pause,
    /// From the next occurrence on.
    Resume,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_come_back_whatever_the_schedule_is_called() {
        let occurrence = "2026-11-23T00:30:00Z".parse().expect("a time");
        for schedule in ["morning", "a@b", ""] {
            let due = PostDue { schedule: schedule.into(), occurrence };
            assert_eq!(PostDue::from_subject(&due.name()), Some(due));
        }
        assert_eq!(PostDue::from_subject("morning"), None);
        assert_eq!(PostDue::from_subject("morning@noon"), None);
    }
}

//! Playbooks (剧本): scripts in order, each on its day, at its time, by its role.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::Selector;
use crate::timetable::{Missed, Verdict};

/// One `config/playbooks/*.toml`, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Playbook {
    pub id: String,
    pub title: String,
    pub off: bool,
    pub anchor: Anchor,
    pub groups: Selector,
    /// Once one of these has happened in a group, the rest is not said there.
    pub stop: Vec<PlaybookStop>,
    /// What becomes of a step that could not be carried out in time. Default: still within 2 h.
    pub missed: Missed,
    /// Ordered by day and time; never empty.
    pub steps: Vec<PlaybookStep>,
    /// `config/playbooks/first-seven-days.toml:3`, for people.
    pub place: String,
    /// The id of the campaign whose day it counts from: when that has ended, nothing more is said.
    pub campaign: Option<String>,
}

/// What the days of a playbook are counted from.
#[derive(Clone, Debug, PartialEq)]
pub enum Anchor {
    /// Day 1 is the day on which the group was made.
    GroupCreated,
    /// Day 1 is the day on which somebody joined; everybody who joined on one day goes through it together.
    Joined,
    /// Day 0 is each of these days, in order; the day before is -1.
    Dates(Vec<Date>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct PlaybookStep {
    /// Unique in the playbook: by it we know what was done, also when the file changes.
    pub id: String,
    pub day: i16,
    /// By the brand's clock.
    pub at: Time,
    pub role: StepRole,
    /// Id of the script.
    pub script: String,
    pub when: Option<StepCondition>,
    /// How long after its time the condition may still come true. Default: it is looked at once.
    pub within: SignedDuration,
}

/// Who says a step's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepRole {
    /// The best hand of the group; a person, where none can.
    Bot,
    /// The group's owner, or the store's.
    Staff,
    /// A key person of the group.
    Kol,
}

impl StepRole {
    /// The word that staff and ops read.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Bot => "机器人",
            Self::Staff => "店员",
            Self::Kol => "意见领袖",
        }
    }
}

/// What must have happened for a step to be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepCondition {
    /// No member has written for so long.
    QuietFor(SignedDuration),
    /// A member has asked something since the line before.
    Asked,
    NotAsked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaybookStop {
    /// Somebody of the store has written words of their own since the first line.
    StaffSpoke,
}

impl Playbook {
    /// When a step is planned in a run that counts from `since`. `None` beyond the calendar's end.
    pub fn moment(&self, step: &PlaybookStep, since: Date, timezone: &TimeZone) -> Option<Timestamp> {
        let planned = self.day(step, since)?.to_datetime(step.at).to_zoned(timezone.clone());
        planned.ok().map(|planned| planned.timestamp())
    }

    /// The day of a step in a run that counts from `since`. `None` beyond the calendar's end.
    pub fn day(&self, step: &PlaybookStep, since: Date) -> Option<Date> {
        let first = match self.anchor {
            Anchor::GroupCreated | Anchor::Joined => 1,
            Anchor::Dates(_) => 0,
        };
        since.checked_add(i32::from(step.day - first).days()).ok()
    }

    /// The lines of the bot: in a customer group its owner is asked to send them.
    pub fn lines(&self) -> impl Iterator<Item = &PlaybookStep> {
        self.steps.iter().filter(|step| step.role == StepRole::Bot)
    }

    /// The step's day and time as people say them: `第 1 天 09:00`, `提前 4 天 19:30`.
    pub fn when_in_words(&self, step: &PlaybookStep) -> String {
        let day = match (&self.anchor, step.day) {
            (Anchor::GroupCreated | Anchor::Joined, day) => format!("第 {day} 天"),
            (Anchor::Dates(_), 0) => "当天".to_owned(),
            (Anchor::Dates(_), day) if day < 0 => format!("提前 {} 天", -day),
            (Anchor::Dates(_), day) => format!("过后 {day} 天"),
        };
        format!("{day} {}", step.at.strftime("%H:%M"))
    }

    /// Whether what is due then may still be said at `now`.
    pub fn is_in_time(&self, due: Timestamp, now: Timestamp) -> bool {
        !matches!(self.missed.verdict(due, now), Verdict::Missed(_))
    }

    /// The day from which a run counts that begins at this moment: whoever comes after the first line's
    /// time begins the next day, so that nobody misses the opening.
    pub fn first_day(&self, begins: Timestamp, timezone: &TimeZone) -> Date {
        let local = begins.to_zoned(timezone.clone());
        let opening = self.steps.first().filter(|step| step.day == 1);
        let missed = opening.is_some_and(|step| local.time() > step.at);
        if missed { local.date().saturating_add(1.day()) } else { local.date() }
    }

    /// Whether it can only be carried out where every message is heard.
    pub fn listens(&self) -> bool {
        !self.stop.is_empty() || self.steps.iter().any(|step| step.when.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playbook(anchor: Anchor, day: i16) -> Playbook {
        let step = PlaybookStep {
            id: "opening".into(),
            day,
            at: Time::constant(9, 0, 0, 0),
            role: StepRole::Bot,
            script: "group-opening".into(),
            when: None,
            within: SignedDuration::ZERO,
        };
        Playbook {
            id: "p".into(),
            title: "剧本".into(),
            off: false,
            anchor,
            groups: Selector::default(),
            stop: Vec::new(),
            missed: Missed::Skip,
            steps: vec![step],
            place: String::new(),
            campaign: None,
        }
    }

    #[test]
    fn days_count_from_one_or_around_the_date() {
        let shanghai = TimeZone::get("Asia/Shanghai").expect("a bundled zone");
        let since = Date::constant(2027, 1, 16);
        let moment = |anchor, day| {
            let playbook = playbook(anchor, day);
            playbook.moment(&playbook.steps[0], since, &shanghai).expect("a moment").to_string()
        };
        assert_eq!(moment(Anchor::GroupCreated, 1), "2027-01-16T01:00:00Z");
        assert_eq!(moment(Anchor::Joined, 3), "2027-01-18T01:00:00Z");
        assert_eq!(moment(Anchor::Dates(vec![since]), 0), "2027-01-16T01:00:00Z");
        assert_eq!(moment(Anchor::Dates(vec![since]), -7), "2027-01-09T01:00:00Z");
    }

    #[test]
    fn who_comes_after_the_opening_begins_tomorrow() {
        let shanghai = TimeZone::get("Asia/Shanghai").expect("a bundled zone");
        let playbook = playbook(Anchor::GroupCreated, 1);
        let first = |at: &str| playbook.first_day(at.parse().expect("a time"), &shanghai).to_string();
        assert_eq!(first("2026-11-21T09:00:00+08:00"), "2026-11-21");
        assert_eq!(first("2026-11-21T09:00:01+08:00"), "2026-11-22");
    }
}

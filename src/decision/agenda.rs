//! What a group has before it: steps after a welcome, playbooks that run, the next nudge; and how lively it
//! is. Each part is small, because a group's state is one row.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::event::MemberId;
use crate::rules::{Playbook, PlaybookStep};

/// Newcomers who were welcomed together and have steps before them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WelcomeBatch {
    pub welcomed_at: Timestamp,
    /// Whom the latest step, or the welcome, left to hear the rest.
    pub newcomers: Vec<MemberId>,
    /// [`crate::rules::WelcomeStep::after`] of the latest step that was said or had nobody to hear it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<SignedDuration>,
    /// When that was; the next step keeps its distance from it.
    pub passed_at: Timestamp,
    /// When the next step is due.
    pub due: Timestamp,
}

impl WelcomeBatch {
    /// The subject of its timer.
    pub fn subject(&self) -> String {
        self.welcomed_at.as_millisecond().to_string()
    }
}

/// One playbook in one group: once, or once for each date or day of joining.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlaybookRun {
    /// The day that days are counted from.
    pub since: Date,
    /// When it is looked at next; `None` when it has ended, or rests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
    /// By step id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub done: BTreeMap<String, StepDone>,
    /// Ids of steps whose time has come and which wait: for their condition, or for the end of the quiet hours.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub waiting: BTreeSet<String>,
    /// Since when the rest is not said, because a stop rule has held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Timestamp>,
    /// Key persons of the group, if lines are for them: known by name when their time comes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_persons: Vec<MemberId>,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepDone {
    pub at: Timestamp,
    pub how: StepEnd,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepEnd {
    Posted,
    /// A person was asked by these staff tasks.
    Asked {
        tasks: Vec<String>,
    },
    /// Nothing was said.
    Skipped(Skip),
    /// The group's owner was asked to confirm it as a mass send of this name ([`PlaybookRun::post_of`]).
    ToOwner {
        post: String,
    },
}

/// Why a step was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// Its time had passed when we first knew of it.
    Past,
    /// We could not be there in time.
    Late,
    /// Its condition did not come true.
    Unmet,
    /// The group is not heard, so nobody knows.
    Unheard,
    /// Of the newcomers whom it was for nobody is left.
    NobodyLeft,
    /// The script is not to be had here, or not today.
    NoScript,
}

impl Skip {
    /// What staff and ops read.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Past => "知道得晚，时间已经过了",
            Self::Late => "错过了时间",
            Self::Unmet => "条件没有成立",
            Self::Unheard => "听不到这个群，条件成不成立不知道",
            Self::NobodyLeft => "要听的人都不在了",
            Self::NoScript => "话术这里用不了",
        }
    }

    /// In reasons.
    pub fn code(self) -> &'static str {
        match self {
            Self::Past => "past",
            Self::Late => "late",
            Self::Unmet => "unmet",
            Self::Unheard => "unheard",
            Self::NobodyLeft => "nobody_left",
            Self::NoScript => "no_script",
        }
    }
}

impl PlaybookRun {
    /// What stands between a playbook's id and the day, where there may be several runs.
    const OF_DATE: char = '@';
    const OF_NEWCOMERS: char = '+';

    pub fn new(since: Date) -> Self {
        Self { since, ..Self::default() }
    }

    pub fn id_of_date(playbook: &Playbook, date: Date) -> String {
        format!("{}{}{date}", playbook.id, Self::OF_DATE)
    }

    pub fn id_of_newcomers(playbook: &Playbook, joined: Date) -> String {
        format!("{}{}{joined}", playbook.id, Self::OF_NEWCOMERS)
    }

    /// What a step's post is called, the same in all groups whose days count from `since`. No schedule's post is
    /// called so: ids hold no colon.
    pub fn post_of(playbook: &Playbook, since: Date, step: &PlaybookStep) -> String {
        format!("{}@{since}/{}", Self::posts_of(&playbook.id), step.id)
    }

    /// What the names of a playbook's posts have before the `@`, as those of a schedule have its id.
    pub fn posts_of(playbook: &str) -> String {
        format!("playbook:{playbook}")
    }

    /// The playbook that a run is of; ids of playbooks hold neither sign.
    pub fn playbook_of(run: &str) -> &str {
        run.split([Self::OF_DATE, Self::OF_NEWCOMERS]).next().unwrap_or(run)
    }

    /// Whether it is for those who joined on one day.
    pub fn is_of_newcomers(run: &str) -> bool {
        run.contains(Self::OF_NEWCOMERS)
    }

    /// When a line was last said or handed to a person.
    pub fn last_said(&self) -> Option<Timestamp> {
        let said = |done: &&StepDone| !matches!(done.how, StepEnd::Skipped(_));
        self.done.values().filter(said).map(|done| done.at).max()
    }

    pub fn first_said(&self) -> Option<Timestamp> {
        let said = |done: &&StepDone| !matches!(done.how, StepEnd::Skipped(_));
        self.done.values().filter(said).map(|done| done.at).min()
    }
}

/// When something last happened in the group, to the minute; kept only where a rule asks for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivityState {
    /// A member wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spoke: Option<Timestamp>,
    /// A member asked something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Timestamp>,
    /// Somebody of the store wrote words of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_spoke: Option<Timestamp>,
    /// Since when a schedule or a nudge asks whether members write here; before, nobody may have noted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// Nudges of a quiet group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NudgeState {
    /// When it is looked at next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// The script that was said last; the next one of the list has its turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
    /// How many were said on the day of the last one.
    #[serde(skip_serializing_if = "is_none")]
    pub today: usize,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

impl ActivityState {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl NudgeState {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_knows_its_playbook() {
        for run in ["tasting", "tasting@2027-01-16", "tasting+2027-01-16"] {
            assert_eq!(PlaybookRun::playbook_of(run), "tasting");
            assert_eq!(PlaybookRun::is_of_newcomers(run), run.contains('+'));
        }
    }

    #[test]
    fn what_was_skipped_was_not_said() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let mut run = PlaybookRun::new(Date::constant(2026, 11, 21));
        let mut done = |id: &str, time: &str, how| run.done.insert(id.into(), StepDone { at: at(time), how });
        done("a", "2026-11-21T01:00:00Z", StepEnd::Posted);
        done("b", "2026-11-21T02:00:00Z", StepEnd::Asked { tasks: vec!["t1".into()] });
        done("c", "2026-11-21T03:00:00Z", StepEnd::Skipped(Skip::Unmet));
        assert_eq!(run.first_said(), Some(at("2026-11-21T01:00:00Z")));
        assert_eq!(run.last_said(), Some(at("2026-11-21T02:00:00Z")));
    }

    #[test]
    fn state_comes_back_as_it_was_written() {
        let mut run = PlaybookRun::new(Date::constant(2026, 11, 21));
        run.waiting.insert("d1-0900".into());
        let done = StepDone { at: Timestamp::UNIX_EPOCH, how: StepEnd::Skipped(Skip::Late) };
        run.done.insert("a".into(), done);
        let json = serde_json::to_string(&run).expect("JSON");
        assert_eq!(serde_json::from_str::<PlaybookRun>(&json).expect("a run"), run, "{json}");
        let batch = WelcomeBatch {
            welcomed_at: Timestamp::UNIX_EPOCH,
            newcomers: vec!["wm-1".into()],
            passed: Some(SignedDuration::from_mins(10)),
            passed_at: Timestamp::UNIX_EPOCH,
            due: Timestamp::UNIX_EPOCH,
        };
        let json = serde_json::to_string(&batch).expect("JSON");
        assert_eq!(serde_json::from_str::<WelcomeBatch>(&json).expect("a batch"), batch, "{json}");
    }
}

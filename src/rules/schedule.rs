//! A post at its times: one `[[schedule]]` of `config/schedules/*.toml`, or one step of a campaign.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::{GroupRule, Selector};
use crate::timetable::{Jitter, Missed, Timing, Verdict};

/// Which script goes to which groups, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    pub id: String,
    /// What people call it.
    pub title: String,
    pub timing: Arc<Timing>,
    pub groups: Selector,
    /// Id of the script.
    pub post: String,
    /// How far the groups are spread after the moment.
    pub jitter: Jitter,
    pub missed: Missed,
    /// It stands in the file and does nothing.
    pub off: bool,
    /// `config/schedules/daily.toml:4`, for people.
    pub place: String,
    /// The id of the campaign that it is a step of.
    pub campaign: Option<String>,
}

/// Occurrences of one schedule that are added up: more than fit in any budget.
const COUNTED_AT_MOST: usize = 1_000;

/// The grain of cron: what is missed by less may still be in time.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// One group's turn in one occurrence of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The schedule's moment, the same for all its groups.
    pub occurrence: Timestamp,
    /// This group's moment: jitter later.
    pub due: Timestamp,
}

impl Schedule {
    /// When the turn of this group, which falls under `rule`, is in an occurrence.
    pub fn due_in(&self, group: &str, rule: &GroupRule, occurrence: Timestamp) -> Timestamp {
        occurrence.saturating_add(self.offset(group, rule)).unwrap_or(occurrence)
    }

    /// This group's turns behind `after`, one after the other.
    pub fn turns_of(&self, group: &str, rule: &GroupRule, after: Timestamp) -> impl Iterator<Item = Turn> {
        let offset = self.offset(group, rule);
        let mut last = after.saturating_sub(offset).unwrap_or(after);
        std::iter::from_fn(move || {
            last = self.timing.next(last)?;
            Some(Turn { occurrence: last, due: last.saturating_add(offset).unwrap_or(last) })
        })
    }

    /// What owners confirm is not spread: groups of one owner shall be one request, and one tap.
    fn offset(&self, group: &str, rule: &GroupRule) -> SignedDuration {
        let seconds = if rule.owner_confirms() { 0 } else { self.jitter.offset(&self.id, group) };
        SignedDuration::from_secs(i64::from(seconds))
    }

    /// By its own clock, the day of each occurrence behind `after` and before `until`: as many as are of use for
    /// counting.
    pub fn days(&self, after: Timestamp, until: Timestamp) -> impl Iterator<Item = Date> {
        let moments = self.timing.between(after, until).take(COUNTED_AT_MOST);
        moments.map(|moment| moment.to_zoned(self.timing.zone.clone()).date())
    }

    /// Every occurrence up to then is too late for all groups.
    pub fn wholly_missed_until(&self, now: Timestamp) -> Timestamp {
        let patience = self.missed.patience().saturating_add(self.jitter.spread());
        now.saturating_sub(patience).unwrap_or(now).saturating_sub(SECOND).unwrap_or(now)
    }

    /// Whether what was due then is not to go out any more.
    pub fn is_missed(&self, due: Timestamp, now: Timestamp) -> bool {
        matches!(self.missed.verdict(due, now), Verdict::Missed(_))
    }
}

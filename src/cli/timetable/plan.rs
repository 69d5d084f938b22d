//! What goes out in some days, schedule by schedule.

use std::collections::BTreeMap;

use anyhow::bail;
use jiff::Timestamp;
use jiff::civil::Date;

use super::Days;
use super::audience::{Audience, Listener};
use crate::rules::{Rulebook, Schedule};

/// Of one schedule in all these days: whoever has more asks for fewer days.
const OCCURRENCES_AT_MOST: usize = 100_000;

/// Everything that goes out in these days.
#[derive(Debug)]
pub struct Plan<'r> {
    pub days: Days,
    /// By the brand's day, in the order of their first moments.
    pub rows: BTreeMap<Date, Vec<Row<'r>>>,
    /// Schedules that stand still.
    pub off: Vec<&'r Schedule>,
    /// Schedules that are on but reach none of those that were asked for.
    pub unheard: Vec<&'r Schedule>,
    /// Listeners are groups, not kinds of groups.
    pub known: bool,
}

/// What one schedule does on one day.
#[derive(Debug)]
pub struct Row<'r> {
    pub schedule: &'r Schedule,
    pub listeners: Vec<&'r Listener>,
    /// In their order, at least one.
    pub moments: Vec<Timestamp>,
    /// Judged without the holidays of the year.
    pub guessed: bool,
    /// The script may be sent then.
    pub usable: bool,
}

impl<'r> Plan<'r> {
    pub fn new(rulebook: &'r Rulebook, audience: &'r Audience, days: Days) -> anyhow::Result<Self> {
        let (before, end) = days.span(rulebook)?;
        let mut plan =
            Self { days, rows: BTreeMap::new(), off: Vec::new(), unheard: Vec::new(), known: audience.known };
        for schedule in rulebook.schedules.values() {
            let listeners = audience.listeners(schedule, rulebook);
            if schedule.off {
                plan.off.push(schedule);
            } else if listeners.is_empty() {
                plan.unheard.push(schedule);
            } else {
                plan.add(schedule, &listeners, before, end, rulebook)?;
            }
        }
        for rows in plan.rows.values_mut() {
            rows.sort_by_key(|row| row.moments.first().copied());
        }
        Ok(plan)
    }

    fn add(
        &mut self,
        schedule: &'r Schedule,
        listeners: &[&'r Listener],
        before: Timestamp,
        end: Timestamp,
        rulebook: &Rulebook,
    ) -> anyhow::Result<()> {
        for (count, moment) in schedule.timing.between(before, end).enumerate() {
            if count == OCCURRENCES_AT_MOST {
                bail!(
                    "排期「{}」在这些天里有 {count} 次以上，请缩短日子，或看看它的 cron / too many occurrences",
                    schedule.title
                );
            }
            let rows = self.rows.entry(moment.to_zoned(rulebook.timezone.clone()).date()).or_default();
            if let Some(row) = rows.last_mut().filter(|row| row.schedule.id == schedule.id) {
                row.moments.push(moment);
                continue;
            }
            let day = moment.to_zoned(schedule.timing.zone.clone()).date();
            rows.push(Row {
                schedule,
                listeners: listeners.to_vec(),
                moments: vec![moment],
                guessed: schedule.timing.guesses(day),
                usable: rulebook.scripts.get(&schedule.post).is_some_and(|script| script.usable_on(day)),
            });
        }
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many occurrences there are on each day.
    pub fn counts(&self) -> BTreeMap<Date, usize> {
        let count = |rows: &Vec<Row<'_>>| rows.iter().map(|row| row.moments.len()).sum();
        self.rows.iter().map(|(day, rows)| (*day, count(rows))).collect()
    }
}

impl Row<'_> {
    /// The seconds by which the first and the last of the listeners come after the moment.
    pub fn spread(&self) -> (u32, u32) {
        let offsets = self.listeners.iter().map(|one| self.offset(one));
        let known: Option<Vec<u32>> = offsets.collect();
        match known.as_deref() {
            Some(known) => (
                known.iter().copied().min().unwrap_or_default(),
                known.iter().copied().max().unwrap_or_default(),
            ),
            None if self.listeners.iter().all(|one| one.owner_confirms) => (0, 0),
            None => (0, u32::try_from(self.schedule.jitter.spread().as_secs()).unwrap_or(u32::MAX)),
        }
    }

    /// Of a group whose id is known.
    pub fn offset(&self, listener: &Listener) -> Option<u32> {
        let of = |id: &String| self.schedule.jitter.offset(&self.schedule.id, id);
        listener.id.as_ref().map(|id| if listener.owner_confirms { 0 } else { of(id) })
    }
}

//! PURE. When things are due.
//!
//! A [`Timing`] says when (a [`Cron`] expression in a time zone, on the days that [`DayRule`]s let it), [`Jitter`]
//! spreads the groups, and [`Missed`] says what becomes of what could not happen in time. Which days are
//! holidays stands in the [`Calendar`], which comes from files; lunar days and solar terms are worked out once
//! a year.
//!
//! **Clocks that are changed.** Each local time counts once: one that is repeated when clocks go back, the first time;
//! one that is skipped when they go forward, at the first moment after the gap.

mod calendar;
mod cron;
mod day_rule;
mod jitter;
mod lunar;
mod missed;
mod quiet_hours;
#[cfg(test)]
mod slow;
mod timing;

pub use calendar::{Calendar, CalendarYear, DayKind};
pub use cron::{Cron, CronMistake, Dialect};
pub use day_rule::DayRule;
pub use jitter::Jitter;
pub use lunar::{LunarDate, SolarTerm};
pub use missed::{GRACE, Missed, Verdict};
pub use quiet_hours::QuietHours;
pub use timing::{HORIZON_DAYS, Timing};

//! A post at its times: one `[[schedule]]` of `config/schedules/*.toml`.

use std::sync::Arc;

use super::Selector;
use crate::timetable::{Jitter, Missed, Timing};

/// Which script goes to which groups, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Shared, so that an agenda holds it without a copy.
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
}

//! What has been checked already, for everything that is judged by it: schedules, campaigns, playbooks, join codes,
//! group welcomes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Known;
use crate::rules::{GroupRules, SendBudget, Store};
use crate::scripts::{Campaigns, Library};
use crate::timetable::Calendar;

pub struct Around<'a> {
    pub known: &'a Known,
    pub scripts: &'a Library,
    pub groups: &'a GroupRules,
    pub stores: &'a BTreeMap<String, Store>,
    pub calendar: &'a Arc<Calendar>,
    /// What scripts may tell of campaigns.
    pub campaigns: &'a Campaigns,
    pub brand: &'a str,
    /// The brand's.
    pub zone: Option<&'a TimeZone>,
    /// What a customer group takes.
    pub budget: SendBudget,
    /// Without it nothing is said about what is to come.
    pub now: Option<Timestamp>,
    /// The brand's day, under the same condition.
    pub today: Option<Date>,
}

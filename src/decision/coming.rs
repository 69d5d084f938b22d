//! PURE. What the owner of a customer group is still to be asked for, by the files as they are now: from this moment
//! to the last day that counts together with today.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::agenda::PlaybookRun;
use super::campaign::CampaignState;
use super::event::MemberId;
use super::state::GroupState;
use crate::rules::{GroupRule, Rulebook, Schedule};

/// What is planned for one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coming {
    /// The days of schedules, and of the bot's lines in playbooks.
    pub surely: Vec<Date>,
    /// At most so many more: nudges, and lines with a condition.
    pub perhaps: usize,
}

/// What people said that holds a plan up.
#[derive(Clone, Copy)]
pub struct HeldUp<'a> {
    pub campaigns: &'a BTreeMap<String, CampaignState>,
    /// Whether the schedule of this id is paused.
    pub paused: &'a dyn Fn(&str) -> bool,
}

impl Coming {
    /// Nothing where no owner confirms posts.
    pub fn of(group: &GroupState, rules: &Rulebook, held_up: HeldUp<'_>, now: Timestamp) -> Self {
        let owner = group.owner.as_ref().map(MemberId::as_str);
        let rule = rules.rule_for(group.id.as_str(), &group.name, owner);
        let Some(rule) = rule.filter(|rule| rule.owner_confirms()) else { return Self::default() };
        let ahead = Ahead::new(rules, now);
        let mut coming = ahead.lines(group);
        coming.surely.extend(ahead.scheduled(group, rule, held_up));
        coming.perhaps += ahead.nudges(group, rule);
        coming
    }
}

struct Ahead<'a> {
    rules: &'a Rulebook,
    now: Timestamp,
    today: Date,
    last_day: Date,
    until: Timestamp,
}

impl<'a> Ahead<'a> {
    fn new(rules: &'a Rulebook, now: Timestamp) -> Self {
        let today = now.to_zoned(rules.timezone.clone()).date();
        let last_day = rules.send_budget.last_day(today);
        let behind = last_day.saturating_add(1.day()).to_zoned(rules.timezone.clone());
        let until = behind.map_or(now, |behind| behind.timestamp());
        Self { rules, now, today, last_day, until }
    }

    fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.rules.timezone.clone()).date()
    }

    fn scheduled(
        &self,
        group: &GroupState,
        rule: &GroupRule,
        held_up: HeldUp<'_>,
    ) -> impl Iterator<Item = Date> {
        let heard = move |schedule: &&Schedule| {
            !schedule.off
                && schedule.groups.takes(rule, self.rules, &group.name)
                && !self.is_stopped(schedule, rule, held_up)
        };
        let heard = self.rules.schedules.values().map(AsRef::as_ref).filter(heard);
        heard.flat_map(|schedule| schedule.days(self.now, self.until))
    }

    /// What nobody has agreed to yet may still come.
    fn is_stopped(&self, schedule: &Schedule, rule: &GroupRule, held_up: HeldUp<'_>) -> bool {
        let of_campaign = || {
            let campaign = self.rules.campaigns.get(schedule.campaign.as_ref()?)?;
            let state = held_up.campaigns.get(&campaign.id)?;
            let (code, _) = state.hindrance(campaign, rule.store.as_deref(), ToString::to_string)?;
            Some(code != "not_approved")
        };
        (held_up.paused)(&schedule.id) || of_campaign().unwrap_or_default()
    }

    fn lines(&self, group: &GroupState) -> Coming {
        let mut coming = Coming::default();
        for (id, run) in group.playbooks.iter().filter(|(_, run)| run.next.is_some()) {
            let Some(playbook) = self.rules.playbooks.get(PlaybookRun::playbook_of(id)) else { continue };
            for step in playbook.lines().filter(|step| !run.done.contains_key(&step.id)) {
                let moment = playbook.moment(step, run.since, &self.rules.timezone);
                match moment.filter(|moment| (self.now..self.until).contains(moment)) {
                    Some(_) if step.when.is_some() => coming.perhaps += 1,
                    Some(moment) => coming.surely.push(self.day_of(moment)),
                    None => {}
                }
            }
        }
        coming
    }

    fn nudges(&self, group: &GroupState, rule: &GroupRule) -> usize {
        let profile = self.rules.profiles.get(&*rule.profile);
        let a_day = profile.map_or(0, |profile| profile.nudge.a_day(&rule.ears));
        let days = self.today.duration_until(self.last_day).as_hours() / 24 + 1;
        let said_today = group.nudge.last_at.is_some_and(|last| self.day_of(last) == self.today);
        let said = if said_today { group.nudge.today } else { 0 };
        (a_day * usize::try_from(days).unwrap_or_default()).saturating_sub(said)
    }
}

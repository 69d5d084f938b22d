//! What owners of customer groups are asked to send by schedules, playbooks and nudges, against what the platform
//! lets a group receive: a plan that cannot go out is told before anybody waits for it.
//!
//! What surely comes and does not fit is a mistake: schedules, and playbooks around dates. What does not fit only in
//! a group that is made on a bad day is a warning. Lines with a condition and playbooks of newcomers may come; where
//! they might not fit is worth a note, because a person is asked to paste them then. Nudges make way for all that is
//! planned (`decision/coming.rs`), so there is a note only where no day has room for one.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::Reading;
use super::around::Around;
use super::campaigns::StepSchedule;
use crate::files::{At, Id, Place, Report};
use crate::rules::{Anchor, GroupRule, Overrun, Playbook, Profile, Schedule, SendBudget, fits};

/// How far ahead plans are added up, in days: two whole months, whatever today is.
const DAYS_AHEAD: i32 = 93;

/// Everything that posts of its own accord.
pub struct Plans<'a> {
    pub schedules: &'a BTreeMap<String, Arc<Schedule>>,
    /// As written, of campaigns.
    pub steps: &'a [StepSchedule],
    pub playbooks: &'a BTreeMap<String, Arc<Playbook>>,
    pub profiles: &'a BTreeMap<String, Arc<Profile>>,
}

/// Tells once of each set of plans that is too much for the groups that hear all of them.
pub fn check(plans: &Plans<'_>, reading: &Reading<'_>, around: &Around<'_>, report: &mut Report<'_>) {
    // With errors about, groups and plans may be missing that are there.
    let (Some(now), false) = (around.now, report.has_errors()) else { return };
    let mut told = HashSet::new();
    for rule in around.groups.iter().filter(|rule| rule.owner_confirms()) {
        let heard = Heard::by(rule, plans, around, now);
        if told.insert(heard.names()) {
            check_group(&heard, rule, reading, plans.steps, around.budget, report);
        }
    }
}

fn check_group(
    heard: &Heard<'_>,
    rule: &GroupRule,
    reading: &Reading<'_>,
    steps: &[StepSchedule],
    budget: SendBudget,
    report: &mut Report<'_>,
) {
    if let Some(TooMuch { overrun, busiest, made_on }) = heard.too_much(budget) {
        let Some(place) = busiest.place(reading, steps) else { return };
        let made = made_on.map(|made_on| format!("，要是 {made_on} 新建，")).unwrap_or_default();
        let message = told(rule, &overrun, budget, &made);
        let hint =
            "少排几次，或者分给不同的群；后台改过群发规则的，在 zhanggui.toml 的 [wecom] 里写 send_budget";
        // Whether a group is made on that day, and whether a name meets another pattern, is known once it is there.
        match heard.is_certain && made_on.is_none() {
            true => report.error("over-budget", place, message).hint(hint),
            false => report.warning("over-budget", place, message).hint(hint),
        };
        return;
    }
    if let Some(overrun) = heard.perhaps_too_much(budget)
        && let Some(place) = heard.busiest_of_what_may_come().and_then(|plan| plan.place(reading, steps))
    {
        let message = told(rule, &overrun, budget, "，看情况才说的也都算上，");
        report
            .note("budget-may-run-out", place, message)
            .hint("超出的会改发待办卡，请群主自己粘贴；不想这样就少排几条");
    }
    if heard.nudges
        && heard.leaves_no_room(budget)
        && let Some(place) = place_of_nudges(rule, reading)
    {
        let message = format!("{} 的群，排好的已经占满群发额度，暖场排不上", rule.place);
        report
            .note("no-room-to-nudge", place, message)
            .hint("排不上的暖场会改发待办卡，请群主自己粘贴；想让它群发，就少排几条");
    }
}

fn told(rule: &GroupRule, overrun: &Overrun, budget: SendBudget, with: &str) -> String {
    let Overrun { day, planned, most } = overrun;
    let (place, budget) = (&rule.place, budget.chinese());
    format!("{place} 的群{with}到 {day} 要群主发 {planned} 条，平台只让一个群收 {most} 条（{budget}）")
}

/// What surely comes and does not fit.
struct TooMuch<'a> {
    overrun: Overrun,
    /// What contributes most.
    busiest: Plan<'a>,
    /// Only in a group that is made on this day.
    made_on: Option<Date>,
}

/// Something that posts, and the days on which it surely does.
struct Source<'a> {
    plan: Plan<'a>,
    days: Vec<Date>,
}

#[derive(Clone, Copy)]
enum Plan<'a> {
    Schedule(&'a Schedule),
    Playbook(&'a Playbook),
}

/// What the groups of one entry hear.
struct Heard<'a> {
    today: Date,
    sources: Vec<Source<'a>>,
    /// Those that count from the day on which a group is made.
    of_new_groups: Vec<&'a Playbook>,
    /// Those that count from the day on which somebody joins.
    of_newcomers: Vec<&'a Playbook>,
    /// Days on which a line is said if its condition comes true.
    on_condition: Vec<Source<'a>>,
    /// Whether a silence is broken.
    nudges: bool,
    /// Whether every one of them is meant for every group of the entry.
    is_certain: bool,
}

impl<'a> Heard<'a> {
    fn by(rule: &'a GroupRule, plans: &Plans<'a>, around: &Around<'_>, now: Timestamp) -> Self {
        let zone = around.zone.cloned().unwrap_or(TimeZone::UTC);
        let region = rule.store.as_ref().and_then(|id| around.stores.get(id)).map(|store| &*store.region);
        let schedules = plans.schedules.values().map(AsRef::as_ref);
        let schedules: Vec<&Schedule> =
            schedules.filter(|one| !one.off && one.groups.may_take(rule, region)).collect();
        let playbooks = plans.playbooks.values().map(AsRef::as_ref);
        let playbooks: Vec<&Playbook> =
            playbooks.filter(|one| !one.off && one.groups.may_take(rule, region)).collect();
        let selectors = schedules.iter().map(|one| &one.groups);
        let mut selectors = selectors.chain(playbooks.iter().map(|one| &one.groups));
        let profile = plans.profiles.get(&*rule.profile);
        let mut heard = Self {
            today: now.to_zoned(zone).date(),
            sources: Vec::new(),
            of_new_groups: Vec::new(),
            of_newcomers: Vec::new(),
            on_condition: Vec::new(),
            nudges: profile.is_some_and(|profile| profile.nudge.a_day(&rule.ears) > 0),
            is_certain: selectors.all(|selector| selector.names.is_empty() && selector.turn.is_empty()),
        };
        let until = now.saturating_add(SignedDuration::from_hours(24 * i64::from(DAYS_AHEAD))).unwrap_or(now);
        for schedule in schedules {
            let days = schedule.days(now, until).collect();
            heard.sources.push(Source { plan: Plan::Schedule(schedule), days });
        }
        playbooks.into_iter().for_each(|playbook| heard.add(playbook));
        heard
    }

    fn add(&mut self, playbook: &'a Playbook) {
        match &playbook.anchor {
            Anchor::Dates(dates) => {
                let ahead = self.today..=self.last_day();
                let lines = |surely: bool| {
                    let on = |since: &Date| days(playbook, *since, surely).collect::<Vec<_>>();
                    let all = dates.iter().flat_map(on);
                    all.filter(|day| ahead.contains(day)).collect::<Vec<_>>()
                };
                let plan = Plan::Playbook(playbook);
                self.on_condition.push(Source { plan, days: lines(false) });
                self.sources.push(Source { plan, days: lines(true) });
            }
            Anchor::GroupCreated => self.of_new_groups.push(playbook),
            Anchor::Joined => self.of_newcomers.push(playbook),
        }
    }

    fn last_day(&self) -> Date {
        self.today.saturating_add(DAYS_AHEAD.days())
    }

    /// By which the same is known that is heard by groups of another entry.
    fn names(&self) -> Vec<String> {
        let sources = self.sources.iter().map(|source| match source.plan {
            Plan::Schedule(schedule) => schedule.id.clone(),
            Plan::Playbook(playbook) => format!("{}.", playbook.id),
        });
        let others = self.of_new_groups.iter().chain(&self.of_newcomers);
        let others = others.map(|playbook| format!("{}.", playbook.id));
        sources.chain(others).chain(self.nudges.then(|| "nudges".to_owned())).collect()
    }

    fn surely(&self) -> impl Iterator<Item = Date> {
        self.sources.iter().flat_map(|source| source.days.iter().copied())
    }

    fn too_much(&self, budget: SendBudget) -> Option<TooMuch<'a>> {
        if let Err(overrun) = fits(self.surely(), budget) {
            let busiest = self.sources.iter().max_by_key(|source| source.days.len())?.plan;
            return Some(TooMuch { overrun, busiest, made_on: None });
        }
        let lines = |playbook: &&Playbook| days(playbook, self.today, true).count();
        let busiest = Plan::Playbook(self.of_new_groups.iter().copied().max_by_key(lines)?);
        let mut made_on = (0..=DAYS_AHEAD).map(|day| self.today.saturating_add(day.days()));
        made_on.find_map(|made| {
            let overrun = fits(self.surely_when_made_on(made), budget).err()?;
            Some(TooMuch { overrun, busiest, made_on: Some(made) })
        })
    }

    /// A group that is made on this day hears what comes from then on.
    fn surely_when_made_on(&self, made: Date) -> impl Iterator<Item = Date> {
        let lines = self.of_new_groups.iter().flat_map(move |playbook| days(playbook, made, true));
        self.surely().filter(move |day| *day >= made).chain(lines)
    }

    /// What does not fit if all comes that may come, from the next month on: what is left of this one says little.
    /// The group is made on its first day, if that makes a difference.
    fn perhaps_too_much(&self, budget: SendBudget) -> Option<Overrun> {
        let from = self.days_of_later_months().next()?;
        // On every day each of their lines finds newcomers of its own.
        let a_day = self.of_newcomers.iter().map(|playbook| playbook.lines().count()).sum();
        let newcomers = self.days_of_later_months().flat_map(|day| std::iter::repeat_n(day, a_day));
        let on_condition = self.on_condition.iter().flat_map(|source| source.days.iter().copied());
        let on_condition = on_condition.filter(|day| *day >= from);
        let of_new_groups = self.of_new_groups.iter().flat_map(|playbook| days(playbook, from, false));
        let perhaps: Vec<Date> = newcomers.chain(on_condition).chain(of_new_groups).collect();
        if perhaps.is_empty() {
            return None;
        }
        fits(self.surely_when_made_on(from).chain(perhaps), budget).err()
    }

    fn busiest_of_what_may_come(&self) -> Option<Plan<'a>> {
        let on_condition = self.on_condition.iter().filter(|source| !source.days.is_empty());
        let on_condition = on_condition.max_by_key(|source| source.days.len()).map(|source| source.plan);
        let other = || self.of_newcomers.iter().chain(&self.of_new_groups).next();
        on_condition.or_else(|| other().map(|playbook| Plan::Playbook(playbook)))
    }

    /// Whether what surely comes takes every place of every day of the next month.
    fn leaves_no_room(&self, budget: SendBudget) -> bool {
        let next_month = self.today.last_of_month().saturating_add(1.day());
        let mut days = self.days_of_later_months().take_while(|day| *day <= next_month.last_of_month());
        days.all(|day| fits(self.surely().chain([day]), budget).is_err())
    }

    fn days_of_later_months(&self) -> impl Iterator<Item = Date> {
        let from = self.today.last_of_month().saturating_add(1.day());
        let days = (0..=DAYS_AHEAD).map(move |day| from.saturating_add(day.days()));
        let last = self.last_day();
        days.take_while(move |day| *day <= last)
    }
}

/// Where the profile itself writes them, else the profile.
fn place_of_nudges(rule: &GroupRule, reading: &Reading<'_>) -> Option<Place> {
    let profile = reading.profiles.iter().find(|profile| profile.id.0 == *rule.profile)?;
    Some(profile.table.nudge.as_ref().map_or(profile.id.place, |nudge| nudge.place))
}

impl Plan<'_> {
    /// Where it is written how often.
    fn place(self, reading: &Reading<'_>, steps: &[StepSchedule]) -> Option<Place> {
        match self {
            Self::Schedule(schedule) => {
                let mut written =
                    reading.schedules.iter().copied().chain(steps.iter().map(|step| &step.entry));
                let entry = written.find(|entry| is(&schedule.id, entry.id.as_ref()))?;
                Some(entry.cron.as_ref().map_or(entry.place, |cron| cron.place))
            }
            Self::Playbook(playbook) => {
                let mut written = reading.playbooks.iter();
                written.find(|table| is(&playbook.id, table.id.as_ref())).map(|table| table.place)
            }
        }
    }
}

fn is(id: &str, written: Option<&At<Id>>) -> bool {
    written.is_some_and(|written| written.0 == id)
}

/// The days of the bot's lines: of those that are said whatever happens, or of the others.
fn days(playbook: &Playbook, since: Date, surely: bool) -> impl Iterator<Item = Date> {
    let lines = playbook.lines().filter(move |step| step.when.is_none() == surely);
    lines.filter_map(move |step| playbook.day(step, since))
}

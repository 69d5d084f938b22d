//! Campaigns: each step becomes a schedule, judged like any other; what they have in common is judged here.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};

use super::around::Around;
use super::{Reading, selector};
use crate::files::{At, Id, Place, Report, Text};
use crate::rules::written::{
    ApprovalTable, CampaignEntry, CampaignStepEntry, CronText, DayRuleText, ScheduleEntry,
};
use crate::rules::{Approval, Campaign, Org, Schedule};
use crate::scripts::{CampaignFacts, Campaigns};
use crate::text::fingerprint;
use crate::timetable::DayRule;

/// What was agreed to longer ago nobody remembers.
const ASK_BEFORE_AT_MOST: SignedDuration = SignedDuration::from_hours(14 * 24);
/// When the approval is asked for, if nothing is said.
const ASK_BEFORE: SignedDuration = SignedDuration::from_hours(24);
/// The name of the role that is no place in the organisation.
const OPS: &str = "ops";

/// What scripts may tell of campaigns.
pub fn facts(reading: &Reading<'_>, report: &Report<'_>) -> Campaigns {
    let facts = |entry: &&At<CampaignEntry>| {
        let facts = CampaignFacts {
            title: entry.title.as_ref()?.0.clone(),
            day: day_of(entry),
            from: entry.from.as_ref().map(|day| day.0),
            to: entry.to.as_ref().map(|day| day.0),
            place: report.locate(entry.place),
        };
        Some((entry.id.as_ref()?.0.clone(), facts))
    };
    reading.campaigns.iter().filter_map(facts).collect()
}

/// What a countdown counts down to.
fn day_of(entry: &CampaignEntry) -> Option<Date> {
    entry.day.as_ref().or(entry.to.as_ref()).map(|day| day.0)
}

/// A schedule that a step asks for.
pub struct StepSchedule {
    /// The campaign's id.
    pub campaign: String,
    pub entry: At<ScheduleEntry>,
}

/// The schedules of all steps, as if they had been written by themselves: every place in them is one of the
/// step. What is wrong with a step's time is told.
pub fn steps(reading: &Reading<'_>, report: &mut Report<'_>) -> Vec<StepSchedule> {
    let mut schedules = Vec::new();
    for campaign in &reading.campaigns {
        let Some(id) = &campaign.id else { continue };
        if let Some(steps) = campaign.step.as_ref().filter(|steps| steps.value.is_empty()) {
            report
                .error("empty-list", steps.place, "活动一步也没有")
                .hint("加一行 [[campaign.step]]，下面写它的内容");
        }
        for step in campaign.step.iter().flat_map(|steps| &steps.value) {
            let when = when(campaign, step, report);
            let value = schedule_entry(campaign, &id.0, step, when);
            schedules.push(StepSchedule { campaign: id.0.clone(), entry: At { value, place: step.place } });
        }
    }
    schedules
}

/// The time of a step as a schedule writes it.
#[derive(Default)]
struct When {
    cron: Option<At<CronText>>,
    only: Option<At<Vec<At<DayRuleText>>>>,
    except: Option<At<Vec<At<DayRuleText>>>>,
}

fn schedule_entry(campaign: &CampaignEntry, id: &str, step: &CampaignStepEntry, when: When) -> ScheduleEntry {
    let named = |step: &At<Id>| At { value: Id(Campaign::schedule_of(id, &step.0)), place: step.place };
    let title = step.title.as_ref().map(|title| {
        let of = campaign.title.as_ref().map(|of| of.0.as_str()).unwrap_or_default();
        At { value: Text(format!("{of}·{}", title.0)), place: title.place }
    });
    let off = [&campaign.off, &step.off].into_iter().flatten().find(|off| off.value);
    ScheduleEntry {
        id: step.id.as_ref().map(named),
        title,
        cron: when.cron,
        dialect: None,
        timezone: campaign.timezone.clone(),
        only: when.only,
        except: when.except,
        from: campaign.from.clone(),
        to: campaign.to.clone(),
        groups: step.groups.clone().or_else(|| campaign.groups.clone()),
        post: step.post.clone(),
        jitter: campaign.jitter.clone(),
        missed: campaign.missed.clone(),
        off: off.cloned(),
    }
}

/// Exactly one of the three ways to say when.
fn when(campaign: &CampaignEntry, step: &At<CampaignStepEntry>, report: &mut Report<'_>) -> When {
    let on = step.on.as_ref().filter(|on| !on.value.is_empty());
    let before = step.days_before.as_ref().filter(|days| !days.value.is_empty());
    let places =
        [step.cron.as_ref().map(|one| one.place), on.map(|one| one.place), before.map(|one| one.place)];
    match places.iter().flatten().count() {
        0 => {
            report
                .error("missing-key", step.place, "这一步没有写什么时候发")
                .hint("三选一：cron = \"0 10 * * 1\"；on = [2027-01-16] 加 at = \"10:00\"；days_before = [7, 3, 1] 加 at = \"10:00\"");
            return When::default();
        }
        1 => {}
        _ => {
            let place = places.into_iter().flatten().last().unwrap_or(step.place);
            report.error("two-times", place, "cron、on、days_before 只能写一样").hint("留一样，或者分成两步");
            return When::default();
        }
    }
    if let Some(cron) = &step.cron {
        if let Some(at) = &step.at {
            report
                .error("detail-without-act", at.place, "cron 里已经写了几点，at 没有意思")
                .hint("删掉 at，或把 cron 换成 on、days_before");
        }
        return When { cron: Some(cron.clone()), only: step.only.clone(), except: step.except.clone() };
    }
    for list in [&step.only, &step.except].into_iter().flatten() {
        report
            .error("detail-without-act", list.place, "only 和 except 只和 cron 一起写")
            .hint("日子已经写在 on 或 days_before 里，把不要的删掉就行");
    }
    let days = match (on, before) {
        (Some(on), _) => on.value.iter().map(|day| (day.0, day.place)).collect(),
        (_, Some(before)) => counted_down(campaign, before, report),
        _ => Vec::new(),
    };
    let days = within(campaign, days, report);
    at_time(step, &days, report)
}

/// The days that a countdown means.
fn counted_down<const A: i64, const B: i64>(
    campaign: &CampaignEntry,
    before: &At<Vec<At<crate::files::Whole<A, B>>>>,
    report: &mut Report<'_>,
) -> Vec<(Date, Place)> {
    let Some(day) = day_of(campaign) else {
        report
            .error("missing-key", before.place, "倒计时要知道数到哪天，活动没有写 day，也没有写 to")
            .hint("在活动里加一行 day = 2027-01-28");
        return Vec::new();
    };
    let counted =
        |days: &At<crate::files::Whole<A, B>>| Some((day.checked_sub(days.0.days()).ok()?, days.place));
    before.value.iter().filter_map(counted).collect()
}

/// Those that the campaign has; the others are told.
fn within(
    campaign: &CampaignEntry,
    mut days: Vec<(Date, Place)>,
    report: &mut Report<'_>,
) -> Vec<(Date, Place)> {
    let (from, to) = (campaign.from.as_ref().map(|day| day.0), campaign.to.as_ref().map(|day| day.0));
    days.retain(|(day, place)| {
        let outside = match (from, to) {
            (Some(from), _) if *day < from => format!("{day} 活动还没开始（from 是 {from}）"),
            (_, Some(to)) if *day > to => format!("{day} 活动已经结束（to 是 {to}）"),
            _ => return true,
        };
        report.error("outside-campaign", *place, outside).hint("改这个日子，或改活动的 from、to");
        false
    });
    days
}

fn at_time(step: &At<CampaignStepEntry>, days: &[(Date, Place)], report: &mut Report<'_>) -> When {
    let place = [step.on.as_ref().map(|on| on.place), step.days_before.as_ref().map(|days| days.place)];
    let place = place.into_iter().flatten().next().unwrap_or(step.place);
    let Some(at) = &step.at else {
        report.error("missing-key", place, "写了哪天，没有写几点").hint("加一行 at = \"10:00\"");
        return When::default();
    };
    let rule = |(day, place): &(Date, Place)| At {
        value: DayRuleText(DayRule::Days { first: *day, last: *day }),
        place: *place,
    };
    let cron = CronText(format!("{} {} * * *", at.0.minute(), at.0.hour()));
    When {
        cron: (!days.is_empty()).then_some(At { value: cron, place: at.place }),
        only: Some(At { value: days.iter().map(rule).collect(), place }),
        except: None,
    }
}

/// What the steps have in common. `schedules` are those that the steps became.
pub fn check(
    reading: &Reading<'_>,
    around: &Around<'_>,
    org: &Org,
    schedules: &BTreeMap<String, Arc<Schedule>>,
    report: &mut Report<'_>,
) -> BTreeMap<String, Arc<Campaign>> {
    let mut campaigns = BTreeMap::new();
    for entry in &reading.campaigns {
        check_days(entry, report);
        if let Some(product) = &entry.product {
            around.known.products.check(&product.0, product.place, report);
        }
        // What its steps do not say over again.
        selector::check(entry.groups.as_ref(), around.known, report);
        let approval = entry.approval.as_ref().and_then(|table| approval(table, reading, org, report));
        if let Some(campaign) = campaign(entry, approval, around, schedules, report) {
            campaigns.entry(campaign.id.clone()).or_insert_with(|| Arc::new(campaign));
        }
    }
    campaigns
}

fn check_days(entry: &CampaignEntry, report: &mut Report<'_>) {
    let (Some(day), Some(to)) = (&entry.day, &entry.to) else { return };
    if day.0 > to.0 {
        report
            .error("outside-campaign", day.place, format!("倒计时数到 {}，活动 {} 就结束了", day.0, to.0))
            .hint("把 to 改成 day 那天，或更晚");
    }
}

fn campaign(
    entry: &At<CampaignEntry>,
    approval: Option<Approval>,
    around: &Around<'_>,
    schedules: &BTreeMap<String, Arc<Schedule>>,
    report: &mut Report<'_>,
) -> Option<Campaign> {
    let id = entry.id.as_ref()?.0.clone();
    let written = entry.step.iter().flat_map(|steps| &steps.value).filter_map(|step| step.id.as_ref());
    let ids: Vec<String> = written.map(|step| Campaign::schedule_of(&id, &step.0)).collect();
    let steps: Vec<&Arc<Schedule>> = ids.iter().filter_map(|id| schedules.get(id)).collect();
    Some(Campaign {
        title: entry.title.as_ref()?.0.clone(),
        off: entry.off.as_ref().is_some_and(|off| off.value),
        from: entry.from.as_ref().map(|day| day.0),
        to: entry.to.as_ref().map(|day| day.0),
        product: entry.product.as_ref().map(|product| product.0.clone()),
        approval,
        version: version(&steps, around),
        steps: ids,
        place: report.locate(entry.place),
        id,
    })
}

/// The same whenever the same would be posted at the same times to the same groups.
fn version(steps: &[&Arc<Schedule>], around: &Around<'_>) -> u64 {
    let mut all = String::new();
    for step in steps {
        let timing = &step.timing;
        let (only, except) = (&timing.only, &timing.except);
        // Writing to a string cannot fail.
        let _ = write!(all, "{}{:?}{only:?}{except:?}{:?}", step.id, timing.cron, (timing.from, timing.to));
        let _ = write!(all, "{:?}{}", step.groups, step.off);
        for script in around.scripts.versions().iter().filter(|script| script.id == step.post) {
            let _ = write!(all, "{:?}", script.messages);
        }
    }
    let named = around.scripts.products().values().filter(|product| all.contains(&*product.id));
    let prices: Vec<_> = named
        .map(|product| (&product.name, product.price, product.was, &product.unit, &product.steps))
        .collect();
    fingerprint(&format!("{all}{prices:?}"))
}

/// `None` when nobody could agree, which has been reported.
fn approval(
    table: &At<ApprovalTable>,
    reading: &Reading<'_>,
    org: &Org,
    report: &mut Report<'_>,
) -> Option<Approval> {
    let ask_before = table.ask_before.as_ref().map_or(ASK_BEFORE, |before| before.value.0);
    if let Some(before) = table.ask_before.as_ref().filter(|before| before.value.0 > ASK_BEFORE_AT_MOST) {
        report
            .error("too-long", before.place, "提前太久去问，到发的时候没有人记得了")
            .hint("写 \"14d\" 以内，例如 \"24h\"");
    }
    let by = table.by.as_ref()?;
    let (role, people) = if by.0 == OPS {
        ("运营".to_owned(), reading.ops())
    } else if let Some(node) = org.node(&by.0) {
        (node.name.clone(), node.people.clone())
    } else {
        let known: Vec<&str> =
            [OPS].into_iter().chain(org.nodes().iter().map(|node| node.id.as_str())).collect();
        let hint = crate::files::known_ids("同意的人", &by.0, known.into_iter());
        report.error("unknown-approver", by.place, format!("没有编号为 {:?} 的组织节点", by.0)).hint(hint);
        return None;
    };
    if people.is_empty() {
        report
            .error("nobody-approves", by.place, format!("{role}没有人，没有谁可以同意"))
            .hint("在 org.toml 里给它写 people；运营写在 zhanggui.toml 的 [brand] ops 里");
        return None;
    }
    Some(Approval { role, people, ask_before })
}

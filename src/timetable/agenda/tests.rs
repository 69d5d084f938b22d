use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::timetable::{Cron, Dialect, Missed, Verdict};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

fn timing(cron: &str) -> Arc<Timing> {
    Arc::new(Timing {
        cron: Cron::parse(cron, Dialect::Unix).expect("a cron"),
        zone: TimeZone::get("Asia/Shanghai").expect("a zone"),
        only: Vec::new(),
        except: Vec::new(),
        from: None,
        to: None,
        calendar: Arc::default(),
    })
}

fn planned(schedule: &str, cron: &str, jitter: i64, groups: usize) -> Planned {
    Planned {
        schedule: schedule.into(),
        timing: timing(cron),
        jitter: Jitter::within(seconds(jitter)),
        groups: (0..groups).map(|group| format!("wr{group}").into()).collect(),
    }
}

/// Everything that comes due after `since` up to `until`, by asking every schedule and group on its own.
fn slowly(planned: &[Planned], since: Timestamp, until: Timestamp) -> Vec<Due> {
    let mut all = Vec::new();
    for one in planned {
        for group in &one.groups {
            let offset = seconds(i64::from(one.jitter.offset(&one.schedule, group)));
            all.extend(one.timing.between(since - offset, until - offset).map(|occurrence| Due {
                schedule: Arc::clone(&one.schedule),
                group: Arc::clone(group),
                occurrence,
                due: occurrence + offset,
            }));
        }
    }
    all
}

fn sorted(mut all: Vec<Due>) -> Vec<Due> {
    all.sort_by(|one, other| {
        (one.due, &one.schedule, &one.group).cmp(&(other.due, &other.schedule, &other.group))
    });
    all
}

fn in_order(taken: &[Due]) -> bool {
    taken.is_sorted_by_key(|due| due.due)
}

const SUNDAY: &str = "2026-11-22T00:00:00+08:00";

#[test]
fn groups_come_one_after_another_in_their_jitter() {
    let mut agenda = Agenda::new([planned("morning", "30 8 * * *", 600, 50)], at(SUNDAY));
    assert_eq!(agenda.len(), 50);
    let first = agenda.next_due().expect("a moment");
    assert!(first >= at("2026-11-22T08:30:00+08:00") && first < at("2026-11-22T08:40:00+08:00"));
    assert_eq!(agenda.take_due(first - seconds(1), 100), []);
    let taken = agenda.take_due(at("2026-11-22T08:40:00+08:00"), 100);
    assert_eq!(taken.len(), 50);
    assert!(in_order(&taken));
    assert!(taken.iter().all(|due| due.occurrence == at("2026-11-22T08:30:00+08:00")));
    assert_eq!(agenda.next_due(), Some(first + SignedDuration::from_hours(24)));
}

#[test]
fn an_agenda_that_begins_amid_the_jitter_hands_out_the_rest() {
    let plan = planned("morning", "30 8 * * *", 600, 50);
    let amid = at("2026-11-22T08:35:00+08:00");
    let mut before = Agenda::new([plan.clone()], at(SUNDAY));
    let mut taken = before.take_due(amid, 100);
    let mut after = Agenda::new([plan], before.watermark(amid));
    taken.extend(after.take_due(at("2026-11-22T12:00:00+08:00"), 100));
    let groups: std::collections::BTreeSet<_> = taken.iter().map(|due| &due.group).collect();
    assert_eq!((taken.len(), groups.len()), (50, 50));
}

#[test]
fn a_clock_that_is_put_back_brings_nothing_twice() {
    let mut agenda = Agenda::new([planned("hourly", "0 * * * *", 0, 3)], at(SUNDAY));
    assert_eq!(agenda.take_due(at("2026-11-22T10:00:00+08:00"), 100).len(), 30);
    for back in ["2026-11-22T09:00:00+08:00", "2026-11-22T10:00:00+08:00", "2026-11-22T10:59:59+08:00"] {
        assert_eq!(agenda.take_due(at(back), 100), []);
    }
    assert_eq!(agenda.take_due(at("2026-11-22T11:00:00+08:00"), 100).len(), 3);
}

#[test]
fn after_a_leap_and_back_it_goes_on_from_the_clock() {
    let mut agenda = Agenda::new([planned("morning", "30 8 * * *", 600, 5)], at(SUNDAY));
    agenda.take_due(at("2027-11-22T00:00:00+08:00"), usize::MAX);
    let now = at("2026-11-22T08:35:00+08:00");
    assert!(agenda.next_due().is_some_and(|due| due > at("2027-11-22T00:00:00+08:00")));
    agenda.rewind(now);
    let rest = agenda.take_due(at("2026-11-22T08:40:00+08:00"), 100);
    assert!(rest.iter().all(|due| due.due > now && due.occurrence < now));
    assert_eq!(agenda.take_due(at("2026-11-23T08:40:00+08:00"), 100).len(), 5);
}

#[test]
fn after_a_leap_everything_is_handed_out_and_missed() {
    let mut agenda = Agenda::new([planned("morning", "30 8 * * *", 600, 2)], at(SUNDAY));
    let now = at("2027-11-22T00:00:00+08:00");
    let mut taken = Vec::new();
    while agenda.next_due().is_some_and(|due| due <= now) {
        taken.extend(agenda.take_due(now, 100));
    }
    assert_eq!(taken.len(), 2 * 365);
    assert!(in_order(&taken));
    let missed = |due: &Due| matches!(Missed::Skip.verdict(due.due, now), Verdict::Missed(_));
    assert!(taken.iter().all(missed));
}

#[test]
fn groups_come_and_go_amid_an_occurrence() {
    let mut agenda = Agenda::new([planned("morning", "30 8 * * *", 600, 20)], at(SUNDAY));
    let amid = at("2026-11-22T08:35:00+08:00");
    let taken = agenda.take_due(amid, 100);
    let rest = 20 - taken.len();
    assert!(rest > 0 && !taken.is_empty());
    // One that had its turn, one that still waits for it.
    assert!(agenda.remove("morning", &taken[0].group));
    assert!(!agenda.remove("morning", &taken[0].group));
    let newcomers: Vec<Arc<str>> = (0..20).map(|one| format!("new{one}").into()).collect();
    let jitter = Jitter::within(seconds(600));
    let still = newcomers.iter().filter(|group| jitter.offset("morning", group) > 300).count();
    assert!(newcomers.iter().all(|group| agenda.insert("morning", group, amid)));
    assert!(!agenda.insert("morning", &newcomers[0], amid));
    let today = agenda.take_due(at("2026-11-22T08:40:00+08:00"), 100);
    assert_eq!(today.len(), rest + still, "whose moment was over waits for tomorrow");
    assert_eq!(agenda.take_due(at("2026-11-23T08:40:00+08:00"), 100).len(), 39);
    for group in &newcomers {
        agenda.remove_group(group);
    }
    assert_eq!(agenda.len(), 19);
}

#[test]
fn a_schedule_without_groups_waits_for_nothing() {
    let mut agenda = Agenda::new([planned("morning", "30 8 * * *", 0, 0)], at(SUNDAY));
    assert_eq!(agenda.next_due(), None);
    assert!(agenda.is_empty() && !agenda.insert("evening", &"wr1".into(), at(SUNDAY)));
    let noon = at("2026-11-22T12:00:00+08:00");
    assert!(agenda.insert("morning", &"wr1".into(), noon));
    assert_eq!(agenda.next_due(), Some(at("2026-11-23T08:30:00+08:00")), "from when it came on");
    agenda.remove_group("wr1");
    assert_eq!(agenda.next_due(), None);
}

#[test]
fn a_schedule_that_is_edited_while_it_fires_goes_on_by_the_new_file() {
    let mut agenda = Agenda::new([planned("morning", "30 8 * * *", 600, 20)], at(SUNDAY));
    let amid = at("2026-11-22T08:35:00+08:00");
    let taken = agenda.take_due(amid, 100);
    agenda.replace([planned("morning", "0 9 * * *", 0, 20)], amid);
    assert_eq!(agenda.next_due(), Some(at("2026-11-22T09:00:00+08:00")));
    agenda.replace([planned("morning", "30 8 * * *", 600, 20)], amid);
    assert_eq!(agenda.take_due(at("2026-11-22T09:00:00+08:00"), 100).len(), 20 - taken.len());
}

#[test]
fn ten_thousand_in_one_second_come_in_portions() {
    let mut agenda = Agenda::new([planned("noon", "0 12 * * *", 0, 10_000)], at(SUNDAY));
    let noon = at("2026-11-22T12:00:00+08:00");
    let mut groups = std::collections::BTreeSet::new();
    for _ in 0..20 {
        assert_eq!(agenda.watermark(noon), noon - seconds(1), "not all of that second has been handed out");
        groups.extend(agenda.take_due(noon, 500).into_iter().map(|due| due.group));
    }
    assert_eq!(groups.len(), 10_000);
    assert_eq!((agenda.watermark(noon), agenda.take_due(noon, 500)), (noon, vec![]));
}

/// What one does to an agenda.
#[derive(Clone, Debug)]
enum Step {
    /// Time goes on by so many seconds, and so many are taken at most.
    Take(i64, usize),
    /// The agenda is made anew from its watermark, as after a restart.
    Restart,
}

fn plans() -> impl Strategy<Value = Vec<Planned>> {
    // Jitter is shorter than the shortest time between two occurrences.
    let crons = [("*/7 * * * *", 240), ("30 8,20 * * *", 3600), ("0 9 * * 1", 7200), ("15 * * * *", 1800)];
    proptest::collection::vec((0..crons.len(), 0_i64..=100, 0_usize..6), 1..4).prop_map(move |all| {
        let plans = all.into_iter().enumerate().map(|(number, (cron, percent, groups))| {
            let (cron, spread) = crons[cron];
            planned(&format!("s{number}"), cron, spread * percent / 100, groups)
        });
        plans.collect()
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let take = (0_i64..20_000, 1_usize..40).prop_map(|(later, at_most)| Step::Take(later, at_most));
    proptest::collection::vec(prop_oneof![4 => take, 1 => Just(Step::Restart)], 1..20)
}

proptest! {
    #[test]
    fn none_is_lost_and_none_comes_twice(plans in plans(), steps in steps(), start in 0_i64..2_000_000) {
        let since = at(SUNDAY) + seconds(start);
        let (mut agenda, mut now) = (Agenda::new(plans.clone(), since), since);
        let mut taken: BTreeMap<(Timestamp, Arc<str>, Arc<str>), Due> = BTreeMap::new();
        let mut keep = |all: Vec<Due>, restarted: bool| {
            for due in all {
                let key = (due.occurrence, Arc::clone(&due.schedule), Arc::clone(&due.group));
                let twice = taken.insert(key, due).is_some();
                prop_assert!(!twice || restarted);
            }
            Ok(())
        };
        let mut restarted = false;
        for step in steps {
            match step {
                Step::Take(later, at_most) => {
                    now += seconds(later);
                    let all = agenda.take_due(now, at_most);
                    prop_assert!(in_order(&all) && all.len() <= at_most);
                    prop_assert!(all.iter().all(|due| due.due <= now));
                    keep(all, restarted)?;
                }
                Step::Restart => {
                    agenda = Agenda::new(plans.clone(), agenda.watermark(now));
                    restarted = true;
                }
            }
        }
        keep(agenda.take_due(now, usize::MAX), restarted)?;
        prop_assert_eq!(sorted(taken.into_values().collect()), sorted(slowly(&plans, since, now)));
        prop_assert!(agenda.next_due().is_none_or(|due| due > now));
    }
}

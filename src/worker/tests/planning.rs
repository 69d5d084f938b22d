//! A change of the files reaches every group that it concerns, once.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use tokio::sync::watch;
use tokio::time::timeout;

use super::super::planning::Planning;
use super::*;
use crate::rules::{Anchor, Playbook, PlaybookStep, Selector, StepRole};
use crate::timetable::Missed;

/// Tomorrow at nine.
fn playbook() -> Playbook {
    let step = PlaybookStep {
        id: "hello".into(),
        day: 0,
        at: Time::constant(9, 0, 0, 0),
        role: StepRole::Bot,
        script: "group-rules".into(),
        when: None,
        within: SignedDuration::ZERO,
    };
    Playbook {
        id: "p".into(),
        title: "剧本".into(),
        off: false,
        anchor: Anchor::Dates(vec![Date::constant(2026, 11, 22)]),
        groups: Selector { profiles: vec!["dealers".into()], ..Selector::default() },
        stop: Vec::new(),
        missed: Missed::Skip,
        steps: vec![step],
        place: "test".into(),
        campaign: None,
    }
}

fn calm() -> Rulebook {
    Rulebook { campaigns: BTreeMap::new(), ..rules() }
}

fn with_the_playbook() -> Rulebook {
    let playbooks = BTreeMap::from([("p".to_owned(), Arc::new(playbook()))]);
    Rulebook { playbooks, version: "with the playbook".into(), ..calm() }
}

impl House {
    fn planning(&self) -> Planning {
        Planning {
            reader: self.reader.clone(),
            intake: self.intake.clone(),
            rules: self.rules.clone(),
            clock: self.clock.clone(),
            changed: self.bells.rules.subscribe(),
        }
    }

    /// A group for the playbook, and one that is not.
    async fn hear_two_groups(&self) {
        self.hear(said("m1", "wu.ming", "早")).await.expect("accepted");
        let elsewhere = Event { group: Some(GroupId::from("wrOther")), ..said("m2", "wu.ming", "早") };
        self.hear(elsewhere).await.expect("accepted");
    }
}

#[tokio::test]
async fn a_playbook_begins_in_the_groups_that_it_is_for_and_begins_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path(), &clock());
    house.rules.store(Arc::new(calm()));
    house.hear_two_groups().await;
    let planning = house.planning();
    assert_eq!(planning.all().await.expect("planned"), 0, "nothing has changed");
    house.rules.store(Arc::new(with_the_playbook()));
    assert_eq!(planning.all().await.expect("planned"), 1);
    assert_eq!(planning.all().await.expect("planned"), 0, "the second time nothing changes");
    let nine: Timestamp = "2026-11-22T09:00:00+08:00".parse().expect("a time");
    assert_eq!(house.reader.next_timer().expect("read"), Some(nine));
    house.rules.store(Arc::new(calm()));
    assert_eq!(planning.all().await.expect("planned"), 1, "it was taken out again");
    assert_eq!(house.reader.next_timer().expect("read"), None);
    drop(planning);
    house.close().await;
}

#[tokio::test]
async fn whoever_has_to_agree_to_a_campaign_is_asked_in_time_and_planned_for_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path(), &clock());
    let planning = house.planning();
    assert_eq!(planning.all().await.expect("planned"), 1, "one of the example's asks for approval");
    let day_before: Timestamp = "2026-12-09T19:00:00+08:00".parse().expect("a time");
    assert_eq!(house.reader.next_timer().expect("read"), Some(day_before));
    assert_eq!(planning.all().await.expect("planned"), 0, "the second time nothing changes");
    drop(planning);
    house.close().await;
}

#[tokio::test]
async fn the_loop_plans_at_the_start_and_when_new_files_are_in_force() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path(), &clock());
    house.hear_two_groups().await;
    let (stop, stopped) = watch::channel(false);
    let planning = tokio::spawn(house.planning().run(stopped));
    house.rules.store(Arc::new(with_the_playbook()));
    house.bells.rules.send_replace(());
    timeout(PATIENCE, house.bells.timers.notified()).await.expect("a timer is set");
    stop.send_replace(true);
    planning.await.expect("it stops");
    house.close().await;
}

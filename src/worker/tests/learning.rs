//! A verdict works at once and everywhere, and after a restart; a later one takes its place.

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::*;
use crate::decision::{Case, Ruling};
use crate::perception::SignalName;
use crate::store::Course;
use crate::worker::learning::Learning;

const TEXT: &str = "新到一批海外直邮精仿手表，懂货的来，私聊看图";
const COPY: &str = "新到一批海外直邮精仿手錶!!懂货的来~私聊看图 13900000000";

impl House {
    fn learn(&self) -> (watch::Sender<bool>, JoinHandle<()>) {
        let learning = Learning::start(self.reader.clone(), self.learned.clone()).expect("read");
        let (stop, stopping) = watch::channel(false);
        (stop, tokio::spawn(learning.run(self.bells.verdicts.clone(), stopping)))
    }

    async fn rule(&self, key: &str, honest: bool) {
        let message = said("m1", "wu.ming", TEXT);
        let case = Case::of(&message, "").expect("a message in a group");
        let ruling = Ruling { case, honest, public: false, task: None };
        let kind = EventKind::Ruled(Box::new(ruling));
        let ruled = Event {
            ear: Ear::Operator,
            group: Some(GroupId::from(GROUP)),
            from: Some(MemberId::from("wang.min")),
            kind,
            ..event(key)
        };
        self.intake.accept(ruled, Signals::default()).await.expect("accepted");
    }

    /// What is found in the same text of somebody else in a group that nobody spoke of.
    async fn found_elsewhere(&self, key: &str) -> Vec<SignalName> {
        let copy = Event { group: Some(GroupId::from("wrOther")), ..said(key, "somebody", COPY) };
        self.hear(copy).await.expect("accepted");
        let entry = self.reader.entry(key).expect("read").expect("stored");
        entry.signals.found.iter().map(|signal| signal.name).collect()
    }
}

#[tokio::test]
async fn a_verdict_works_in_all_groups_and_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path(), &clock());
    let (stop, learning) = house.learn();
    assert!(!house.found_elsewhere("before").await.contains(&SignalName::KnownAd));
    house.rule("r1", false).await;
    until("the verdict is learned", || house.learned.load().len() == 1).await;
    assert!(house.found_elsewhere("after").await.contains(&SignalName::KnownAd));
    stop.send_replace(true);
    learning.await.expect("no panic");
    house.close().await;

    let house = House::open(folder.path(), &clock());
    let (stop, learning) = house.learn();
    assert!(house.found_elsewhere("restarted").await.contains(&SignalName::KnownAd));
    house.rule("r2", true).await;
    let honest = || {
        let folded = crate::text::Folded::new(COPY);
        house.learned.load().known(&folded.letters.chars).is_some_and(|known| known.honest)
    };
    until("the later verdict is learned", honest).await;
    let found = house.found_elsewhere("undone").await;
    assert!(found.contains(&SignalName::KnownHonest) && !found.contains(&SignalName::KnownAd));
    stop.send_replace(true);
    learning.await.expect("no panic");
    house.close().await;
}

#[tokio::test]
async fn a_course_says_which_verdicts_count_and_going_back_unlearns() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path(), &clock());
    let (stop, learning) = house.learn();
    house.rule("r1", false).await;
    until("the verdict is learned", || house.learned.load().len() == 1).await;
    let at = clock().now();
    for (course, known) in [(settled(0, 1, Some(0)), 0), (settled(1, 1, None), 1)] {
        house.intake.write(move |batch| batch.add_course(&course, at)).await.expect("written");
        house.bells.verdicts.notify_one();
        until("the course is followed", || house.learned.load().len() == known).await;
        let found = house.found_elsewhere(&format!("known-{known}")).await;
        assert_eq!(found.contains(&SignalName::KnownAd), known == 1);
    }
    stop.send_replace(true);
    learning.await.expect("no panic");
    house.close().await;
}

fn settled(settled_to: i64, open_from: i64, back_to: Option<i64>) -> Course {
    Course { settled_to, open_from, by: "lin.yun".into(), back_to }
}

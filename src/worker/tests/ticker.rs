//! Time becomes an event once, whatever happens in between.

use tokio::sync::watch;
use tokio::time::timeout;

use super::super::ticker;
use super::*;
use crate::decision::{Change, GroupChange, Timer, TimerKind};

fn reminder(due: Timestamp) -> Timer {
    Timer { key: "remind:t1".into(), due, kind: TimerKind::TaskReminder, group: None, subject: "t1".into() }
}

impl House {
    async fn set(&self, timer: Timer) {
        let set = move |batch: &store::Batch<'_>| batch.apply(&Change::SetTimer(timer.clone()));
        self.intake.write(set).await.expect("set");
    }

    /// One pass of the ticker, which is what a loop that is already told to stop does.
    pub(super) async fn tick(&self) {
        let (_stop, stopped) = watch::channel(true);
        let bell = self.bells.timers.clone();
        ticker::run(self.reader.clone(), self.intake.clone(), self.clock.clone(), bell, stopped).await;
    }
}

#[tokio::test]
async fn a_timer_fires_once_also_when_its_moment_passes_while_we_are_down() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let due = clock.now() + SignedDuration::from_hours(1);
    let house = House::open(folder.path(), &clock);
    house.set(reminder(due)).await;
    house.tick().await;
    assert!(house.keys().is_empty(), "it is not due yet");
    house.close().await;

    clock.set_offset(clock.offset() + SignedDuration::from_hours(2));
    let house = House::open(folder.path(), &clock);
    house.tick().await;
    let fired = [reminder(due).event().key.to_string()];
    assert_eq!(house.keys(), fired);
    house.tick().await;
    // A timer that is still there although its event was accepted is done with, too.
    house.set(reminder(due)).await;
    house.close().await;

    let house = House::open(folder.path(), &clock);
    house.tick().await;
    house.tick().await;
    assert_eq!(house.keys(), fired);
    assert_eq!(house.reader.next_timer().expect("read"), None);
    house.close().await;
}

#[tokio::test]
async fn timers_fire_in_the_order_of_their_moments_and_anew_when_set_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path(), &clock());
    let due = |minutes| morning() + SignedDuration::from_mins(minutes);
    let timer = |key: &str, minutes| Timer { key: key.into(), ..reminder(due(minutes)) };
    for (key, minutes) in [("b", 2), ("a", 3), ("c", 1)] {
        house.set(timer(key, minutes)).await;
    }
    house.move_clock(SignedDuration::from_mins(10));
    house.tick().await;
    house.set(timer("b", 9)).await;
    house.tick().await;
    let key = |key, minutes| timer(key, minutes).event().key.to_string();
    assert_eq!(house.keys(), [key("c", 1), key("b", 2), key("a", 3), key("b", 9)]);
    house.close().await;
}

#[tokio::test]
async fn the_loop_wakes_for_a_new_timer_and_for_a_moved_clock() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path(), &clock());
    let (stop, stopped) = watch::channel(false);
    let (reader, intake, bells) = (house.reader.clone(), house.intake.clone(), house.bells.clone());
    let ticker = tokio::spawn(ticker::run(reader, intake, house.clock.clone(), bells.timers, stopped));

    let newcomer = GroupChange::MembersAdded { members: vec![MemberId::from("wu.ming")], scene: None };
    let joined = Event { kind: EventKind::GroupChanged(newcomer), ..said("joined", "lin.yun", "") };
    house.hear(joined).await.expect("accepted");
    timeout(PATIENCE, bells.outbox.notified()).await.expect("the group is to be read again");
    let due = house.reader.next_timer().expect("read").expect("the welcome's window is open");
    house.clock.set_offset(house.clock.offset() + due.duration_since(house.clock.now()));
    timeout(PATIENCE, bells.outbox.notified()).await.expect("the welcome is to be sent");

    assert_eq!(house.keys().len(), 2, "{:?}", house.keys());
    stop.send_replace(true);
    ticker.await.expect("it stops");
    house.close().await;
}

//! What the lane promises to those who hand something in.

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::super::intake::QUEUE;
use super::*;
use crate::store::StoreError;

/// Keeps the lane busy until it is dropped: what is handed in meanwhile becomes one batch.
struct Held {
    _release: std::sync::mpsc::Sender<()>,
}

async fn hold(intake: &Intake) -> Held {
    let (entered, mut has_entered) = mpsc::unbounded_channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let intake = intake.clone();
    tokio::spawn(async move {
        let wait = move |_: &store::Batch<'_>| {
            entered.send(()).expect("the test waits");
            // An error says that it was released.
            let _ = released.recv();
            Ok(())
        };
        intake.write(wait).await
    });
    has_entered.recv().await.expect("the lane is reached");
    Held { _release: release }
}

fn impossible() -> StoreError {
    StoreError::Newer { found: 2, known: 1 }
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path(), &clock());
    let held = hold(&house.intake).await;
    let mut callers = JoinSet::new();
    let beyond = 7;
    for number in 0..QUEUE + beyond {
        let intake = house.intake.clone();
        callers.spawn(async move { intake.accept(event(&number.to_string()), Signals::default()).await });
    }
    for _ in 0..beyond {
        let refused = callers.join_next().await.expect("a caller").expect("no panic");
        assert_eq!(refused, Err(Refused::Full));
    }
    drop(held);
    for accepted in callers.join_all().await {
        assert_eq!(accepted, Ok(Accepted::default()));
    }
    house.hear(event("later")).await.expect("there is room again");
    let expected: Vec<String> = (0..QUEUE).map(|number| number.to_string()).chain(["later".into()]).collect();
    assert_eq!(house.keys(), expected, "in the order in which they came, over several batches");
    house.close().await;
}

#[tokio::test]
async fn an_impossible_job_leaves_nothing_and_does_not_harm_its_neighbours() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path(), &clock());
    let held = hold(&house.intake).await;
    let impossible_write = house.intake.write(|batch| {
        batch.set_archive_cursor("ww1", 7)?;
        Err(impossible())
    });
    let impossible_event = house.intake.submit(event("impossible"), |_| Err(impossible()));
    let (ad, write, with_event, after, ()) = tokio::join!(
        biased;
        house.hear(said("ad", "wu.ming", AD)),
        impossible_write,
        impossible_event,
        house.hear(event("after")),
        async { drop(held) },
    );
    assert_eq!((ad, after), (Ok(Accepted::default()), Ok(Accepted::default())));
    assert_eq!(write, Err(Refused::Storage));
    assert_eq!(with_event.map(|_| ()), Err(Refused::Storage));
    assert_eq!(house.keys(), ["ad", "after"]);
    assert_eq!(house.reader.archive_cursor("ww1").expect("read"), 0);
    // The batch was decided twice; what the first time had remembered was forgotten with it.
    assert_eq!(house.member("wu.ming").await.strikes.len(), 1);
    house.hear(said("ad again", "wu.ming", AD)).await.expect("accepted");
    assert_eq!(house.member("wu.ming").await.strikes.len(), 2, "memory and store agree");
    house.close().await;
}

#[tokio::test]
async fn a_repeat_changes_nothing_and_gets_the_same_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let house = House::open(folder.path(), &clock);
    let held = hold(&house.intake).await;
    let (first, same_batch, ()) = tokio::join!(
        biased;
        house.hear(asked("1", "早安")),
        house.hear(asked("1", "早安")),
        async { drop(held) },
    );
    let first = first.expect("accepted");
    assert!(!first.repeat && first.answer.is_some(), "{first:?}");
    let repeat = Ok(Accepted { repeat: true, ..first });
    assert_eq!(same_batch, repeat);
    house.hear(said("2", "wu.ming", AD)).await.expect("accepted");
    house.close().await;

    let house = House::open(folder.path(), &clock);
    assert_eq!(house.hear(asked("1", "早安")).await, repeat, "also after a restart");
    assert!(house.hear(said("2", "wu.ming", AD)).await.expect("accepted").repeat);
    assert_eq!(house.keys(), ["1", "2"]);
    assert_eq!(house.member("wu.ming").await.strikes.len(), 1);
    house.close().await;
}

#[tokio::test]
async fn what_goes_with_an_event_is_written_for_a_repeat_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path(), &clock());
    for seq in [1, 2] {
        let also = move |batch: &store::Batch<'_>| batch.set_archive_cursor("ww1", seq);
        let accepted = house.intake.submit(event("1"), also).await.expect("accepted");
        assert_eq!((accepted.repeat, house.reader.archive_cursor("ww1").expect("read")), (seq > 1, seq));
    }
    house.close().await;
}

#[tokio::test]
async fn a_caller_who_hangs_up_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::open(folder.path(), &clock());
    let held = hold(&house.intake).await;
    let (intake, ear) = (house.intake.clone(), event("hung up"));
    let caller = tokio::spawn(async move { intake.accept(ear, Signals::default()).await });
    tokio::task::yield_now().await;
    caller.abort();
    assert!(caller.await.expect_err("aborted").is_cancelled());
    drop(held);
    house.hear(event("next")).await.expect("accepted");
    assert_eq!(house.keys(), ["hung up", "next"]);
    house.close().await;
}

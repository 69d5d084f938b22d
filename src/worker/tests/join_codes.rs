//! A join code is made once, whenever the program is killed and whatever answer is lost.

use serde_json::json;

use super::delivery::Running;
use super::*;
use crate::channels::wecom::client::scripted::{Answer, Platform};
use crate::decision::{Change, JoinCodeMemory, JoinSeat, TimerKind};

const ADD: &str = "/cgi-bin/externalcontact/groupchat/add_join_way";
const UPDATE: &str = "/cgi-bin/externalcontact/groupchat/update_join_way";
/// Of the example brand.
const CODE: &str = "chaoyang-counter";

impl House {
    /// A group that the code may lead to, and a look at the code.
    async fn look_at_the_code(&self, group: &str) {
        let seat = JoinSeat { name: "福利群".into(), full: false, created_at: None };
        let seated = Change::JoinSeat { code: CODE.into(), group: GroupId::from(group), seat: Some(seat) };
        self.intake.write(move |batch| batch.apply(&seated)).await.expect("written");
        let event = Event {
            key: EventKey::new(format!("look:{group}")),
            at: self.clock.now(),
            ear: Ear::Clock,
            via: "clock".into(),
            group: None,
            from: None,
            kind: EventKind::TimerDue { timer: TimerKind::JoinCode, subject: CODE.into() },
            raw: None,
        };
        self.hear(event).await.expect("accepted");
    }

    fn join_code(&self) -> JoinCodeMemory {
        self.reader.join_code(CODE).expect("read")
    }

    async fn ends(&self, running: Running) {
        self.all_ended().await;
        running.stop().await;
    }
}

fn made() -> Answer {
    Answer::Json(json!({ "errcode": 0, "errmsg": "ok", "config_id": "9ad7" }))
}

#[tokio::test]
async fn a_code_that_was_asked_for_before_the_kill_is_made_after_it_and_only_then() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let (house, platform) = (House::open(folder.path(), &clock), Platform::start().await);
    platform.script(ADD, [made()]);
    house.look_at_the_code("wr1").await;
    // Killed before anything was claimed: the wish is on disk, and is not wished twice.
    house.close().await;
    let house = House::open(folder.path(), &clock);
    house.look_at_the_code("wr2").await;
    let running = house.deliver(&platform);
    until("the code is changed", || platform.asked(UPDATE).len() == 1).await;
    house.ends(running).await;
    let asked =
        |path| platform.asked(path).iter().map(|one| one.json()["chat_id_list"].clone()).collect::<Vec<_>>();
    assert_eq!((asked(ADD), asked(UPDATE)), (vec![json!(["wr1"])], vec![json!(["wr1", "wr2"])]));
    assert_eq!(house.join_code().state.expect("made").config_id.as_deref(), Some("9ad7"));
    house.close().await;
}

#[tokio::test]
async fn a_kill_while_the_platform_is_asked_makes_no_second_code_and_ops_is_told_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let (house, platform) = (House::open(folder.path(), &clock), Platform::start().await);
    house.look_at_the_code("wr1").await;
    house.intake.write(|batch| batch.claim(1).map(drop)).await.expect("claimed");
    house.close().await;

    let mut told = 0;
    for start in 0..3 {
        let house = House::open(folder.path(), &clock);
        let running = house.deliver(&platform);
        house.look_at_the_code(&format!("wr-later-{start}")).await;
        house.ends(running).await;
        let state = house.join_code().state.expect("known");
        assert!(state.config_id.is_none() && state.asked.is_none(), "{state:?}");
        assert!(state.trouble.expect("in doubt").doubt);
        told += house.keys().iter().filter(|key| key.starts_with("doubt:")).count();
        house.close().await;
    }
    assert!(platform.asked(ADD).is_empty(), "nobody said that it may be made again");
    assert_eq!(told, 3, "the same event is seen at each start");
    assert_eq!(platform.asked("/cgi-bin/message/send").len(), 1, "told once");
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_doubt_and_a_change_without_an_answer_comes_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let (house, platform) = (House::open(folder.path(), &clock), Platform::start().await);
    platform.script(ADD, [Answer::Broken]);
    house.look_at_the_code("wr1").await;
    let running = house.deliver(&platform);
    until("doubt", || house.join_code().state.is_some_and(|state| state.trouble.is_some())).await;
    house.ends(running).await;
    assert_eq!(platform.asked(ADD).len(), 1);
    house.close().await;

    let folder = tempfile::tempdir().expect("a folder");
    let (house, platform) = (House::open(folder.path(), &clock), Platform::start().await);
    platform.script(ADD, [made()]);
    platform.script(UPDATE, [Answer::Broken]);
    house.look_at_the_code("wr1").await;
    let running = house.deliver(&platform);
    until("it is made", || house.join_code().state.is_some_and(|state| state.config_id.is_some())).await;
    house.look_at_the_code("wr2").await;
    until("it waits", || house.next_due().is_some()).await;
    house.move_clock(SignedDuration::from_secs(10));
    house.ends(running).await;
    assert_eq!(platform.asked(UPDATE).len(), 2, "overwriting twice is harmless");
    assert_eq!(house.join_code().state.expect("made").groups().len(), 2);
    house.close().await;
}

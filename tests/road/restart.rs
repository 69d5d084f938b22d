//! A graceful stop, and a second start in the same folder.

use serde_json::json;
use zhanggui::sim::world::{CHAOYANG, DEALERS};

use crate::support::Town;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_goes_on_and_sends_nothing_twice() {
    let mut town = Town::open().await;
    town.post("/sim/archive", json!({"delay": "1s"})).await;
    town.say(CHAOYANG, "wm-zhou.jie", "兼职日结300，加V：abc12345").await;
    town.advance("2s").await;
    town.sent("message/send").await;
    town.sent("message/send").await;
    let card = town.card("wang.min").await;
    // One post waits for a limit while the bot stops.
    town.fault("appchat/send", "45009").await;
    town.say(DEALERS, "sun.qian", "兼职日结300，加V：abc12345").await;
    town.failed("appchat/send", Some(45009)).await;
    town.postponed().await;
    let (journal, group, now) = (town.journal().await, town.group(CHAOYANG).await, town.now().await);

    let mut town = town.close().await.open().await;
    let went_on = town.journal().await;
    let entries =
        |journal: &[serde_json::Value]| journal.iter().map(|item| item["n"].clone()).collect::<Vec<_>>();
    assert_eq!(entries(&went_on[..journal.len()]), entries(&journal));
    assert_eq!(town.group(CHAOYANG).await["messages"], group["messages"]);
    assert!(town.now().await >= now, "the clock goes on, too");
    assert_eq!(town.reader().tasks(false, 10).expect("tasks").len(), 1);

    town.advance("61s").await;
    town.sent("appchat/send").await;
    town.tap("wang.min", &card, "done").await;
    town.sent("message/update_template_card").await;
    assert_eq!(town.card("wang.min").await["label"], "已由王敏处理");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fell_due_meanwhile_happens_after_the_start() {
    let town = Town::open().await;
    town.join(DEALERS, "wu.ming").await;
    town.reason("welcome/waiting").await;
    let closed = town.close().await;
    let mut town = closed.open().await;
    town.advance("31s").await;
    let welcome = town.sent("appchat/send").await;
    assert_eq!(welcome["text"]["mentioned_list"], json!(["wu.ming"]));
    // Heard by the same ear as before, and answered once.
    town.ask("li.na", "早安").await;
    assert_eq!(town.answered().await, "text");
    town.finish().await;
}

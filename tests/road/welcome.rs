//! Who joins is found in the member list, and welcomed once.

use serde_json::json;
use zhanggui::sim::world::DEALERS;

use crate::support::{Town, text_of};

#[tokio::test(flavor = "multi_thread")]
async fn two_newcomers_get_one_welcome_when_the_window_ends() {
    let mut town = Town::open().await;
    town.join(DEALERS, "wu.ming").await;
    town.post(&format!("/sim/groups/{DEALERS}/members"), json!({"id": "qian.hai", "name": "钱海"})).await;
    let both = async || (town.waiting_for_a_welcome().await == 2).then_some(());
    town.until("both newcomers to be found", both).await;

    town.advance("31s").await;
    let welcome = town.sent("appchat/send").await;
    assert!(text_of(&welcome).contains("经销商群"), "{welcome:#}");
    assert_eq!(welcome["text"]["mentioned_list"], json!(["wu.ming", "qian.hai"]));
    town.advance("1h").await;
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_again_before_the_window_ends_is_not_welcomed() {
    let mut town = Town::open().await;
    town.join(DEALERS, "wu.ming").await;
    town.reason("welcome/waiting").await;
    let left = format!("/sim/groups/{DEALERS}/members/wu.ming?left=true");
    town.delete(&left).await;
    town.members_read(DEALERS, Some(3)).await;
    town.advance("31s").await;
    town.reason("welcome/nobody_left").await;

    // Back after a minute: nobody has welcomed him yet.
    town.advance("1m").await;
    town.join(DEALERS, "wu.ming").await;
    let again = async || (town.waiting_for_a_welcome().await == 2).then_some(());
    town.until("the return to be found", again).await;
    town.advance("31s").await;
    let welcome = town.sent("appchat/send").await;
    assert_eq!(welcome["text"]["mentioned_list"], json!(["wu.ming"]));
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_night_the_welcome_waits_for_the_morning() {
    let mut town = Town::open().await;
    town.clock_strikes(22, 30).await;
    town.join(DEALERS, "wu.ming").await;
    town.reason("welcome/waiting").await;
    town.advance("1m").await;
    town.clock_strikes(7, 59).await;
    // The bot is awake and acts on what cannot wait.
    town.ask("li.na", "早安").await;
    assert_eq!(town.answered().await, "text");
    assert_eq!(town.reasons("welcome/greeted").await, 0);

    town.clock_strikes(8, 0).await;
    let welcome = town.sent("appchat/send").await;
    assert_eq!(welcome["text"]["mentioned_list"], json!(["wu.ming"]));
    town.finish().await;
}

impl Town {
    async fn waiting_for_a_welcome(&self) -> usize {
        let journal = self.journal().await;
        let reasons = journal.iter().filter_map(|item| item["reasons"].as_array()).flatten();
        reasons.filter(|reason| reason["code"] == "waiting").count()
    }
}

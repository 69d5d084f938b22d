//! A group that the app made: every word is heard, the bot acts by itself.

use serde_json::json;
use zhanggui::sim::world::DEALERS;

use crate::support::{Town, text_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_advertises_is_warned_then_removed_and_kept_out() {
    let mut town = Town::open().await;
    town.join(DEALERS, "wu.ming").await;
    town.reason("welcome/waiting").await;

    town.say(DEALERS, "wu.ming", "兼职日结300，加V：abc12345").await;
    let warning = town.sent("appchat/send").await;
    assert!(text_of(&warning).contains("这个群不发外面的广告"), "{warning:#}");
    assert_eq!(warning["text"]["mentioned_list"], json!(["wu.ming"]));

    town.say(DEALERS, "wu.ming", "刷单日结500，加V：abc12345").await;
    let removal = town.sent("appchat/update").await;
    assert_eq!((&removal["chatid"], &removal["del_user_list"]), (&json!(DEALERS), &json!(["wu.ming"])));
    let line = town.sent("appchat/send").await;
    assert!(text_of(&line).contains("已经按群规请出群了"), "{line:#}");
    assert!(!town.is_member(DEALERS, "wu.ming").await);

    // Who is gone is not welcomed when the window ends.
    town.advance("31s").await;
    town.reason("welcome/nobody_left").await;

    // Back at once: out at once, and no welcome later.
    town.join(DEALERS, "wu.ming").await;
    let removal = town.sent("appchat/update").await;
    assert_eq!(removal["del_user_list"], json!(["wu.ming"]));
    town.reason("moderation/blacklisted_joiner").await;
    town.advance("2m").await;
    assert_eq!(town.reasons("welcome/waiting").await, 1, "only the first time");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ad_is_left_alone() {
    let town = Town::open().await;
    for text in ["这周订货几点截止？", "货到了，少了两箱，麻烦查一下"] {
        town.say(DEALERS, "sun.qian", text).await;
    }
    // The owner may say what others may not.
    town.say(DEALERS, "lin.yun", "兼职日结300，加V：abc12345").await;
    let heard = async || {
        let journal = town.journal().await;
        (journal.iter().filter(|item| item["ear"] == "group-robot").count() == 3).then_some(journal)
    };
    let journal = town.until("three messages to be heard", heard).await;
    assert!(journal.iter().all(|item| item["actions"] == json!([])), "{journal:#?}");
    town.finish().await;
}

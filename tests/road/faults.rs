//! The platform refuses, is busy, or does not answer.

use jiff::Timestamp;
use serde_json::json;
use zhanggui::sim::world::{DEALERS, STAFF};

use crate::support::{Town, text_of};

const AD: &str = "兼职日结300，加V：abc12345";

/// A stranger advertises in the dealers' group, and the warning meets this fault.
async fn a_warning_meets(fault: &str) -> Town {
    let town = Town::open().await;
    town.fault("appchat/send", fault).await;
    town.say(DEALERS, "sun.qian", AD).await;
    town
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_token_is_renewed_and_the_post_arrives_once() {
    for (fault, errcode) in [("42001", 42001), ("40014", 40014)] {
        let mut town = a_warning_meets(fault).await;
        town.failed("appchat/send", Some(errcode)).await;
        town.sent("appchat/send").await;
        town.advance("1h").await;
        town.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_waited_for() {
    let mut town = a_warning_meets("45009").await;
    town.failed("appchat/send", Some(45009)).await;
    let action = town.postponed().await;
    assert!(action["result"].as_str().is_some_and(|why| why.contains("频繁")), "{action:#}");
    let limited_at = town.now().await;
    // The bot looks up in the middle of it, and waits on.
    town.advance("30s").await;
    town.advance("31s").await;
    town.sent("appchat/send").await;
    let group = town.group(DEALERS).await;
    let warning = group["messages"].as_array().and_then(|messages| messages.last()).expect("the warning");
    let said_at: Timestamp = warning["at"].as_str().expect("a time").parse().expect("a time");
    assert!(said_at.duration_since(limited_at).as_secs() >= 55, "not before the limit is over");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_platform_is_asked_again() {
    for (fault, errcode) in [("-1", -1), ("45033", 45033)] {
        let mut town = a_warning_meets(fault).await;
        town.failed("appchat/send", Some(errcode)).await;
        town.postponed().await;
        town.advance("10s").await;
        town.sent("appchat/send").await;
        town.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_without_an_answer_is_in_doubt_and_never_repeated() {
    for fault in ["timeout", "lost-answer"] {
        let mut town = a_warning_meets(fault).await;
        town.failed("appchat/send", None).await;
        let doubt = async || {
            let entries = town.reader().journal(0, None, 100).expect("a journal");
            entries.into_iter().flat_map(|entry| entry.actions).find(|action| action.state == "doubt")
        };
        let action = town.until("the post to be in doubt", doubt).await;
        assert_eq!(action.action.act.name(), "post");
        town.advance("1h").await;
        let seen = town.group(DEALERS).await["messages"].as_array().expect("a list").len();
        assert_eq!(seen, if fault == "timeout" { 1 } else { 2 }, "the ad, and the warning if it was done");
        town.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_the_platform_refuses_becomes_a_card() {
    let mut town = Town::open().await;
    town.say(DEALERS, "sun.qian", AD).await;
    town.sent("appchat/send").await;
    town.fault("appchat/update", "60020").await;
    town.say(DEALERS, "sun.qian", AD).await;
    town.failed("appchat/update", Some(60020)).await;
    let paste = town.sent("message/send").await;
    assert!(text_of(&paste).contains("请出群"), "the line waits on the card: {paste:#}");
    let card = town.sent("message/send").await;
    assert_eq!((&card["touser"], &card["msgtype"]), (&json!("lin.yun"), &json!("template_card")));
    let card = town.card("lin.yun").await;
    assert_eq!(card["title"], "请移出这位成员");
    assert!(card["why"].as_str().is_some() && card.to_string().contains("可信IP"), "{card:#}");
    town.reason("outcomes/next_hand").await;
    town.finish().await;
}

/// The rules say that the app may post in the staff group, but the app did not make it: 86008.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_somebody_else_is_reached_through_a_person() {
    let mut town = Town::open().await;
    let rules = format!(
        "[[group]]\nmatch = {{ id = \"{STAFF}\" }}\nstore = \"chaoyang\"\nprofile = \"dealers\"\n\
         ears = [\"aibot\"]\nhands = [\"appchat\", \"staff-task\"]\n"
    );
    town.change_file("config/groups/05-playground.toml", |_| rules.clone()).await;
    town.join(STAFF, "wu.ming").await;
    town.mention(STAFF, "wu.ming", AD).await;
    assert_eq!(town.answered().await, "stream");
    town.failed("appchat/send", Some(86008)).await;
    let paste = town.sent("message/send").await;
    assert!(text_of(&paste).contains("这个群不发外面的广告"), "{paste:#}");
    let card = town.sent("message/send").await;
    assert_eq!(card["touser"], "wang.min", "the store's owner, since nobody told us the group's");
    town.finish().await;
}

//! A new group's first week begins by itself, on the real road.

use jiff::Timestamp;
use serde_json::{Value, json};
use zhanggui::decision::{GroupId, StepEnd};
use zhanggui::sim::world::CHAOYANG;
use zhanggui::store::PostStatus;

use crate::support::{Town, text_of};

const ADD: &str = "externalcontact/add_msg_template";

/// The mass sends that owners see: who, and how they stand.
async fn mass_sends(town: &Town) -> Vec<Value> {
    town.get("/sim/mass-sends").await["items"].as_array().expect("a list").clone()
}

/// The bot's opening waits for the group's owner as a mass send, once, also over a restart; the key person's line is
/// a card at once.
#[tokio::test(flavor = "multi_thread")]
async fn the_opening_of_a_new_group_is_one_tap_of_its_owner() {
    let mut town = Town::open_with_playbooks().await;
    let paste = town.sent("message/send").await;
    assert!(text_of(&paste).starts_with("大家好，我也住这附近"), "{paste:#}");
    town.sent("message/send").await;
    let card: Value = town.card("wang.min").await;
    assert_eq!(card["title"], "请在群里发这一句");
    assert!(card.to_string().contains("我已发"), "{card:#}");
    town.tap("wang.min", &card, "done").await;
    town.sent("message/update_template_card").await;
    town.reason("playbooks/begun").await;
    town.reason("later/mass_send").await;

    // Decided, and not yet asked for.
    let mut town = town.close().await.open().await;
    town.advance("6s").await;
    let asked = town.sent(ADD).await;
    assert_eq!((&asked["sender"], &asked["chat_id_list"]), (&json!("wang.min"), &json!([CHAOYANG])));
    let text = asked["text"]["content"].as_str().expect("words");
    assert!(
        text.starts_with("大家好，山谷小铺朝阳店的群今天开张了") && text.contains("先认识一下"),
        "{text}"
    );

    let town = town.close().await.open().await;
    let [send] = &mass_sends(&town).await[..] else { panic!("one task") };
    let msgid = send["msgid"].as_str().expect("an id");
    town.post(&format!("/sim/mass-sends/{msgid}/confirm"), json!({})).await;
    town.advance("3m").await;
    town.reason("confirmations/sent").await;

    let state = town.reader().group(CHAOYANG).expect("read").expect("known");
    let opening = &state.playbooks["first-seven-days"].done["opening"].how;
    let StepEnd::ToOwner { post } = opening else { panic!("{opening:?}") };
    let confirmed = async || {
        let found = town.reader().mass_send_in(post, &GroupId::from(CHAOYANG)).expect("read");
        found.and_then(|(send, _)| send.confirmed_at)
    };
    town.until("the confirmation", confirmed).await;
    let plan = Some("playbook:first-seven-days");
    let posts = town.reader().posts(Timestamp::MIN, Timestamp::MAX, plan).expect("read");
    // Whether somebody is asked to speak next depends on the hour.
    let [post, ..] = &posts[..] else { panic!("{posts:#?}") };
    assert!(matches!(post.outcome(), PostStatus::PostedBy { .. }), "{:?}", post.outcome());
    assert_eq!(post.group.as_str(), CHAOYANG);
    town.finish().await;
}

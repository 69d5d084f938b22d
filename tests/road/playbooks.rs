//! A new group's first week begins by itself, on the real road.

use serde_json::{Value, json};

use crate::support::{Town, text_of};

/// The next line: what is to be pasted, then the card that asks for it.
async fn line(town: &mut Town) -> String {
    let paste = town.sent("message/send").await;
    let card = town.sent("message/send").await;
    assert_eq!((&paste["touser"], &card["touser"]), (&json!("wang.min"), &json!("wang.min")));
    assert_eq!(card["msgtype"], "template_card", "{card:#}");
    text_of(&paste).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_opening_of_a_new_group_is_in_the_hands_of_its_owner() {
    let mut town = Town::open_with_playbooks().await;
    for begins in ["大家好，山谷小铺朝阳店的群今天开张了", "先认识一下", "大家好，我也住这附近"]
    {
        let line = line(&mut town).await;
        assert!(line.starts_with(begins), "{line}");
    }
    let card: Value = town.card("wang.min").await;
    assert_eq!(card["title"], "请在群里发这一句");
    assert!(card.to_string().contains("我已发"), "{card:#}");
    town.tap("wang.min", &card, "done").await;
    town.sent("message/update_template_card").await;
    town.reason("playbooks/begun").await;
    town.finish().await;
}

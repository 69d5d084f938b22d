//! Callbacks made by hand: repeats, and what nobody expects.

use zhanggui::sim::world::CORP_ID;

use crate::support::Town;
use crate::support::callback::{Address, element, post, private_text};

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_comes_twice_is_one_event_and_has_one_answer() {
    let town = Town::open().await;
    let address = Address::of(&town, "wecom-app");
    let at = town.now().await.as_second();
    let plain = private_text(CORP_ID, "li.na", "早安", 7_301_000_000_000_000_001, at);
    let mut answers = Vec::new();
    // Encrypted anew, as the platform does when it repeats itself.
    for nonce in ["1001", "1002"] {
        let (status, body) = post(&town, &address.seal(&plain, at, nonce)).await;
        assert_eq!(status, 200);
        answers.push(element(&address.open(&body), "Content"));
    }
    assert!(answers[0].contains("山谷小铺朝阳店开门了"), "{answers:?}");
    assert_eq!(answers[0], answers[1]);
    let journal = town.journal().await;
    assert_eq!(journal.iter().filter(|item| item["from"] == "li.na").count(), 1);
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_nobody_knows_is_kept_whole() {
    let town = Town::open().await;
    let address = Address::of(&town, "wecom-app");
    let at = town.now().await.as_second();
    let plain = private_text(CORP_ID, "li.na", "早安", 7_301_000_000_000_000_002, at)
        .replace("<MsgType><![CDATA[text]]>", "<MsgType><![CDATA[hologram]]>");
    let (status, body) = post(&town, &address.seal(&plain, at, "1")).await;
    assert_eq!((status, body.as_str()), (200, ""));
    let entries = town.reader().why("7301000000000000002").expect("a journal");
    let event = &entries.first().expect("the event").event;
    assert_eq!((event.kind.name(), event.raw.as_deref()), ("unknown", Some(plain.as_str())));
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_and_an_old_recording_are_turned_away() {
    let town = Town::open().await;
    let address = Address::of(&town, "wecom-app");
    let at = town.now().await.as_second();
    let plain = private_text(CORP_ID, "li.na", "早安", 7_301_000_000_000_000_003, at);

    let mut forged = address.seal(&plain, at, "1");
    forged.url = address.signed_url(&"0".repeat(40), at, "1");
    assert_eq!(post(&town, &forged).await.0, 403);
    let old = address.seal(&plain, at - 11 * 60, "2");
    assert_eq!(post(&town, &old).await.0, 403);
    let other = Address { receive_id: "ww0000000000000000".into(), ..address };
    assert_eq!(post(&town, &other.seal(&plain, at, "3")).await.0, 400);

    let accepted = town.journal().await;
    assert!(accepted.iter().all(|item| item["ear"] != "app"), "nothing of it was accepted: {accepted:#?}");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_proves_that_it_is_ours() {
    let town = Town::open().await;
    let results = town.post("/sim/verify", serde_json::json!({})).await;
    let results = results["results"].as_array().expect("a list").clone();
    assert_eq!(results.len(), 3);
    assert!(results.iter().all(|result| result["ok"] == true), "{results:#?}");
    town.finish().await;
}

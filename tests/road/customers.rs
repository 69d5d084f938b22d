//! A customer group: heard late, and only a person can act there.

use serde_json::{Value, json};
use zhanggui::sim::world::CHAOYANG;
use zhanggui::store::JournalEntry;
use zhanggui::web::control::{Pardon, call};

use crate::support::{Town, text_of};

/// Advertises, and lets the archive tell of it.
async fn advertise(town: &mut Town) -> Value {
    town.post("/sim/archive", json!({"delay": "10m"})).await;
    town.say(CHAOYANG, "wm-zhou.jie", "兼职日结300，加V：abc12345").await;
    town.advance("9m").await;
    assert!(town.journal().await.iter().all(|item| item["kind"] != "message"), "heard before the archive");
    town.advance("2m").await;

    let paste = town.sent("message/send").await;
    assert!(text_of(&paste).contains("这个群不发外面的广告"), "{paste:#}");
    let card = town.sent("message/send").await;
    assert_eq!((&paste["touser"], &card["touser"]), (&json!("wang.min"), &json!("wang.min")));
    assert_eq!(card["msgtype"], "template_card");
    let card = town.card("wang.min").await;
    assert_eq!(card["title"], "请在群里提醒这位成员");
    let rows = card["rows"].to_string();
    assert!(rows.contains("福利群") && rows.contains("周姐"), "{card:#}");
    card
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_taps_and_the_card_says_who_did_it() {
    let mut town = Town::open().await;
    let card = advertise(&mut town).await;
    town.tap("wang.min", &card, "done").await;
    let update = town.sent("message/update_template_card").await;
    assert_eq!(update["userids"], json!(["wang.min"]));
    let card = town.card("wang.min").await;
    assert_eq!((&card["state"], &card["label"]), (&json!("updated"), &json!("已由王敏处理")));

    let asked = town.reason("staff_tasks/asked").await;
    assert_eq!(asked["ear"], "archive");
    let action = &asked["actions"][0];
    assert_eq!((&action["state"], &action["result"]), (&json!("done_by"), &json!("王敏")), "{asked:#}");
    // Whoever did it is not reminded.
    town.advance("3h").await;
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_may_refuse() {
    let mut town = Town::open().await;
    let card = advertise(&mut town).await;
    town.tap("wang.min", &card, "refuse").await;
    town.sent("message/update_template_card").await;
    assert_eq!(town.card("wang.min").await["label"], "王敏选择不处理");
    let asked = town.reason("staff_tasks/asked").await;
    assert_eq!(asked["actions"][0]["state"], "refused_by");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_taps_it_is_reminded_then_escalated_then_expires() {
    let mut town = Town::open().await;
    advertise(&mut town).await;
    town.advance("31m").await;
    let reminder = town.sent("message/send").await;
    assert_eq!(reminder["touser"], "wang.min");
    assert!(text_of(&reminder).starts_with("提醒：待办「请在群里提醒这位成员」"), "{reminder:#}");

    town.advance("90m").await;
    let paste = town.sent("message/send").await;
    let escalation = town.sent("message/send").await;
    assert_eq!((&paste["touser"], &escalation["touser"]), (&json!("lin.yun"), &json!("lin.yun")));
    let card = town.card("lin.yun").await;
    assert!(card["rows"].to_string().contains("王敏"), "who was asked first: {card:#}");

    town.advance("22h").await;
    let expired = town.reason("staff_tasks/expired").await;
    assert_eq!(expired["ear"], "clock");
    assert_eq!(town.reason("staff_tasks/asked").await["actions"][0]["state"], "expired");

    // Too late: the card says so.
    town.tap("lin.yun", &card, "done").await;
    town.sent("message/update_template_card").await;
    assert_eq!(town.card("lin.yun").await["label"], "已过期");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_is_told_by_the_event_and_welcomed_by_the_owner() {
    let mut town = Town::open().await;
    town.join(CHAOYANG, "wm-he.xiaoyu").await;
    town.reason("welcome/waiting").await;
    // The event names an id; the name comes with the reading that it causes.
    let six = |item: &&Value| item["text"].as_str().is_some_and(|text| text.ends_with("6 人"));
    let named = async || town.journal().await.iter().find(six).cloned();
    town.until("the newcomer to be read", named).await;
    town.advance("31s").await;
    let welcome = town.sent("message/send").await;
    assert!(
        text_of(&welcome).contains("何小雨") && text_of(&welcome).contains("山谷小铺朝阳店"),
        "{welcome:#}"
    );
    town.sent("message/send").await;
    assert_eq!(town.card("wang.min").await["title"], "请欢迎新成员");
    town.finish().await;
}

/// Warned twice, to be removed the third time: the card of that.
async fn to_be_removed(town: &mut Town) -> Value {
    advertise(town).await;
    for _ in 0..2 {
        town.say(CHAOYANG, "wm-zhou.jie", "兼职日结500，加V：abc12345").await;
        town.advance("11m").await;
        town.sent("message/send").await;
        town.sent("message/send").await;
    }
    let card = town.card("wang.min").await;
    assert_eq!(card["title"], "请移出这位成员");
    card
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_was_wrong_is_taken_back_on_the_same_card() {
    let mut town = Town::open().await;
    let card = to_be_removed(&mut town).await;
    assert!(card["buttons"].to_string().contains("误判"), "{card:#}");
    town.tap("wang.min", &card, "done").await;
    let update = town.sent("message/update_template_card").await;
    assert_eq!(update["template_card"]["button_list"][0]["text"], "误判", "{update:#}");
    let card = town.card("wang.min").await;
    assert_eq!(card["title"], "已由王敏处理");
    town.tap("wang.min", &card, "misjudged").await;
    let pardoned = town.reason("moderation/pardoned").await;
    assert_eq!(pardoned["kind"], "card_tapped");
    // What to paste, whom to bring back, and the card that says so.
    assert!(text_of(&town.sent("message/send").await).contains("您那条不是广告"));
    let bring_back = town.sent("message/send").await;
    assert_eq!(bring_back["template_card"]["main_title"]["title"], "请把这位成员请回群");
    let update = town.sent("message/update_template_card").await;
    assert_eq!(update["button"]["replace_name"], "王敏认定是误判，已撤销");
    town.reason("staff_tasks/pardoned").await;
    let verdicts = town.reader().verdicts(0, 10).expect("read");
    assert_eq!(verdicts.iter().map(|(_, verdict)| verdict.honest).collect::<Vec<_>>(), [false, true]);
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_pardons_at_the_command_line() {
    let mut town = Town::open().await;
    advertise(&mut town).await;
    let journal = town.reader().journal(0, None, 1000).expect("read");
    let judged = |entry: &&JournalEntry| entry.reasons.iter().any(|reason| reason.code == "strike");
    let id = journal.iter().find(judged).expect("judged").event.key.to_string();
    let pardon = async || {
        let asked = Pardon { id: id.clone(), by: "lin.yun".into() };
        call(&town.file("bot"), "pardon", &asked).await.expect("answered")
    };
    let (first, again) = (pardon().await, pardon().await);
    assert!(first.done && again.done && again.told.contains("不再重复"), "{first:?} {again:?}");
    town.reason("moderation/pardoned").await;
    assert_eq!(town.reasons("moderation/pardoned").await, 1);
    town.finish().await;
}

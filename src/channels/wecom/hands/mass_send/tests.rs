use std::path::PathBuf;

use serde_json::json;

use super::*;
use crate::channels::wecom::client::scripted::{Answer, Platform, app, errcode};
use crate::channels::wecom::hands::Connections;
use crate::clock::Clock;
use crate::decision::{Part, PostName};

fn hands(platform: &Platform) -> Hands {
    let connections =
        Connections { api_base: platform.base.clone(), apps: vec![app()], webhooks: Vec::new() };
    Hands::new(connections, PathBuf::from("bot-scripts"), Clock::system()).unwrap()
}

fn send(parts: Vec<Part>) -> MassSend {
    MassSend {
        owner: "wang.min".into(),
        parts,
        post: PostName { id: "p@1".into(), title: "早安".into(), region: String::new() },
        reminders: Vec::new(),
        escalate_at: Timestamp::MAX,
        cancel_at: Timestamp::MAX,
        store: String::new(),
        withdrawn: false,
    }
}

fn words() -> MassSend {
    send(vec![Part::text("早安")])
}

async fn ask(hands: &Hands, send: &MassSend) -> Result<Made, Report> {
    let prepared = hands.prepare_mass_send("assistant", send).await.unwrap();
    hands.ask_for_mass_send("assistant", send, &["wr1".into(), "wr2".into()], &prepared).await
}

#[tokio::test]
async fn a_post_with_a_link_is_asked_for_in_one_call() {
    let platform = Platform::start().await;
    let made = json!({ "errcode": 0, "fail_list": ["wr2"], "msgid": "m1" });
    platform.script(ADD_MASS_SEND, [Answer::Json(made)]);
    let link = Part::Link {
        title: "中秋预售".into(),
        description: "限量".into(),
        url: "https://shop.example.com/m".into(),
        picture: None,
    };
    let send = send(vec![Part::text("早安"), link, Part::text("到店自提")]);
    let asked = ask(&hands(&platform), &send).await;
    assert_eq!(asked, Ok(Made { msgid: "m1".into(), refused: vec!["wr2".into()] }));
    assert_eq!(platform.paths(), [ADD_MASS_SEND]);
    let body = platform.asked(ADD_MASS_SEND)[0].json();
    assert_eq!((&body["sender"], &body["text"]["content"]), (&json!("wang.min"), &json!("早安\n\n到店自提")));
    let link = json!({ "title": "中秋预售", "desc": "限量", "url": "https://shop.example.com/m" });
    assert_eq!(body["attachments"], json!([{ "msgtype": "link", "link": link }]));
}

#[tokio::test]
async fn what_may_have_been_made_is_in_doubt() {
    let platform = Platform::start().await;
    let hands = hands(&platform);
    let lost = [Answer::Broken, Answer::Http(502), Answer::Json(json!({ "errcode": 0, "fail_list": [] }))];
    for answer in lost {
        platform.script(ADD_MASS_SEND, [answer.clone()]);
        let asked = ask(&hands, &words()).await;
        assert!(matches!(asked, Err(Report::Doubt { .. })), "{answer:?}: {asked:?}");
    }
    platform.refuse(ADD_MASS_SEND, 41048);
    assert!(matches!(ask(&hands, &words()).await, Err(Report::Failed { .. })));
    platform.refuse(ADD_MASS_SEND, 45009);
    assert!(matches!(ask(&hands, &words()).await, Err(Report::Wait { .. })));
}

#[tokio::test]
async fn a_text_beyond_the_platforms_limit_is_not_asked_for() {
    let platform = Platform::start().await;
    let asked = ask(&hands(&platform), &send(vec![Part::text("长".repeat(1334))])).await;
    assert!(matches!(asked, Err(Report::Failed { .. })), "{asked:?}");
    assert!(platform.asked(ADD_MASS_SEND).is_empty());
}

#[tokio::test]
async fn a_stage_is_waiting_until_the_owner_has_sent_it() {
    let platform = Platform::start().await;
    let hands = hands(&platform);
    let task = |status: i64| {
        Answer::Json(json!({ "errcode": 0, "task_list": [
            { "userid": "somebody", "status": 2, "send_time": 1 },
            { "userid": "WANG.min", "status": status, "send_time": 1_790_000_100 }] }))
    };
    platform.script(MASS_SEND_TASK, [task(0), task(2), errcode(41063), errcode(41047)]);
    let results = json!({ "errcode": 0, "send_list": [
        { "chat_id": "wr1", "status": 1, "send_time": "1790000101" },
        { "chat_id": "wr2", "status": 3 }, { "chat_id": "wr3", "status": 0 }] });
    platform.script(MASS_SEND_RESULT, [Answer::Json(results)]);
    let stage = || async { hands.mass_send_stage("assistant", "m1", &"wang.min".into()).await };
    assert_eq!(stage().await, Ok(Stage::Waiting));
    let second = |number: i64| Timestamp::from_second(1_790_000_100 + number).unwrap();
    let groups = vec![
        ("wr1".into(), Landed::Sent(second(1))),
        ("wr2".into(), Landed::Full),
        ("wr3".into(), Landed::Not),
    ];
    assert_eq!(stage().await, Ok(Stage::Confirmed { at: second(0), groups }));
    assert!(matches!(stage().await, Err(NotNow::Later(_))));
    assert!(matches!(stage().await, Err(NotNow::Never(_))));
}

#[tokio::test]
async fn a_lost_mass_send_is_found_by_its_words_and_its_owner() {
    let platform = Platform::start().await;
    let hands = hands(&platform);
    let one = |id: &str, text: &str| json!({ "msgid": id, "create_time": "1", "text": { "content": text } });
    let list = json!({ "errcode": 0, "group_msg_list":
        [one("m1", "早安"), one("m2", "晚安"), one("m3", "早安"), one("m4", "早安")] });
    let of =
        |owner: &str| Answer::Json(json!({ "errcode": 0, "task_list": [{ "userid": owner, "status": 0 }] }));
    platform.script(LIST_MASS_SENDS, [Answer::Json(list)]);
    platform.script(MASS_SEND_TASK, [of("li.na"), of("wang.min")]);
    let at = Timestamp::from_second(1_790_000_000).unwrap();
    let found = hands.find_mass_send("assistant", &words(), at, |id| id == "m1").await;
    assert_eq!(found, Ok(Some("m4".into())), "m1 is another of ours, m2 says something else, m3 is li.na's");
    let asked = platform.asked(LIST_MASS_SENDS)[0].json();
    assert_eq!((&asked["start_time"], &asked["end_time"]), (&json!(1_789_999_700), &json!(1_790_000_300)));
    platform.script(LIST_MASS_SENDS, [Answer::Json(json!({ "errcode": 0, "group_msg_list": [] }))]);
    assert_eq!(hands.find_mass_send("assistant", &words(), at, |_| false).await, Ok(None));
}

#[tokio::test]
async fn used_up_reminders_and_an_earlier_withdrawal_are_no_failures() {
    let platform = Platform::start().await;
    let hands = hands(&platform);
    assert_eq!(hands.remind_mass_send("assistant", "m1").await, Ok(true));
    platform.refuse(REMIND_MASS_SEND, 41094);
    assert_eq!(hands.remind_mass_send("assistant", "m1").await, Ok(false));
    platform.refuse(REMIND_MASS_SEND, 45009);
    assert!(matches!(hands.remind_mass_send("assistant", "m1").await, Err(NotNow::Later(_))));
    platform.refuse(CANCEL_MASS_SEND, 41093);
    assert_eq!(hands.cancel_mass_send("assistant", "m1").await, Ok(()));
    platform.refuse(CANCEL_MASS_SEND, 48002);
    assert!(matches!(hands.cancel_mass_send("assistant", "m1").await, Err(NotNow::Never(_))));
    assert!(matches!(hands.cancel_mass_send("nobody", "m1").await, Err(NotNow::Never(_))));
}

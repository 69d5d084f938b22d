//! `add_msg_template` for customer groups, its records, reminders and withdrawal (wecom-send.md §8).

use super::*;
use crate::sim::people::{self, OwnMassSend};
use crate::sim::world::{CHAOYANG, DEALERS};

const ADD: &str = "externalcontact/add_msg_template";
const TASK: &str = "externalcontact/get_groupmsg_task";
const RESULT: &str = "externalcontact/get_groupmsg_send_result";
const REMIND: &str = "externalcontact/remind_groupmsg_send";
const CANCEL: &str = "externalcontact/cancel_groupmsg_send";
const LIST: &str = "externalcontact/get_groupmsg_list_v2";

fn body(patch: Value) -> Value {
    let mut body = json!({"chat_type": "group", "sender": "wang.min", "chat_id_list": [CHAOYANG],
        "text": {"content": "早安"}});
    for (name, value) in patch.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

fn made(caller: &Caller) -> String {
    let answer = caller.post(ADD, body(json!({})));
    assert_eq!(answer["errcode"], 0, "{answer}");
    answer["msgid"].as_str().unwrap().to_owned()
}

fn pass(caller: &Caller, by: SignedDuration) {
    caller.world.move_clock(caller.world.clock().offset() + by);
}

fn said(caller: &Caller) -> Vec<(String, String)> {
    caller.world.read(|state| {
        let said = state.said.get(CHAOYANG).into_iter().flatten();
        said.map(|message| (message.from.clone(), message.content.clone())).collect()
    })
}

#[test]
fn only_owners_send_to_their_own_customer_groups() {
    let caller = Caller::new();
    let link = |title: &str| json!({"msgtype": "link", "link": {"title": title, "url": "https://a.example"}});
    let one = link("题");
    for (patch, code) in [
        (json!({"sender": ""}), 40058),
        (json!({"sender": "wm-chen.ayi"}), 40003),
        (json!({"sender": "li.na"}), 41048),
        (json!({"chat_id_list": [DEALERS]}), 90501),
        (json!({"chat_id_list": vec![CHAOYANG; 2001]}), 40058),
        (json!({"text": {"content": ""}}), 40058),
        (json!({"text": {"content": "长".repeat(1334)}}), 45002),
        (json!({"attachments": vec![one.clone(); 10]}), 41064),
        (json!({"attachments": [link(&"长".repeat(43))]}), 40058),
        (json!({"attachments": [{"msgtype": "voice", "voice": {}}]}), 41065),
        (json!({"attachments": [{"msgtype": "image", "image": {"media_id": "x"}}]}), 40007),
        (json!({"chat_type": "single"}), 86214),
        (json!({"attachments": vec![one; 9]}), 0),
    ] {
        assert_eq!(caller.code(ADD, body(patch.clone())), code, "{patch}");
    }
    caller.world.step(|step| step.state_mut_for_test().apps[0].customer_contact = false);
    assert_eq!(caller.code(ADD, body(json!({}))), 48002);
}

#[test]
fn nothing_is_in_the_group_before_the_owner_has_sent_it() {
    let caller = Caller::new();
    let msgid = made(&caller);
    let task = json!({"msgid": msgid});
    assert_eq!(caller.code(TASK, task.clone()), 41063, "right after its creation");
    pass(&caller, SignedDuration::from_secs(2));
    assert_eq!(caller.post(TASK, task.clone())["task_list"][0]["status"], 0);
    assert_eq!(said(&caller), []);

    caller.world.step(|step| people::confirm(step, &msgid)).unwrap();
    assert_eq!(said(&caller), [("wang.min".to_owned(), "早安".to_owned())]);
    let answer = caller.post(TASK, task);
    assert_eq!(
        (&answer["task_list"][0]["userid"], &answer["task_list"][0]["status"]),
        (&json!("wang.min"), &json!(2))
    );
    let results = caller.post(RESULT, json!({"msgid": msgid, "userid": "wang.min"}));
    assert_eq!(
        (&results["send_list"][0]["chat_id"], &results["send_list"][0]["status"]),
        (&json!(CHAOYANG), &json!(1))
    );
    assert_eq!(caller.code(RESULT, json!({"msgid": msgid})), 40058);
    assert_eq!(caller.code(TASK, json!({"msgid": "other"})), 41047);
    assert!(caller.world.step(|step| people::confirm(step, &msgid)).is_err(), "once");
    assert!(
        caller.world.read(|state| !state.archive.messages.is_empty()),
        "the archive hears it as the owner's"
    );
}

#[test]
fn a_group_receives_as_many_a_month_as_the_month_has_days() {
    let caller = Caller::new();
    let days = {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8));
        caller.world.clock().now().to_zoned(zone).days_in_month()
    };
    let own = |times: u8| OwnMassSend {
        sender: "wang.min".into(),
        chats: vec![CHAOYANG.into()],
        content: "店里到货".into(),
        times,
    };
    let times = u8::try_from(days).unwrap() - 1;
    caller.world.step(|step| people::send_own(step, &own(times))).unwrap();
    let (last, over) = (made(&caller), made(&caller));
    for (msgid, status) in [(last, 1), (over, 3)] {
        caller.world.step(|step| people::confirm(step, &msgid)).unwrap();
        pass(&caller, SignedDuration::from_secs(2));
        let results = caller.post(RESULT, json!({"msgid": msgid, "userid": "wang.min"}));
        assert_eq!(results["send_list"][0]["status"], status);
    }
    assert_eq!(said(&caller).len(), usize::from(times) + 1);
    assert!(
        caller
            .world
            .step(|step| people::send_own(step, &OwnMassSend { sender: "li.na".into(), ..own(1) }))
            .is_err()
    );
}

#[test]
fn three_reminders_a_day_and_a_withdrawal() {
    let mut caller = Caller::new();
    let msgid = made(&caller);
    let task = || json!({"msgid": msgid});
    let codes: Vec<i64> = (0..4).map(|_| caller.code(REMIND, task())).collect();
    assert_eq!(codes, [0, 0, 0, 41094]);
    pass(&caller, SignedDuration::from_hours(25));
    caller.fetch_token();
    assert_eq!(caller.code(REMIND, task()), 0);
    assert_eq!((caller.code(CANCEL, task()), caller.code(CANCEL, task())), (0, 41093));
    assert!(caller.world.step(|step| people::confirm(step, &msgid)).is_err(), "too late");
    assert_eq!(said(&caller), []);
}

#[test]
fn what_was_made_is_listed_in_pages() {
    let caller = Caller::new();
    let from = caller.world.clock().now().as_second() - 60;
    let ids = [made(&caller), made(&caller), made(&caller)];
    let list = |patch: Value| {
        let mut body = json!({"chat_type": "group", "start_time": from, "end_time": from + 120, "limit": 2});
        body.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
        caller.post(LIST, body)
    };
    let first = list(json!({}));
    let second = list(json!({"cursor": first["next_cursor"]}));
    let mut listed: Vec<&str> = [&first, &second]
        .into_iter()
        .flat_map(|page| page["group_msg_list"].as_array().unwrap())
        .map(|one| one["msgid"].as_str().unwrap())
        .collect();
    let mut made: Vec<&str> = ids.iter().map(String::as_str).collect();
    listed.sort_unstable();
    made.sort_unstable();
    assert_eq!(listed, made);
    let one = &first["group_msg_list"][0];
    assert!(one["create_time"].is_string() && one.get("creator").is_none(), "{one}");
    assert_eq!(list(json!({"filter_type": 1}))["group_msg_list"], json!([]));
    for wrong in [json!({"end_time": from + 32 * 86_400}), json!({"limit": 101}), json!({"end_time": null})] {
        assert_eq!(list(wrong.clone())["errcode"], 40058, "{wrong}");
    }
}

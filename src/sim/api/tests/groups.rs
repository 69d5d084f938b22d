//! `appchat/*`, `webhook/send` and `externalcontact/groupchat/*`.

use super::*;
use crate::sim::people;
use crate::sim::world::{CHAOYANG, DEALERS, STAFF};

#[test]
fn the_app_makes_groups() {
    let caller = Caller::new();
    let create = |body: Value| caller.post("appchat/create", body);
    let two = json!(["wang.min", "li.na"]);
    for (body, code) in [
        (json!({"userlist": ["wang.min"]}), 86006),
        (json!({}), 86006),
        (json!({"userlist": ["wang.min", "nobody"]}), 86007),
        (json!({"userlist": ["wang.min", "wm-chen.ayi"]}), 86007),
        (json!({"userlist": two, "owner": "lin.yun"}), 86207),
        (json!({"userlist": two, "chatid": "有中文"}), 86001),
        (json!({"userlist": two, "chatid": "a".repeat(33)}), 86001),
        (json!({"userlist": two, "chatid": DEALERS}), 86215),
    ] {
        assert_eq!(create(body.clone())["errcode"], code, "{body}");
    }
    let made = create(json!({"userlist": two, "owner": "li.na", "name": "群".repeat(60)}));
    assert_eq!(made["errcode"], 0);
    let chat = made["chatid"].as_str().unwrap();
    let query = [("access_token", caller.token.as_str()), ("chatid", chat)];
    let got = caller.raw(Method::GET, "/cgi-bin/appchat/get", &query, "");
    let expected = json!({"chatid": chat, "name": "群".repeat(50), "owner": "li.na",
        "userlist": ["li.na", "wang.min"], "chat_type": 0});
    assert_eq!(got["chat_info"], expected);
}

#[test]
fn only_groups_of_this_app_can_be_managed() {
    let caller = Caller::new();
    let send = |chat: &str| {
        caller.code("appchat/send", json!({"chatid": chat, "msgtype": "text", "text": {"content": "好"}}))
    };
    assert_eq!(send(DEALERS), 0);
    assert_eq!(send(CHAOYANG), 86008);
    assert_eq!(send(STAFF), 86008);
    assert_eq!(send("nowhere"), 40050);
    assert_eq!(send(""), 86003);
    assert_eq!(send("not-alnum"), 86001);
    let card = json!({"chatid": DEALERS, "msgtype": "template_card", "template_card": {}});
    assert_eq!(caller.code("appchat/send", card), 40008, "no template_card in groups");
    caller.world.step(|step| step.state_mut_for_test().apps[0].sees_root = false);
    assert_eq!(send(DEALERS), 48002);
}

#[test]
fn a_message_is_seen_by_the_members_and_mentions_them() {
    let caller = Caller::new();
    let text = json!({"content": "<@zhao.lei> 请看", "mentioned_list": ["sun.qian"]});
    caller.post("appchat/send", json!({"chatid": DEALERS, "msgtype": "text", "text": text}));
    assert_eq!(caller.last_outbound().seen_by, ["lin.yun", "zhao.lei", "sun.qian"]);
    let said = caller.world.read(|state| state.said[DEALERS].back().cloned()).unwrap();
    assert_eq!(
        (said.from.as_str(), said.mentions),
        ("app:assistant", vec!["sun.qian".into(), "zhao.lei".into()])
    );
}

#[test]
fn members_are_removed_and_added_without_a_callback() {
    let caller = Caller::new();
    let update = |patch: Value| {
        let mut body = json!({"chatid": DEALERS});
        merge(&mut body, patch);
        caller.code("appchat/update", body)
    };
    assert_eq!(update(json!({"del_user_list": ["lin.yun"]})), 86203, "the owner goes: who is next?");
    assert_eq!(update(json!({"del_user_list": ["zhao.lei", "sun.qian"]})), 86006);
    assert_eq!(update(json!({"add_user_list": ["wm-chen.ayi"]})), 86007);
    assert_eq!(update(json!({"owner": "wu.ming"})), 86207);
    assert_eq!(update(json!({"del_user_list": ["zhao.lei"], "add_user_list": ["wu.ming"]})), 0);
    assert_eq!(update(json!({"del_user_list": ["zhao.lei"]})), 0);
    assert_eq!(caller.last_outbound().dropped.as_deref(), Some("not a member: zhao.lei"));
    let members = caller.world.read(|state| state.groups[DEALERS].member_ids());
    assert_eq!(members, ["lin.yun", "sun.qian", "wu.ming"]);
    assert_eq!(caller.world.read(|state| state.waiting_callbacks()), 0, "wecom-receive.md §3.1");
}

#[test]
fn a_webhook_takes_twenty_a_minute() {
    let caller = Caller::new();
    let key = caller.webhook_key();
    let send = |key: &str, body: &Value| {
        let path = "/cgi-bin/webhook/send";
        caller.raw(Method::POST, path, &[("key", key)], &body.to_string())["errcode"].clone()
    };
    let text = json!({"msgtype": "text", "text": {"content": "早"}});
    assert_eq!(send("invented", &text), 93000);
    for _ in 0..20 {
        assert_eq!(send(&key, &text), 0);
    }
    assert_eq!(send(&key, &text), 45009);
    caller.advance(60);
    assert_eq!(send(&key, &text), 0);
    assert_eq!(caller.last_outbound().by.as_deref(), Some("webhook:dealers"));
}

#[test]
fn a_webhook_has_its_own_types_and_limits() {
    let caller = Caller::new();
    let key = caller.webhook_key();
    let png = "iVBORw0KGgo=";
    let md5 = "e9dd2797018cad79186e03e8c5aec8dc";
    for (kind, payload, code) in [
        ("text", json!({"content": "a".repeat(2_049)}), 45002),
        ("markdown", json!({"content": "a".repeat(4_096)}), 0),
        ("markdown", json!({"content": "a".repeat(4_097)}), 45002),
        ("markdown_v2", json!({"content": "# 标题"}), 0),
        ("textcard", json!({}), 40008),
        ("image", json!({"base64": png, "md5": md5}), 0),
        ("image", json!({"base64": "?", "md5": md5}), 40123),
        ("image", json!({"base64": png, "md5": "short"}), 301_019),
        ("template_card", json!({"card_type": "button_interaction"}), 42031),
    ] {
        let mut body = json!({"msgtype": kind});
        body[kind] = payload.clone();
        let answer = caller.raw(Method::POST, "/cgi-bin/webhook/send", &[("key", &key)], &body.to_string());
        assert_eq!(answer["errcode"], code, "{kind} {payload}");
    }
    let uploaded =
        caller.upload("/cgi-bin/webhook/upload_media", &[("key", &key), ("type", "file")], b"123456");
    let file = json!({"msgtype": "file", "file": {"media_id": uploaded["media_id"]}});
    let sent = caller.raw(Method::POST, "/cgi-bin/webhook/send", &[("key", &key)], &file.to_string());
    assert_eq!(sent["errcode"], 0);
    let patch = json!({"msgtype": "file", "text": null, "file": {"media_id": uploaded["media_id"]}});
    assert_eq!(caller.send(patch)["errcode"], 40007, "the file is this webhook's alone");
}

#[test]
fn customer_groups_are_listed_page_by_page() {
    let caller = Caller::new();
    for number in 0..4 {
        let new = json!({"name": format!("福利群{number}"), "kind": "customer", "owner": "li.na"});
        let new = serde_json::from_value(new).unwrap();
        caller.world.step(|step| people::make_group(step, new)).unwrap();
    }
    let list = |body: Value| caller.post("externalcontact/groupchat/list", body);
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = list(json!({"limit": 2, "cursor": cursor}));
        let chats = page["group_chat_list"].as_array().unwrap();
        seen.extend(chats.iter().map(|chat| chat["chat_id"].as_str().unwrap().to_owned()));
        cursor = page["next_cursor"].as_str().unwrap().to_owned();
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.contains(&CHAOYANG.to_owned()) && !seen.contains(&DEALERS.to_owned()));
    let of_wang = list(json!({"limit": 10, "owner_filter": {"userid_list": ["wang.min"]}}));
    assert_eq!(of_wang["group_chat_list"], json!([{"chat_id": CHAOYANG, "status": 0}]));
    assert_eq!(list(json!({}))["errcode"], 40058);
    assert_eq!(list(json!({"limit": 1_001}))["errcode"], 40058);
    assert_eq!(list(json!({"limit": 1, "cursor": "invented"}))["errcode"], 50100);
}

#[test]
fn a_customer_group_tells_its_members() {
    let caller = Caller::new();
    let newcomer = json!({"id": "wm-he.xiaoyu", "scene": "qr-code"});
    let newcomer = serde_json::from_value(newcomer).unwrap();
    caller.world.step(|step| people::join(step, CHAOYANG, newcomer)).unwrap();
    let get = |body: Value| caller.post("externalcontact/groupchat/get", body);
    let group = get(json!({"chat_id": CHAOYANG, "need_name": 1}))["group_chat"].clone();
    assert_eq!(group["owner"], "wang.min");
    let members = group["member_list"].as_array().unwrap();
    assert_eq!((&members[0]["type"], &members[0]["name"]), (&json!(1), &json!("王敏")));
    let last = members.last().unwrap();
    assert_eq!((&last["type"], &last["join_scene"]), (&json!(2), &json!(3)));
    assert_eq!(group["member_version"].as_str().unwrap().len(), 32);
    let without = get(json!({"chat_id": CHAOYANG}));
    assert!(without["group_chat"]["member_list"][0].get("name").is_none());
    assert_eq!(get(json!({"chat_id": DEALERS}))["errcode"], 90501);
    assert_eq!(get(json!({"chat_id": "wrnone"}))["errcode"], 90501);
    caller.world.step(|step| step.state_mut_for_test().apps[0].customer_contact = false);
    assert_eq!(get(json!({"chat_id": CHAOYANG}))["errcode"], 48002);
}

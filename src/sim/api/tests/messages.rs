//! `message/send`, `message/recall`, `send_welcome_msg` and `aibot/response`.

use super::*;
use crate::sim::content::Content;
use crate::sim::people;
use crate::sim::world::STAFF;

#[test]
fn recipients_are_sorted_out() {
    let caller = Caller::new();
    let answer = caller.send(json!({"touser": "wang.min|Nobody", "toparty": "9", "totag": "t"}));
    assert_eq!(answer["errcode"], 0);
    assert_eq!(answer["invaliduser"], "nobody", "ids come back in lower case");
    assert_eq!((&answer["invalidparty"], &answer["invalidtag"]), (&json!("9"), &json!("t")));
    assert_eq!(caller.last_outbound().seen_by, ["wang.min"]);
    assert_eq!(caller.send(json!({"touser": "@all"}))["errcode"], 0);
    assert_eq!(caller.last_outbound().seen_by.len(), 6, "everybody in the corp, no customer");
    assert_eq!(caller.send(json!({"touser": "nobody|wm-chen.ayi"}))["errcode"], 81013);
    assert_eq!(caller.send(json!({"touser": null}))["errcode"], 82001);
    assert_eq!(caller.send(json!({"touser": vec!["a"; 1_001].join("|")}))["errcode"], 40032);
}

#[test]
fn each_type_has_its_limits() {
    let caller = Caller::new();
    let article = json!({"title": "标题", "url": "https://a.example"});
    let long = |bytes: usize| "a".repeat(bytes);
    for (kind, payload, code) in [
        ("text", json!({"content": ""}), 44004),
        ("markdown", json!({"content": long(2_048)}), 0),
        ("markdown", json!({"content": long(2_049)}), 45002),
        ("markdown_v2", json!({"content": "a"}), 40008),
        ("smoke", json!({}), 40008),
        ("textcard", json!({"title": "好".repeat(128), "description": "b", "url": "https://a.example"}), 0),
        (
            "textcard",
            json!({"title": "好".repeat(129), "description": "b", "url": "https://a.example"}),
            45002,
        ),
        ("textcard", json!({"title": "a", "description": "b", "url": "a.example"}), 40058),
        ("news", json!({"articles": vec![article.clone(); 8]}), 0),
        ("news", json!({"articles": vec![article.clone(); 9]}), 45008),
        ("news", json!({"articles": []}), 40058),
        ("news", json!({"articles": [{"title": long(129), "url": "https://a.example"}]}), 45002),
        ("image", json!({"media_id": ""}), 40007),
        ("miniprogram_notice", json!({"appid": "wx1", "title": "会议室预订成功"}), 90206),
        ("miniprogram_notice", json!({"title": "会议室预订成功"}), 90207),
    ] {
        let mut patch = json!({"msgtype": kind, "text": null});
        patch[kind] = payload.clone();
        assert_eq!(caller.send(patch)["errcode"], code, "{kind} {payload}");
    }
    assert_eq!(caller.send(json!({"agentid": 1}))["errcode"], 301_002);
    assert_eq!(caller.send(json!({"agentid": null}))["errcode"], 40056);
    let news = json!({"msgtype": "news", "safe": 1, "text": null, "news": {"articles": [article]}});
    assert_eq!(caller.send(news)["errcode"], 40074);
}

#[test]
fn a_long_text_is_cut_at_a_character() {
    let caller = Caller::new();
    caller.send(json!({"text": {"content": "好".repeat(1_000)}}));
    let shown = caller.world.read(|state| state.private["wang.min"].back().unwrap().content.clone());
    assert_eq!(shown, "好".repeat(682), "2046 of 2048 bytes");
}

#[test]
fn the_thirty_first_in_a_minute_vanishes() {
    let caller = Caller::new();
    for _ in 0..30 {
        caller.send(json!({}));
    }
    let answer = caller.send(json!({"touser": "wang.min|li.na"}));
    assert_eq!(answer["errcode"], 0, "nothing tells the caller");
    let outbound = caller.last_outbound();
    assert_eq!(outbound.seen_by, ["li.na"]);
    assert_eq!(outbound.dropped.as_deref(), Some("over 30/min or 1000/h: wang.min"));
    caller.advance(60);
    caller.send(json!({}));
    assert_eq!(caller.last_outbound().seen_by, ["wang.min"]);
}

#[test]
fn the_duplicate_check_compares_the_whole_request() {
    let caller = Caller::new();
    let checked = json!({"enable_duplicate_check": 1, "duplicate_check_interval": 600});
    let first = caller.send(checked.clone());
    let second = caller.send(checked.clone());
    assert_eq!(first["msgid"], second["msgid"]);
    assert_eq!(caller.last_outbound().dropped.as_deref(), Some("duplicate"));
    let mut other = checked.clone();
    other["text"] = json!({"content": "你好！"});
    assert_ne!(caller.send(other)["msgid"], first["msgid"]);
    caller.advance(601);
    assert_ne!(caller.send(checked)["msgid"], first["msgid"]);
    assert_eq!(
        caller.send(json!({"enable_duplicate_check": 1, "duplicate_check_interval": 14_401}))["errcode"],
        40035
    );
}

#[test]
fn recall_is_for_own_messages_within_a_day() {
    let mut caller = Caller::new();
    let msgid = caller.send(json!({}))["msgid"].clone();
    assert_eq!(caller.code("message/recall", json!({"msgid": "invented"})), 40058);
    assert_eq!(caller.code("message/recall", json!({"msgid": msgid})), 0);
    assert!(caller.world.read(|state| state.private["wang.min"][0].recalled));
    let late = caller.send(json!({}))["msgid"].clone();
    caller.advance(86_401);
    caller.fetch_token();
    assert_eq!(caller.code("message/recall", json!({"msgid": late})), 42052);
}

#[test]
fn one_welcome_within_twenty_seconds() {
    let caller = Caller::new();
    let contact = || {
        caller.world.step(|step| people::add_contact(step, "wang.min", "wm-he.xiaoyu", "poster-1")).unwrap()
    };
    let send = |code: &str, patch: Value| {
        let mut body = json!({"welcome_code": code, "text": {"content": "欢迎"}});
        merge(&mut body, patch);
        caller.code("externalcontact/send_welcome_msg", body)
    };
    let code = contact();
    assert_eq!(send(&code, json!({"text": null})), 40058);
    assert_eq!(send(&code, json!({"text": {"content": "a".repeat(4_001)}})), 45002);
    let link = json!({"msgtype": "link", "link": {"title": "菜单", "url": "https://a.example"}});
    assert_eq!(send(&code, json!({"attachments": vec![link.clone(); 10]})), 41064);
    assert_eq!(send(&code, json!({"attachments": [{"msgtype": "voice"}]})), 41065);
    assert_eq!(send(&code, json!({"attachments": [link]})), 0);
    assert_eq!(caller.world.read(|state| state.private["wm-he.xiaoyu"].len()), 2, "text and link");
    assert_eq!(send(&code, json!({})), 41051);
    assert_eq!(send("", json!({})), 41049);
    assert_eq!(send("invented", json!({})), 41050);
    let late = contact();
    caller.advance(21);
    assert_eq!(send(&late, json!({})), 41050);
}

#[test]
fn a_response_url_works_once_and_quotes() {
    let caller = Caller::new();
    let content = Content::read("text", json!("话术")).unwrap();
    let said = caller.world.step(|step| people::say(step, STAFF, "li.na", content, true)).unwrap();
    let code = caller.world.read(|state| state.response_codes.keys().next().cloned()).unwrap();
    let respond = |body: Value| {
        let path = "/cgi-bin/aibot/response";
        caller.raw(Method::POST, path, &[("response_code", &code)], &body.to_string())["errcode"].clone()
    };
    let body = json!({"msgtype": "markdown", "markdown": {"content": "您好"}});
    assert_eq!(respond(json!({"msgtype": "text", "text": {"content": "您好"}})), 40008);
    assert_eq!(respond(body.clone()), 0);
    assert_eq!(respond(body), 60140);
    let answer = caller.world.read(|state| state.said[STAFF].back().cloned()).unwrap();
    assert_eq!((answer.from.as_str(), answer.quotes), ("bot:helper", Some(said.msgid)));
    assert_eq!(caller.last_outbound().by, None);
}

//! Template cards: required fields, response codes, updates.

use super::*;
use crate::sim::people;

fn button_card() -> Value {
    json!({
        "card_type": "button_interaction",
        "main_title": {"title": "请移出成员", "desc": "第三次发广告"},
        "task_id": "task-1",
        "button_list": [{"text": "已移出", "key": "done"}, {"text": "不移出", "key": "refuse"}],
    })
}

fn send(caller: &Caller, to: &str, card: &Value) -> Value {
    caller.send(json!({"touser": to, "msgtype": "template_card", "text": null, "template_card": card}))
}

#[test]
fn a_repeated_card_is_dropped_and_another_with_its_task_id_refused() {
    let caller = Caller::new();
    let checked = json!({"touser": "wang.min", "msgtype": "template_card", "text": null,
        "template_card": button_card(), "enable_duplicate_check": 1, "duplicate_check_interval": 600});
    let first = caller.send(checked.clone());
    assert_eq!(caller.send(checked)["msgid"], first["msgid"]);
    assert_eq!(caller.last_outbound().dropped.as_deref(), Some("duplicate"));
    assert_eq!(send(&caller, "wang.min", &button_card())["errcode"], 40035);
}

#[test]
fn each_missing_part_has_its_code() {
    let caller = Caller::new();
    let option = json!({"id": "a", "text": "甲"});
    let vote = json!({"card_type": "vote_interaction", "button_list": null,
        "checkbox": {"question_key": "q", "option_list": [option]}, "submit_button": {"text": "提交", "key": "k"}});
    let with = |patch: Value| {
        let mut card = button_card();
        merge(&mut card, patch);
        card
    };
    let vote_with = |name: &str, value: Value| {
        let mut card = with(vote.clone());
        card[name] = value;
        card
    };
    for (card, code) in [
        (with(json!({"card_type": "poster"})), 42031),
        (with(json!({"main_title": null})), 42033),
        (with(json!({"task_id": null})), 40035),
        (with(json!({"task_id": "有中文"})), 40035),
        (with(json!({"button_list": []})), 42038),
        (with(json!({"button_list": vec![json!({"text": "a", "key": "k"}); 7]})), 42038),
        (with(json!({"button_list": [{"key": "k"}]})), 42038),
        (with(json!({"button_list": [{"text": "a"}]})), 42039),
        (with(json!({"button_list": [{"text": "a", "type": 1}]})), 42028),
        (with(json!({"horizontal_content_list": vec![json!({"keyname": "群"}); 7]})), 42035),
        (with(json!({"horizontal_content_list": [{"value": "a"}]})), 42027),
        (with(json!({"horizontal_content_list": [{"keyname": "a", "type": 3}]})), 42050),
        (with(json!({"vertical_content_list": [{}, {}, {}, {}, {}]})), 42036),
        (with(json!({"jump_list": [{}, {}, {}, {}]})), 42042),
        (with(json!({"jump_list": [{"type": 2}]})), 42030),
        (with(json!({"action_menu": {"action_list": [{"key": "a"}, {"key": "a"}]}})), 42051),
        (with(json!({"button_selection": {"option_list": []}})), 42043),
        (vote_with("checkbox", json!({"question_key": "q", "option_list": []})), 42037),
        (vote_with("checkbox", json!({"question_key": "q", "option_list": [{"text": "甲"}]})), 42040),
        (vote_with("checkbox", json!({"question_key": "q", "option_list": [{"id": "a"}]})), 42041),
        (vote_with("submit_button", json!({"key": "k"})), 42049),
        (vote_with("submit_button", json!({"text": "提交"})), 42046),
        (with(json!({"card_type": "multiple_interaction", "select_list": []})), 42047),
        (with(json!({"card_type": "text_notice"})), 42045),
        (with(json!({"card_type": "news_notice", "card_action": {"type": 1, "url": "https://a"}})), 42044),
    ] {
        assert_eq!(send(&caller, "wang.min", &card)["errcode"], code, "{card}");
    }
    assert!(caller.world.read(|state| state.cards.is_empty()));
}

#[test]
fn cards_with_buttons_need_a_callback_address() {
    let caller = Caller::new();
    caller.world.step(|step| step.state_mut_for_test().apps[0].has_callback = false);
    assert_eq!(send(&caller, "wang.min", &button_card())["errcode"], 43012);
    let notice = json!({"card_type": "text_notice", "main_title": {"title": "日报"},
        "card_action": {"type": 1, "url": "https://a.example"}});
    let answer = send(&caller, "wang.min", &notice);
    assert_eq!(answer["errcode"], 0);
    assert!(answer.get("response_code").is_none(), "only cards that answer taps get a code");
}

#[test]
fn a_task_id_is_used_once() {
    let caller = Caller::new();
    assert_eq!(send(&caller, "wang.min", &button_card())["errcode"], 0);
    assert_eq!(send(&caller, "wang.min", &button_card())["errcode"], 40035);
}

#[test]
fn a_response_code_updates_once() {
    let caller = Caller::new();
    let code = send(&caller, "wang.min|li.na", &button_card())["response_code"].clone();
    let update = |code: &Value, patch: Value| {
        let mut body = json!({"userids": ["wang.min", "Sun.Qian"], "agentid": AGENT, "response_code": code,
            "button": {"replace_name": "已处理"}});
        merge(&mut body, patch);
        caller.post("message/update_template_card", body)
    };
    assert_eq!(update(&code, json!({"userids": []}))["errcode"], 82101);
    assert_eq!(update(&code, json!({"userids": ["sun.qian"]}))["errcode"], 82102);
    assert_eq!(update(&code, json!({"button": null}))["errcode"], 40058);
    assert_eq!(update(&code, json!({"agentid": 7}))["errcode"], 301_002);
    assert_eq!(update(&json!("invented"), json!({}))["errcode"], 60140);
    let done = update(&code, json!({}));
    assert_eq!((&done["errcode"], &done["invaliduser"]), (&json!(0), &json!(["sun.qian"])));
    assert_eq!(update(&code, json!({}))["errcode"], 60140, "one use");
    let state = |person: &str| caller.world.read(|state| state.cards["task-1"].view(person)["state"].clone());
    assert_eq!((state("wang.min"), state("li.na")), (json!("updated"), json!("open")));
}

#[test]
fn each_tap_brings_a_fresh_code_for_72_hours() {
    let mut caller = Caller::new();
    send(&caller, "wang.min|li.na", &button_card());
    for _ in 0..2 {
        caller.world.step(|step| people::tap(step, "task-1", "li.na", "done", &[])).unwrap();
    }
    let codes: Vec<String> = caller.world.read(|state| state.cards["task-1"].codes.keys().cloned().collect());
    assert_eq!(codes.len(), 3, "one of the sending, one of each tap");
    caller.advance(72 * 3_600 + 1);
    caller.fetch_token();
    for code in codes {
        let body =
            json!({"atall": 1, "agentid": AGENT, "response_code": code, "button": {"replace_name": "过期"}});
        assert_eq!(caller.code("message/update_template_card", body), 60140);
    }
    let late = caller.world.step(|step| people::tap(step, "task-1", "li.na", "done", &[]));
    assert!(late.is_err(), "the buttons are dead too");
}

#[test]
fn a_whole_new_card_replaces_the_old_one() {
    let caller = Caller::new();
    let code = send(&caller, "wang.min", &button_card())["response_code"].clone();
    let mut card = button_card();
    merge(&mut card, json!({"task_id": null, "main_title": {"title": "已过期"}, "replace_text": "已过期"}));
    let body = json!({"atall": 1, "agentid": AGENT, "response_code": code, "template_card": card});
    assert_eq!(caller.code("message/update_template_card", body), 0);
    let view = caller.world.read(|state| state.cards["task-1"].view("wang.min"));
    assert_eq!((view["title"].as_str(), view["label"].as_str()), (Some("已过期"), Some("已过期")));
}

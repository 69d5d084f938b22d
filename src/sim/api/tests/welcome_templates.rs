//! The library of group welcomes against wecom-send.md §7.2.

use super::*;
use crate::sim::world::welcome_template::WelcomeTemplate;

const ADD: &str = "externalcontact/group_welcome_template/add";
const EDIT: &str = "externalcontact/group_welcome_template/edit";
const GET: &str = "externalcontact/group_welcome_template/get";
const DELETE: &str = "externalcontact/group_welcome_template/del";

fn body(patch: Value) -> Value {
    let mut body = json!({"text": {"content": "亲爱的%NICKNAME%用户，你好"}, "notify": 1});
    merge(&mut body, patch);
    body
}

#[test]
fn a_template_is_made_read_changed_and_deleted() {
    let caller = Caller::new();
    let id = caller.post(ADD, body(json!({})))["template_id"].clone();
    let named = json!({"template_id": id});
    assert_eq!(caller.post(GET, named.clone())["text"]["content"], "亲爱的%NICKNAME%用户，你好");
    let link = json!({"title": "地图", "url": "https://a.example"});
    let other = json!({"template_id": id, "text": {"content": "您好"}, "link": link});
    assert_eq!(caller.code(EDIT, other), 0);
    let read = caller.post(GET, named.clone());
    assert_eq!((&read["text"]["content"], &read["link"]["title"]), (&json!("您好"), &json!("地图")));
    assert_eq!((caller.code(DELETE, named.clone()), caller.code(DELETE, named.clone())), (0, 40058));
    assert_eq!(caller.code(EDIT, body(named)), 40058);
}

#[test]
fn each_wrong_template_has_its_code() {
    let caller = Caller::new();
    for (patch, code) in [
        (json!({"text": {"content": "长".repeat(1001)}}), 45002),
        (json!({"text": null}), 40058),
        (json!({"image": {"media_id": "invented"}}), 40007),
        (json!({"link": {"title": "长".repeat(43), "url": "https://a.example"}}), 40058),
    ] {
        assert_eq!(caller.code(ADD, body(patch.clone())), code, "{patch}");
    }
    let theirs =
        WelcomeTemplate { id: "theirs".into(), app: "other".into(), text: "您好".into(), attachment: None };
    caller.world.step(|step| step.make(Change::TemplatePut(theirs)));
    assert_eq!(caller.code(EDIT, body(json!({"template_id": "theirs"}))), 41058);
    assert_eq!(caller.code(DELETE, json!({"template_id": "theirs"})), 41058);
    let codes: Vec<i64> = (0..100).map(|_| caller.code(ADD, body(json!({})))).collect();
    assert_eq!((&codes[..99], codes[99]), (&[0; 99][..], 41055), "a hundred, all apps together");
    caller.world.step(|step| step.state_mut_for_test().apps[0].customer_contact = false);
    assert_eq!(caller.code(ADD, body(json!({}))), 48002);
}

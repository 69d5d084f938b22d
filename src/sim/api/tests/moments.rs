//! Moments against wecom-send.md §10 and §12.4.

use jiff::SignedDuration;

use super::*;
use crate::sim::people::{self, EchoKind};

const ADD: &str = "externalcontact/add_moment_task";
const LIST: &str = "externalcontact/get_moment_list";
const TASK: &str = "externalcontact/get_moment_task";
const COMMENTS: &str = "externalcontact/get_moment_comments";
const CANCEL: &str = "externalcontact/cancel_moment_task";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture";

fn body(patch: Value) -> Value {
    let people = json!({"sender_list": {"user_list": ["wang.min", "li.na", "nobody"]}});
    let mut body = json!({"text": {"content": "早上卸货"}, "visible_range": people});
    merge(&mut body, patch);
    body
}

fn job(caller: &Caller, jobid: &str) -> Value {
    let query = [("access_token", caller.token.as_str()), ("jobid", jobid)];
    caller.raw(Method::GET, "/cgi-bin/externalcontact/get_moment_task_result", &query, "")
}

/// A moment that the platform has made.
fn made(caller: &Caller, patch: Value) -> String {
    let jobid = caller.post(ADD, body(patch))["jobid"].as_str().unwrap().to_owned();
    caller.advance(2);
    job(caller, &jobid)["result"]["moment_id"].as_str().unwrap().to_owned()
}

fn uploaded(caller: &Caller, media_type: &str, bytes: &[u8]) -> Value {
    let query =
        [("access_token", caller.token.as_str()), ("media_type", media_type), ("attachment_type", "1")];
    caller.upload("/cgi-bin/media/upload_attachment", &query, bytes)
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let header = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &width.to_be_bytes(), &height.to_be_bytes()];
    header.concat()
}

#[test]
fn each_wrong_moment_has_its_code() {
    let caller = Caller::new();
    let image = uploaded(&caller, "image", PNG)["media_id"].clone();
    let part = |kind: &str, part: Value| json!({"msgtype": kind, kind: part});
    let picture = part("image", json!({"media_id": image}));
    let link =
        |title: String| part("link", json!({"title": title, "url": "https://a.example", "media_id": image}));
    let query = [("access_token", caller.token.as_str()), ("type", "image")];
    let elsewhere = caller.upload("/cgi-bin/media/upload", &query, PNG)["media_id"].clone();
    let attached = |attachments: Vec<Value>| json!({ "attachments": attachments });
    for (patch, code) in [
        (attached(vec![picture.clone(); 9]), 0),
        (attached(vec![link("门店地图".into())]), 0),
        (attached(vec![picture.clone(); 10]), 41064),
        (attached(vec![picture.clone(), link("地图".into())]), 41065),
        (attached(vec![part("file", json!({"media_id": image}))]), 41065),
        (attached(vec![part("image", json!({"media_id": elsewhere}))]), 40007),
        (attached(vec![link("长".repeat(65))]), 40058),
        (json!({"text": null}), 41089),
        (json!({"text": {"content": "长".repeat(1334)}}), 45002),
        (json!({"visible_range": {"sender_list": {"department_list": [2]}}}), 40058),
        (json!({"visible_range": {"external_contact_list": {"tag_list": ["et1"]}}}), 40068),
    ] {
        assert_eq!(caller.code(ADD, body(patch.clone())), code, "{patch}");
    }
    let media = |bytes: &[u8]| uploaded(&caller, "image", bytes)["errcode"].clone();
    assert_eq!((media(&png(1080, 10_800)), media(&png(1081, 1200))), (json!(0), json!(41081)));
    assert_eq!(uploaded(&caller, "file", PNG)["errcode"], 41072);
    assert!(uploaded(&caller, "image", PNG)["created_at"].is_number());
    let send = json!({"msgtype": "image", "text": null, "image": {"media_id": image}});
    assert_eq!(caller.send(send)["errcode"], 40007, "it is good for moments alone");
    caller.world.step(|step| step.state_mut_for_test().apps[0].customer_contact = false);
    assert_eq!(caller.code(ADD, body(json!({}))), 48002);
}

#[test]
fn ten_a_minute_are_taken() {
    let caller = Caller::new();
    let codes: Vec<i64> = (0..11).map(|_| caller.code(ADD, body(json!({})))).collect();
    assert_eq!((&codes[..10], codes[10]), (&[0; 10][..], 45009));
    caller.advance(61);
    assert_eq!(caller.code(ADD, body(json!({}))), 0);
}

#[test]
fn a_job_takes_a_while_and_tells_who_cannot_publish() {
    let mut caller = Caller::new();
    let jobid = caller.post(ADD, body(json!({})))["jobid"].as_str().unwrap().to_owned();
    assert_eq!((&job(&caller, &jobid)["status"], job(&caller, &jobid).get("result")), (&json!(1), None));
    caller.advance(1);
    assert_eq!(job(&caller, &jobid)["status"], 2);
    caller.advance(1);
    let done = job(&caller, &jobid);
    assert_eq!((&done["status"], &done["result"]["errcode"]), (&json!(3), &json!(0)), "{done}");
    assert_eq!(done["result"]["invalid_sender_list"]["user_list"], json!(["nobody"]));
    let nobody = json!({"visible_range": {"sender_list": {"user_list": ["nobody"]}}});
    let vain = caller.post(ADD, body(nobody))["jobid"].as_str().unwrap().to_owned();
    caller.advance(2);
    assert_eq!(job(&caller, &vain)["result"]["errcode"], 40031);
    assert_eq!(job(&caller, "invented")["errcode"], 40058);
    caller.advance(25 * 3_600);
    caller.fetch_token();
    assert_eq!(job(&caller, &jobid)["errcode"], 40058, "forgotten after a day");
}

#[test]
fn what_members_publish_is_liked_and_commented_on() {
    let caller = Caller::new();
    let id = made(&caller, json!({}));
    let asked = |person: &str| json!({"moment_id": id, "userid": person});
    assert_eq!(caller.code(COMMENTS, asked("wang.min")), 41062);
    assert_eq!(caller.code(COMMENTS, asked("lin.yun")), 41061);
    assert_eq!(caller.code(COMMENTS, json!({"moment_id": "invented", "userid": "wang.min"})), 41060);
    let world = &caller.world;
    world.step(|step| people::publish(step, &id, "wang.min")).unwrap();
    assert!(world.step(|step| people::publish(step, &id, "wang.min")).is_err(), "once");
    assert!(world.step(|step| people::publish(step, &id, "lin.yun")).is_err(), "nobody asked");
    for (by, kind) in [
        ("wm-chen.ayi", EchoKind::Like),
        ("li.na", EchoKind::Like),
        ("wm-liu.shu", EchoKind::Comment),
        ("wm-liu.shu", EchoKind::Comment),
    ] {
        world.step(|step| people::echo(step, &id, "wang.min", by, kind)).unwrap();
    }
    let again = world.step(|step| people::echo(step, &id, "wang.min", "li.na", EchoKind::Like));
    assert!(again.is_err(), "one like a head");
    let answer = caller.post(COMMENTS, asked("wang.min"));
    assert_eq!(answer["comment_list"].as_array().unwrap().len(), 2);
    assert_eq!(answer["like_list"][0]["external_userid"], "wm-chen.ayi");
    assert_eq!(answer["like_list"][1]["userid"], "li.na");

    let tasks = caller.post(TASK, json!({"moment_id": id, "limit": 1}));
    assert_eq!(tasks["task_list"], json!([{"userid": "wang.min", "publish_status": 1}]));
    let rest = caller.post(TASK, json!({"moment_id": id, "limit": 1, "cursor": tasks["next_cursor"]}));
    assert_eq!(rest["task_list"], json!([{"userid": "li.na", "publish_status": 0}]));
    assert_eq!(caller.code(CANCEL, json!({"moment_id": id})), 0);
    assert!(world.step(|step| people::publish(step, &id, "li.na")).is_err(), "too late");
    let told = world.read(|state| state.private["li.na"].back().map(|message| message.window.clone()));
    assert_eq!(told.as_deref(), Some("moments"));
}

#[test]
fn moments_are_listed_once_they_are_made() {
    let caller = Caller::new();
    let from = caller.world.clock().now().as_second() - 60;
    let list = |patch: Value| {
        let mut body = json!({"start_time": from, "end_time": from + 120, "filter_type": 0});
        merge(&mut body, patch);
        caller.post(LIST, body)
    };
    let image = uploaded(&caller, "image", PNG)["media_id"].clone();
    let picture = json!({"attachments": [{"msgtype": "image", "image": {"media_id": image}}]});
    caller.post(ADD, body(picture));
    assert_eq!(list(json!({}))["moment_list"], json!([]), "it is being made");
    caller.advance(2);
    let listed = list(json!({}));
    let one = &listed["moment_list"][0];
    assert_eq!((&one["text"]["content"], &one["image"][0]["media_id"]), (&json!("早上卸货"), &image));
    assert!(one.get("creator").is_none() && one["create_time"].is_string(), "{one}");
    assert_eq!(list(json!({"filter_type": 1}))["moment_list"], json!([]));
    let month = SignedDuration::from_hours(31 * 24).as_secs();
    for wrong in [json!({"end_time": from + month}), json!({"limit": 21}), json!({"start_time": null})] {
        assert_eq!(list(wrong.clone())["errcode"], 40058, "{wrong}");
    }
}

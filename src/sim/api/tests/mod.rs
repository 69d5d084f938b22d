//! The API against the pages: what passes, what each errcode is for, what is dropped silently.

mod cards;
mod directory;
mod groups;
mod join_ways;
mod mass_sends;
mod media;
mod messages;
mod moments;
mod welcome_templates;

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::*;
use crate::clock::Clock;

/// The example app's agent id.
const AGENT: u32 = 1_000_002;

/// A caller of the example corp.
struct Caller {
    world: World,
    token: String,
}

impl Caller {
    fn new() -> Self {
        let world = World::demo(Clock::system());
        let mut caller = Self { world, token: String::new() };
        caller.fetch_token();
        caller
    }

    fn fetch_token(&mut self) -> Value {
        let (corp, secret) =
            self.world.read(|state| (state.corp.id.clone(), state.apps[0].secret.expose().to_owned()));
        let answer =
            self.raw(Method::GET, "/cgi-bin/gettoken", &[("corpid", &corp), ("corpsecret", &secret)], "");
        self.token = answer["access_token"].as_str().unwrap_or_default().to_owned();
        answer
    }

    fn raw(&self, method: Method, path: &str, query: &[(&str, &str)], body: &str) -> Value {
        let query: BTreeMap<_, _> =
            query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let content_type = "application/json".into();
        let body = Bytes::copy_from_slice(body.as_bytes());
        self.world.call(&Call { method, path: path.into(), query, content_type, body }).unwrap()
    }

    /// POST with the token.
    fn post(&self, path: &str, body: Value) -> Value {
        let path = format!("/cgi-bin/{path}");
        self.raw(Method::POST, &path, &[("access_token", &self.token)], &body.to_string())
    }

    fn code(&self, path: &str, body: Value) -> i64 {
        self.post(path, body)["errcode"].as_i64().unwrap()
    }

    /// `message/send` of a text to `wang.min`, changed by `patch`.
    fn send(&self, patch: Value) -> Value {
        let mut body = json!({"touser": "wang.min", "msgtype": "text", "agentid": AGENT,
            "text": {"content": "你好"}});
        merge(&mut body, patch);
        self.post("message/send", body)
    }

    fn upload(&self, path: &str, query: &[(&str, &str)], bytes: &[u8]) -> Value {
        let mut body =
            b"--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.png\"\r\n\r\n".to_vec();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--b--\r\n");
        let query = query.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let content_type = "multipart/form-data; boundary=b".into();
        let path = path.into();
        self.world.call(&Call { method: Method::POST, path, query, content_type, body: body.into() }).unwrap()
    }

    fn advance(&self, seconds: i64) {
        self.world.move_clock(self.world.clock().offset() + SignedDuration::from_secs(seconds));
    }

    fn last_outbound(&self) -> Outbound {
        self.world.read(|state| state.outbound.back().cloned()).unwrap()
    }

    fn webhook_key(&self) -> String {
        self.world.read(|state| state.webhooks[0].key.expose().to_owned())
    }
}

/// Sets the fields of `patch` in `body`; null removes one.
fn merge(body: &mut Value, patch: Value) {
    let (Value::Object(body), Value::Object(patch)) = (body, patch) else { return };
    for (name, value) in patch {
        if value.is_null() {
            body.remove(&name);
        } else {
            body.insert(name, value);
        }
    }
}

#[test]
fn a_token_opens_the_door_until_it_expires() {
    let mut caller = Caller::new();
    let again = caller.fetch_token();
    assert_eq!(again["expires_in"].as_i64().unwrap().clamp(7_190, 7_200), again["expires_in"]);
    assert_eq!(caller.send(json!({}))["errcode"], 0);
    caller.advance(7_201);
    assert_eq!(caller.send(json!({}))["errcode"], 42001);
    caller.fetch_token();
    assert_eq!(caller.send(json!({}))["errcode"], 0);
}

#[test]
fn each_wrong_key_has_its_code() {
    let caller = Caller::new();
    let (send, body) = ("/cgi-bin/message/send", json!({"touser": "wang.min"}).to_string());
    let code = |query: &[(&str, &str)]| caller.raw(Method::POST, send, query, &body)["errcode"].clone();
    assert_eq!(code(&[]), 41001);
    assert_eq!(code(&[("access_token", "invented")]), 40014);
    let token = |corp: &str, secret: &str| {
        let query = [("corpid", corp), ("corpsecret", secret)];
        caller.raw(Method::GET, "/cgi-bin/gettoken", &query, "")["errcode"].clone()
    };
    let corp = caller.world.read(|state| state.corp.id.clone());
    assert_eq!(token("ww1", "x"), 40013);
    for _ in 0..2_000 {
        assert_eq!(token(&corp, "wrong"), 40001);
    }
    assert_eq!(token(&corp, "wrong"), 45009, "the address is banned for the hour");
    caller.advance(3_601);
    assert_eq!(token(&corp, "wrong"), 40001);
}

#[test]
fn malformed_requests_are_told_so() {
    let caller = Caller::new();
    let token = [("access_token", caller.token.as_str())];
    let send = "/cgi-bin/message/send";
    for body in ["", "{", "[]", r#"{"touser": 1}"#] {
        let mut answer = caller.raw(Method::POST, send, &token, body);
        if body.contains("touser") {
            answer = caller.send(json!({"touser": 1}));
        }
        assert_eq!(answer["errcode"], 40035, "{body}");
        assert!(answer["errmsg"].as_str().unwrap().contains("Warning: wrong json format."), "{body}");
    }
    assert_eq!(caller.raw(Method::GET, send, &token, "")["errcode"], 40035, "GET instead of POST");
    let unknown = caller.raw(Method::POST, "/cgi-bin/externalcontact/groupchat/send", &token, "{}");
    assert_eq!(unknown["errcode"], UNKNOWN_PATH, "no such API exists");
}

#[test]
fn a_path_takes_ten_thousand_calls_a_minute() {
    let caller = Caller::new();
    let ask = || {
        let query = [("access_token", caller.token.as_str()), ("chatid", "none")];
        caller.raw(Method::GET, "/cgi-bin/appchat/get", &query, "")["errcode"].clone()
    };
    for _ in 0..10_000 {
        assert_eq!(ask(), 40050);
    }
    assert_eq!(ask(), 45009);
}

#[test]
fn planned_faults_hit_before_anything_is_done() {
    let caller = Caller::new();
    let plan = |fault: &str| {
        let planned = json!({"path": "/cgi-bin/message/send", "fault": fault});
        caller.world.faults().plan(serde_json::from_value(planned).unwrap());
    };
    for (fault, code) in
        [("-1", -1), ("40014", 40014), ("42001", 42001), ("45009", 45009), ("45033", 45033), ("60020", 60020)]
    {
        plan(fault);
        assert_eq!(caller.send(json!({}))["errcode"], code);
        let outbound = caller.last_outbound();
        assert_eq!((outbound.errcode, outbound.seen_by.len()), (Some(code), 0));
    }
    assert!(caller.world.read(|state| state.private.is_empty()));
    assert_eq!(caller.send(json!({}))["errcode"], 0, "the fault is used up");
}

#[test]
fn a_lost_answer_is_done_and_a_timeout_is_not() {
    let caller = Caller::new();
    for (fault, done) in [("timeout", false), ("lost-answer", true)] {
        let planned = json!({"path": "/cgi-bin/appchat/send", "fault": fault});
        caller.world.faults().plan(serde_json::from_value(planned).unwrap());
        let body =
            json!({"chatid": crate::sim::world::DEALERS, "msgtype": "text", "text": {"content": fault}});
        let call = Call {
            method: Method::POST,
            path: "/cgi-bin/appchat/send".into(),
            query: BTreeMap::from([("access_token".into(), caller.token.clone())]),
            content_type: "application/json".into(),
            body: body.to_string().into(),
        };
        assert_eq!(caller.world.call(&call), None);
        let said = caller.world.read(|state| state.said.values().flatten().any(|said| said.content == fault));
        assert_eq!(said, done, "{fault}");
        assert_eq!(caller.last_outbound().errcode, None);
    }
}

#[test]
fn uploads_have_kinds_sizes_and_three_days() {
    let caller = Caller::new();
    let upload = |kind: &str, bytes: &[u8]| {
        caller.upload("/cgi-bin/media/upload", &[("access_token", &caller.token), ("type", kind)], bytes)
    };
    assert_eq!(upload("picture", b"123456")["errcode"], 40005);
    assert_eq!(upload("file", b"")["errcode"], 44001);
    assert_eq!(upload("file", b"12345")["errcode"], 40006);
    assert_eq!(upload("image", b"not a picture")["errcode"], 40004);
    assert_eq!(
        upload("voice", &[b"#!AMR\n".as_slice(), &vec![0; 2 * 1024 * 1024]].concat())["errcode"],
        45001
    );
    let image = upload("image", b"\x89PNG\r\n\x1a\n");
    assert!(image["created_at"].is_string(), "a string here, wecom-send.md §0");
    let send = |kind: &str, id: &Value| {
        let mut patch = json!({"msgtype": kind, "text": null});
        patch[kind] = json!({"media_id": id});
        caller.send(patch)["errcode"].clone()
    };
    assert_eq!(send("image", &image["media_id"]), 0);
    assert_eq!(send("file", &image["media_id"]), 40004);
    assert_eq!(send("image", &"invented".into()), 40007);
    caller.advance(3 * 86_400 + 1);
    let mut caller = caller;
    caller.fetch_token();
    let patch = json!({"msgtype": "image", "text": null, "image": {"media_id": image["media_id"]}});
    assert_eq!(caller.send(patch)["errcode"], 40007);
}

//! The edge as the platform meets it, with a house of memory behind it.

mod archive;
mod callbacks;
mod limits;
mod refusals;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use jiff::{Timestamp, tz::TimeZone};
use secrecy::SecretString;

use super::*;
use crate::channels::wecom::Credentials;
use crate::channels::wecom::credentials::Used;
use crate::channels::wecom::envelope::{callback_json, callback_xml};
use crate::perception::Perceiver;
use crate::rules::{Brand, SendBudget};
use crate::scripts::Library;

pub const TOKEN: &str = "QDG6eK";
pub const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
pub const NEXT_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
pub const CORP: &str = "wx5823bf96d3bd56c7";
pub const ARCHIVE_KEY: &str = "an archive key that is long enough";

/// Remembers what it accepted; answers as it is told.
#[derive(Default)]
pub struct Memory {
    pub events: Mutex<Vec<Event>>,
    pub cursor: Mutex<u64>,
    pub answer: Mutex<Option<String>>,
    pub refuse: Mutex<Option<Refused>>,
}

impl Memory {
    fn willing(&self) -> Result<(), Refused> {
        self.refuse.lock().unwrap().map_or(Ok(()), Err)
    }

    pub fn keys(&self) -> Vec<String> {
        self.events.lock().unwrap().iter().map(|event| event.key.to_string()).collect()
    }
}

impl Acceptor for Arc<Memory> {
    async fn accept(&self, event: Event, _signals: Signals) -> Result<Accepted, Refused> {
        self.willing()?;
        let mut events = self.events.lock().unwrap();
        let repeat = events.iter().any(|known| known.key == event.key);
        if !repeat {
            events.push(event);
        }
        Ok(Accepted { repeat, answer: self.answer.lock().unwrap().clone() })
    }

    async fn set_course(&self, _course: crate::store::Course) -> Result<(), Refused> {
        self.willing()
    }

    async fn archive_cursor(&self, _corp: &str) -> Result<u64, Refused> {
        Ok(*self.cursor.lock().unwrap())
    }

    async fn set_archive_cursor(&self, _corp: &str, seq: u64) -> Result<(), Refused> {
        *self.cursor.lock().unwrap() = seq;
        Ok(())
    }
}

/// An edge with one of each kind: `assistant`, `dealers`, `helper` and an archive, at a moment.
pub struct House {
    pub memory: Arc<Memory>,
    pub edge: Arc<Edge<Arc<Memory>>>,
    pub front: Front<Arc<Memory>>,
}

impl House {
    pub fn at(seconds: i64) -> Self {
        Self::with(seconds, |_| {})
    }

    pub fn with(seconds: i64, change: impl FnOnce(&mut Edge<Arc<Memory>>)) -> Self {
        let mut endpoints = Endpoints::default();
        for (id, listener, receive_id) in [
            ("assistant", Listener::App, CORP),
            ("dealers", Listener::GroupRobot, ""),
            ("helper", Listener::Aibot, ""),
        ] {
            let credentials = credentials(&["old token", TOKEN], &[NEXT_KEY, KEY], receive_id);
            endpoints.add(Endpoint { id: id.into(), listener, corp_id: CORP.into(), credentials });
        }
        endpoints.add_archive(Archive::new(CORP.into(), ARCHIVE_KEY.into()));
        let clock = Clock::system();
        let now = Timestamp::from_second(seconds).unwrap();
        clock.set_offset(now.duration_since(clock.now()));
        let memory = Arc::new(Memory::default());
        let rules = Arc::new(ArcSwap::from_pointee(rulebook()));
        let health = Arc::new(Health::default());
        let mut edge =
            Edge::new(endpoints, Arc::clone(&memory), rules, Arc::default(), clock, Arc::default(), health);
        change(&mut edge);
        let edge = Arc::new(edge);
        Self { memory, front: Front::new(Arc::clone(&edge), Router::new()), edge }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(self.front.clone().respond(request).await).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.send(Request::post(path).body(body.into()).unwrap()).await
    }
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, MAX_BODY).await.unwrap();
        Self { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub fn content_type(&self) -> &str {
        self.headers.get("content-type").map_or("", |value| value.to_str().unwrap())
    }
}

pub fn credentials(tokens: &[&str], keys: &[&str], receive_id: &str) -> Credentials {
    let secrets = |texts: &[&str]| texts.iter().map(|text| SecretString::from(*text)).collect::<Vec<_>>();
    Credentials::new(secrets(tokens), &secrets(keys), receive_id).unwrap()
}

/// What the platform would send: the path with its query, and the body.
pub fn callback(path: &str, sender: &Credentials, plain: &str, seconds: i64) -> (String, String) {
    let sealed = sender.seal(Used::default(), plain, seconds, "n0nce").unwrap();
    let query =
        format!("{path}?msg_signature={}&timestamp={seconds}&nonce={}", sealed.signature, sealed.nonce);
    let xml = path.starts_with("/callback/wecom/");
    (query, if xml { callback_xml(CORP, "1", &sealed.encrypt) } else { callback_json(&sealed.encrypt) })
}

pub fn app_message(id: &str, text: &str) -> String {
    format!(
        "<xml><ToUserName>{CORP}</ToUserName><FromUserName>lin.yun</FromUserName>\
         <CreateTime>1700000000</CreateTime><MsgType>text</MsgType><Content>{text}</Content>\
         <MsgId>{id}</MsgId><AgentID>1</AgentID></xml>"
    )
}

fn rulebook() -> Rulebook {
    Rulebook {
        brand: Brand {
            id: "example".into(),
            name: "山谷小铺（示例品牌）".into(),
            ops: Vec::new(),
            colours: Default::default(),
        },
        timezone: TimeZone::UTC,
        stores: BTreeMap::new().into(),
        profiles: BTreeMap::new(),
        groups: Vec::new().into(),
        scripts: Library::new(Vec::new()),
        perceiver: Arc::new(Perceiver::new(&[])),
        app: "assistant".into(),
        version: "1".into(),
        schedules: BTreeMap::new(),
        calendar: Arc::default(),
        send_budget: SendBudget::default(),
        org: Default::default(),
        cascades: BTreeMap::new(),
        contact_welcome: None,
        playbooks: BTreeMap::new(),
        join_codes: BTreeMap::new(),
        welcome_library: Vec::new(),
        campaigns: BTreeMap::new(),
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Log lines of this thread while `guard` lives.
pub struct Logged {
    lines: Lines,
    _guard: tracing::subscriber::DefaultGuard,
}

impl Logged {
    pub fn start() -> Self {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        Self { lines, _guard: tracing::subscriber::set_default(subscriber) }
    }

    /// Everything that this crate logged so far, and forgets it.
    pub fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.lines.0.lock().unwrap());
        let text = String::from_utf8(bytes).unwrap();
        text.lines().filter(|line| line.contains("zhanggui::")).map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn health_readiness_and_metrics_are_told() {
    let house = House::at(1_700_000_000);
    assert_eq!(house.get("/ready").await.status, StatusCode::SERVICE_UNAVAILABLE);
    house.edge.health.set_ready(true);
    house.edge.health.rules_broken("profiles/base.toml:3 看不懂");
    assert_eq!(house.get("/ready").await.status, StatusCode::OK);
    let health = house.get("/health").await;
    let report: serde_json::Value = serde_json::from_str(&health.body).unwrap();
    assert_eq!(report["status"], "degraded");
    assert_eq!(report["rules"]["broken"], "profiles/base.toml:3 看不懂");
    let (path, body) =
        callback("/callback/wecom/assistant", &credentials(&[TOKEN], &[KEY], CORP), "<xml/>", 1_700_000_000);
    house.post(&path, body).await;
    house.get("/callback/wecom/nobody").await;
    let metrics = house.get("/metrics").await;
    assert!(metrics.content_type().starts_with("application/openmetrics-text"));
    for line in [
        r#"zhanggui_callbacks_total{endpoint="app",result="accepted"} 1"#,
        r#"zhanggui_callbacks_total{endpoint="none",result="unknown_id"} 1"#,
    ] {
        assert!(metrics.body.contains(line), "{line}\n{}", metrics.body);
    }
}

#[test]
fn only_the_beginning_of_a_long_text_is_perceived() {
    assert_eq!(beginning("群群群", 3), "群群群");
    assert_eq!(beginning("群群群", 2), "群群");
    assert_eq!(beginning("", 2), "");
    assert_eq!(beginning("ab群", 2), "ab");
}

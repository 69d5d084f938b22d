//! For tests: a platform on loopback that answers what the test scripts, and remembers what it was asked.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Api, AppConnection, WebhookConnection};
use crate::clock::Clock;

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub query: String,
    pub bytes: Bytes,
}

impl Asked {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }
}

/// One answer to give.
#[derive(Clone, Debug)]
pub enum Answer {
    Json(Value),
    Http(u16),
    /// The request arrives, but its answer never comes: the connection breaks in the middle of it.
    Broken,
    Text(&'static str),
}

#[derive(Default)]
struct Inner {
    script: HashMap<String, VecDeque<Answer>>,
    asked: Vec<Asked>,
    tokens: u32,
    uploads: u32,
    /// Tokens up to this number have expired.
    expired: u32,
}

/// Answers `gettoken` with `token-1`, `token-2` …, uploads with `media-1`, `media-2` … or an address that
/// ends so, everything else with `errcode` 0, unless scripted.
#[derive(Clone, Default)]
pub struct Platform {
    inner: Arc<Mutex<Inner>>,
    pub base: String,
}

impl Platform {
    pub async fn start() -> Self {
        let mut platform = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        platform.base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(platform.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        platform
    }

    /// The next answers of a path, in order; afterwards it answers as unscripted.
    pub fn script(&self, path: &str, answers: impl IntoIterator<Item = Answer>) {
        let mut inner = self.inner.lock().unwrap();
        inner.script.entry(path.to_owned()).or_default().extend(answers);
    }

    pub fn refuse(&self, path: &str, code: i64) {
        self.script(path, [errcode(code)]);
    }

    /// Every token given out so far is refused with 42001 from now on.
    pub fn expire_tokens(&self) {
        let mut inner = self.inner.lock().unwrap();
        inner.expired = inner.tokens;
    }

    pub fn asked(&self, path: &str) -> Vec<Asked> {
        self.inner.lock().unwrap().asked.iter().filter(|asked| asked.path == path).cloned().collect()
    }

    /// Everything but `gettoken`, in order.
    pub fn paths(&self) -> Vec<String> {
        let inner = self.inner.lock().unwrap();
        let paths = inner.asked.iter().map(|asked| asked.path.clone());
        paths.filter(|path| path != super::GETTOKEN).collect()
    }

    pub fn api(&self) -> Api {
        Api::new(&self.base, Clock::system()).unwrap()
    }
}

pub fn errcode(code: i64) -> Answer {
    Answer::Json(json!({ "errcode": code, "errmsg": "scripted" }))
}

pub const SECRET: &str = "corp-secret-0123456789";
pub const KEY: &str = "robot-key-9876543210";

pub fn app() -> AppConnection {
    AppConnection {
        id: "assistant".into(),
        corp_id: "ww1".into(),
        agent_id: 1_000_002,
        secret: SecretString::from(SECRET),
    }
}

pub fn robot() -> WebhookConnection {
    WebhookConnection { id: "dealers".into(), key: SecretString::from(KEY) }
}

async fn answer(State(platform): State<Platform>, uri: Uri, bytes: Bytes) -> Response {
    let next = {
        let mut inner = platform.inner.lock().unwrap();
        let path = uri.path().to_owned();
        let next = inner.script.get_mut(&path).and_then(VecDeque::pop_front);
        let query = uri.query().unwrap_or_default().to_owned();
        let spent =
            (1..=inner.expired).any(|number| query.ends_with(&format!("access_token=token-{number}")));
        inner.asked.push(Asked { path: path.clone(), query, bytes });
        if spent { errcode(42001) } else { next.unwrap_or_else(|| inner.unscripted(&path)) }
    };
    match next {
        Answer::Json(value) => value.to_string().into_response(),
        Answer::Text(text) => text.into_response(),
        Answer::Http(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::Broken => {
            let broken = tokio_stream::once(Err::<Bytes, _>(std::io::Error::other("scripted break")));
            Body::from_stream(broken).into_response()
        }
    }
}

impl Inner {
    fn unscripted(&mut self, path: &str) -> Answer {
        if path.starts_with("/cgi-bin/media/upload") || path.ends_with("/upload_media") {
            self.uploads += 1;
            let id = format!("media-{}", self.uploads);
            let url = format!("http://p.example/{id}");
            return Answer::Json(json!({ "errcode": 0, "errmsg": "", "media_id": id, "url": url }));
        }
        if path != super::GETTOKEN {
            return errcode(0);
        }
        self.tokens += 1;
        let token = format!("token-{}", self.tokens);
        Answer::Json(json!({ "errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200 }))
    }
}

/// An address where nothing listens.
pub async fn nowhere() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// The longest that a test waits for an event.
pub const PATIENCE: Duration = Duration::from_secs(20);

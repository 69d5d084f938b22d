//! The simulator as a whole, with a scripted bot on the other side.

mod archive;
mod callbacks;
mod persistence;
mod replies;
mod server;

use std::collections::VecDeque;
use std::future::{Future, pending};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use super::callbacks::Poster;
use super::content::Content;
use super::people;
use super::transport::{Answered, Outgoing, TIMEOUT, Transport};
use super::wire::{Key, signature};
use super::world::callback::Report;
use super::world::{Addresses, World};
use super::xml;
use crate::clock::Clock;

const CORP: &str = super::world::CORP_ID;

/// How the scripted bot answers one request.
enum Answer {
    Status(u16),
    Body(String),
    /// Too late: the connection is cut.
    Silence,
    Refused,
    /// Seals this plaintext as a passive reply.
    Sealed(String),
}

/// A bot whose answers are written down in advance; afterwards it answers callbacks with an empty
/// 200 and leaves the archive waiting.
#[derive(Clone)]
struct Bot {
    world: World,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    seen: mpsc::UnboundedSender<Outgoing>,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl Transport for Bot {
    async fn send(&self, request: Outgoing) -> Result<Answered, String> {
        let answer = self.answers.lock().unwrap().pop_front();
        if answer.is_none() && request.url.contains("/ears/") {
            let _ = self.seen.send(request);
            return never().await;
        }
        let reply = match answer.unwrap_or(Answer::Status(200)) {
            Answer::Status(status) => Ok((status, String::new())),
            Answer::Body(body) => Ok((200, body)),
            Answer::Silence => Err(TIMEOUT.into()),
            Answer::Refused => Err("connection refused".into()),
            Answer::Sealed(plaintext) => Ok((200, seal(&self.world, &request, &plaintext))),
        };
        let _ = self.seen.send(request);
        reply
    }

    fn pause(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        self.pauses.lock().unwrap().push(duration);
        std::future::ready(())
    }
}

/// The bot's keys for a callback address.
struct Keys {
    token: String,
    key: Key,
    receive_id: &'static str,
}

fn keys(world: &World, url: &str) -> Keys {
    let (token, key, receive_id) = world.read(|state| {
        if url.contains("/callback/aibot/") {
            (state.aibots[0].token.clone(), state.aibots[0].encoding_aes_key.clone(), "")
        } else if url.contains("dealers-robot") {
            (state.robots[0].token.clone(), state.robots[0].encoding_aes_key.clone(), "")
        } else {
            (state.apps[0].token.clone(), state.apps[0].encoding_aes_key.clone(), CORP)
        }
    });
    Keys { token: token.expose().to_owned(), key: Key::parse(key.expose()).unwrap(), receive_id }
}

fn query(url: &str, name: &str) -> String {
    let prefix = format!("{name}=");
    let pairs = url.split(['?', '&']);
    pairs.filter_map(|pair| pair.strip_prefix(&prefix)).next().unwrap_or_default().to_owned()
}

/// A passive reply as a bot makes it: XML with a nonce of its own, JSON with the callback's.
fn seal(world: &World, request: &Outgoing, plaintext: &str) -> String {
    let keys = keys(world, &request.url);
    let encrypted = keys.key.encrypt([7; 16], plaintext, keys.receive_id);
    if request.url.contains("/callback/aibot/") {
        let nonce = query(&request.url, "nonce");
        let signature = signature(&keys.token, "1700000000", &nonce, &encrypted);
        let reply = json!({"encrypt": encrypted, "msgsignature": signature, "timestamp": 1_700_000_000, "nonce": nonce});
        return reply.to_string();
    }
    let signature = signature(&keys.token, "1700000000", "own", &encrypted);
    let parts = [("Encrypt", encrypted.as_str()), ("MsgSignature", &signature), ("Nonce", "own")];
    let inner: String = parts.iter().map(|(name, text)| xml::element(name, text)).collect();
    format!("<xml>{inner}<TimeStamp>1700000000</TimeStamp></xml>")
}

/// Checks signature and receiveid of a callback and gives its plaintext.
fn open(world: &World, request: &Outgoing) -> String {
    assert_eq!(request.method, Method::POST);
    let keys = keys(world, &request.url);
    let encrypted = if request.url.contains("/callback/aibot/") {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        body["encrypt"].as_str().unwrap().to_owned()
    } else {
        xml::texts(&request.body).unwrap()["Encrypt"].clone()
    };
    let (timestamp, nonce) = (query(&request.url, "timestamp"), query(&request.url, "nonce"));
    let expected = signature(&keys.token, &timestamp, &nonce, &encrypted);
    assert_eq!(query(&request.url, "msg_signature"), expected);
    let opened = keys.key.decrypt(&encrypted).unwrap();
    assert_eq!(opened.receive_id, keys.receive_id);
    opened.message
}

/// A simulator whose callbacks go to a scripted bot.
struct Stage {
    world: World,
    bot: Bot,
    seen: mpsc::UnboundedReceiver<Outgoing>,
    stop: watch::Sender<bool>,
}

impl Stage {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::with(World::demo(Clock::system()), answers)
    }

    fn with(world: World, answers: impl IntoIterator<Item = Answer>) -> Self {
        world.set_addresses(Addresses { api: "http://platform".into(), bot: "http://bot".into() });
        let (sender, seen) = mpsc::unbounded_channel();
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        let bot = Bot { world: world.clone(), answers, seen: sender, pauses: Arc::default() };
        let stop = watch::Sender::new(false);
        tokio::spawn(Poster::new(world.clone(), bot.clone()).run(stop.subscribe()));
        Self { world, bot, seen, stop }
    }

    fn say(&self, chat: &str, from: &str, text: &str, mention: bool) -> people::Said {
        let content = Content::read("text", json!(text)).unwrap();
        self.world.step(|step| people::say(step, chat, from, content, mention)).unwrap()
    }

    /// The next request that reaches the bot.
    async fn next(&mut self) -> Outgoing {
        self.seen.recv().await.unwrap()
    }

    /// The first finished callbacks, once there are so many.
    async fn reports(&self, count: usize) -> Vec<Report> {
        let mut changes = self.world.changes();
        loop {
            changes.mark_unchanged();
            let reports: Vec<Report> = self.world.read(|state| state.reports.iter().cloned().collect());
            if reports.len() >= count {
                return reports;
            }
            let slow = tokio::time::timeout(Duration::from_secs(20), changes.changed()).await;
            assert!(slow.is_ok(), "only {} reports", reports.len());
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// Never answers; for a bot that hangs.
async fn never<T>() -> T {
    pending().await
}

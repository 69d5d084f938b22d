//! Posts callbacks to the bot: encrypted, in order, with the platform's retry rule
//! (wecom-receive.md §1.3).
//!
//! No answer within five seconds, or any status but 200, and the request is sent again, three more
//! times; then the callback is lost, as on the platform. A callback waits in the world's log until
//! one of the two has happened, so a killed simulator goes on where it was.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::random::{random_bytes, random_text};
use super::transport::{Outgoing, Transport};
use super::wire::{Key, same, signature};
use super::world::callback::{Callback, Report, Target};
use super::world::{Change, State, World};
use super::{replies, xml};

const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// For the check of an address (§1.2).
const VERIFIED_WITHIN: Duration = Duration::from_secs(1);
/// "Three retries in total": four attempts.
const RETRIES: u32 = 3;
/// The spacing of retries is undocumented. Without any, a bot that restarts would lose everything.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The task that empties the lanes.
pub struct Poster<T> {
    world: World,
    transport: T,
    /// Lanes that have a task at work.
    active: Mutex<HashSet<String>>,
}

impl<T: Transport> Poster<T> {
    pub fn new(world: World, transport: T) -> Arc<Self> {
        Arc::new(Self { world, transport, active: Mutex::default() })
    }

    /// Works until `stop` turns true; what is on its way then stays in the log.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut changes = self.world.changes();
        let mut lanes = JoinSet::new();
        loop {
            for lane in self.idle_lanes() {
                lanes.spawn(Arc::clone(&self).empty(lane));
            }
            tokio::select! {
                _ = changes.changed() => {}
                Some(_) = lanes.join_next() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    fn idle_lanes(&self) -> Vec<String> {
        self.world.read(|state| {
            let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
            state.waiting.keys().filter(|lane| active.insert((*lane).clone())).cloned().collect()
        })
    }

    async fn empty(self: Arc<Self>, lane: String) {
        while let Some(callback) = self.next(&lane) {
            if let Some(moment) = callback.not_before {
                self.world.clock().sleep_until(moment).await;
            }
            let (mut report, reply) = self.deliver(&callback).await;
            // One step, so that after a restart the callback is over or its reply not yet applied.
            self.world.step(|step| {
                let applied = reply.and_then(|reply| match reply {
                    Some(reply) => replies::apply(step, &callback, &reply),
                    None => Ok("none".into()),
                });
                report.reply = applied.unwrap_or_else(|why| format!("ignored: {why}"));
                step.make(Change::CallbackEnded(Box::new(report)));
            });
        }
    }

    /// The lane's next callback. An empty lane is given back under the world's lock, so that a
    /// callback queued meanwhile finds it idle.
    fn next(&self, lane: &str) -> Option<Callback> {
        self.world.read(|state| {
            let next = state.waiting.get(lane).and_then(|lane| lane.front()).cloned();
            if next.is_none() {
                self.active.lock().unwrap_or_else(PoisonError::into_inner).remove(lane);
            }
            next
        })
    }

    /// Tries until it is received or lost. Answers the passive reply too, if it could be opened.
    async fn deliver(&self, callback: &Callback) -> (Report, Result<Option<String>, String>) {
        let (started, at) = (Instant::now(), self.world.clock().now());
        let address = self.world.read(|state| Address::of(state, &callback.target));
        let mut report = Report {
            n: callback.n,
            at,
            kind: callback.target.kind().into(),
            url: String::new(),
            event: callback.event.clone(),
            attempts: 0,
            status: "no such address".into(),
            received: false,
            ms: 0,
            reply: String::new(),
        };
        let mut reply = Ok(None);
        let Some(address) = address else { return (report, reply) };
        report.url.clone_from(&address.url);
        while report.attempts <= RETRIES && !report.received {
            if report.attempts > 0 {
                self.transport.pause(RETRY_AFTER).await;
            }
            report.attempts += 1;
            let nonce = address.nonce();
            let request = address.request(&callback.plaintext, &nonce, self.world.clock().now());
            match self.transport.send(request).await {
                Ok((200, body)) => {
                    report.received = true;
                    report.status = "200".into();
                    reply = address.open_reply(&body, &nonce);
                }
                Ok((status, _)) => report.status = status.to_string(),
                Err(why) => report.status = why,
            }
        }
        report.ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if !report.received {
            tracing::warn!(n = report.n, kind = report.kind, status = report.status, "callback given up");
        }
        (report, reply)
    }
}

/// One of the bot's callback addresses with what belongs to it.
pub struct Address {
    pub url: String,
    token: String,
    key: Key,
    receive_id: String,
    /// ToUserName and AgentID around an XML callback; none for the JSON of smart robots.
    envelope: Option<(String, String)>,
}

impl Address {
    /// `None` when the target is gone or its key unusable.
    pub fn of(state: &State, target: &Target) -> Option<Self> {
        let bot = &state.addresses.bot;
        let (path, token, key, receive_id, envelope) = match target {
            Target::App(id) => {
                let app = state.app(id)?;
                let envelope = Some((state.corp.id.clone(), app.agent_id.to_string()));
                (format!("wecom/{id}"), &app.token, &app.encoding_aes_key, state.corp.id.clone(), envelope)
            }
            Target::Robot(id) => {
                let robot = state.robot(id)?;
                let envelope = Some((String::new(), String::new()));
                let receive_id = robot.receive_id.clone();
                (format!("wecom/{id}"), &robot.token, &robot.encoding_aes_key, receive_id, envelope)
            }
            Target::Aibot(id) => {
                let robot = state.aibot(id)?;
                (format!("aibot/{id}"), &robot.token, &robot.encoding_aes_key, String::new(), None)
            }
        };
        Some(Self {
            url: format!("{bot}/callback/{path}"),
            token: token.expose().to_owned(),
            key: Key::parse(key.expose()).ok()?,
            receive_id,
            envelope,
        })
    }

    fn nonce(&self) -> String {
        // Digits, like every nonce on the pages.
        u64::from_be_bytes(random_bytes()).to_string()
    }

    fn request(&self, plaintext: &str, nonce: &str, now: Timestamp) -> Outgoing {
        let encrypted = self.key.encrypt(random_prefix(), plaintext, &self.receive_id);
        let (content_type, body) = match &self.envelope {
            None => ("application/json", json!({"encrypt": encrypted}).to_string()),
            Some((to, agent)) => {
                let parts = [("ToUserName", to), ("AgentID", agent), ("Encrypt", &encrypted)];
                let inner: String = parts.iter().map(|(name, text)| xml::element(name, text)).collect();
                ("text/xml", format!("<xml>{inner}</xml>"))
            }
        };
        let url = self.signed_url(&encrypted, nonce, now);
        let headers = vec![("content-type", content_type.to_owned())];
        Outgoing { method: Method::POST, url, headers, body, answer_within: ANSWER_WITHIN }
    }

    fn signed_url(&self, encrypted: &str, nonce: &str, now: Timestamp) -> String {
        let timestamp = now.as_second().to_string();
        let signature = signature(&self.token, &timestamp, nonce, encrypted);
        format!("{}?msg_signature={signature}&timestamp={timestamp}&nonce={nonce}", self.url)
    }

    /// The GET by which the platform checks an address (§1.2), and the echo it expects.
    pub fn verification(&self, now: Timestamp) -> (Outgoing, String) {
        let echo = u64::from_be_bytes(random_bytes()).to_string();
        let encrypted = self.key.encrypt(random_prefix(), &echo, &self.receive_id);
        let escaped = encrypted.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let url = format!("{}&echostr={escaped}", self.signed_url(&encrypted, &self.nonce(), now));
        let request = Outgoing {
            method: Method::GET,
            url,
            headers: Vec::new(),
            body: String::new(),
            answer_within: VERIFIED_WITHIN,
        };
        (request, echo)
    }

    /// Verifies and decrypts a passive reply (§1.6); an empty body is none.
    fn open_reply(&self, body: &str, nonce: &str) -> Result<Option<String>, String> {
        if body.trim().is_empty() {
            return Ok(None);
        }
        let sealed = if self.envelope.is_some() { Sealed::from_xml(body)? } else { Sealed::from_json(body)? };
        if self.envelope.is_none() && sealed.nonce != nonce {
            return Err("the nonce is not the callback's".into());
        }
        let expected = signature(&self.token, &sealed.timestamp, &sealed.nonce, &sealed.encrypted);
        if !same(&expected, &sealed.signature) {
            return Err("the signature is wrong".into());
        }
        let opened = self.key.decrypt(&sealed.encrypted).map_err(|error| error.to_string())?;
        if opened.receive_id != self.receive_id {
            return Err(format!("the receiveid is {:?}", opened.receive_id));
        }
        Ok(Some(opened.message))
    }
}

fn random_prefix() -> [u8; 16] {
    let mut prefix = [0; 16];
    prefix.copy_from_slice(&random_text(16).as_bytes()[..16]);
    prefix
}

/// An encrypted reply.
struct Sealed {
    encrypted: String,
    signature: String,
    timestamp: String,
    nonce: String,
}

impl Sealed {
    fn from_xml(body: &str) -> Result<Self, String> {
        let mut texts = xml::texts(body)?;
        let mut take = |name: &str| texts.remove(name).ok_or(format!("{name} is missing"));
        Ok(Self {
            encrypted: take("Encrypt")?,
            signature: take("MsgSignature")?,
            timestamp: take("TimeStamp")?,
            nonce: take("Nonce")?,
        })
    }

    fn from_json(body: &str) -> Result<Self, String> {
        let body: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let take = |name: &str| body[name].as_str().map(str::to_owned).ok_or(format!("{name} is missing"));
        let timestamp = body["timestamp"].as_i64().ok_or("timestamp is not a number")?;
        Ok(Self {
            encrypted: take("encrypt")?,
            signature: take("msgsignature")?,
            timestamp: timestamp.to_string(),
            nonce: take("nonce")?,
        })
    }
}

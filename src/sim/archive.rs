//! The puller of 会话内容存档: finds archived messages late and posts them to the bot's ear in
//! signed, sequenced batches.
//!
//! It asks the ear how far it is, sends what lies behind, and believes the ear whenever it says
//! otherwise (409). It keeps nothing itself.

use std::time::Duration;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::transport::{Answered, Outgoing, Transport};
use super::wire::archive_signature;
use super::world::callback::Report;
use super::world::{Archived, Change, World};

/// The ear's own limits.
const MESSAGES_AT_MOST: usize = 1_000;
const BYTES_AT_MOST: usize = 1_000_000;
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// After a failure; the messages are kept five days, so there is no hurry.
const RETRY_AFTER: Duration = Duration::from_secs(2);

pub struct Puller<T> {
    world: World,
    transport: T,
}

/// What to do next.
enum Next {
    Send { messages: Vec<Archived> },
    WaitUntil(Timestamp),
    Wait,
}

impl<T: Transport> Puller<T> {
    pub fn new(world: World, transport: T) -> Self {
        Self { world, transport }
    }

    /// Works until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            () = self.pull() => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    async fn pull(&self) {
        let mut changes = self.world.changes();
        let mut cursor = None;
        loop {
            changes.mark_unchanged();
            let nothing = self.world.read(|state| state.archive.messages.is_empty());
            let known = match cursor {
                Some(known) => known,
                None if nothing => {
                    // Without messages there is no reason to ask anybody anything.
                    let _ = changes.changed().await;
                    continue;
                }
                None => match self.ask_cursor().await {
                    Some(known) => *cursor.insert(known),
                    None => {
                        self.transport.pause(RETRY_AFTER).await;
                        continue;
                    }
                },
            };
            self.world.step(|step| step.archive_pulled(known));
            match self.next(known) {
                Next::Send { messages } => {
                    cursor = self.post(known, &messages).await;
                    if cursor.is_none() {
                        self.transport.pause(RETRY_AFTER).await;
                    }
                }
                Next::WaitUntil(moment) => {
                    tokio::select! {
                        () = self.world.clock().sleep_until(moment) => {}
                        _ = changes.changed() => {}
                    }
                }
                Next::Wait => {
                    let _ = changes.changed().await;
                }
            }
        }
    }

    fn next(&self, cursor: u64) -> Next {
        let now = self.world.clock().now();
        self.world.read(|state| {
            let behind = || state.archive.messages.iter().filter(|message| message.seq > cursor);
            let Some(first) = behind().next() else { return Next::Wait };
            if first.visible_at > now {
                return Next::WaitUntil(first.visible_at);
            }
            let mut bytes = 0;
            let fits = |message: &&Archived| {
                bytes += message.message.to_string().len() + 64;
                message.visible_at <= now && bytes <= BYTES_AT_MOST
            };
            // A single message beyond the limit goes alone; the ear decides about it.
            let mut messages: Vec<Archived> =
                behind().take(MESSAGES_AT_MOST).take_while(fits).cloned().collect();
            if messages.is_empty() {
                messages.push(first.clone());
            }
            Next::Send { messages }
        })
    }

    async fn ask_cursor(&self) -> Option<u64> {
        let answer = self.request(Method::GET, "/cursor", String::new()).await;
        match answer {
            Ok((200, body)) => seq(&body),
            Ok((status, _)) => {
                tracing::debug!(status, "the archive ear does not tell its cursor");
                None
            }
            Err(why) => {
                tracing::debug!(why, "the archive ear can't be reached");
                None
            }
        }
    }

    /// Posts a batch. Answers the ear's cursor, or nothing when it has to be asked again.
    async fn post(&self, after: u64, messages: &[Archived]) -> Option<u64> {
        let (started, at) = (Instant::now(), self.world.clock().now());
        let list: Vec<Value> =
            messages.iter().map(|one| json!({"seq": one.seq, "message": one.message})).collect();
        let answer =
            self.request(Method::POST, "", json!({"after": after, "messages": list}).to_string()).await;
        let (status, cursor) = match &answer {
            Ok((status @ (200 | 409), body)) => (status.to_string(), seq(body)),
            Ok((status, _)) => (status.to_string(), None),
            Err(why) => (why.clone(), None),
        };
        let url = self.url("");
        self.world.step(|step| {
            let report = Report {
                n: step.number(),
                at,
                kind: "archive".into(),
                url,
                event: format!("{} messages", messages.len()),
                attempts: 1,
                received: status == "200",
                status,
                ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
                reply: cursor.map_or_else(|| "none".into(), |seq| format!("seq {seq}")),
            };
            step.make(Change::BatchEnded(Box::new(report)));
        });
        cursor
    }

    fn url(&self, tail: &str) -> String {
        self.world.read(|state| format!("{}/ears/archive/{}{tail}", state.addresses.bot, state.corp.id))
    }

    async fn request(&self, method: Method, tail: &str, body: String) -> Result<Answered, String> {
        let timestamp = self.world.clock().now().as_second();
        let key = self.world.read(|state| state.archive.hmac_key.clone());
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("x-zhanggui-timestamp", timestamp.to_string()),
            ("x-zhanggui-signature", archive_signature(key.expose(), timestamp, &body)),
        ];
        let url = self.url(tail);
        self.transport.send(Outgoing { method, url, headers, body, answer_within: ANSWER_WITHIN }).await
    }
}

fn seq(body: &str) -> Option<u64> {
    let body: Value = serde_json::from_str(body).ok()?;
    body["seq"].as_u64()
}

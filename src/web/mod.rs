//! The edge: HTTP in, events out.
//!
//! A callback is read within limits, verified, decrypted, parsed and looked at, all on its own
//! task; then it waits until the house behind ([`Acceptor`]) has made it durable and decided it.
//! **A 200 means durable and decided.** Everything else is a [`Refusal`] with a status the sender
//! can act on, counted, and logged with its cause but without payload.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use axum::Router;
use axum::body::{Bytes, HttpBody};
use axum::routing::{get, post};

mod acceptor;
mod archive;
mod body;
mod callbacks;
pub mod control;
mod endpoint;
mod front;
mod health;
pub mod playground;
mod query;
mod refusal;
pub mod server;

pub use acceptor::{Accepted, Acceptor, Refused};
pub use body::MAX_BODY;
pub use endpoint::{Archive, Endpoint, Endpoints, Listener};
pub use front::Front;
pub use refusal::Refusal;

use crate::clock::Clock;
use crate::decision::{Event, EventKind};
use crate::perception::Signals;
use crate::perception::learned::Learned;
use crate::rules::Rulebook;
use crate::telemetry::{Health, Metrics};
use refusal::RefusalLog;

/// Longest text that perception looks at, in characters. The longest message of the platform is
/// 20480 bytes (wecom-receive.md §4.5); only a forwarded chat record can be longer.
const PERCEIVED_CHARACTERS: usize = 20_480;

/// Everything the edge needs; `A` is the house behind it.
pub struct Edge<A> {
    pub endpoints: Endpoints,
    pub acceptor: A,
    /// Swapped as a whole when the files change.
    pub rules: Arc<ArcSwap<Rulebook>>,
    /// Swapped as a whole when somebody teaches.
    pub learned: Arc<ArcSwap<Learned>>,
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
    pub health: Arc<Health>,
    refusals: RefusalLog,
    body_timeout: Duration,
}

impl<A: Acceptor> Edge<A> {
    pub fn new(
        endpoints: Endpoints,
        acceptor: A,
        rules: Arc<ArcSwap<Rulebook>>,
        learned: Arc<ArcSwap<Learned>>,
        clock: Clock,
        metrics: Arc<Metrics>,
        health: Arc<Health>,
    ) -> Self {
        let (refusals, body_timeout) = (RefusalLog::default(), body::BODY_TIMEOUT);
        Self { endpoints, acceptor, rules, learned, clock, metrics, health, refusals, body_timeout }
    }

    async fn read(&self, body: impl HttpBody<Data = Bytes> + Unpin) -> Result<Bytes, Refusal> {
        body::read(body, self.body_timeout).await
    }

    /// Looks at an event's text, if it has any.
    fn perceive(&self, event: &Event) -> Signals {
        let EventKind::Message(message) = &event.kind else { return Signals::default() };
        let text = beginning(&message.content.text, PERCEIVED_CHARACTERS);
        if text.is_empty() {
            return Signals::default();
        }
        let started = Instant::now();
        let signals = self.rules.load().perceiver.perceive_with(text, &self.learned.load());
        self.metrics.perceived(started.elapsed());
        signals
    }

    async fn accept(&self, event: Event) -> Result<Accepted, Refused> {
        let signals = self.perceive(&event);
        self.acceptor.accept(event, signals).await
    }
}

/// All addresses of the edge but those of callbacks, which [`Front`] answers.
fn router<A: Acceptor>(edge: Arc<Edge<A>>) -> Router {
    Router::new()
        .route("/ears/archive/{corp}", post(archive::receive::<A>))
        .route("/ears/archive/{corp}/cursor", get(archive::cursor::<A>))
        .route("/health", get(health::health::<A>))
        .route("/ready", get(health::ready::<A>))
        .route("/metrics", get(health::metrics::<A>))
        .with_state(edge)
}

/// At most `characters` characters of a text.
fn beginning(text: &str, characters: usize) -> &str {
    if text.len() <= characters {
        return text;
    }
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests;

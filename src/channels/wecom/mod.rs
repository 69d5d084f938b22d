//! WeCom (企业微信).
//!
//! The receiving side turns a callback into a [`crate::decision::Event`] in three steps that know
//! nothing of HTTP: [`Credentials::open`] verifies and decrypts, one of the `parse` functions
//! ([`app`], [`group_robot`], [`aibot`], [`archive`]) reads the plain text, and [`reply`] with
//! [`Credentials::seal`] makes the encrypted answer. A parser fails on broken XML or JSON alone: a
//! type it does not know becomes [`EventKind::Unknown`] with the whole body.
//!
//! Every wire format here is written down in `wecom-receive.md`; §n in the comments means that page.
//!
//! [`EventKind::Unknown`]: crate::decision::EventKind::Unknown

pub mod aibot;
pub mod app;
pub mod archive;
pub mod client;
mod contact;
pub mod credentials;
pub mod crypto;
pub mod envelope;
mod event_key;
pub mod group_robot;
pub mod hands;
mod json;
pub mod reply;
#[cfg(test)]
mod samples;
pub mod xml;

pub use credentials::{Credentials, Plain, Query};

use jiff::Timestamp;

use crate::decision::{Ear, Event, EventKey, EventKind};

/// A plain text that is neither XML nor JSON of the expected kind. The messages carry positions, never content.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    #[error(transparent)]
    Xml(#[from] xml::XmlError),
    #[error("the JSON is broken at line {line}, column {column}")]
    Json { line: usize, column: usize },
    #[error("the JSON is not an object")]
    NotAnObject,
}

impl From<serde_json::Error> for ParseError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json { line: error.line(), column: error.column() }
    }
}

/// The moment of a `CreateTime`, or the moment of receipt where the platform gives none.
fn seconds_or(seconds: Option<i64>, received_at: Timestamp) -> Timestamp {
    seconds
        .filter(|&seconds| seconds > 0)
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .unwrap_or(received_at)
}

/// The moment of an archive's `msgtime`, which may be 0, or the moment of receipt (§6.5).
fn milliseconds_or(milliseconds: Option<i64>, received_at: Timestamp) -> Timestamp {
    milliseconds
        .filter(|&milliseconds| milliseconds > 0)
        .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok())
        .unwrap_or(received_at)
}

/// Who heard a plain text, for whom and when.
#[derive(Clone, Copy)]
struct Heard<'a> {
    ear: Ear,
    via: &'a str,
    corp_id: &'a str,
    received_at: Timestamp,
}

impl Heard<'_> {
    fn event(&self, key: EventKey, at: Timestamp, kind: EventKind) -> Event {
        Event { key, at, ear: self.ear, via: self.via.into(), group: None, from: None, kind, raw: None }
    }

    /// A type the protocol page does not know: kept whole.
    fn unknown(&self, key: EventKey, at: Timestamp, name: &str, raw: impl Into<String>) -> Event {
        let kind = EventKind::Unknown { name: name.to_owned() };
        Event { raw: Some(raw.into()), ..self.event(key, at, kind) }
    }
}

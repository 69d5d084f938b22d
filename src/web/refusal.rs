//! Refusals: every callback that is not accepted is answered with a status the sender can act on
//! and leaves one log line with its cause. No line holds a payload or a secret, and a flood of bad
//! requests cannot fill the disk.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Lines of one cause that are logged within a second; more are counted and told with the next line.
const LINES_PER_SECOND: u32 = 5;

/// What a refused sender is told to wait, in seconds: about what a full queue needs to drain.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// Why a request was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No app, robot or archive has this id.
    UnknownId,
    BadQuery,
    WrongSignature,
    /// Signed rightly, but too long ago or for the future.
    WrongTime,
    BodyTooLarge,
    BodyTooSlow,
    /// The connection broke, or the body is not what the endpoint takes.
    BrokenBody,
    Undecryptable,
    /// The intake's queue is full.
    Full,
    /// The house is closing.
    Stopping,
    /// The store could not commit.
    Storage,
}

impl Refusal {
    const ALL: [Self; 11] = [
        Self::UnknownId,
        Self::BadQuery,
        Self::WrongSignature,
        Self::WrongTime,
        Self::BodyTooLarge,
        Self::BodyTooSlow,
        Self::BrokenBody,
        Self::Undecryptable,
        Self::Full,
        Self::Stopping,
        Self::Storage,
    ];

    /// The word in metrics, in the log and in the answer.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownId => "unknown_id",
            Self::BadQuery => "bad_query",
            Self::WrongSignature => "wrong_signature",
            Self::WrongTime => "wrong_time",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyTooSlow => "body_too_slow",
            Self::BrokenBody => "broken_body",
            Self::Undecryptable => "undecryptable",
            Self::Full => "full",
            Self::Stopping => "stopping",
            Self::Storage => "storage",
        }
    }

    pub fn status(self) -> StatusCode {
        match self {
            Self::UnknownId => StatusCode::NOT_FOUND,
            Self::WrongSignature | Self::WrongTime => StatusCode::FORBIDDEN,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BadQuery | Self::BrokenBody | Self::Undecryptable => StatusCode::BAD_REQUEST,
            Self::Full | Self::Stopping | Self::Storage => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether the rest of the request is still on the wire, so that the connection must end.
    fn leaves_body_unread(self) -> bool {
        matches!(self, Self::UnknownId | Self::BodyTooLarge | Self::BodyTooSlow | Self::BrokenBody)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.name()).into_response();
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        if self.leaves_body_unread() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Decides which refusals get a line, by cause.
#[derive(Debug)]
pub struct RefusalLog {
    started: Instant,
    windows: [Mutex<Window>; Refusal::ALL.len()],
}

/// The second that is being counted.
#[derive(Debug, Default)]
struct Window {
    second: u64,
    lines: u32,
    unlogged: u64,
}

impl Default for RefusalLog {
    fn default() -> Self {
        Self { started: Instant::now(), windows: Default::default() }
    }
}

impl RefusalLog {
    /// Logs one refusal. `id` must be log-safe; `detail` is an error of ours without payload.
    pub fn log(&self, refusal: Refusal, endpoint: &str, id: &str, detail: &str) {
        let Some(unlogged) = self.admit(refusal, self.started.elapsed()) else { return };
        let (cause, status) = (refusal.name(), refusal.status().as_u16());
        tracing::warn!(endpoint, id, cause, status, detail, unlogged, "callback refused");
    }

    /// `Some(lines left out since the last one)` when a line may be written.
    fn admit(&self, refusal: Refusal, at: Duration) -> Option<u64> {
        let window = &self.windows[refusal as usize];
        let mut window = window.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if window.second != at.as_secs() {
            window.second = at.as_secs();
            window.lines = 0;
        }
        if window.lines == LINES_PER_SECOND {
            window.unlogged += 1;
            return None;
        }
        window.lines += 1;
        Some(std::mem::take(&mut window.unlogged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_its_place() {
        for (index, refusal) in Refusal::ALL.into_iter().enumerate() {
            assert_eq!(refusal as usize, index);
        }
    }

    #[test]
    fn a_flood_is_counted_not_logged() {
        let log = RefusalLog::default();
        let at = Duration::from_millis;
        let logged = (0..1000).filter(|_| log.admit(Refusal::WrongSignature, at(10)).is_some()).count();
        assert_eq!(logged, 5);
        assert_eq!(log.admit(Refusal::WrongTime, at(10)), Some(0), "another cause is not silenced");
        assert_eq!(log.admit(Refusal::WrongSignature, at(1010)), Some(995));
        assert_eq!(log.admit(Refusal::WrongSignature, at(1010)), Some(0));
    }

    #[test]
    fn only_temporary_refusals_say_when_to_try_again() {
        for refusal in Refusal::ALL {
            let response = refusal.into_response();
            let temporary = response.status() == StatusCode::SERVICE_UNAVAILABLE;
            assert_eq!(response.headers().contains_key(header::RETRY_AFTER), temporary, "{refusal:?}");
        }
    }
}

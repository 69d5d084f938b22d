//! The archive ear: a puller process posts decrypted messages of 会话内容存档 in signed, sequenced
//! batches (message formats: wecom-receive.md §6.5).
//!
//! The cursor moves only when every message of a batch is durable, so a puller that starts again
//! from the cursor loses nothing; what it posts twice is told apart by msgid.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::acceptor::join_in_order;
use super::callbacks::Rejection;
use super::endpoint::Archive;
use super::refusal::Refusal;
use super::{Acceptor, Edge};
use crate::channels::wecom::archive::{
    Batch, BatchError, SIGNATURE_HEADER, SignatureError, TIMESTAMP_HEADER, event, verify,
};
use crate::decision::{Ear, Event};

/// Messages that are on their way into the intake at once: enough to share commits, far from
/// filling the intake's queue, which live callbacks need.
const IN_FLIGHT: usize = 64;

/// Both the answer and the conflict: the seq up to which everything is stored.
#[derive(Serialize)]
struct Cursor {
    seq: u64,
}

/// `POST /ears/archive/{corp}`
pub(super) async fn receive<A: Acceptor>(
    State(edge): State<Arc<Edge<A>>>,
    Path(corp): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let started = Instant::now();
    let taken = match edge.endpoints.archives.get(corp.as_str()) {
        Some(archive) => edge.take_batch(archive, &headers, body).await,
        None => Err(Refusal::UnknownId.into()),
    };
    edge.answer_archive(&corp, started, taken)
}

/// `GET /ears/archive/{corp}/cursor`
pub(super) async fn cursor<A: Acceptor>(
    State(edge): State<Arc<Edge<A>>>,
    Path(corp): Path<String>,
    headers: HeaderMap,
) -> Response {
    let started = Instant::now();
    let taken = match edge.endpoints.archives.get(corp.as_str()) {
        Some(archive) => edge.tell_cursor(archive, &headers).await,
        None => Err(Refusal::UnknownId.into()),
    };
    edge.answer_archive(&corp, started, taken)
}

impl<A: Acceptor> Edge<A> {
    async fn tell_cursor(
        &self,
        archive: &Archive,
        headers: &HeaderMap,
    ) -> Result<(StatusCode, u64), Rejection> {
        self.verify(archive, headers, b"")?;
        Ok((StatusCode::OK, self.acceptor.archive_cursor(&archive.corp_id).await?))
    }

    /// The answer's status and cursor: 409 when the puller is ahead of what is stored.
    async fn take_batch(
        &self,
        archive: &Archive,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(StatusCode, u64), Rejection> {
        let body = self.read(body).await?;
        self.verify(archive, headers, &body)?;
        let batch = Batch::parse(&body)?;
        let _turn = archive.turn.lock().await;
        let stored = self.acceptor.archive_cursor(&archive.corp_id).await?;
        if batch.after > stored {
            return Ok((StatusCode::CONFLICT, stored));
        }
        let reached = batch.last_seq().max(stored);
        self.accept_all(archive, &batch).await?;
        if reached > stored {
            self.acceptor.set_archive_cursor(&archive.corp_id, reached).await?;
        }
        Ok((StatusCode::OK, reached))
    }

    /// A missing header is an empty one, which fits nothing.
    fn verify(&self, archive: &Archive, headers: &HeaderMap, body: &[u8]) -> Result<(), SignatureError> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (timestamp, signature) = (text(TIMESTAMP_HEADER), text(SIGNATURE_HEADER));
        verify(&archive.hmac_key, timestamp, signature, body, self.clock.now())
    }

    /// Hands the messages over in order, some at once; done when all are durable.
    async fn accept_all(&self, archive: &Archive, batch: &Batch) -> Result<(), Rejection> {
        let (corp_id, now) = (&*archive.corp_id, self.clock.now());
        for messages in batch.messages.chunks(IN_FLIGHT) {
            let events = messages.iter().map(|numbered| event(&numbered.message, corp_id, corp_id, now));
            let events: Vec<Event> = events.collect();
            for accepted in join_in_order(events.into_iter().map(|event| self.accept(event))).await {
                accepted?;
            }
        }
        Ok(())
    }

    fn answer_archive(
        &self,
        corp: &str,
        started: Instant,
        taken: Result<(StatusCode, u64), Rejection>,
    ) -> Response {
        let ear = Ear::Archive.as_str();
        match taken {
            Ok((status, seq)) => {
                let result = if status == StatusCode::CONFLICT { "ahead" } else { "accepted" };
                self.metrics.callback(ear, result, started.elapsed());
                (status, Json(Cursor { seq })).into_response()
            }
            Err(rejection) => self.refuse(ear, corp, started, rejection),
        }
    }
}

impl From<SignatureError> for Rejection {
    fn from(error: SignatureError) -> Self {
        let refusal = match error {
            SignatureError::Mismatch => Refusal::WrongSignature,
            SignatureError::Stale => Refusal::WrongTime,
        };
        Self::new(refusal, error)
    }
}

impl From<BatchError> for Rejection {
    fn from(error: BatchError) -> Self {
        Self::new(Refusal::BrokenBody, error)
    }
}

//! Starting and cancelling cascades.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{Acceptor, Control, answer, refused};
use crate::decision::{CascadeRequest, Ear, Event, EventKey, EventKind, MemberId, Reason};
use crate::perception::Signals;

/// Start or cancel a run of a cascade.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AskCascade {
    pub request: CascadeRequest,
    /// Who says so: a userid.
    pub by: String,
}

/// The name of the feature whose reasons are the answer.
const FEATURE: &str = "cascades";
/// The reasons that mean: it is so now, or was before.
const DONE: [&str; 4] = ["started", "started_before", "cancelled", "over"];

pub(super) async fn ask<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(asked): Json<AskCascade>,
) -> Response {
    let event = event(asked, &control.clock);
    let key = event.key.to_string();
    if let Err(why) = control.acceptor.accept(event, Signals::default()).await {
        return refused(why);
    }
    // What was decided is in the journal, and says it in words.
    let reader = control.reader.clone();
    let entry = tokio::task::spawn_blocking(move || reader.entry(&key)).await;
    let reasons = match entry {
        Ok(Ok(entry)) => entry.map(|entry| entry.reasons).unwrap_or_default(),
        Ok(Err(error)) => {
            tracing::error!(%error, "what became of a request for a cascade could not be read");
            let told = "已经收下，但读不了处理记录，请看日志".to_owned();
            return answer(StatusCode::INTERNAL_SERVER_ERROR, false, told);
        }
        Err(_) => return refused(crate::store::Refused::Stopping),
    };
    let ours: Vec<&Reason> = reasons.iter().filter(|reason| reason.feature == FEATURE).collect();
    let done = ours.iter().any(|reason| DONE.contains(&&*reason.code));
    let told = ours.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("；");
    answer(if done { StatusCode::OK } else { StatusCode::NOT_FOUND }, done, told)
}

/// A request that is repeated is another event, because what stood in its way may be gone; that a run
/// starts once is kept by its name.
fn event(asked: AskCascade, clock: &crate::clock::Clock) -> Event {
    let at = clock.now();
    let what = match &asked.request {
        CascadeRequest::Start { .. } => "start",
        CascadeRequest::Cancel { .. } => "cancel",
    };
    Event {
        key: EventKey::new(format!("cascade:{what}:{}:{}", asked.request.run(), at.as_microsecond())),
        at,
        ear: Ear::Operator,
        via: "control".into(),
        group: None,
        from: Some(MemberId::from(asked.by.as_str())),
        kind: EventKind::Cascade(Box::new(asked.request)),
        raw: None,
    }
}

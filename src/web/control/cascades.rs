//! Starting and cancelling cascades.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{Acceptor, Control, decided};
use crate::decision::{CascadeRequest, Ear, Event, EventKey, EventKind, MemberId};

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
    decided(&control, event(asked, &control.clock), FEATURE, &DONE).await
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

//! Starting and cancelling cascades.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::asked::{Answers, Untold};
use super::{Acceptor, Answer, Control};
use crate::decision::{CascadeRequest, EventKind};

/// Start or cancel a run of a cascade.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AskCascade {
    pub request: CascadeRequest,
    /// Who says so: a userid.
    pub by: String,
}

const ANSWERS: Answers =
    Answers { feature: "cascades", done: &["started", "started_before", "cancelled", "over"] };

/// That a run starts once is kept by its name.
pub async fn ask<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(AskCascade { request, by }): Json<AskCascade>,
) -> Result<Answer, Untold> {
    let what = match &request {
        CascadeRequest::Start { .. } => "start",
        CascadeRequest::Cancel { .. } => "cancel",
    };
    let what = format!("cascade:{what}:{}", request.run());
    control.decided(control.each_time(&what, &by, EventKind::Cascade(Box::new(request))), &ANSWERS).await
}

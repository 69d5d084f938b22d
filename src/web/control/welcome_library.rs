//! Making the library of group welcomes what the files say.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{Acceptor, Control, answer, refused};
use crate::decision::{Ear, Event, EventKey, EventKind, MemberId, Reason, WelcomeLibraryEvent};
use crate::perception::Signals;
use crate::store::Refused;

/// What is wanted of the library.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AskWelcomeLibrary {
    pub request: LibraryRequest,
    /// Who says so: a userid.
    pub by: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LibraryRequest {
    Apply { all: bool },
    Forget { key: String },
}

/// The name of the feature whose reasons are the answer.
const FEATURE: &str = "welcome_library";
const DONE: [&str; 2] = ["applied", "forgotten"];

pub(super) async fn ask<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(AskWelcomeLibrary { request, by }): Json<AskWelcomeLibrary>,
) -> Response {
    let at = control.clock.now();
    // Each asking is an event of its own: what is as it should be is left alone.
    let key = format!("welcome-library:{}", at.as_nanosecond());
    let what = match request {
        LibraryRequest::Apply { all } => WelcomeLibraryEvent::Apply { all },
        LibraryRequest::Forget { key } => WelcomeLibraryEvent::Forget { key },
    };
    let event = Event {
        key: EventKey::new(key.clone()),
        at,
        ear: Ear::Operator,
        via: "control".into(),
        group: None,
        from: Some(MemberId::from(by.as_str())),
        kind: EventKind::WelcomeLibrary(what),
        raw: None,
    };
    if let Err(why) = control.acceptor.accept(event, Signals::default()).await {
        return refused(why);
    }
    let reader = control.reader.clone();
    let reasons = match tokio::task::spawn_blocking(move || reader.entry(&key)).await {
        Ok(Ok(entry)) => entry.map(|entry| entry.reasons).unwrap_or_default(),
        Ok(Err(error)) => {
            tracing::error!(%error, "what became of a request for the welcome library could not be read");
            return refused(Refused::Storage);
        }
        Err(_) => return refused(Refused::Stopping),
    };
    let ours: Vec<&Reason> = reasons.iter().filter(|reason| reason.feature == FEATURE).collect();
    let done = ours.iter().any(|reason| DONE.contains(&&*reason.code));
    let told = ours.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("；");
    answer(if done { StatusCode::OK } else { StatusCode::NOT_FOUND }, done, told)
}

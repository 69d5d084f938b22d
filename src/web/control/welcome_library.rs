//! Making the library of group welcomes what the files say.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::asked::{Answers, Untold};
use super::{Acceptor, Answer, Control};
use crate::decision::{EventKind, WelcomeLibraryEvent};

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

const ANSWERS: Answers = Answers { feature: "welcome_library", done: &["applied", "forgotten"] };

pub async fn ask<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(AskWelcomeLibrary { request, by }): Json<AskWelcomeLibrary>,
) -> Result<Answer, Untold> {
    let what = match request {
        LibraryRequest::Apply { all } => WelcomeLibraryEvent::Apply { all },
        LibraryRequest::Forget { key } => WelcomeLibraryEvent::Forget { key },
    };
    let event = control.each_time("welcome-library", &by, EventKind::WelcomeLibrary(what));
    control.decided(event, &ANSWERS).await
}

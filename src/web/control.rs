//! The door for whoever runs the bot: a Unix socket in the data folder, for commands of the same
//! machine and user. What is asked here becomes an event of [`Ear::Operator`] and goes through the
//! intake like everything else: durable and decided when it is answered ([`asked`]).
//!
//! Every request is `POST /NAME` with a JSON body; every answer is an [`Answer`] in JSON, whatever the
//! status. A new command adds a route here and calls it with [`call`].

mod asked;
mod campaigns;
mod cascades;
mod join_codes;
mod learning;
mod moments;
mod pardons;
mod schedules;
mod welcome_library;

pub use campaigns::OrderCampaign;
pub use cascades::AskCascade;
pub use join_codes::OrderJoinCode;
pub use learning::{GoBack, Learn};
pub use moments::AskMoment;
pub use pardons::Pardon;
pub use schedules::OrderSchedule;
pub use welcome_library::{AskWelcomeLibrary, LibraryRequest};

use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::routing::post;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::{UnixListener, UnixStream};

use super::Acceptor;
use crate::clock::Clock;
use crate::store::Reader;

/// The socket's file inside the data folder.
pub const SOCKET: &str = "control.sock";
/// A request names a message and a person.
const BODY_AT_MOST: usize = 64 * 1024;
/// A decision takes milliseconds; a bot that does not answer for so long is stuck.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// It was done, or had been done before.
    pub done: bool,
    /// For the person who asked, Chinese.
    pub told: String,
}

/// The house behind the door.
pub struct Control<A> {
    pub acceptor: A,
    pub reader: Reader,
    pub clock: Clock,
}

/// Why a command reached nobody.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("no bot listens on {path}: {source}")]
    NotRunning { path: PathBuf, source: io::Error },
    #[error("the bot did not answer: {0}")]
    NoAnswer(String),
}

/// Opens the socket, mode 0600 from its first moment. What a dead process left behind is replaced:
/// the caller holds the data folder's lock, so nobody alive listens there.
pub fn open(data: &Path) -> io::Result<UnixListener> {
    // Nobody else can reach into this folder while the socket gets its mode.
    let nursery = data.join(format!("{SOCKET}.new"));
    match std::fs::remove_dir_all(&nursery) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => std::fs::DirBuilder::new().mode(0o700).create(&nursery)?,
    }
    let newborn = nursery.join("s");
    let listener = UnixListener::bind(&newborn)?;
    std::fs::set_permissions(&newborn, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&newborn, data.join(SOCKET))?;
    std::fs::remove_dir(&nursery)?;
    Ok(listener)
}

/// Serves until `stop` completes, then removes the socket.
pub async fn serve<A: Acceptor>(
    listener: UnixListener,
    data: PathBuf,
    control: Control<A>,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let served = axum::serve(listener, router(Arc::new(control))).with_graceful_shutdown(stop).await;
    if let Err(error) = served {
        tracing::error!(%error, "the control socket ended");
    }
    if let Err(error) = std::fs::remove_file(data.join(SOCKET)) {
        tracing::warn!(%error, "the control socket could not be removed; the next start replaces it");
    }
}

fn router<A: Acceptor>(control: Arc<Control<A>>) -> Router {
    Router::new()
        .route("/pardon", post(pardons::pardon::<A>))
        .route("/learn", post(learning::learn::<A>))
        .route("/rollback", post(learning::go_back::<A>))
        .route("/schedule", post(schedules::order::<A>))
        .route("/cascade", post(cascades::ask::<A>))
        .route("/join-code", post(join_codes::order::<A>))
        .route("/moment", post(moments::ask::<A>))
        .route("/welcome-library", post(welcome_library::ask::<A>))
        .route("/campaign", post(campaigns::order::<A>))
        .layer(DefaultBodyLimit::max(BODY_AT_MOST))
        .with_state(control)
}

/// Asks the bot that works in this data folder.
pub async fn call<T: Serialize>(data: &Path, name: &str, request: &T) -> Result<Answer, CallError> {
    let path = data.join(SOCKET);
    let stream = UnixStream::connect(&path).await;
    let stream = stream.map_err(|source| CallError::NotRunning { path, source })?;
    let no_answer = |error: &dyn std::fmt::Display| CallError::NoAnswer(error.to_string());
    let body = serde_json::to_vec(request).map_err(|error| no_answer(&error))?;
    let asked = ask(stream, name, body);
    let answered = tokio::time::timeout(ANSWERED_WITHIN, asked).await.map_err(|error| no_answer(&error))?;
    answered.map_err(|error| no_answer(&error))
}

async fn ask(stream: UnixStream, name: &str, body: Vec<u8>) -> anyhow::Result<Answer> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let request = axum::http::Request::post(format!("/{name}"))
        .header(HOST, "control")
        .header(CONTENT_TYPE, "application/json")
        .body(axum::body::Body::from(body))?;
    // Ends by itself when the sender is dropped.
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    let body = axum::body::to_bytes(axum::body::Body::new(response.into_body()), BODY_AT_MOST).await?;
    drop(sender);
    connection.await??;
    Ok(serde_json::from_slice(&body)?)
}

#[cfg(test)]
mod tests;

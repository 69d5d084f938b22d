//! From what is asked for at the door to what was decided about it.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{Acceptor, Answer, Control};
use crate::decision::{Ear, Event, EventKey, EventKind, MemberId};
use crate::perception::Signals;
use crate::store::{JournalEntry, Reader, Refused, StoreError};

/// The feature whose reasons are the answer, and those of its codes that mean: it is so now, or was before.
pub struct Answers {
    pub feature: &'static str,
    pub done: &'static [&'static str],
}

impl Answers {
    /// What was decided is in the journal, and says it in words.
    pub fn of(&self, entry: &JournalEntry) -> Answer {
        let ours: Vec<_> = entry.reasons.iter().filter(|reason| reason.feature == self.feature).collect();
        let done = ours.iter().any(|reason| self.done.contains(&&*reason.code));
        let told = ours.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("；");
        Answer { done, told }
    }
}

/// Why nobody can say what became of a request.
#[derive(Debug)]
pub enum Untold {
    Refused(Refused),
    /// The cause is in the log.
    Unread,
}

impl From<Refused> for Untold {
    fn from(why: Refused) -> Self {
        Self::Refused(why)
    }
}

impl IntoResponse for Untold {
    fn into_response(self) -> Response {
        let (status, told) = match self {
            Self::Refused(Refused::Full) => (StatusCode::SERVICE_UNAVAILABLE, "机器人正忙，请稍后再试"),
            Self::Refused(Refused::Stopping) => {
                (StatusCode::SERVICE_UNAVAILABLE, "机器人正在停止，启动以后再试")
            }
            Self::Refused(Refused::Storage) => {
                (StatusCode::SERVICE_UNAVAILABLE, "没能存下来，请看日志里的原因")
            }
            Self::Unread => {
                (StatusCode::INTERNAL_SERVER_ERROR, "机器人读不了自己的记录，做没做成不知道，请看日志")
            }
        };
        (status, Json(Answer { done: false, told: told.to_owned() })).into_response()
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = if self.done { StatusCode::OK } else { StatusCode::NOT_FOUND };
        (status, Json(self)).into_response()
    }
}

impl<A: Acceptor> Control<A> {
    /// What `by` asks for now. A key that is new each time makes each asking an event of its own: what stood in
    /// its way may be gone, and what is so already is said again.
    pub fn each_time(&self, what: &str, by: &str, kind: EventKind) -> Event {
        self.event(format!("{what}:{}", self.clock.now().as_nanosecond()), by, kind)
    }

    /// What `by` asks for under a key: a second with the same is the same event.
    pub fn event(&self, key: String, by: &str, kind: EventKind) -> Event {
        Event {
            key: EventKey::new(key),
            at: self.clock.now(),
            ear: Ear::Operator,
            via: "control".into(),
            group: None,
            from: Some(MemberId::from(by)),
            kind,
            raw: None,
        }
    }

    /// Has the event decided, and answers with what was.
    pub async fn decided(&self, event: Event, answers: &Answers) -> Result<Answer, Untold> {
        let key = event.key.to_string();
        self.acceptor.accept(event, Signals::default()).await?;
        // What was accepted is in the journal.
        let entry = self.entry(key).await?.ok_or(Untold::Unread)?;
        Ok(answers.of(&entry))
    }

    /// What the journal says of an event; `None` when there was none with this key.
    pub async fn entry(&self, key: String) -> Result<Option<JournalEntry>, Untold> {
        self.read(move |reader| reader.entry(&key)).await
    }

    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Untold> {
        let reader = self.reader.clone();
        let read = tokio::task::spawn_blocking(move || read(&reader)).await;
        read.map_err(|_| Refused::Stopping)?.map_err(|error| {
            tracing::error!(%error, "what a request needs could not be read");
            Untold::Unread
        })
    }
}

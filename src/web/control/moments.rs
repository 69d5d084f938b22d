//! Having staff publish a moment, or no longer.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{Acceptor, Control, answer, refused};
use crate::decision::{Ear, Event, EventKey, EventKind, MemberId, MomentOrder, MomentRequest};
use crate::perception::Signals;
use crate::store::{JournalEntry, Refused};

/// Send or cancel a moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AskMoment {
    pub request: MomentRequest,
    /// Who says so: a userid.
    pub by: String,
}

/// The name of the feature whose reasons are the answer, and the reason that means: it goes out.
const FEATURE: &str = "moments";
const ASKED: &str = "asked";
/// A request is tried again under one name after the files were mended, not so often as this.
const TRIES_AT_MOST: usize = 100;

pub(super) async fn ask<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(AskMoment { request, by }): Json<AskMoment>,
) -> Response {
    let told = match request {
        MomentRequest::Send(order) => send(&control, order, &by).await,
        MomentRequest::Cancel { moment } => cancel(&control, moment, &by).await,
    };
    match told {
        Ok((true, told)) => answer(StatusCode::OK, true, told),
        Ok((false, told)) => answer(StatusCode::NOT_FOUND, false, told),
        Err(why) => refused(why),
    }
}

/// Whether it was done, and what the person hears.
type Told = Result<(bool, String), Refused>;

/// Each try has a key of its own, and only a try from which nothing followed is followed by another: so a moment
/// goes out once under its name, whoever asks for it at the same time.
async fn send<A: Acceptor>(control: &Control<A>, order: MomentOrder, by: &str) -> Told {
    for number in 1..=TRIES_AT_MOST {
        let key = format!("moment:send:{}:{number}", order.moment);
        match entry(control, &key).await? {
            Some(before) if is_asked(&before) => {
                let name = &order.moment;
                return Ok((
                    true,
                    format!(
                        "{name} 已经发过，不再重复；要再发一次，换一个名字（--name）。看谁发了：zhanggui moment show {name}"
                    ),
                ));
            }
            Some(_) => continue,
            None => {}
        }
        let request = MomentRequest::Send(order.clone());
        let accepted = control.acceptor.accept(event(control, key.clone(), request, by), Signals::default());
        accepted.await?;
        let Some(entry) = entry(control, &key).await? else { return Err(Refused::Storage) };
        return Ok((is_asked(&entry), in_words(&entry)));
    }
    Ok((false, format!("{} 试了太多次，请换一个名字（--name）", order.moment)))
}

async fn cancel<A: Acceptor>(control: &Control<A>, moment: String, by: &str) -> Told {
    let (reader, name) = (control.reader.clone(), moment.clone());
    let read = tokio::task::spawn_blocking(move || reader.tasks_of_moment(&name)).await;
    let tasks = read.map_err(|_| Refused::Stopping)?.map_err(unreadable)?;
    if tasks.is_empty() {
        return Ok((false, format!("没有叫 {moment} 的朋友圈；zhanggui moment list 列出了有过哪些")));
    }
    if tasks.iter().all(|row| row.end.is_some()) {
        return Ok((true, format!("{moment} 已经结束，没有什么可取消的")));
    }
    let key = format!("moment:cancel:{moment}:{}", control.clock.now().as_microsecond());
    let event = event(control, key.clone(), MomentRequest::Cancel { moment }, by);
    control.acceptor.accept(event, Signals::default()).await?;
    let Some(entry) = entry(control, &key).await? else { return Err(Refused::Storage) };
    Ok((true, in_words(&entry)))
}

fn event<A>(control: &Control<A>, key: String, request: MomentRequest, by: &str) -> Event {
    Event {
        key: EventKey::new(key),
        at: control.clock.now(),
        ear: Ear::Operator,
        via: "control".into(),
        group: None,
        from: Some(MemberId::from(by)),
        kind: EventKind::Moment(Box::new(request)),
        raw: None,
    }
}

async fn entry<A>(control: &Control<A>, key: &str) -> Result<Option<JournalEntry>, Refused> {
    let (reader, key) = (control.reader.clone(), key.to_owned());
    let read = tokio::task::spawn_blocking(move || reader.entry(&key)).await;
    read.map_err(|_| Refused::Stopping)?.map_err(unreadable)
}

fn unreadable(error: crate::store::StoreError) -> Refused {
    tracing::error!(%error, "what became of a request for a moment could not be read");
    Refused::Storage
}

fn is_asked(entry: &JournalEntry) -> bool {
    entry.reasons.iter().any(|reason| reason.feature == FEATURE && reason.code == ASKED)
}

/// What was decided is in the journal, and says it in words.
fn in_words(entry: &JournalEntry) -> String {
    let ours = entry.reasons.iter().filter(|reason| reason.feature == FEATURE);
    ours.map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("；")
}

//! Having staff publish a moment, or no longer.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::asked::{Answers, Untold};
use super::{Acceptor, Answer, Control};
use crate::decision::{EventKind, MomentOrder, MomentRequest};

/// Send or cancel a moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AskMoment {
    pub request: MomentRequest,
    /// Who says so: a userid.
    pub by: String,
}

const SEND: Answers = Answers { feature: "moments", done: &["asked"] };
const CANCEL: Answers = Answers { feature: "moments", done: &["cancelled"] };
/// A request is tried again under one name after the files were mended, not so often as this.
const TRIES_AT_MOST: usize = 100;

pub async fn ask<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(AskMoment { request, by }): Json<AskMoment>,
) -> Result<Answer, Untold> {
    match request {
        MomentRequest::Send(order) => send(&control, order, &by).await,
        MomentRequest::Cancel { moment } => cancel(&control, moment, &by).await,
    }
}

/// Each try has a key of its own, and only a try from which nothing followed is followed by another: so a moment
/// goes out once under its name, whoever asks for it at the same time.
async fn send<A: Acceptor>(control: &Control<A>, order: MomentOrder, by: &str) -> Result<Answer, Untold> {
    let name = order.moment.clone();
    for number in 1..=TRIES_AT_MOST {
        let key = format!("moment:send:{name}:{number}");
        match control.entry(key.clone()).await? {
            Some(before) if SEND.of(&before).done => {
                let told = format!(
                    "{name} 已经发过，不再重复；要再发一次，换一个名字（--name）。看谁发了：zhanggui moment show {name}"
                );
                return Ok(Answer { done: true, told });
            }
            Some(_) => {}
            None => {
                let kind = EventKind::Moment(Box::new(MomentRequest::Send(order)));
                return control.decided(control.event(key, by, kind), &SEND).await;
            }
        }
    }
    Ok(Answer { done: false, told: format!("{name} 试了太多次，请换一个名字（--name）") })
}

async fn cancel<A: Acceptor>(control: &Control<A>, moment: String, by: &str) -> Result<Answer, Untold> {
    let name = moment.clone();
    let tasks = control.read(move |reader| reader.tasks_of_moment(&name)).await?;
    if tasks.is_empty() {
        let told = format!("没有叫 {moment} 的朋友圈；zhanggui moment list 列出了有过哪些");
        return Ok(Answer { done: false, told });
    }
    if tasks.iter().all(|row| row.end.is_some()) {
        return Ok(Answer { done: true, told: format!("{moment} 已经结束，没有什么可取消的") });
    }
    let what = format!("moment:cancel:{moment}");
    let kind = EventKind::Moment(Box::new(MomentRequest::Cancel { moment }));
    control.decided(control.each_time(&what, by, kind), &CANCEL).await
}

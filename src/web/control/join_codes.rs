//! Asking again for what became of nothing, and deleting a code that has left the files.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{Acceptor, Control, answer, refused};
use crate::decision::{
    Ear, Event, EventKey, EventKind, JoinAsk, JoinCodeOrder, JoinCodeState, JoinOrder, MemberId,
};
use crate::perception::Signals;

/// What is wanted of a join code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderJoinCode {
    pub code: String,
    pub order: JoinOrder,
    /// Who says so: a userid.
    pub by: String,
}

pub(super) async fn order<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(asked): Json<OrderJoinCode>,
) -> Response {
    let OrderJoinCode { code, order, by } = asked;
    let at = control.clock.now();
    // Each asking is an event of its own: what is on its way is not asked for again.
    let key = format!("join-code:{code}:{order:?}:{}", at.as_nanosecond());
    let event = Event {
        key: EventKey::new(key),
        at,
        ear: Ear::Operator,
        via: "control".into(),
        group: None,
        from: Some(MemberId::from(by.as_str())),
        kind: EventKind::JoinCodeOrdered(JoinCodeOrder { code: code.clone(), order }),
        raw: None,
    };
    if let Err(why) = control.acceptor.accept(event, Signals::default()).await {
        return refused(why);
    }
    let reader = control.reader.clone();
    let read = tokio::task::spawn_blocking(move || reader.join_code(&code)).await;
    match read {
        Ok(Ok(memory)) => told(order, memory.state.as_ref()),
        // It is accepted; only what came of it cannot be told.
        Ok(Err(_)) | Err(_) => {
            answer(StatusCode::OK, true, "已收到；结果看 zhanggui join-codes list".to_owned())
        }
    }
}

/// What was decided shows in what is on its way now.
fn told(order: JoinOrder, state: Option<&JoinCodeState>) -> Response {
    let asked = state.and_then(|state| state.asked.as_ref());
    match (order, asked) {
        (JoinOrder::Delete, Some(JoinAsk::Delete { .. })) => {
            answer(StatusCode::OK, true, "正在从企业微信删除；结果看 zhanggui join-codes list".to_owned())
        }
        (JoinOrder::Delete, _) => answer(
            StatusCode::CONFLICT,
            false,
            "没有删除：企业微信上没有这个码，或者它还在 join-codes/ 里（先从文件里拿掉）".to_owned(),
        ),
        (JoinOrder::Retry, Some(_)) => {
            answer(StatusCode::OK, true, "正在再试一次；结果看 zhanggui join-codes list".to_owned())
        }
        (JoinOrder::Retry, None) => answer(StatusCode::OK, true, "没有要做的事：这个码不用改".to_owned()),
    }
}

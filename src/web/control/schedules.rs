//! Holding a schedule up, and letting it go on.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::{Acceptor, Control, answer, refused};
use crate::decision::{Ear, Event, EventKey, EventKind, MemberId, Order, ScheduleOrder};
use crate::perception::Signals;

/// What is wanted of a schedule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderSchedule {
    pub schedule: String,
    pub order: Order,
    /// Who says so: a userid.
    pub by: String,
}

pub(super) async fn order<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(asked): Json<OrderSchedule>,
) -> Response {
    let OrderSchedule { schedule, order, by } = asked;
    let at = control.clock.now();
    // Each asking is an event of its own: pausing twice does no harm.
    let key = format!("schedule:{schedule}:{order:?}:{}", at.as_nanosecond());
    let event = Event {
        key: EventKey::new(key),
        at,
        ear: Ear::Operator,
        via: "control".into(),
        group: None,
        from: Some(MemberId::from(by.as_str())),
        kind: EventKind::ScheduleOrdered(ScheduleOrder { schedule, order }),
        raw: None,
    };
    match control.acceptor.accept(event, Signals::default()).await {
        Ok(_) => {
            let told = match order {
                Order::Pause => "已暂停，还没发出去的也撤下了；恢复用 zhanggui schedule resume",
                Order::Resume => "已恢复，从下一次开始照常发",
            };
            answer(StatusCode::OK, true, told.to_owned())
        }
        Err(why) => refused(why),
    }
}

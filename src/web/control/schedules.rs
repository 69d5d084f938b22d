//! Holding a schedule up, and letting it go on.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::asked::{Answers, Untold};
use super::{Acceptor, Answer, Control};
use crate::decision::{EventKind, Order, ScheduleOrder};

/// What is wanted of a schedule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderSchedule {
    pub schedule: String,
    pub order: Order,
    /// Who says so: a userid.
    pub by: String,
}

const ANSWERS: Answers = Answers { feature: "scheduled_posts", done: &["paused", "resumed"] };

pub async fn order<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(OrderSchedule { schedule, order, by }): Json<OrderSchedule>,
) -> Result<Answer, Untold> {
    let what = format!("schedule:{schedule}:{order:?}");
    let kind = EventKind::ScheduleOrdered(ScheduleOrder { schedule, order });
    control.decided(control.each_time(&what, &by, kind), &ANSWERS).await
}

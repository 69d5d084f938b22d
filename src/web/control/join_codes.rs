//! Asking again for what became of nothing, and deleting a code that has left the files.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::asked::{Answers, Untold};
use super::{Acceptor, Answer, Control};
use crate::decision::{EventKind, JoinCodeOrder, JoinOrder};

/// What is wanted of a join code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderJoinCode {
    pub code: String,
    pub order: JoinOrder,
    /// Who says so: a userid.
    pub by: String,
}

const ANSWERS: Answers = Answers { feature: "join_codes", done: &["asked", "in_order"] };

/// What is asked of the platform has its outcome later.
pub async fn order<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(OrderJoinCode { code, order, by }): Json<OrderJoinCode>,
) -> Result<Answer, Untold> {
    let what = format!("join-code:{code}:{order:?}");
    let kind = EventKind::JoinCodeOrdered(JoinCodeOrder { code, order });
    let Answer { done, told } = control.decided(control.each_time(&what, &by, kind), &ANSWERS).await?;
    let told = if done { format!("{told}。结果看 zhanggui join-codes list") } else { told };
    Ok(Answer { done, told })
}

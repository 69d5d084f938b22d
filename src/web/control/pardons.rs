//! Taking back what a message brought its sender.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::asked::Untold;
use super::{Acceptor, Answer, Control};
use crate::decision::{Act, Action, Case, Event, EventKind, Ruling};
use crate::perception::Signals;
use crate::store::JournalEntry;

/// Take back what a message brought its sender.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pardon {
    /// A message id or an event key, as `zhanggui why` takes it.
    pub id: String,
    /// Who says so: a userid.
    pub by: String,
}

pub async fn pardon<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(Pardon { id, by }): Json<Pardon>,
) -> Result<Answer, Untold> {
    let wanted = id.clone();
    let entries = control.read(move |reader| reader.why(&wanted)).await?;
    let mut messages = entries.iter().filter_map(ruling);
    let (Some(ruling), None) = (messages.next(), messages.next()) else {
        let told = if entries.is_empty() {
            format!("没有找到 {id}：机器人没有听到它，或者已过保存期")
        } else {
            format!("{id} 不是一条群消息，或者对得上好几条；请用 zhanggui why 里的事件键")
        };
        return Ok(Answer { done: false, told });
    };
    // One verdict of this kind for one message: a second is the same event.
    let (key, group) = (format!("pardon:{}", ruling.case.message), ruling.case.group.clone());
    let event = control.event(key, &by, EventKind::Ruled(Box::new(ruling)));
    let event = Event { group: Some(group), ..event };
    let accepted = control.acceptor.accept(event, Signals::default()).await?;
    let told = if accepted.repeat {
        "这条已经撤销过，不再重复"
    } else {
        "已撤销。怎么处理的，看 zhanggui why"
    };
    Ok(Answer { done: true, told: told.to_owned() })
}

/// What a pardon says about a message in a group; `None` when it is none.
fn ruling(entry: &JournalEntry) -> Option<Ruling> {
    let case = Case::of(&entry.event, "")?;
    let actions = || entry.actions.iter().map(|action| &action.action);
    let told = |action: &Action| action.case.is_some() && matches!(action.act, Act::Post { .. });
    let task = actions().find_map(|action| action.task.clone());
    Some(Ruling { case, honest: true, public: task.is_some() || actions().any(told), task })
}

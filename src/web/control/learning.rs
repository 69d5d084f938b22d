//! Asking for another course of learning.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::asked::Untold;
use super::{Acceptor, Answer, Control};
use crate::store::{Course, Reader, StoreError};

/// Go through all verdicts until they settle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Learn {
    /// The number of the last verdict that counts: what was shown before is what is applied.
    pub settled_to: i64,
    /// Who says so: a userid.
    pub by: String,
}

/// Go back to the course of a version; verdicts from now on count as they come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GoBack {
    /// 0 for nothing learned at all.
    pub version: i64,
    pub by: String,
}

pub async fn learn<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(asked): Json<Learn>,
) -> Result<Answer, Untold> {
    let Learn { settled_to, by } = asked;
    let course = Course { settled_to, open_from: settled_to, by, back_to: None };
    set(&control, move |_| Ok(Some(course))).await
}

pub async fn go_back<A: Acceptor>(
    State(control): State<Arc<Control<A>>>,
    Json(asked): Json<GoBack>,
) -> Result<Answer, Untold> {
    set(&control, move |reader| {
        let GoBack { version, by } = asked;
        let settled_to = match version {
            0 => Some(0),
            version => reader.course_of(version)?.map(|course| course.settled_to),
        };
        let open_from = reader.last_verdict()?;
        Ok(settled_to.map(|settled_to| Course { settled_to, open_from, by, back_to: Some(version) }))
    })
    .await
}

async fn set<A: Acceptor>(
    control: &Control<A>,
    course: impl FnOnce(&Reader) -> Result<Option<Course>, StoreError> + Send + 'static,
) -> Result<Answer, Untold> {
    let Some(course) = control.read(course).await? else {
        let told = "没有这个版本；zhanggui moderation list 列出了有哪些".to_owned();
        return Ok(Answer { done: false, told });
    };
    control.acceptor.set_course(course).await?;
    Ok(Answer { done: true, told: "已生效，所有的群马上照新的来".to_owned() })
}

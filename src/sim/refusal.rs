//! Why the simulator will not do what a tester asked for.

/// A sentence for the tester, and the kind of mistake.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 400: the request itself is wrong.
    #[error("{0}")]
    Invalid(String),
    /// 404: nobody and nothing has this id.
    #[error("{0}")]
    Missing(String),
    /// 409: as things stand it can't be done.
    #[error("{0}")]
    Conflict(String),
    /// 503: the bot does not take its callbacks, and too many wait.
    #[error("{0}")]
    Full(String),
}

impl Refusal {
    pub fn no_group(chat: &str) -> Self {
        Self::Missing(format!("没有群 {chat}"))
    }

    pub fn no_person(id: &str) -> Self {
        Self::Missing(format!("没有人用 {id} 这个编号"))
    }
}

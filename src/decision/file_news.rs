//! What happens to the files that people edit, as an event.

use serde::{Deserialize, Serialize};

/// Each is told to ops once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileNews {
    /// New rules are in force.
    Taken {
        /// [`crate::rules::Rulebook::version`].
        version: String,
        /// Which commit they are, if git knows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commit: Option<NamedCommit>,
        /// Ops was told before that the files were refused.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        mended: bool,
        /// [`crate::rules::digest`].
        changes: Vec<String>,
    },
    /// The files were refused; the last good rules stay in force.
    Refused { mistakes: usize, first: String },
    /// A commit of the remote branch was not taken.
    NotPulled { commit: NamedCommit, why: String },
}

/// A commit as people speak of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedCommit {
    /// The short id.
    pub id: String,
    pub author: String,
    pub subject: String,
}

/// `1a2b3c4「改中秋话术」`
impl std::fmt::Display for NamedCommit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}「{}」", self.id, self.subject)
    }
}

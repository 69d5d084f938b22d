//! The corp's library of group welcomes (wecom-send.md §7.2).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Of one corp, all apps together.
pub const TEMPLATES_AT_MOST: usize = 100;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WelcomeTemplate {
    pub id: String,
    /// The app that made it.
    pub app: String,
    /// May be empty.
    pub text: String,
    /// Its kind and its object, as they were sent.
    pub attachment: Option<(String, Value)>,
}

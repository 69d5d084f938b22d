//! Filling a script in.

/// What a template may name. Empty strings are allowed; an unknown name is an error.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Facts {
    /// `{{ brand }}`: the brand's name.
    pub brand: String,
    pub store: StoreFacts,
    /// `{{ group }}`: the group's name.
    pub group: String,
    /// `{{ members }}`: the names of the people spoken to, joined by `、`; may be empty.
    pub members: String,
    /// `{{ count }}`: how many people are spoken to.
    pub count: usize,
}

/// `{{ store.name }}` and so on.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct StoreFacts {
    pub name: String,
    pub region: String,
    pub address: String,
    pub hours: String,
    pub phone: String,
}

/// A message of a script, ready to be sent or pasted.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    pub kind: super::MessageKind,
    pub text: String,
}

/// A template that cannot be filled in.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("话术 {script} 无法填写：{why}")]
pub struct FillError {
    pub script: String,
    pub why: String,
}

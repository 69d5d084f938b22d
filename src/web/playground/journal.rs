//! The journal as the page reads it: what the bot heard, why it acted, what became of it.

use std::future::Future;

use jiff::Timestamp;
use serde::Serialize;

use crate::decision::event::Ear;
use crate::decision::reason::Reason;

/// One answer holds at most this many items: the newest ones after the asked number. The page shows
/// no more than that at once.
pub const JOURNAL_LIMIT: usize = 200;

/// Where the page's journal comes from.
pub trait JournalSource: Send + Sync + 'static {
    /// The newest [`JOURNAL_LIMIT`] items with `n > after`, in ascending order of `n`.
    ///
    /// The page asks again from before the oldest item with an unfinished action, so an item is
    /// expected to come back with its actions' new states.
    fn items_after(
        &self,
        after: i64,
    ) -> impl Future<Output = Result<Vec<JournalItem>, JournalUnavailable>> + Send;
}

/// The journal could not be read; the cause is for the log.
#[derive(Debug, thiserror::Error)]
#[error("the journal could not be read: {cause}")]
pub struct JournalUnavailable {
    pub cause: String,
}

/// `GET /playground/journal`.
#[derive(Debug, Serialize)]
pub struct JournalPage {
    pub items: Vec<JournalItem>,
}

/// One accepted event with everything that followed from it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct JournalItem {
    /// Ascending without repeats, in the order in which events were decided.
    pub n: i64,
    /// When it happened, by the platform's clock.
    pub at: Timestamp,
    /// `None` only for an item that no ear heard.
    pub ear: Option<Ear>,
    /// `EventKind::name`: `message`, `group_changed`, `card_tapped` …
    pub kind: String,
    pub group: Option<String>,
    pub group_name: Option<String>,
    /// Member id of who did it; `None` when the platform itself speaks.
    pub from: Option<String>,
    /// What was said or what happened, in words people read; empty when the kind says it all.
    pub text: String,
    /// The platform sent it more than once; the repeats changed nothing.
    pub repeat: bool,
    pub reasons: Vec<Reason>,
    pub actions: Vec<JournalAction>,
}

/// One action that followed, and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JournalAction {
    /// `Act::name`: `post`, `remove`, `task_card` …
    pub act: String,
    /// The text form of a `Hand`: `appchat:assistant`, `answer` …
    pub hand: String,
    /// What is said, or who it concerns, in a line; empty when the act says it all.
    pub detail: String,
    pub state: ActionState,
    /// Who did or refused it, or why it failed.
    pub result: Option<String>,
}

/// Where an action stands (product.md §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionState {
    /// In the outbox: not sent yet, or being tried again.
    Waiting,
    /// A person was asked and has not answered.
    Asked,
    Done,
    DoneBy,
    RefusedBy,
    /// What it was about was no advertisement.
    PardonedBy,
    Expired,
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_has_the_documented_shape() {
        let item = JournalItem {
            n: 3,
            ear: Some(Ear::Archive),
            kind: "message".into(),
            group: Some("wr1".into()),
            from: Some("wu.ming".into()),
            text: "兼职日结".into(),
            reasons: vec![Reason::new("moderation", "ad", "命中广告用语")],
            actions: vec![JournalAction {
                act: "remove".into(),
                hand: "staff-task:assistant".into(),
                detail: "吴鸣".into(),
                state: ActionState::DoneBy,
                result: Some("王敏".into()),
            }],
            ..JournalItem::default()
        };
        let json = serde_json::to_value(&item).unwrap();
        assert_eq!(json["at"], "1970-01-01T00:00:00Z");
        assert_eq!(json["ear"], "archive");
        assert_eq!(json["reasons"][0]["code"], "ad");
        assert_eq!(json["actions"][0]["state"], "done_by");
        assert_eq!(json["repeat"], false);
    }
}

//! The callback bodies before encryption, written from wecom-receive.md §2–§6.

mod app;
mod archive;
mod robots;

pub use app::{ChatChange, app_card_tapped, app_entered, app_message, chat_changed, contact_added};
pub use archive::{archived, archived_recall};
pub use robots::{BotChat, robot_message};

use super::world::card::Tappable;

/// A tap on a card.
pub struct Tap<'a> {
    pub person: &'a str,
    pub key: &'a str,
    pub tapped: &'a Tappable,
    /// Question key and chosen option ids.
    pub selected: &'a [(String, Vec<String>)],
}

//! What people do in the chat app, and which of the bot's ears hear it.
//!
//! Everything here is a person's doing and so produces the callbacks of the pages. What the bot
//! does through the API produces none (wecom-receive.md §3.1).

mod groups;
mod join_ways;
mod mass_sends;
mod moments;
mod private;

pub use groups::{GroupEdit, NewGroup, Newcomer, change_group, join, leave, make_group, recall, say};
pub use join_ways::join_by_code;
pub use mass_sends::{OwnMassSend, confirm, send_own};
pub use moments::{EchoKind, echo, publish};
pub use private::{add_contact, open_window, tap, tell};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::random::random_text;
use super::refusal::Refusal;
use super::world::callback::{Callback, Regarding, Target};
use super::world::group::{Author, Group, GroupMessage};
use super::world::{Archived, Change, ResponseCode, Step};

/// Callbacks that may wait for the bot. Beyond it people are told to wait too, so that a bot that
/// is down can't fill the memory.
const WAITING_AT_MOST: usize = 10_000;

/// Where and when a message landed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    pub msgid: String,
    pub at: Timestamp,
}

fn check_room(step: &Step<'_>) -> Result<(), Refusal> {
    if step.state().waiting_callbacks() < WAITING_AT_MOST {
        return Ok(());
    }
    Err(Refusal::Full(format!("已有 {WAITING_AT_MOST} 个回调在等机器人接收，请稍后再试")))
}

/// Puts a callback into the lane of its target and subject.
pub(super) fn queue(
    step: &mut Step<'_>,
    target: Target,
    subject: &str,
    event: &str,
    plaintext: String,
    regarding: Regarding,
) {
    let lane = format!("{}:{}|{subject}", target.kind(), target.id());
    let n = step.number();
    let event = event.to_owned();
    let callback = Callback { n, target, lane, event, plaintext, regarding, not_before: None };
    step.make(Change::CallbackQueued(Box::new(callback)));
}

/// A fresh one-shot address for an active reply of a smart robot (wecom-receive.md §4.8).
fn response_url(step: &mut Step<'_>, bot: &str, regarding: &Regarding) -> String {
    let code = ResponseCode {
        code: random_text(43),
        bot: bot.to_owned(),
        person: regarding.person.clone().unwrap_or_default(),
        chat: regarding.chat.clone(),
        msgid: regarding.msgid.clone(),
        issued_at: step.now(),
        used: false,
    };
    let url = format!("{}/cgi-bin/aibot/response?response_code={}", step.state().addresses.api, code.code);
    step.make(Change::ResponseCodeIssued(code));
    url
}

/// Records a message in the archive if the group is archived.
fn archive(step: &mut Step<'_>, group: &Group, at: Timestamp, message: Value) {
    if !group.archived {
        return;
    }
    let delay = jiff::SignedDuration::from_millis(step.state().archive.delay_ms);
    let archived = Archived { seq: step.number(), visible_at: at + delay, message };
    step.make(Change::Archived(archived));
}

/// A grey line in the middle of the chat.
pub(super) fn notice_line(step: &mut Step<'_>, chat: &str, line: String) {
    let message = GroupMessage {
        msgid: step.message_id(),
        at: step.now(),
        from: "sys".into(),
        by: Author::System,
        kind: "text".into(),
        content: line,
        mentions: Vec::new(),
        quotes: None,
        attached: None,
        card: None,
        visible_to: Vec::new(),
        recalled: false,
    };
    step.make(Change::Said { chat: chat.to_owned(), message: Box::new(message) });
}

fn find_group(step: &Step<'_>, chat: &str) -> Result<Group, Refusal> {
    step.state().groups.get(chat).cloned().ok_or_else(|| Refusal::no_group(chat))
}

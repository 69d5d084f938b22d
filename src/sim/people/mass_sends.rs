//! Owners and their mass sends: tapping 发送 on a task, and making one in the client.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{archive, check_room, find_group};
use crate::sim::content::Content;
use crate::sim::events;
use crate::sim::random::random_text;
use crate::sim::refusal::Refusal;
use crate::sim::world::group::{Author, Group, GroupMessage};
use crate::sim::world::mass_send::{Landed, MassSend, Shown};
use crate::sim::world::{Change, Step};

/// The owner sends a waiting mass send. Answers what became of it in each group.
pub fn confirm(step: &mut Step<'_>, msgid: &str) -> Result<Value, Refusal> {
    check_room(step)?;
    let send = step.state().mass_sends.get(msgid).cloned();
    let send = send.ok_or_else(|| Refusal::Missing(format!("没有编号为 {msgid} 的企业群发")))?;
    if send.sent_at.is_some() {
        return Err(Refusal::Conflict("这条企业群发已经发过了".into()));
    }
    if send.cancelled_at.is_some() {
        return Err(Refusal::Conflict("这条企业群发已经被取消".into()));
    }
    let results = deliver(step, &send)?;
    let (at, msgid) = (step.now(), msgid.to_owned());
    step.make(Change::MassSendSent { msgid, sender: send.sender, at, results: results.clone() });
    Ok(json!({"results": results}))
}

/// A mass send that a member makes in the client, which goes out at once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnMassSend {
    pub sender: String,
    pub chats: Vec<String>,
    pub content: String,
    /// How many of them, one after the other.
    #[serde(default = "once")]
    pub times: u8,
}

fn once() -> u8 {
    1
}

/// Members' own mass sends use up the same budget as the corp's.
pub fn send_own(step: &mut Step<'_>, own: &OwnMassSend) -> Result<(), Refusal> {
    check_room(step)?;
    for chat in &own.chats {
        let group = find_group(step, chat)?;
        if !group.is_customer() || group.owner != own.sender {
            return Err(Refusal::Conflict(format!("“{}”不是{}当群主的客户群", group.name, own.sender)));
        }
    }
    for _ in 0..own.times {
        let send = MassSend {
            msgid: format!("msg{}", random_text(25)),
            app: None,
            sender: own.sender.clone(),
            chats: own.chats.clone(),
            made_at: step.now(),
            text: own.content.clone(),
            attachments: Vec::new(),
            shown: Vec::new(),
            cancelled_at: None,
            sent_at: None,
            results: BTreeMap::new(),
        };
        let results = deliver(step, &send)?;
        let (at, msgid) = (step.now(), send.msgid.clone());
        step.make(Change::MassSendMade(Box::new(send)));
        step.make(Change::MassSendSent { msgid, sender: own.sender.clone(), at, results });
    }
    Ok(())
}

/// A group that is gone or has another owner by now is left out.
fn deliver(step: &mut Step<'_>, send: &MassSend) -> Result<BTreeMap<String, Landed>, Refusal> {
    let now = step.now();
    let state = step.state();
    let theirs = |group: &&Group| group.is_customer() && group.owner == send.sender;
    let named = |group: &&Group| send.chats.is_empty() || send.chats.contains(&group.chat_id);
    let groups: Vec<Group> = state.groups.values().filter(theirs).filter(named).cloned().collect();
    let mut results = BTreeMap::new();
    for group in groups {
        let full = step.state().is_full_of_mass_sends(&group.chat_id, now);
        if !full {
            post(step, &group, send)?;
        }
        results.insert(group.chat_id, if full { Landed::Full } else { Landed::Sent });
    }
    Ok(results)
}

/// In the group it looks as if the owner had written it: words and attachments one after the other.
fn post(step: &mut Step<'_>, group: &Group, send: &MassSend) -> Result<(), Refusal> {
    let text = (!send.text.is_empty()).then(|| Shown::text(&send.text));
    for shown in text.iter().chain(&send.shown) {
        let at = step.now();
        let msgid = format!("{}_{}_external", step.message_id(), at.as_second());
        let message = GroupMessage {
            msgid: msgid.clone(),
            at,
            from: send.sender.clone(),
            by: Author::Person,
            kind: shown.kind.clone(),
            content: shown.content.clone(),
            mentions: Vec::new(),
            quotes: None,
            attached: shown.attached.clone(),
            card: None,
            visible_to: Vec::new(),
            recalled: false,
        };
        step.make(Change::Said { chat: group.chat_id.clone(), message: Box::new(message) });
        let kind = if shown.kind == "miniprogram" { "weapp" } else { shown.kind.as_str() };
        let content = Content::read(kind, shown.content.clone().into())?;
        let receivers: Vec<String> = group.member_ids().into_iter().filter(|id| *id != send.sender).collect();
        let archived = events::archived(&msgid, &send.sender, &receivers, &group.chat_id, at, &content);
        archive(step, group, at, archived);
    }
    Ok(())
}

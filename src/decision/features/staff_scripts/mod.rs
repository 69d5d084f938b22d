//! F6 Staff triggers: a keyword in private, or after mentioning the robot, brings the brand's text.
//!
//! A message is the answer to what we asked last, or a command, or a keyword, in this order. What
//! the person gets is the text itself and nothing around it, so that it can be pasted as it is.

use crate::decision::event::{Ear, EventKind, MemberId, Message};
use crate::decision::{Act, ContentKind, Draft, Hand, Part, StaffMemory};
use crate::rules::Role;
use crate::scripts::{self, Script};
use crate::text::{cut_to_bytes, strip_mention};

mod dialogue;
mod find;
mod give;
mod lists;
mod offer;

pub(super) use offer::tapped;

pub const NAME: &str = "staff_scripts";

/// A passive text reply is cut by the platform beyond this (wecom-receive.md §2.3).
const APP_ANSWER_BYTES: usize = 2048;
/// A reply of the smart robot (wecom-receive.md §4.5).
const AIBOT_ANSWER_BYTES: usize = 20480;

/// What is said to a person who asked: messages, in order.
pub(super) type Said = Vec<Part>;

pub fn run(draft: &mut Draft<'_>) {
    if draft.taken {
        return;
    }
    let event = draft.event;
    if event.kind == EventKind::EnteredChat && event.ear == Ear::Aibot {
        draft.because(NAME, "greeted", "打开了和机器人的会话");
        return draft.push(Hand::Answer, Act::Answer { text: lists::how_to_ask() });
    }
    let (EventKind::Message(message), Some(from)) = (&event.kind, &event.from) else { return };
    if !matches!(event.ear, Ear::App | Ear::Aibot) || !(message.private || message.to_bot) {
        return;
    }
    let before = draft.actions.len();
    let said = if may_ask(draft, from) { hear(draft, from, message) } else { outsider(draft, message) };
    // An offer to post a script stands below the script.
    let offered = draft.actions.split_off(before);
    reply(draft, from, said);
    draft.actions.extend(offered);
}

fn may_ask(draft: &Draft<'_>, id: &MemberId) -> bool {
    // Owning a group makes nobody staff: only the brand's own lists do.
    draft.rules.store_of(id.as_str()).is_some() || draft.role(id) == Role::Ops
}

/// Members get the public answers that the group's profile allows, wherever they ask.
fn outsider(draft: &mut Draft<'_>, message: &Message) -> Said {
    if let Some(answer) = super::answers::answer(draft, strip_mention(&message.content.text)) {
        return answer;
    }
    draft.because(NAME, "not_staff", "不是登记在门店里的店员，不提供话术");
    say("您好，话术只提供给登记在门店里的伙伴。如果您是店员，请联系运营把您的账号登记到门店。")
}

fn hear(draft: &mut Draft<'_>, from: &MemberId, message: &Message) -> Said {
    let words = strip_mention(&message.content.text);
    if !matches!(message.content.kind, ContentKind::Text | ContentKind::Mixed) || words.is_empty() {
        draft.because(NAME, "no_keyword", "没有关键词");
        return say(lists::how_to_ask());
    }
    let (asked, late) = dialogue::take(draft, from);
    let mut said = match asked.and_then(|question| dialogue::answer(draft, from, question, words)) {
        Some(said) => said,
        None => command(draft, from, words).unwrap_or_else(|| find::keyword(draft, from, words)),
    };
    if let (true, Some(Part::Text { text })) = (late && draft.reasons_say(NAME, "miss"), said.first_mut()) {
        text.insert_str(0, "上次的填写等了太久，已经取消。\n");
    }
    said
}

fn command(draft: &mut Draft<'_>, from: &MemberId, words: &str) -> Option<Said> {
    let (command, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    match (command, rest.trim()) {
        (scripts::HELP, "") => Some(lists::help(draft, from)),
        (scripts::RECENT, "") => Some(lists::recent(draft, from)),
        (scripts::FAVOURITES, "") => Some(lists::favourites(draft, from)),
        (scripts::FAVOURITES, keyword) => Some(lists::keep(draft, from, keyword)),
        (scripts::NO_FAVOURITE, keyword) if !keyword.is_empty() => {
            Some(lists::drop_favourite(draft, from, keyword))
        }
        (scripts::CANCEL, "") => {
            draft.because(NAME, "cancelled", "取消");
            Some(say("好的，已取消。"))
        }
        _ => None,
    }
}

/// The person's own memory.
fn memory<'d>(draft: &'d mut Draft<'_>, from: &MemberId) -> &'d mut StaffMemory {
    &mut draft.person_mut(from).staff
}

fn say(text: impl Into<String>) -> Said {
    vec![Part::text(text)]
}

/// What opens a script: its first keyword, or its title.
fn opener(script: &Script) -> &str {
    script.triggers.first().unwrap_or(&script.title)
}

/// One text goes into the answer itself; several messages, or a long one, go as messages of their
/// own. The smart robot has no other way to speak, so there all parts are one answer.
fn reply(draft: &mut Draft<'_>, from: &MemberId, said: Said) {
    if draft.event.ear == Ear::Aibot {
        let text: Vec<_> = said.iter().map(Part::in_words).collect();
        let text = cut_to_bytes(&text.join("\n\n"), AIBOT_ANSWER_BYTES).to_owned();
        return draft.push(Hand::Answer, Act::Answer { text });
    }
    match said.as_slice() {
        [Part::Text { text }] if text.len() <= APP_ANSWER_BYTES => {
            draft.push(Hand::Answer, Act::Answer { text: text.clone() });
        }
        _ => said.into_iter().for_each(|part| draft.tell(from, part)),
    }
}

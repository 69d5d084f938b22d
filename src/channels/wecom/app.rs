//! What members write to an app in private, and the events of apps (§2).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::xml::{Document, Element};
use super::{Heard, ParseError, contact, event_key, seconds_or};
use crate::decision::event::{CardTap, Content, ContentKind, Message};
use crate::decision::{Ear, Event, EventKind, GroupId, MemberId};

/// Events of §2.2, §3.4, §6.2 and §7 on which nothing acts yet.
const OTHER_EVENTS: &[&str] = &[
    "subscribe",
    "unsubscribe",
    "LOCATION",
    "batch_job_result",
    "change_contact",
    "click",
    "view",
    "view_miniprogram",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
    "open_approval_change",
    "share_agent_change",
    "share_chain_change",
    "taskcard_click",
    "inactive_alert",
    "low_active_alert",
    "close_inactive_agent",
    "reopen_inactive_agent",
    "low_active",
    "active_restored",
    "msgaudit_notify",
    "kf_msg_or_event",
    "program_notify",
    "conversation_new_message",
    "hit_keyword",
    "chat_archive_audit_approved_single",
    "change_external_tag",
];

/// In every message, and kept in the event itself.
const COMMON_FIELDS: &[&str] =
    &["ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "AgentID", "Content"];

/// Reads the plain text of an app's callback. Fails on broken XML alone.
pub fn parse(plain: &str, via: &str, corp_id: &str, received_at: Timestamp) -> Result<Event, ParseError> {
    let document = Document::parse(plain)?;
    let root = document.root();
    let heard = Heard { ear: Ear::App, via, corp_id, received_at };
    let kind = root.value("MsgType");
    Ok(match kind.filter(|&kind| kind != "event") {
        Some(kind) => message(heard, kind, root, plain),
        None => event(heard, root, plain),
    })
}

/// Who did it; the platform itself is nobody.
fn sender(root: Element<'_>) -> Option<MemberId> {
    root.value("FromUserName").filter(|&from| from != "sys").map(MemberId::from)
}

fn message(heard: Heard<'_>, kind: &str, root: Element<'_>, plain: &str) -> Event {
    let id = root.value("MsgId").unwrap_or_default();
    let key = match id {
        "" => event_key::of_event(heard.corp_id, heard.via, kind, root),
        id => event_key::of_message(heard.corp_id, id),
    };
    let at = seconds_or(root.integer("CreateTime"), heard.received_at);
    let from = sender(root);
    let Some(content) = content(kind, root) else {
        return Event { from, ..heard.unknown(key, at, kind, plain) };
    };
    let message = Message { id: id.to_owned(), private: true, content, ..Message::default() };
    Event { from, ..heard.event(key, at, EventKind::Message(Box::new(message))) }
}

/// The content of a §2.1 message. `file`, and `Recognition` of a voice, are in the official plugin's
/// types but in no documentation: tolerated.
fn content(kind: &str, root: Element<'_>) -> Option<Content> {
    let (kind, readable): (_, &[&str]) = match kind {
        "text" => (ContentKind::Text, &["Content"]),
        "image" => (ContentKind::Image, &[]),
        "voice" => (ContentKind::Voice, &["Recognition"]),
        "video" => (ContentKind::Video, &[]),
        "file" => (ContentKind::File, &["FileName"]),
        "location" => (ContentKind::Location, &["Label"]),
        "link" => (ContentKind::Link, &["Title", "Description", "Url"]),
        _ => return None,
    };
    let texts: Vec<_> = readable.iter().filter_map(|name| root.value(name)).collect();
    Some(Content { kind, text: texts.join("\n"), fields: fields(root, COMMON_FIELDS) })
}

/// Every text of the document by its path, without the children of `known` names.
pub(super) fn texts(root: Element<'_>, known: &[&str]) -> BTreeMap<String, String> {
    root.leaves_without(known).into_iter().map(|(path, text)| (path, text.to_owned())).collect()
}

/// The same as JSON, for a message's content.
pub(super) fn fields(root: Element<'_>, known: &[&str]) -> BTreeMap<String, Value> {
    let leaves = root.leaves_without(known).into_iter();
    leaves.map(|(path, text)| (path, Value::String(text.to_owned()))).collect()
}

/// An event in either envelope: `Event` … `CreateTime` of an app, `InfoType` … `TimeStamp` of a
/// third-party suite (§3.1).
fn event(heard: Heard<'_>, root: Element<'_>, plain: &str) -> Event {
    let name = root.value("Event").or_else(|| root.value("InfoType")).unwrap_or_default();
    let key = event_key::of_event(heard.corp_id, heard.via, name, root);
    let seconds = root.integer("CreateTime").or_else(|| root.integer("TimeStamp"));
    let at = seconds_or(seconds, heard.received_at);
    let from = sender(root);
    let Some((group, kind)) = event_kind(name, root) else {
        return Event { from, ..heard.unknown(key, at, name, plain) };
    };
    Event { group, from, ..heard.event(key, at, kind) }
}

fn event_kind(name: &str, root: Element<'_>) -> Option<(Option<GroupId>, EventKind)> {
    let kind = match name {
        "enter_agent" => EventKind::EnteredChat,
        "template_card_event" => EventKind::CardTapped(card_tap(root, false)),
        "template_card_menu_event" => EventKind::CardTapped(card_tap(root, true)),
        "change_external_contact" => EventKind::ContactChanged(contact::contact_change(root)?),
        "change_external_chat" => {
            let (group, change) = contact::group_change(root)?;
            return Some((Some(group), EventKind::GroupChanged(change)));
        }
        name if OTHER_EVENTS.contains(&name) => {
            EventKind::Other { name: name.to_owned(), fields: texts(root, &[]) }
        }
        _ => return None,
    };
    Some((None, kind))
}

fn card_tap(root: Element<'_>, menu: bool) -> CardTap {
    let text = |name| root.value(name).unwrap_or_default().to_owned();
    CardTap {
        task_id: text("TaskId"),
        button: text("EventKey"),
        card_type: text("CardType"),
        response_code: root.value("ResponseCode").map(str::to_owned),
        response_url: None,
        selected: root.child("SelectedItems").map(selected).unwrap_or_default(),
        menu,
    }
}

/// Older deliveries spell `OpitonIds` and `OpitonId` (§2.2).
fn selected(items: Element<'_>) -> BTreeMap<String, Vec<String>> {
    let selection = |item: Element<'_>| {
        let options = item.child("OptionIds").or_else(|| item.child("OpitonIds"));
        let chosen = options.into_iter().flat_map(Element::children);
        let chosen = chosen.filter(|option| matches!(option.name(), "OptionId" | "OpitonId"));
        let question = item.value("QuestionKey").unwrap_or_default().to_owned();
        (question, chosen.map(|option| option.text().to_owned()).collect())
    };
    items.children().filter(|item| item.name() == "SelectedItem").map(selection).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::channels::wecom::samples;

    const SAMPLES: &str = include_str!("../../../tests/data/wecom/app.txt");

    fn read(plain: &str) -> Event {
        parse(plain, "ear", "ww1", samples::received_at()).unwrap()
    }

    #[test]
    fn every_sample_becomes_the_expected_event() {
        samples::check(SAMPLES, parse);
    }

    #[test]
    fn every_documented_event_is_known() {
        let acted_on = ["enter_agent", "template_card_event", "template_card_menu_event"];
        for name in OTHER_EVENTS.iter().copied().chain(acted_on) {
            let event = read(&format!("<xml><MsgType>event</MsgType><Event>{name}</Event></xml>"));
            assert!(!matches!(event.kind, EventKind::Unknown { .. }), "{name}");
            assert_eq!((event.at, event.raw), (samples::received_at(), None));
        }
    }

    #[test]
    fn an_unusable_time_is_the_time_of_receipt() {
        for time in ["", "0", "-5", "soon", "99999999999999999999", "9999999999999999"] {
            let text = format!("<xml><CreateTime>{time}</CreateTime><MsgType>text</MsgType></xml>");
            assert_eq!(read(&text).at, samples::received_at(), "{time}");
        }
    }

    #[test]
    fn two_taps_of_one_second_both_count_and_a_repeated_one_once() {
        let tap = |code: &str| {
            let text = "<xml><FromUserName>a</FromUserName><CreateTime>123456789</CreateTime>\
                        <MsgType>event</MsgType><Event>template_card_event</Event>";
            read(&format!("{text}<TaskId>t</TaskId><ResponseCode>{code}</ResponseCode></xml>")).key
        };
        assert_eq!(tap("one"), tap("one"));
        assert_ne!(tap("one"), tap("two"));
    }

    #[test]
    fn what_a_member_writes_stays_text() {
        let content = "<b>&amp; ]]&gt; {{ brand }}\n";
        let text = format!("<xml><MsgType>text</MsgType><Content><![CDATA[{content}]]></Content></xml>");
        let EventKind::Message(message) = read(&text).kind else { panic!("a message") };
        assert_eq!(message.content, Content::text(content));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let _ = parse(&text, "ear", "ww1", samples::received_at());
        }

        #[test]
        fn damaged_samples_are_read_without_panic(text in samples::damaged(SAMPLES)) {
            let _ = parse(&text, "ear", "ww1", samples::received_at());
        }
    }
}

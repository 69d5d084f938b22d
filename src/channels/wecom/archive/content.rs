//! The payload of every archived msgtype: its kind and everything in it that can be read.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::decision::event::{Content, ContentKind};

/// Mixed messages and chat records hold JSON inside JSON strings; nobody forwards deeper.
const MAX_NESTING: usize = 8;

/// What one msgtype looks like.
struct Shape {
    kind: ContentKind,
    /// Names under which the payload may be found, the likelier first; empty = the message itself.
    payloads: &'static [&'static str],
    /// Dotted paths of the readable texts, the last part with alternatives: `item.title|url`. Arrays
    /// on the way are walked through.
    readable: &'static [&'static str],
}

const fn shape(
    kind: ContentKind,
    payloads: &'static [&'static str],
    readable: &'static [&'static str],
) -> Option<Shape> {
    Some(Shape { kind, payloads, readable })
}

/// The table of §6.5.
fn shape_of(msgtype: &str) -> Option<Shape> {
    use ContentKind as Kind;
    match msgtype {
        "text" => shape(Kind::Text, &["text"], &["content"]),
        "markdown" => shape(Kind::Markdown, &["info"], &["content"]),
        "image" => shape(Kind::Image, &["image"], &[]),
        "voice" => shape(Kind::Voice, &["voice"], &[]),
        "video" => shape(Kind::Video, &["video"], &[]),
        "emotion" => shape(Kind::Emotion, &["emotion"], &[]),
        "agree" => shape(Kind::Consent, &["agree"], &[]),
        "disagree" => shape(Kind::Consent, &["disagree"], &[]),
        "card" => shape(Kind::Card, &["card"], &["corpname"]),
        "location" => shape(Kind::Location, &["location"], &["title|address"]),
        "file" => shape(Kind::File, &["file"], &["filename"]),
        "qydiskfile" => shape(Kind::File, &["info"], &["filename"]),
        "voip_doc_share" => shape(Kind::File, &["voip_doc_share"], &["filename"]),
        "link" => shape(Kind::Link, &["link"], &["title|description|link_url"]),
        "weapp" => shape(Kind::MiniProgram, &["weapp"], &["title|description|displayname"]),
        "todo" => shape(Kind::Todo, &["todo"], &["title|content"]),
        // Where the payload is, is unverified: both places are taken.
        "vote" => shape(Kind::Vote, &["vote", ""], &["votetitle|voteitem"]),
        "collect" => shape(Kind::Form, &["collect"], &["title", "details.ques"]),
        "redpacket" => shape(Kind::RedPacket, &["redpacket"], &["wish"]),
        "external_redpacket" => shape(Kind::RedPacket, &["redpacket", "external_redpacket"], &["wish"]),
        "meeting" => shape(Kind::Meeting, &["meeting"], &["topic|address|remarks"]),
        "docmsg" => shape(Kind::Document, &["doc"], &["title|link_url"]),
        "news" => shape(Kind::News, &["info"], &["item.title|description|url"]),
        "calendar" => shape(Kind::Calendar, &["calendar"], &["title|place|remarks"]),
        "meeting_voice_call" => shape(Kind::Call, &["meeting_voice_call"], &["demofiledata.filename"]),
        "voiptext" => shape(Kind::Call, &["info"], &[]),
        "sphfeed" => shape(Kind::ChannelsPost, &["sphfeed"], &["sph_name|feed_desc"]),
        "mixed" => shape(Kind::Mixed, &["mixed"], &[]),
        "chatrecord" => shape(Kind::ChatRecord, &["chatrecord"], &["title"]),
        _ => None,
    }
}

/// In every message, and kept in the event itself or of no use.
const COMMON_FIELDS: &[&str] = &["msgid", "action", "from", "tolist", "roomid", "msgtime", "msgtype"];
/// Ids that stand beside the payload.
const ROOT_FIELDS: &[&str] = &["voiceid", "voipid"];

/// `None` for a msgtype the protocol page does not know, or without its payload.
pub(super) fn content(msgtype: &str, message: &Value) -> Option<Content> {
    let message = message.as_object()?;
    let shape = shape_of(msgtype)?;
    let payload = shape.payloads.iter().find_map(|&name| payload(message, name))?;
    let mut lines = Vec::new();
    read(&shape, payload, 0, &mut lines);
    Some(Content { kind: shape.kind, text: lines.join("\n"), fields: fields(shape.kind, message, payload) })
}

fn payload<'m>(message: &'m Map<String, Value>, name: &str) -> Option<&'m Map<String, Value>> {
    if name.is_empty() { Some(message) } else { message.get(name)?.as_object() }
}

/// The payload's own fields; of a text nothing is left beside the text.
fn fields(
    kind: ContentKind,
    message: &Map<String, Value>,
    payload: &Map<String, Value>,
) -> BTreeMap<String, Value> {
    let beside = ROOT_FIELDS.iter().filter_map(|&name| message.get_key_value(name));
    let is_text = matches!(kind, ContentKind::Text | ContentKind::Markdown);
    let elsewhere = |name: &str| COMMON_FIELDS.contains(&name) || (is_text && name == "content");
    let own = payload.iter().filter(|(name, _)| !elsewhere(name));
    beside.chain(own).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn read(shape: &Shape, payload: &Map<String, Value>, nesting: usize, lines: &mut Vec<String>) {
    for path in shape.readable {
        let (way, names) = path.rsplit_once('.').unwrap_or(("", path));
        for place in places(payload, way) {
            for value in names.split('|').filter_map(|name| place.get(name)) {
                push(value, lines);
            }
        }
    }
    if matches!(shape.kind, ContentKind::Mixed | ContentKind::ChatRecord) && nesting < MAX_NESTING {
        for item in places(payload, "item") {
            read_item(item, nesting + 1, lines);
        }
    }
}

/// The objects at `way`: the payload itself, one member of it, or each item of an array.
fn places<'v>(payload: &'v Map<String, Value>, way: &str) -> Vec<&'v Map<String, Value>> {
    if way.is_empty() {
        return vec![payload];
    }
    match payload.get(way) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_object).collect(),
        Some(Value::Object(object)) => vec![object],
        _ => Vec::new(),
    }
}

fn push(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.is_empty() => lines.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| push(item, lines)),
        _ => {}
    }
}

/// One part of a mixed message (`text`) or a chat record (`ChatRecordText`). Its content is the
/// payload of that type as a JSON string.
fn read_item(item: &Map<String, Value>, nesting: usize, lines: &mut Vec<String>) {
    let name = item.get("type").and_then(Value::as_str).unwrap_or_default();
    let msgtype = name.strip_prefix("ChatRecord").unwrap_or(name).to_ascii_lowercase();
    let Some(shape) = shape_of(&msgtype) else { return };
    match item.get("content") {
        Some(Value::Object(payload)) => read(&shape, payload, nesting, lines),
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(Value::Object(payload)) => read(&shape, &payload, nesting, lines),
            // Not the documented form; what can be read shall be read all the same.
            _ => push(&Value::String(text.clone()), lines),
        },
        _ => {}
    }
}

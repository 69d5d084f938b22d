//! Messages of scripts: which keys each kind takes, and the file that goes with it.

use super::media::Shelf;
use crate::files::{At, Report, Text};
use crate::rules::written::{MessageEntry, ScriptEntry};
use crate::scripts::{MessageKind, Part, ScriptMessage};

/// What a kind of message is written with.
struct Keys {
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

fn keys(kind: MessageKind) -> Keys {
    let (required, optional): (&[&str], &[&str]) = match kind {
        MessageKind::Text | MessageKind::Markdown => (&["text"], &[]),
        MessageKind::Image | MessageKind::File => (&["file"], &[]),
        MessageKind::Video => (&["file"], &["title", "description"]),
        MessageKind::Link => (&["title", "url"], &["description", "file"]),
        MessageKind::MiniProgram => (&["title", "appid", "page"], &["description", "file"]),
    };
    Keys { required, optional }
}

/// The messages of a script's entry.
pub fn messages_of(entry: &ScriptEntry) -> impl Iterator<Item = &At<MessageEntry>> {
    entry.message.iter().flat_map(|list| &list.value)
}

pub fn kind_of(entry: &MessageEntry) -> MessageKind {
    entry.kind.as_ref().map_or(MessageKind::Text, |kind| kind.value)
}

/// The texts of an entry with their keys, in the order in which they are declared.
pub fn texts(entry: &MessageEntry) -> impl Iterator<Item = (&'static str, &At<Text>)> {
    let all = [
        ("text", &entry.text),
        ("file", &entry.file),
        ("title", &entry.title),
        ("description", &entry.description),
        ("url", &entry.url),
        ("appid", &entry.appid),
        ("page", &entry.page),
    ];
    all.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?)))
}

/// `None` when something is missing or wrong, which has been reported.
pub fn message(
    entry: &At<MessageEntry>,
    media: &mut Shelf<'_>,
    report: &mut Report<'_>,
) -> Option<ScriptMessage> {
    let kind = kind_of(entry);
    let whole = check_keys(entry, kind, report);
    let mut file = || Some(media.find(kind, entry.file.as_ref()?, report));
    let text = |text: &Option<At<Text>>| text.as_ref().map(|text| text.0.clone());
    let or_empty = |value: &Option<At<Text>>| text(value).unwrap_or_default();
    let content = match kind {
        MessageKind::Text => Part::Text { text: text(&entry.text)? },
        MessageKind::Markdown => Part::Markdown { text: text(&entry.text)? },
        MessageKind::Image => Part::Image { file: file()?? },
        MessageKind::File => Part::File { file: file()?? },
        MessageKind::Video => Part::Video {
            file: file()??,
            title: or_empty(&entry.title),
            description: or_empty(&entry.description),
        },
        MessageKind::Link => Part::Link {
            picture: file().flatten(),
            title: text(&entry.title)?,
            description: or_empty(&entry.description),
            url: text(&entry.url)?,
        },
        MessageKind::MiniProgram => Part::MiniProgram {
            picture: file().flatten(),
            title: text(&entry.title)?,
            description: or_empty(&entry.description),
            appid: text(&entry.appid)?,
            page: text(&entry.page)?,
        },
    };
    let variant = entry.variant.as_ref().map(|variant| variant.0.clone());
    whole.then_some(ScriptMessage { variant, content })
}

/// Whether nothing required is missing.
fn check_keys(entry: &At<MessageEntry>, kind: MessageKind, report: &mut Report<'_>) -> bool {
    let Keys { required, optional } = keys(kind);
    let mut whole = true;
    for key in required {
        if !texts(entry).any(|(written, _)| written == *key) && !report.is_broken(entry.place.file()) {
            whole = false;
            report
                .error("missing-key", entry.place, format!("{}消息缺少 {key}", kind.chinese()))
                .hint(format!("加一行 {key} = \"…\"{}", example(key)));
        }
    }
    for (key, text) in texts(entry).filter(|(key, _)| !required.contains(key) && !optional.contains(key)) {
        let can = required.iter().chain(optional).copied().collect::<Vec<_>>().join("、");
        report
            .error("key-not-for-kind", text.place, format!("{}消息没有 {key}", kind.chinese()))
            .hint(format!("这种消息可以写：{can}；要配文字就另写一条 [[script.message]]"));
    }
    whole
}

fn example(key: &str) -> &'static str {
    match key {
        "file" => "，例如 \"media/月饼.jpg\"",
        "url" => "，例如 \"https://shop.example.com/\"",
        "appid" => "，例如 \"wx1234567890abcdef\"",
        "page" => "，例如 \"pages/index\"",
        _ => "",
    }
}

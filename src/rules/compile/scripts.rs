//! The script library: every template is checked, so that none fails in front of a customer.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::Value;

use super::reading::WrittenScript;
use super::{Known, Reading};
use crate::files::{At, Place, Report};
use crate::rules::written::{MessageEntry, ScriptEntry};
use crate::scripts::{Facts, Filled, Library, MessageKind, Script, ScriptMessage, StoreFacts};
use crate::text::fold;

/// The platform cuts longer texts off (wecom-send.md §3.2, §5.2).
const TEXT_BYTES_AT_MOST: usize = 2048;
/// As a private message or in an app's group (§3.2), and by a group's push robot (§5.2).
const MARKDOWN_BYTES_AT_MOST: usize = 2048;
const WEBHOOK_MARKDOWN_BYTES_AT_MOST: usize = 4096;

pub fn check(reading: &Reading<'_>, known: &Known, report: &mut Report<'_>) -> Library {
    let mut scripts = Vec::new();
    let mut sources = Vec::new();
    for written in &reading.scripts {
        check_references(written.entry, known, report);
        if let Some(script) = script(written, report) {
            scripts.push(script);
            sources.push(written);
        }
    }
    check_triggers(&sources, report);
    check_successors(&sources, report);
    let library = Library::new(scripts.clone());
    check_templates(&library, &sources, report);
    for (script, written) in scripts.iter().zip(sources) {
        check_lengths(&library, script, written.entry, report);
    }
    library
}

fn check_references(entry: &At<ScriptEntry>, known: &Known, report: &mut Report<'_>) {
    for profile in entry.profiles.iter().flat_map(|list| &list.value) {
        known.profiles.check(&profile.0, profile.place, report);
    }
    if let Some(successor) = &entry.replaced_by {
        known.scripts.check(&successor.0, successor.place, report);
    }
    if let Some(valid) = &entry.valid
        && let (Some(from), Some(to)) = (&valid.from, &valid.to)
        && from.value > to.value
    {
        report
            .error("bad-valid-range", valid.place, "开始的日子比结束的晚")
            .hint("把 from 和 to 对调，或检查年份");
    }
    if let Some(messages) = entry.message.as_ref().filter(|messages| messages.value.is_empty()) {
        report
            .error("empty-list", messages.place, "至少要有一条消息")
            .hint("加一行 [[script.message]]，下面写 text = \"…\"");
    }
}

/// `None` when something required is missing, which has been reported.
fn script(written: &WrittenScript<'_>, report: &mut Report<'_>) -> Option<Script> {
    let entry = &written.entry;
    let scene = entry.scene.as_ref().map(|scene| scene.0.clone()).or_else(|| written.folder.clone());
    if scene.is_none() {
        report
            .error("missing-key", entry.place, "不知道这条话术属于哪个场景")
            .hint("把文件放进场景的文件夹，例如 bot-scripts/welcome/，或加一行 scene = \"welcome\"");
    }
    let texts = |list: Option<&At<Vec<At<crate::files::Text>>>>| {
        list.into_iter().flat_map(|list| &list.value).map(|text| text.0.clone()).collect()
    };
    let valid = entry.valid.as_ref();
    let messages = entry.message.as_ref()?.value.iter().map(message).collect::<Option<Vec<_>>>()?;
    Some(Script {
        id: entry.id.as_ref()?.0.clone(),
        title: entry.title.as_ref()?.0.clone(),
        scene: scene?,
        step: entry.step.as_ref().map(|step| step.value),
        senses: entry.senses.iter().flat_map(|list| &list.value).map(|sense| sense.0.to_owned()).collect(),
        triggers: texts(entry.triggers.as_ref()),
        profiles: entry.profiles.iter().flat_map(|list| &list.value).map(|id| id.0.clone()).collect(),
        owner: entry.owner.as_ref().map(|owner| owner.0.clone()),
        valid_from: valid.and_then(|valid| valid.from.as_ref()).map(|day| day.0),
        valid_to: valid.and_then(|valid| valid.to.as_ref()).map(|day| day.0),
        replaced_by: entry.replaced_by.as_ref().map(|id| id.0.clone()),
        messages,
        place: report.locate(entry.place),
    })
}

fn message(entry: &At<MessageEntry>) -> Option<ScriptMessage> {
    let kind = entry.kind.as_ref().map_or(MessageKind::Text, |kind| kind.value);
    Some(ScriptMessage { kind, text: entry.text.as_ref()?.0.clone() })
}

/// The same keyword in two scripts that may meet in one group: only one of them will ever answer.
fn check_triggers(sources: &[&WrittenScript<'_>], report: &mut Report<'_>) {
    let mut seen: BTreeMap<String, Vec<(Place, &ScriptEntry)>> = BTreeMap::new();
    for written in sources {
        let entry = &written.entry.value;
        for trigger in entry.triggers.iter().flat_map(|list| &list.value) {
            let others = seen.entry(fold(&trigger.0)).or_default();
            if let Some((first, _)) = others.iter().find(|(_, other)| meet(entry, other)) {
                let message = format!(
                    "关键词 {:?} 在 {} 已经用过，店员只会得到前面那条",
                    trigger.0,
                    report.locate(*first)
                );
                report
                    .warning("duplicate-trigger", trigger.place, message)
                    .hint("换一个关键词，或用 profiles 分开");
            }
            others.push((trigger.place, entry));
        }
    }
}

fn meet(one: &ScriptEntry, other: &ScriptEntry) -> bool {
    let profiles = |entry: &ScriptEntry| -> BTreeSet<String> {
        entry.profiles.iter().flat_map(|list| &list.value).map(|id| id.0.clone()).collect()
    };
    let (one, other) = (profiles(one), profiles(other));
    one.is_empty() || other.is_empty() || !one.is_disjoint(&other)
}

/// Successors must lead to an end.
fn check_successors(sources: &[&WrittenScript<'_>], report: &mut Report<'_>) {
    let successors: BTreeMap<&str, &str> = sources
        .iter()
        .filter_map(|written| {
            let entry = &written.entry;
            Some((entry.id.as_ref()?.0.as_str(), entry.replaced_by.as_ref()?.0.as_str()))
        })
        .collect();
    for written in sources {
        let (Some(id), Some(successor)) = (&written.entry.id, &written.entry.replaced_by) else { continue };
        let mut seen = BTreeSet::new();
        let mut next = successors.get(id.0.as_str());
        while let Some(script) = next.filter(|script| seen.insert(**script)) {
            next = successors.get(script);
        }
        if seen.contains(id.0.as_str()) {
            let message = format!("话术 {:?} 换来换去又换回了自己", id.0);
            report.error("replaced-by-cycle", successor.place, message).hint("删掉其中一个 replaced_by");
        }
    }
}

/// What the library finds wrong in its templates, told where it stands in the file.
fn check_templates(library: &Library, sources: &[&WrittenScript<'_>], report: &mut Report<'_>) {
    let by_id: BTreeMap<&str, &ScriptEntry> = sources
        .iter()
        .filter_map(|written| Some((written.entry.id.as_ref()?.0.as_str(), &written.entry.value)))
        .collect();
    for mistake in library.check() {
        let entry = by_id.get(mistake.script.as_str());
        let messages = entry.and_then(|entry| entry.message.as_ref());
        let message = messages.and_then(|messages| messages.value.get(mistake.message));
        let Some(place) = message.and_then(|message| message.text.as_ref()).map(|text| text.place) else {
            continue;
        };
        let (source, names) = (report.text(place), names());
        let line = line_of(source, mistake.line).unwrap_or(0..source.len());
        let unknown = blanks(source, line.clone()).find(|(_, name)| !names.iter().any(|known| known == name));
        let span = unknown.map_or(line, |(span, _)| span);
        report
            .error("bad-template", place.part(span), mistake.why)
            .hint(format!("花括号里能写的有：{}", names.join("、")));
    }
}

/// All `{{ … }}` within the span: where, and the name in each.
fn blanks(text: &str, within: Range<usize>) -> impl Iterator<Item = (Range<usize>, &str)> {
    text[within.clone()].match_indices("{{").filter_map(move |(start, _)| {
        let start = within.start + start;
        let end = start + text[start..within.end].find("}}")? + 2;
        let name = text[start + 2..end - 2].split('|').next().unwrap_or_default().trim();
        Some((start..end, name))
    })
}

/// The span of a line of a text in the source of its TOML string; `None` when it has only one line.
/// TOML leaves out a line break right after the opening `"""`.
fn line_of(source: &str, line: usize) -> Option<Range<usize>> {
    let opening = ["\"\"\"\r\n", "\"\"\"\n"].into_iter().find(|opening| source.starts_with(opening))?;
    let mut start = opening.len();
    for (at, text) in source[start..].split_inclusive('\n').enumerate() {
        let content = text.trim_end();
        if at + 1 == line && !content.is_empty() {
            return Some(start..start + content.len());
        }
        start += text.len();
    }
    None
}

fn check_lengths(library: &Library, script: &Script, entry: &At<ScriptEntry>, report: &mut Report<'_>) {
    let fits = |filled: &Filled| too_long(filled).is_none();
    // What cannot be filled in has been reported.
    if library.fill(script, &sample()).is_ok_and(|filled| filled.iter().all(fits)) {
        return;
    }
    let texts = entry.message.iter().flat_map(|list| &list.value).filter_map(|message| message.text.as_ref());
    for (message, text) in script.messages.iter().zip(texts) {
        let alone = Script { messages: vec![message.clone()], ..script.clone() };
        let Ok(filled) = Library::new(vec![alone.clone()]).fill(&alone, &sample()) else { continue };
        if let Some((at_most, what_happens)) = filled.first().and_then(too_long) {
            let bytes = filled.first().map_or(0, |filled| filled.text.len());
            let message = format!("填好以后有 {bytes} 字节，超过 {at_most}，{what_happens}");
            report
                .warning("text-too-long", text.place, message)
                .hint("一个汉字占 3 字节；写短一点，或分成几条 [[script.message]]");
        }
    }
}

/// The limit that a message is over, and what happens then.
fn too_long(filled: &Filled) -> Option<(usize, &'static str)> {
    let bytes = filled.text.len();
    match filled.kind {
        MessageKind::Text if bytes > TEXT_BYTES_AT_MOST => Some((TEXT_BYTES_AT_MOST, "平台会从中间截断")),
        MessageKind::Markdown if bytes > WEBHOOK_MARKDOWN_BYTES_AT_MOST => {
            Some((WEBHOOK_MARKDOWN_BYTES_AT_MOST, "平台会拒绝"))
        }
        MessageKind::Markdown if bytes > MARKDOWN_BYTES_AT_MOST => {
            Some((MARKDOWN_BYTES_AT_MOST, "只有消息推送机器人发得出去"))
        }
        _ => None,
    }
}

/// What templates may name, from the facts themselves.
fn names() -> Vec<String> {
    fn collect(prefix: &str, value: &Value, names: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                    collect(&path, value, names);
                }
            }
            _ => names.push(prefix.to_owned()),
        }
    }
    let mut names = Vec::new();
    collect("", &serde_json::to_value(sample()).unwrap_or_default(), &mut names);
    names
}

/// Facts as long as they usually are, for lengths.
fn sample() -> Facts {
    Facts {
        brand: "山谷小铺".to_owned(),
        store: StoreFacts {
            name: "朝阳路一店".to_owned(),
            region: "朝阳区".to_owned(),
            address: "朝阳路 88 号一层".to_owned(),
            hours: "每天 9:00–21:30".to_owned(),
            phone: "010-0000 0000".to_owned(),
        },
        group: "山谷小铺朝阳路一店福利群".to_owned(),
        members: "小王、小李、小张".to_owned(),
        count: 3,
    }
}

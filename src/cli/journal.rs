//! `zhanggui journal`: every accepted event in order, one JSON object a line; works while the bot runs.

use std::io::Write;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use crate::decision::{EventKind, Reason, TaskState};
use crate::store::{self, JournalAction, JournalEntry};

/// Entries read at once, so that a long journal needs little memory.
const PAGE: usize = 1000;

#[derive(Debug, clap::Args)]
pub struct JournalArgs {
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Only events accepted since then, e.g. 2026-11-21T08:00:00+08:00 起始时间
    #[arg(long)]
    since: Option<Timestamp>,
    /// Only `jsonl` for now 输出格式
    #[arg(long, default_value = "jsonl", value_parser = ["jsonl"])]
    format: String,
}

/// One line. The shape is kept stable; fields are only added.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    n: i64,
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<&'a str>,
    at: Timestamp,
    accepted_at: Timestamp,
    ear: &'static str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    reasons: &'a [Reason],
    actions: Vec<ActionLine<'a>>,
}

#[derive(Debug, Serialize)]
pub struct ActionLine<'a> {
    id: i64,
    act: &'static str,
    hand: String,
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<&'a str>,
    attempts: u32,
}

pub fn run(args: &JournalArgs) -> anyhow::Result<()> {
    let reader = store::read(&args.data)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut after = 0;
    loop {
        let entries = reader.journal(after, args.since, PAGE)?;
        let Some(last) = entries.last() else { break };
        after = last.seq;
        for entry in &entries {
            serde_json::to_writer(&mut out, &line(entry))?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(())
}

/// What a journal entry looks like to other programs.
pub fn line(entry: &JournalEntry) -> Line<'_> {
    let event = &entry.event;
    let message = match &event.kind {
        EventKind::Message(message) => Some(message),
        _ => None,
    };
    Line {
        n: entry.seq,
        key: event.key.as_str(),
        message_id: message.map(|message| message.id.as_str()),
        at: event.at,
        accepted_at: entry.heard_at,
        ear: event.ear.as_str(),
        kind: event.kind.name(),
        group: event.group.as_ref().map(|group| group.as_str()),
        member: event.from.as_ref().map(|member| member.as_str()),
        text: message.map(|message| message.content.text.as_str()),
        reasons: &entry.reasons,
        actions: entry.actions.iter().map(action_line).collect(),
    }
}

fn action_line(action: &JournalAction) -> ActionLine<'_> {
    ActionLine {
        id: action.id,
        act: action.action.act.name(),
        hand: action.action.hand.to_string(),
        state: state(action),
        result: action.result.as_deref(),
        task: action.action.task.as_deref(),
        attempts: action.attempts,
    }
}

/// `pending`, `sending`, `done`, `failed`, `doubt`; what a person was asked to do is `waiting`
/// until it ends as `done by NAME`, `refused by NAME`, `pardoned by NAME` or `expired`.
pub fn state(action: &JournalAction) -> String {
    match (&action.task, action.state.as_str()) {
        (Some(task), "done") => match &task.state {
            TaskState::Open => "waiting".to_owned(),
            TaskState::Done { by, .. } => format!("done by {by}"),
            TaskState::Refused { by, .. } => format!("refused by {by}"),
            TaskState::Pardoned { by, .. } => format!("pardoned by {by}"),
            TaskState::Expired { .. } => "expired".to_owned(),
        },
        (_, state) => state.to_owned(),
    }
}

//! `zhanggui posts`: what became of each scheduled post, in which group, by whom, and how late.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::anyhow;
use clap::ValueEnum;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Folders;
use super::columns::as_text;
use crate::app::read_files;
use crate::clock::Clock;
use crate::decision::GroupId;
use crate::files::{Duration, Spelled};
use crate::rules::Rulebook;
use crate::store::{self, MissedRecord, PostRecord, PostStatus, Reader};

#[derive(Debug, clap::Args)]
pub struct PostsArgs {
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// How far back, like 1d or 7d 看最近多久
    #[arg(long, default_value = "7d", value_parser = duration)]
    since: SignedDuration,
    /// Only this schedule 只看这个排期
    #[arg(long, value_name = "ID")]
    schedule: Option<String>,
    /// Every group, also where all went well 每个群都列出来
    #[arg(long)]
    all: bool,
    /// How the outcome looks 输出格式
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Where schedules and stores stand 配置
    #[command(flatten)]
    folders: Folders,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Counts, and the groups that did not get it.
    Text,
    /// One object a line.
    Json,
    /// For a spreadsheet: a row a group.
    Csv,
}

fn duration(text: &str) -> anyhow::Result<SignedDuration> {
    Duration::parse(text).map(|duration| duration.0).map_err(|wrong| anyhow!(wrong.message))
}

/// One post with the names that people know.
struct Row<'a> {
    record: &'a PostRecord,
    outcome: PostStatus,
    title: String,
    group: String,
    store: String,
    region: String,
}

pub fn run(args: &PostsArgs) -> anyhow::Result<()> {
    let rules = read_files(&args.folders.config(), &args.folders.scripts())?.rulebook;
    let reader = store::read(&args.data)?;
    let since = Clock::system().now().saturating_sub(args.since).unwrap_or(Timestamp::MIN);
    let records = reader.posts(since, Timestamp::MAX, args.schedule.as_deref())?;
    let wanted = |one: &MissedRecord| args.schedule.as_ref().is_none_or(|id| one.missed.schedule == *id);
    let missed: Vec<MissedRecord> =
        reader.missed_posts(since, Timestamp::MAX)?.into_iter().filter(wanted).collect();
    let rows = named(&reader, &rules, &records)?;
    match args.format {
        Format::Text => text(&rows, &missed, &rules, args.all),
        Format::Json => json_lines(&rows, &missed)?,
        Format::Csv => csv(&rows, &rules)?,
    }
    Ok(())
}

fn named<'a>(reader: &Reader, rules: &Rulebook, records: &'a [PostRecord]) -> anyhow::Result<Vec<Row<'a>>> {
    let mut groups: HashMap<&GroupId, (String, String, String)> = HashMap::new();
    for record in records {
        if groups.contains_key(&record.group) {
            continue;
        }
        let state = reader.group(record.group.as_str())?;
        let name = state.as_ref().map_or_else(|| record.group.to_string(), |group| group.name.clone());
        let owner = state.as_ref().and_then(|group| group.owner.as_ref()).map(|owner| owner.as_str());
        let rule = rules.rule_for(record.group.as_str(), &name, owner);
        let store = rule.and_then(|rule| rule.store.as_ref()).and_then(|id| rules.stores.get(id));
        let of = |field: fn(&crate::rules::Store) -> &String| store.map(field).cloned().unwrap_or_default();
        groups.insert(&record.group, (name, of(|store| &store.name), of(|store| &store.region)));
    }
    Ok(records
        .iter()
        .map(|record| {
            let (group, store, region) = groups.get(&record.group).cloned().unwrap_or_default();
            let title = rules.schedules.get(&record.schedule);
            let title = title.map_or_else(|| record.schedule.clone(), |schedule| schedule.title.clone());
            Row { record, outcome: record.outcome(), title, group, store, region }
        })
        .collect())
}

/// What a person reads about one outcome.
fn in_words(outcome: &PostStatus) -> String {
    match outcome {
        PostStatus::Posted { .. } => "已发".to_owned(),
        PostStatus::PostedBy { name, .. } => format!("{name}已发"),
        PostStatus::Asked { whom } => format!("等{whom}确认"),
        PostStatus::Waiting => "等待发出".to_owned(),
        PostStatus::Refused { name } => format!("{name}选择不发"),
        PostStatus::Expired => "没人处理，已过期".to_owned(),
        PostStatus::Doubt => "不确定有没有发出（不重复发）".to_owned(),
        PostStatus::Failed { why } => format!("没发出：{why}"),
        PostStatus::NotPosted { why } => why.clone(),
    }
}

/// Whether it is in the group.
fn is_there(outcome: &PostStatus) -> bool {
    matches!(outcome, PostStatus::Posted { .. } | PostStatus::PostedBy { .. })
}

/// By how much it came after its moment; `None` while it has not come.
fn late_by(row: &Row<'_>) -> Option<SignedDuration> {
    let at = match row.outcome {
        PostStatus::Posted { at } => at?,
        PostStatus::PostedBy { at, .. } => at,
        _ => return None,
    };
    Some(at.duration_since(row.record.due).max(SignedDuration::ZERO))
}

/// By the brand's clock, as the files say it.
fn local(at: Timestamp, rules: &Rulebook) -> String {
    at.to_zoned(rules.timezone.clone()).strftime("%m-%d %H:%M").to_string()
}

fn text(rows: &[Row<'_>], missed: &[MissedRecord], rules: &Rulebook, all: bool) {
    if rows.is_empty() && missed.is_empty() {
        println!("这段时间没有排期。\nNothing was scheduled in this time.");
        return;
    }
    let mut occurrences: BTreeMap<(Timestamp, &str), Vec<&Row<'_>>> = BTreeMap::new();
    for row in rows {
        occurrences.entry((row.record.occurrence, &row.record.schedule)).or_default().push(row);
    }
    for ((at, _), rows) in occurrences {
        let there = rows.iter().filter(|row| is_there(&row.outcome)).count();
        let title = rows.first().map_or("", |row| row.title.as_str());
        println!("{}  {title}：{} 个群，{there} 个已发", local(at, rules), rows.len());
        for (store, there, of) in by_store(&rows) {
            if there < of {
                println!("             {store}：{of} 个群，{there} 个已发");
            }
        }
        for row in rows.iter().filter(|row| all || !is_there(&row.outcome)) {
            let late = late_by(row).map(|late| format!("（晚 {late:#}）")).unwrap_or_default();
            println!("             {}：{}{late}", row.group, in_words(&row.outcome));
        }
    }
    for MissedRecord { found_at, missed } in missed {
        let title = rules.schedules.get(&missed.schedule).map_or(&missed.schedule, |one| &one.title);
        let (first, last) = (local(missed.first, rules), local(missed.last, rules));
        println!(
            "{}  {title}：错过了 {} 次（{first} 到 {last}），{} 个群",
            local(*found_at, rules),
            missed.occurrences,
            missed.groups
        );
    }
}

/// Store, how many of its groups have it, of how many.
fn by_store<'a>(rows: &[&'a Row<'_>]) -> Vec<(&'a str, usize, usize)> {
    let mut stores: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in rows {
        let name = if row.store.is_empty() { "（没有门店）" } else { row.store.as_str() };
        let (there, of) = stores.entry(name).or_default();
        *there += usize::from(is_there(&row.outcome));
        *of += 1;
    }
    stores.into_iter().map(|(store, (there, of))| (store, there, of)).collect()
}

fn json_lines(rows: &[Row<'_>], missed: &[MissedRecord]) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for row in rows {
        let line = json!({
            "schedule": row.record.schedule, "occurrence": row.record.occurrence, "due": row.record.due,
            "group": row.record.group, "group_name": row.group, "store": row.store, "region": row.region,
            "outcome": row.outcome.name(), "told": in_words(&row.outcome),
            "late_seconds": late_by(row).map(|late| late.as_secs()),
        });
        writeln!(out, "{line}")?;
    }
    for MissedRecord { found_at, missed } in missed {
        let line = json!({
            "schedule": missed.schedule, "outcome": "missed", "found_at": found_at, "first": missed.first,
            "last": missed.last, "occurrences": missed.occurrences, "groups": missed.groups,
        });
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

fn csv(rows: &[Row<'_>], rules: &Rulebook) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    // Spreadsheets take the file for UTF-8 only with this mark.
    write!(out, "\u{feff}")?;
    let mut table = csv::Writer::from_writer(out);
    table.write_record(["排期", "编号", "应发时间", "区域", "门店", "群", "结果", "晚了多少秒"])?;
    for row in rows {
        let late = late_by(row).map(|late| late.as_secs().to_string()).unwrap_or_default();
        let due = row.record.due.to_zoned(rules.timezone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let outcome = in_words(&row.outcome);
        let cells =
            [&row.title, &row.record.schedule, &due, &row.region, &row.store, &row.group, &outcome, &late];
        table.write_record(cells.map(|text| as_text(text)))?;
    }
    Ok(table.flush()?)
}

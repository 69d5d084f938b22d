//! `zhanggui posts`: what became of each scheduled post, in which group, by whom, and how late.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::anyhow;
use clap::ValueEnum;
use jiff::{SignedDuration, Timestamp};

use super::Folders;
use crate::app::read_files;
use crate::clock::Clock;
use crate::decision::GroupId;
use crate::files::{Duration, Spelled};
use crate::rules::{Rulebook, full_ears};
use crate::store::{self, MissedRecord, PostRecord, PostStatus, Reader};

mod told;
mod totals;
mod written;

#[derive(Debug, clap::Args)]
pub struct PostsArgs {
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// How far back, like 1d or 7d 看最近多久
    #[arg(long, default_value = "7d", value_parser = duration)]
    since: SignedDuration,
    /// Only this schedule, or playbook:ID, nudge:PROFILE 只看这个排期、剧本、群规的暖场
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
    title: String,
    place: Place,
}

/// Where a group belongs, as people know it.
#[derive(Clone, Debug, Default)]
struct Place {
    group: String,
    /// Empty when it has none, like the region.
    store: String,
    region: String,
    /// Whether we hear what people write there: only then can a post be seen.
    heard: bool,
}

impl Row<'_> {
    fn outcome(&self) -> &PostStatus {
        self.record.outcome()
    }
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
        Format::Text => print!("{}", told::text(&rows, &missed, &rules, args.all)),
        Format::Json => written::json_lines(&rows, &missed)?,
        Format::Csv => written::csv(&rows, &rules)?,
    }
    Ok(())
}

fn named<'a>(reader: &Reader, rules: &Rulebook, records: &'a [PostRecord]) -> anyhow::Result<Vec<Row<'a>>> {
    let mut places: HashMap<&GroupId, Place> = HashMap::new();
    for record in records {
        if !places.contains_key(&record.group) {
            places.insert(&record.group, place(reader, rules, &record.group)?);
        }
    }
    let row = |record: &'a PostRecord| {
        let title = title(rules, &record.schedule);
        Row { record, title, place: places.get(&record.group).cloned().unwrap_or_default() }
    };
    Ok(records.iter().map(row).collect())
}

/// What people call a schedule, a playbook or a profile's nudges; the id of what is in no file any more.
fn title(rules: &Rulebook, id: &str) -> String {
    let of_schedule = rules.schedules.get(id).map(|schedule| schedule.title.clone());
    let of_playbook = || {
        let playbook = rules.playbooks.get(id.strip_prefix("playbook:")?)?;
        Some(format!("剧本·{}", playbook.title))
    };
    let of_profile = || {
        let profile = rules.profiles.get(id.strip_prefix("nudge:")?)?;
        Some(format!("暖场·{}", profile.name))
    };
    of_schedule.or_else(of_playbook).or_else(of_profile).unwrap_or_else(|| id.to_owned())
}

fn place(reader: &Reader, rules: &Rulebook, group: &GroupId) -> anyhow::Result<Place> {
    let state = reader.group(group.as_str())?;
    let name = state.as_ref().map_or_else(|| group.to_string(), |group| group.name.clone());
    let owner = state.as_ref().and_then(|group| group.owner.as_ref()).map(|owner| owner.as_str());
    let rule = rules.rule_for(group.as_str(), &name, owner);
    let store = rule.and_then(|rule| rule.store.as_ref()).and_then(|id| rules.stores.get(id));
    Ok(Place {
        group: name,
        store: store.map(|store| store.name.clone()).unwrap_or_default(),
        region: store.map(|store| store.region.clone()).unwrap_or_default(),
        heard: rule.is_some_and(|rule| full_ears(&rule.ears).next().is_some()),
    })
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

#[cfg(test)]
mod tests;

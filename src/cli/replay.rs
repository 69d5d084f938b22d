//! `zhanggui replay`: what a change of the files would have done to the events that were stored.
//! Nothing is sent, nothing is written, the bot may run meanwhile. What is taken for granted stands
//! in `crate::replay`.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use crate::clock::Clock;
use crate::files::{Duration, Spelled};
use crate::replay::{Report, Style, Summary};
use crate::store;

mod road;
mod versions;

pub use road::{Replayed, Side, record, replay};
use versions::Version;

#[derive(Args, Clone, Debug)]
pub struct ReplayArgs {
    /// Since when: 30d, 12h, or a time like 2026-11-21T08:00:00+08:00 从什么时候起
    #[arg(long, default_value = "30d")]
    since: String,
    /// The configuration's folder, as the bot has it 机器人用的配置目录
    #[arg(long, default_value = "config")]
    config: PathBuf,
    /// The scripts' folder; beside or inside the configuration's by default 话术目录
    #[arg(long)]
    scripts: Option<PathBuf>,
    /// The proposed files, a folder or a git revision, if they are not in `--config` 要试的配置目录或 git 版本
    #[arg(long, value_name = "DIR|REV")]
    rules: Option<String>,
    /// What to compare with: a folder or a git revision; by default what the bot has or, when that is
    /// what is proposed, HEAD 和哪个配置目录或 git 版本比
    #[arg(long, value_name = "DIR|REV")]
    against: Option<String>,
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// How the outcome looks 结果的样子
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Hide the names of people 不写人名
    #[arg(long)]
    anonymous: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// For a merge request.
    Markdown,
    /// For programs, with every difference.
    Json,
}

pub fn run(args: &ReplayArgs) -> anyhow::Result<()> {
    let since = moment(&args.since, &Clock::system())?;
    let (before, after) = versions(args)?;
    let reader = store::read(&args.data).context("数据目录读不了 / the data folder cannot be read")?;
    let Some(replayed) = replay(&reader, &before.side, &after.side, since)? else {
        bail!("这段时间里没有存下任何事件 / no events are stored since then");
    };
    let summary = Summary {
        proposed: after.name,
        against: before.name,
        since,
        until: replayed.until,
        events: replayed.events,
        deeds_before: replayed.comparison.deeds_before,
        deeds_after: replayed.comparison.deeds_after,
    };
    let timezone = after.side.rules.timezone.clone();
    let report = Report { summary, differences: replayed.comparison.finish(), timezone };
    let report = if args.anonymous { report.anonymous() } else { report };
    let text = match args.format {
        Format::Text => report.text(Style::Plain),
        Format::Markdown => report.text(Style::Markdown),
        Format::Json => serde_json::to_string_pretty(&report.json())? + "\n",
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("cannot write the report")
}

fn moment(text: &str, clock: &Clock) -> anyhow::Result<Timestamp> {
    if let Ok(Duration(ago)) = Duration::parse(text) {
        return clock.now().checked_sub(ago).context("这么久以前，日历上没有 / too long ago");
    }
    text.parse().with_context(|| {
        format!("--since {text:?} 看不懂，写成 30d、12h，或 2026-11-21T08:00:00+08:00 这样的时间 / neither a duration nor a time")
    })
}

/// The files as they were, and as they would be.
fn versions(args: &ReplayArgs) -> anyhow::Result<(Version, Version)> {
    let read = |name: &str| Version::named(name, &args.config, args.scripts.as_deref());
    let live = || Version::of_folder(&args.config, args.scripts.as_deref());
    let after = match &args.rules {
        Some(rules) => read(rules)?,
        None => live()?,
    };
    let before = match (&args.against, &args.rules) {
        (Some(against), _) => read(against)?,
        (None, Some(_)) => live()?,
        (None, None) => Version::head(&args.config, args.scripts.as_deref()).context(
            "不知道和什么比：配置目录不在 git 里，用 --against 指出另一个配置目录 / nothing to compare with",
        )?,
    };
    Ok((before, after))
}

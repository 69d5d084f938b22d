//! `zhanggui uses`: which scripts are used, by store, person, script and variant.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::ValueEnum;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::clock::Clock;
use crate::files::{Duration, Spelled};
use crate::store::{self, UsesBy};

#[derive(Debug, clap::Args)]
pub struct UsesArgs {
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// How far back, like 7d or 30d 统计最近多久
    #[arg(long, default_value = "30d", value_parser = duration)]
    since: SignedDuration,
    /// What is counted by 按什么统计
    #[arg(long, value_enum, default_value_t = By::Script)]
    by: By,
    /// For programs: one JSON object a line 每行一个 JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    Script,
    Variant,
    Store,
    Staff,
}

impl By {
    fn counted(self) -> UsesBy {
        match self {
            Self::Script => UsesBy::Script,
            Self::Variant => UsesBy::Variant,
            Self::Store => UsesBy::Store,
            Self::Staff => UsesBy::Person,
        }
    }

    fn chinese(self) -> &'static str {
        match self {
            Self::Script => "话术",
            Self::Variant => "话术 · 版本",
            Self::Store => "门店",
            Self::Staff => "店员",
        }
    }
}

fn duration(text: &str) -> anyhow::Result<SignedDuration> {
    Duration::parse(text).map(|duration| duration.0).map_err(|wrong| anyhow!(wrong.message))
}

pub fn run(args: &UsesArgs) -> anyhow::Result<()> {
    let since = Clock::system().now().saturating_sub(args.since).unwrap_or(Timestamp::MIN);
    let counts = store::read(&args.data)?.uses(since, args.by.counted())?;
    if args.json {
        for count in &counts {
            let line = json!({ "of": count.of, "given": count.given, "posted": count.posted, "pasted": count.pasted });
            println!("{line}");
        }
        return Ok(());
    }
    if counts.is_empty() {
        println!("这段时间没有人用过话术。\nNo script was used in this time.");
        return Ok(());
    }
    // Numbers first: names of any width then line up by themselves.
    println!("  取用  代发  群里见到  {}", args.by.chinese());
    for count in &counts {
        let of = count.of.as_deref().unwrap_or("（没有门店）");
        println!("{:>6}{:>6}{:>10}  {of}", count.given, count.posted, count.pasted);
    }
    Ok(())
}

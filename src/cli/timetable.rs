//! `zhanggui timetable`: what will go out, when, and to which groups. Needs no running bot.

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Folders;
use crate::app::read_files;
use crate::clock::Clock;
use crate::rules::Rulebook;

mod audience;
mod month;
mod plan;
mod told;

use audience::Audience;
use plan::Plan;

/// Two weeks, today included: what ops have in mind.
const DAYS: i32 = 14;
/// A year, whole: nobody reads more, and holidays are not known any farther.
const DAYS_AT_MOST: i32 = 366;

#[derive(Args, Clone, Debug)]
pub struct TimetableArgs {
    #[command(flatten)]
    folders: Folders,
    /// The bot's data folder, for the groups that there are; without one, groups are told as the rules have them 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// The first day, like 2026-12-01; today by default 从哪天
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// The last day; two weeks by default 到哪天
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Of this group only, by its name or id 某个群（群名或群编号）
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// An array with one object an occurrence.
    Json,
}

/// The days that are asked for, both included.
#[derive(Clone, Copy, Debug)]
struct Days {
    from: Date,
    to: Date,
}

/// Returns whether anything goes out in that time.
pub fn run(args: &TimetableArgs) -> anyhow::Result<bool> {
    let rulebook = read_files(&args.folders.config(), &args.folders.scripts())?.rulebook;
    let now = Clock::system().now();
    let days = days(args, now.to_zoned(rulebook.timezone.clone()).date())?;
    let audience = Audience::of(args.group.as_deref(), &args.data, &rulebook)?;
    let plan = Plan::new(&rulebook, &audience, days)?;
    match args.format {
        Format::Text => print!("{}", told::text(&plan, &rulebook, now)),
        Format::Json => println!("{}", told::json(&plan)?),
    }
    Ok(!plan.is_empty())
}

fn days(args: &TimetableArgs, today: Date) -> anyhow::Result<Days> {
    let from = args.from.unwrap_or(today);
    let to = match args.to {
        Some(to) => to,
        None => from.checked_add((DAYS - 1).days())?,
    };
    let count = from.until(to)?.get_days() + 1;
    if count < 1 {
        bail!("--to {to} 比 --from {from} 还早 / --to is before --from");
    }
    if count > DAYS_AT_MOST {
        bail!("一次最多看 {DAYS_AT_MOST} 天，现在要看 {count} 天 / at most {DAYS_AT_MOST} days at once");
    }
    Ok(Days { from, to })
}

impl Days {
    /// From the moment before the first to the last moment.
    fn span(self, rulebook: &Rulebook) -> anyhow::Result<(Timestamp, Timestamp)> {
        let midnight =
            |day: Date| day.to_zoned(rulebook.timezone.clone()).map(|midnight| midnight.timestamp());
        let (first, end) = (midnight(self.from)?, midnight(self.to.tomorrow()?)?);
        let before = |moment: Timestamp| moment.checked_sub(1.nanosecond()).map_err(|error| anyhow!(error));
        Ok((before(first)?, before(end)?))
    }
}

#[cfg(test)]
mod tests;

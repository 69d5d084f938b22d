//! `zhanggui schedule list | pause ID | resume ID`: which schedules there are, and holding one up.

use std::path::PathBuf;

use anyhow::bail;
use clap::Subcommand;

use super::Folders;
use super::operator::ask;
use crate::app::read_files;
use crate::clock::Clock;
use crate::decision::Order;
use crate::files::nearest;
use crate::store;
use crate::web::control::OrderSchedule;

#[derive(Debug, clap::Args)]
pub struct ScheduleArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Args)]
struct Where {
    /// Where the schedules stand 排期所在的配置
    #[command(flatten)]
    folders: Folders,
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 有哪些排期，下一次在什么时候 / all schedules and their next moments
    List(Where),
    /// 暂停一个排期，还没发出去的也撤下 / let nothing more go out
    Pause(Which),
    /// 恢复一个排期 / let it go on
    Resume(Which),
}

#[derive(Debug, clap::Args)]
struct Which {
    /// The schedule's id 排期的编号
    id: String,
    /// Who says so: a userid 谁说的，写账号
    #[arg(long, default_value = "operator")]
    by: String,
    #[command(flatten)]
    place: Where,
}

/// Returns whether it was done.
pub async fn run(args: &ScheduleArgs) -> anyhow::Result<bool> {
    match &args.command {
        Command::List(place) => list(place),
        Command::Pause(which) => order(which, Order::Pause).await,
        Command::Resume(which) => order(which, Order::Resume).await,
    }
}

fn list(place: &Where) -> anyhow::Result<bool> {
    let rules = read_files(&place.folders.config(), &place.folders.scripts())?.rulebook;
    // Before the first start there is no database, and nothing is paused.
    let paused = store::read(&place.data).and_then(|reader| reader.schedules()).unwrap_or_default();
    let now = Clock::system().now();
    if rules.schedules.is_empty() {
        println!("还没有排期：写在 config/schedules/*.toml 里。\nNo schedules yet.");
    }
    for schedule in rules.schedules.values() {
        let next = schedule.timing.next(now).map(|next| {
            next.to_zoned(schedule.timing.zone.clone()).strftime("下一次 %Y-%m-%d %H:%M").to_string()
        });
        let state = match paused.get(&schedule.id).and_then(|state| state.paused.as_ref()) {
            _ if schedule.off => "已关掉".to_owned(),
            Some(paused) => format!("{} 已暂停", paused.by),
            None => next.unwrap_or_else(|| "不会再发".to_owned()),
        };
        println!("{}  {}  {state}", schedule.id, schedule.title);
    }
    Ok(true)
}

async fn order(which: &Which, order: Order) -> anyhow::Result<bool> {
    let Where { folders, data } = &which.place;
    let rules = read_files(&folders.config(), &folders.scripts())?.rulebook;
    if !rules.schedules.contains_key(&which.id) {
        let known = rules.schedules.keys().map(String::as_str);
        match nearest(&which.id, known) {
            Some(near) => bail!("没有编号是 {} 的排期，是不是 {near}？/ no such schedule", which.id),
            None => {
                bail!("没有编号是 {} 的排期；zhanggui schedule list 列出了全部 / no such schedule", which.id)
            }
        }
    }
    let asked = OrderSchedule { schedule: which.id.clone(), order, by: which.by.clone() };
    ask(data, "schedule", &asked).await
}

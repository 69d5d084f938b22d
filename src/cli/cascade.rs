//! `zhanggui cascade`: tells something down the organisation, by the running bot.

use std::path::Path;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;

use super::{DataArgs, operator};
use crate::clock::Clock;
use crate::decision::{CascadeRequest, CascadeState, Reach};
use crate::files::{Id, Spelled};
use crate::store;
use crate::web::control::AskCascade;

#[derive(Debug, Args)]
pub struct CascadeArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 开始传达 / start a run of a cascade
    Start(StartArgs),
    /// 取消正在进行的传达，已经发出的收不回 / stop a run; what was told stays told
    Cancel(CancelArgs),
    /// 有过哪些传达 / the runs so far
    List(DataArgs),
}

#[derive(Debug, Args)]
struct StartArgs {
    /// Its id in config/cascades 传达的编号
    cascade: String,
    /// The name of this run; started twice under one name it runs once. Today's date makes it otherwise
    /// 这一次的名字，同名只会开始一次；不写就是编号加今天的日期
    #[arg(long, value_parser = id)]
    run: Option<String>,
    #[command(flatten)]
    asked: AskedArgs,
}

#[derive(Debug, Args)]
struct CancelArgs {
    /// The name of the run, as start told it 这一次的名字
    run: String,
    #[command(flatten)]
    asked: AskedArgs,
}

#[derive(Debug, Args)]
struct AskedArgs {
    /// Who says so, a userid: gets the digest at the end 谁说的，写账号；结束时收到汇总
    #[arg(long, default_value = "operator")]
    by: String,
    #[command(flatten)]
    data: DataArgs,
}

fn id(text: &str) -> anyhow::Result<String> {
    Id::parse(text).map(|id| id.0).map_err(|wrong| anyhow!(wrong.message))
}

/// Returns whether it was done.
pub async fn run(args: CascadeArgs) -> anyhow::Result<bool> {
    match args.command {
        Command::Start(StartArgs { cascade, run, asked }) => {
            let today = Clock::system().now().to_zoned(TimeZone::system()).date();
            let run = run.unwrap_or_else(|| format!("{cascade}-{}", today.strftime("%Y%m%d")));
            ask(&asked, CascadeRequest::Start { run, cascade }).await
        }
        Command::Cancel(CancelArgs { run, asked }) => ask(&asked, CascadeRequest::Cancel { run }).await,
        Command::List(args) => list(&args.data),
    }
}

async fn ask(asked: &AskedArgs, request: CascadeRequest) -> anyhow::Result<bool> {
    operator::ask(&asked.data.data, "cascade", &AskCascade { request, by: asked.by.clone() }).await
}

fn list(data: &Path) -> anyhow::Result<bool> {
    let reader = store::read(data)?;
    let runs = reader.cascade_runs(None)?;
    let mut rows = vec![["名字", "传达", "开始", "状态", "通知", "收到"].map(str::to_owned)];
    let now = Clock::system().now();
    for run in &runs {
        let Some(memory) = reader.cascade(&run.id)? else { continue };
        let all = Reach::of(&memory, now).all;
        rows.push([
            run.name.clone(),
            run.rule.title.clone(),
            run.started_at.to_zoned(TimeZone::system()).strftime("%m-%d %H:%M").to_string(),
            state(&run.state),
            all.told.to_string(),
            format!("{}（{}%）", all.acknowledged + all.late, all.percent()),
        ]);
    }
    if runs.is_empty() {
        println!("还没有过传达。\nNo cascade was started yet.");
    } else {
        print!("{}", super::columns::table(&rows));
    }
    Ok(true)
}

/// For people.
pub(super) fn state(state: &CascadeState) -> String {
    match state {
        CascadeState::Running => "进行中".to_owned(),
        CascadeState::Ended { .. } => "已结束".to_owned(),
        CascadeState::Cancelled { by, .. } => format!("{by} 取消了"),
    }
}

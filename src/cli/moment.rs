//! `zhanggui moment`: has staff publish something in their moments, and shows what came of it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::operator::OperatorArgs;
use super::{DataArgs, Folders, operator};
use crate::app::read_files;
use crate::clock::Clock;
use crate::decision::{MomentOrder, MomentRequest, plan_moment};
use crate::files::{Duration, Id, OffOr, Spelled};
use crate::web::control::AskMoment;

mod show;

use show::ShowArgs;

/// How long people have, and when they are reminded, unless it is said otherwise.
const DEADLINE: &str = "24h";
const REMIND_AFTER: &str = "4h";

#[derive(Debug, Args)]
pub struct MomentArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 请店员发一条朋友圈 / have staff publish a script
    Send(Box<SendArgs>),
    /// 取消：还没发的不再能发，已经发的留着 / nobody can publish it any more; what is published stays
    Cancel(CancelArgs),
    /// 发过哪些，各有多少人发了 / the moments so far
    List(ListArgs),
    /// 一条朋友圈：每家店、每个人，赞和评论 / one moment, per store and person
    Show(ShowArgs),
}

#[derive(Debug, Args)]
struct SendArgs {
    /// Its id, of the scene moments 话术编号，场景要是 moments
    script: String,
    /// Only these stores, by id 只请这些门店
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    stores: Vec<String>,
    /// Only stores in these regions 只请这些区域的门店
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    regions: Vec<String>,
    /// Only these people, by userid 只请这些人
    #[arg(long, value_name = "USERID", value_delimiter = ',')]
    staff: Vec<String>,
    /// Rather not at all than to more people than this 超过这么多人就不发
    #[arg(long, value_name = "PEOPLE")]
    at_most: Option<usize>,
    /// What is filled in for a question of the script, NAME=TEXT 话术里要填的空，名字=内容
    #[arg(long = "answer", value_name = "NAME=TEXT", value_parser = named)]
    answers: Vec<(String, String)>,
    /// How long they have, like 8h or 2d 多久以内可以发
    #[arg(long, default_value = DEADLINE, value_parser = duration)]
    deadline: SignedDuration,
    /// When those are reminded who have not, or off 多久没发就提醒一次，off 是不提醒
    #[arg(long, default_value = REMIND_AFTER, value_parser = duration_or_off)]
    remind_after: OffOr<Duration>,
    /// The name of this moment; sent twice under one name it goes out once. Today's date makes it otherwise
    /// 这一次的名字，同名只会发一次；不写就是话术编号加今天的日期
    #[arg(long, value_parser = id)]
    name: Option<String>,
    /// Say who would get what, and send nothing 只看看会请谁发什么
    #[arg(long)]
    dry_run: bool,
    /// For --dry-run: where scripts and stores stand 话术和门店在哪里
    #[command(flatten)]
    folders: Folders,
    #[command(flatten)]
    asked: OperatorArgs,
}

#[derive(Debug, Args)]
struct CancelArgs {
    /// The name of the moment, as send told it 这一次的名字
    moment: String,
    #[command(flatten)]
    asked: OperatorArgs,
}

#[derive(Debug, Args)]
struct ListArgs {
    /// How far back, like 7d 看最近多久
    #[arg(long, default_value = "30d", value_parser = duration)]
    since: SignedDuration,
    #[command(flatten)]
    data: DataArgs,
}

fn id(text: &str) -> anyhow::Result<String> {
    Id::parse(text).map(|id| id.0).map_err(|wrong| anyhow!(wrong.message))
}

fn duration(text: &str) -> anyhow::Result<SignedDuration> {
    Duration::parse(text).map(|duration| duration.0).map_err(|wrong| anyhow!(wrong.message))
}

fn duration_or_off(text: &str) -> anyhow::Result<OffOr<Duration>> {
    if text == "off" {
        return Ok(OffOr::Off);
    }
    Duration::parse(text).map(OffOr::On).map_err(|wrong| anyhow!(wrong.message))
}

fn named(text: &str) -> anyhow::Result<(String, String)> {
    let (name, value) = text.split_once('=').ok_or_else(|| anyhow!("要写成 名字=内容，例如 weather=下雨"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Returns whether it was done.
pub async fn run(args: MomentArgs) -> anyhow::Result<bool> {
    match args.command {
        Command::Send(args) => send(*args).await,
        Command::Cancel(CancelArgs { moment, asked }) => ask(&asked, MomentRequest::Cancel { moment }).await,
        Command::List(ListArgs { since, data }) => show::list(&data.data, since),
        Command::Show(args) => show::run(&args),
    }
}

async fn ask(asked: &OperatorArgs, request: MomentRequest) -> anyhow::Result<bool> {
    operator::ask(&asked.data.data, "moment", &AskMoment { request, by: asked.by.clone() }).await
}

async fn send(args: SendArgs) -> anyhow::Result<bool> {
    let today = Clock::system().now().to_zoned(TimeZone::system()).date();
    let moment = args.name.unwrap_or_else(|| format!("{}-{}", args.script, today.strftime("%Y%m%d")));
    let order = MomentOrder {
        moment,
        script: args.script,
        stores: args.stores,
        regions: args.regions,
        staff: args.staff,
        at_most: args.at_most,
        answers: args.answers.into_iter().collect::<BTreeMap<_, _>>(),
        deadline: args.deadline,
        remind_after: args.remind_after.on().map(|after| after.0),
    };
    if args.dry_run {
        return dry_run(&args.folders, &args.asked.data.data, &order);
    }
    ask(&args.asked, MomentRequest::Send(order)).await
}

/// Says what the files on disk would make of it.
fn dry_run(folders: &Folders, data: &Path, order: &MomentOrder) -> anyhow::Result<bool> {
    let rules = read_files(&folders.config(), &folders.scripts())?.rulebook;
    match plan_moment(&rules, order, Clock::system().now()) {
        Ok(plan) => {
            print!("{}", show::plan(&plan, &rules, &show::Names::of(data, plan.tasks.iter())?));
            Ok(true)
        }
        Err(why) => {
            println!("{why}");
            Ok(false)
        }
    }
}

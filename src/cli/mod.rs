//! The command line: one file per command.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::{Parser, Subcommand};

use crate::files::{Look, folder, render};
use crate::rules::{ServerConfig, compile};
use crate::telemetry::{LogFormat, start_logging};

mod budget;
mod campaign;
mod cascade;
mod check;
mod columns;
mod demo;
mod join_codes;
mod journal;
mod load;
mod moderation;
mod moment;
mod operator;
mod org;
mod pardon;
mod perceive;
mod playbooks;
mod poster;
mod posts;
mod pull;
mod reach;
mod replay;
mod schedule;
mod schema;
mod scripts;
mod serve;
mod sim;
mod status;
mod sync;
mod tasks;
mod test;
mod timetable;
mod token_check;
mod train;
mod triggers;
mod uses;
mod welcome_library;
mod why;

pub use journal::{line as journal_line, state as action_state};
pub use replay::{Replayed, Side, record as replay_record, replay};

/// 掌柜：管理品牌的企业微信群 / runs a brand's chat groups on WeCom
#[derive(Debug, Parser)]
#[command(name = "zhanggui", version)]
struct Arguments {
    /// How log lines look 日志格式
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 运行机器人 / run the bot
    Serve(serve::ServeArgs),
    /// 不用账号，在浏览器里试用：机器人 + 模拟企业微信 / play with bot and simulator in a browser
    Demo(demo::DemoArgs),
    /// 只运行模拟的企业微信 / run the simulated WeCom alone
    Sim(sim::SimArgs),
    /// 检查配置和话术 / check the files
    Check(check::CheckArgs),
    /// 编辑器补全用的格式，和文件参考 / JSON Schemas for editors, and the reference
    Schema(schema::SchemaArgs),
    /// 话术库里有什么，一家门店拿到什么 / what is in the script library
    Scripts(scripts::ScriptsArgs),
    /// 试一遍故事和样本 / try stories and golden messages
    Test(test::TestArgs),
    /// 用存下来的事件，看改动会带来什么不同 / what a change would have done to stored events
    Replay(replay::ReplayArgs),
    /// 每个关键词得到哪条话术 / what every keyword brings
    Triggers(triggers::TriggersArgs),
    /// 什么时候、往哪些群发什么 / what goes out when, and to which groups
    Timetable(timetable::TimetableArgs),
    /// 机器人和各个群的状态 / how the bot and its groups do
    Status(status::StatusArgs),
    /// 一条消息为什么这样处理 / why a message was handled as it was
    Why(why::WhyArgs),
    /// 撤销一次误判 / take back what a message brought its sender
    Pardon(pardon::PardonArgs),
    /// 哪些群在走哪个剧本，下一步什么时候 / which playbooks run where
    Playbooks(playbooks::PlaybooksArgs),
    /// 待办卡 / staff tasks
    Tasks(tasks::TasksArgs),
    /// 排期：列出、暂停、恢复 / schedules: list, pause, resume
    Schedule(schedule::ScheduleArgs),
    /// 活动：看全文、同意、暂停、结束 / campaigns: read, agree, pause, end
    Campaign(campaign::CampaignArgs),
    /// 排期有没有发到，谁还没发 / what became of each scheduled post
    Posts(posts::PostsArgs),
    /// 沿着组织传达一件事，人人回执 / tell something down the organisation
    Cascade(cascade::CascadeArgs),
    /// 一次传达走到了哪里，谁还没有收到 / how far a cascade has come
    Reach(reach::ReachArgs),
    /// 进群码：列出、再试、删除 / join codes: list, retry, delete
    JoinCodes(join_codes::JoinCodesArgs),
    /// 画一张进群码的海报，PNG 或 SVG / a printable poster of a join code
    Poster(poster::PosterArgs),
    /// 组织：品牌、经销商、门店 / the organisation as a tree
    Org(org::OrgArgs),
    /// 请店员发朋友圈，看谁发了、多少赞和评论 / have staff publish a moment
    Moment(moment::MomentArgs),
    /// 话术用了多少次 / how often scripts are used
    Uses(uses::UsesArgs),
    /// 客户群的群发额度用了多少 / mass sends left per customer group
    Budget(budget::BudgetArgs),
    /// 客户群的入群欢迎语素材：看不同，同步 / sync the library of group welcomes
    WelcomeLibrary(welcome_library::WelcomeLibraryArgs),
    /// 从平台读取所有群 / read all groups from the platform once
    Sync(sync::SyncArgs),
    /// 从 git 远端拉取话术和规则，检查过才更新 / follow a git remote: checked before it goes live
    Pull(pull::PullArgs),
    /// 检查应用的密钥和可信 IP / check secrets and trusted IPs
    TokenCheck(token_check::TokenCheckArgs),
    /// 按行感知文本 / perceive texts line by line
    Perceive(perceive::PerceiveArgs),
    /// 训练广告分类器 / train the ad classifier
    Train(train::TrainArgs),
    /// 量一量认广告的本事 / measure how well ads are told from honest talk
    Moderation(moderation::ModerationArgs),
    /// 导出日志 / every accepted event with reasons and actions
    Journal(journal::JournalArgs),
    /// 压力测试 / load generator
    Load(load::Load),
}

/// Where the files that people edit are.
#[derive(Debug, Clone, clap::Args)]
pub struct Folders {
    /// The configuration's folder 配置目录
    #[arg(long, default_value = "config")]
    config: PathBuf,
    /// The scripts' folder; beside or inside the configuration's by default 话术目录
    #[arg(long)]
    scripts: Option<PathBuf>,
}

impl Folders {
    pub fn config(&self) -> PathBuf {
        self.config.clone()
    }

    pub fn scripts(&self) -> PathBuf {
        self.scripts.clone().unwrap_or_else(|| folder::scripts_of(&self.config))
    }
}

/// Where the bot keeps its memory.
#[derive(Debug, clap::Args)]
pub struct DataArgs {
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
}

/// What a shell reports of a program that the closed pipe ended: 128 + SIGPIPE.
const NOBODY_READS: i32 = 141;

/// The file that says where the bot listens and what it follows.
const SERVER: &str = "config/zhanggui.toml";

impl Folders {
    /// What the server's file says, also when others have mistakes.
    fn server(&self) -> anyhow::Result<ServerConfig> {
        let mut sources = folder::read(&self.config(), &self.scripts());
        sources.files.retain(|file| file.name == SERVER);
        sources.problems.clear();
        let compiled = compile(&sources).map_err(|mistakes| anyhow!(render(&mistakes, Look::Plain)));
        Ok(compiled.with_context(|| format!("{SERVER} 有错误 / has mistakes"))?.server)
    }
}

/// Runs the command that the arguments name. 0 = good, 1 = done, but not all is well (mistakes
/// found, nothing found), 2 = it could not be done.
pub fn run() -> ExitCode {
    end_quietly_when_nobody_reads();
    let arguments = Arguments::parse();
    if let Err(error) = start_logging(arguments.log_format) {
        eprintln!("{error}");
        return ExitCode::from(2);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("无法启动 / cannot start: {error}");
            return ExitCode::from(2);
        }
    };
    match runtime.block_on(dispatch(arguments.command)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

/// `zhanggui status | head` closes our output early: `println!` panics then, and whoever did it knows.
fn end_quietly_when_nobody_reads() {
    let told_otherwise = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let closed = |text: &str| text.starts_with("failed printing to stdout: Broken pipe");
        if panic.payload_as_str().is_some_and(closed) {
            std::process::exit(NOBODY_READS);
        }
        told_otherwise(panic);
    }));
}

/// Returns whether all is well.
async fn dispatch(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Serve(args) => serve::run(args).await.map(|()| true),
        Command::Demo(args) => demo::run(args).await.map(|()| true),
        Command::Sim(args) => sim::run(args).await.map(|()| true),
        Command::Check(args) => check::run(&args),
        Command::Schema(args) => schema::run(&args).map(|()| true),
        Command::Scripts(args) => scripts::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Replay(args) => replay::run(&args).map(|()| true),
        Command::Triggers(args) => triggers::run(&args),
        Command::Timetable(args) => timetable::run(&args),
        Command::Status(args) => status::run(args).await.map(|()| true),
        Command::Why(args) => why::run(&args),
        Command::Pardon(args) => pardon::run(args).await,
        Command::Playbooks(args) => playbooks::run(&args),
        Command::Tasks(args) => tasks::run(&args).map(|()| true),
        Command::Schedule(args) => schedule::run(&args).await,
        Command::Campaign(args) => campaign::run(&args).await,
        Command::Posts(args) => posts::run(&args).map(|()| true),
        Command::Cascade(args) => cascade::run(args).await,
        Command::Reach(args) => reach::run(&args),
        Command::JoinCodes(args) => join_codes::run(&args).await,
        Command::Poster(args) => poster::run(args).await,
        Command::Moment(args) => moment::run(args).await,
        Command::WelcomeLibrary(args) => welcome_library::run(args).await,
        Command::Org(args) => org::run(&args).await,
        Command::Uses(args) => uses::run(&args).map(|()| true),
        Command::Budget(args) => budget::run(&args).map(|()| true),
        Command::Sync(args) => sync::run(args).await,
        Command::Pull(args) => pull::run(&args),
        Command::TokenCheck(args) => token_check::run(args).await,
        Command::Perceive(args) => perceive::run_command(&args),
        Command::Train(args) => train::run(&args),
        Command::Moderation(args) => moderation::run(&args).await,
        Command::Journal(args) => journal::run(&args).map(|()| true),
        Command::Load(args) => load::run(args).await.map(|()| true),
    }
}

//! `zhanggui status`: how the bot does, what each group is heard by, which rules sleep there.

use std::path::PathBuf;
use std::time::Duration;

use super::Folders;
use crate::app::read_files;
use crate::decision::GroupState;
use crate::rules::{Rulebook, ServerConfig, Sleep, handling, hearing};
use crate::store::{self, Reader};

/// Groups listed; the rest is counted.
const LISTED: usize = 100;
/// A bot on the same machine answers at once or not at all.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    #[command(flatten)]
    folders: Folders,
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Address of the running bot, if not the configuration's 机器人的地址
    #[arg(long)]
    listen: Option<std::net::SocketAddr>,
}

pub async fn run(args: StatusArgs) -> anyhow::Result<()> {
    tell_health(&args.folders.server()?, args.listen).await;
    let reader = store::read(&args.data)?;
    let (events, groups) = reader.counts()?;
    println!(
        "事件 {events} · 群 {groups} · 待发 {} · 待办 {}",
        reader.outbox_open()?,
        reader.tasks(false, usize::MAX)?.len()
    );
    match read_files(&args.folders.config(), &args.folders.scripts()) {
        Ok(compiled) => tell_groups(&reader, &compiled.rulebook),
        // The banner above says what the running bot makes of it.
        Err(error) => {
            println!("现在的文件有错误，看不出各个群会用什么规则。\n{error}");
            Ok(())
        }
    }
}

async fn tell_health(server: &ServerConfig, listen: Option<std::net::SocketAddr>) {
    let address = listen.unwrap_or(server.listen);
    let answer = async {
        let client = reqwest::Client::builder().timeout(HEALTH_TIMEOUT).no_proxy().build()?;
        client.get(format!("http://{address}/health")).send().await?.json::<serde_json::Value>().await
    };
    match answer.await {
        Ok(health) => {
            let of = |pointer: &str| {
                health.pointer(pointer).map(|value| value.to_string().replace('"', "")).unwrap_or_default()
            };
            println!(
                "运行中 {address} · {} · 版本 {} · 已运行 {} 秒",
                of("/status"),
                of("/version"),
                of("/uptime_seconds")
            );
            let version = of("/rules/version");
            println!("规则 {} · 载入于 {}", &version[..version.len().min(12)], of("/rules/loaded_at"));
            if let Some(commit) = health.pointer("/rules/commit").filter(|commit| !commit.is_null()) {
                println!("{}", commit_in_words(commit, server));
            }
            if let Some(pull) = health.pointer("/rules/pull").and_then(|pull| pull.as_str()) {
                println!("{pull}");
            }
            if let Some(broken) = health.pointer("/rules/broken").and_then(|broken| broken.as_str()) {
                println!("规则有误，仍在用上一个正确的版本：{broken}");
            }
        }
        Err(_) => println!("{address} 上没有运行的机器人 / no bot answers there"),
    }
}

/// `提交 1a2b3c4 · 2026-11-21 10:03 · 林云 · 改中秋话术`
fn commit_in_words(commit: &serde_json::Value, server: &ServerConfig) -> String {
    let of = |field: &str| commit[field].as_str().unwrap_or_default();
    let at = of("at")
        .parse::<jiff::Timestamp>()
        .map(|at| at.to_zoned(server.timezone.clone()).strftime("%Y-%m-%d %H:%M").to_string());
    let differs = if commit["differs"] == true { "（另有没提交的修改也在生效）" } else { "" };
    format!("提交 {} · {} · {} · {}{differs}", of("id"), at.unwrap_or_default(), of("author"), of("subject"))
}

fn tell_groups(reader: &Reader, rules: &Rulebook) -> anyhow::Result<()> {
    let groups = reader.groups("", LISTED + 1)?;
    if groups.is_empty() {
        println!("还没有听到任何群。群会在第一条消息、第一个事件或同步时自己出现。");
    }
    for group in groups.iter().take(LISTED) {
        tell_group(group, rules);
    }
    if groups.len() > LISTED {
        println!("……只列出前 {LISTED} 个群，全部可看 zhanggui journal");
    }
    Ok(())
}

fn tell_group(group: &GroupState, rules: &Rulebook) {
    let owner = group.owner.as_ref().map(|owner| owner.as_str());
    let name = if group.name.is_empty() { "（群名未知）" } else { &group.name };
    let Some(rule) = rules.rule_for(group.id.as_str(), &group.name, owner) else {
        println!("\n{name}  {}\n  没有匹配的 [[group]]，所有规则都不生效", group.id);
        return;
    };
    let Some(profile) = rules.profiles.get(&*rule.profile) else { return };
    let hands: Vec<String> = rule.hands.iter().map(ToString::to_string).collect();
    println!("\n{name}  {}", group.id);
    println!("  群画像 {} · 群主 {} · 来自 {}", profile.name, owner.unwrap_or("未知"), rule.place);
    let ears: Vec<String> = rule.ears.iter().map(|ear| ear.to_string()).collect();
    println!("  耳朵 {} · 双手 {}", ears.join("、"), hands.join("、"));
    for sleeping in hearing(rule, profile) {
        let how = if sleeping.sleep == Sleep::Whole { "睡着" } else { "打折" };
        println!("  [{}] {how}：{}", sleeping.section, sleeping.why);
    }
    for gap in handling(rule, profile) {
        println!("  [{}] 靠人：{}", gap.section, gap.why());
    }
}

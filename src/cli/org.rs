//! `zhanggui org`: the organisation as a tree, and how one is made from a table or from the departments of the corp.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};

use super::Folders;
use crate::app::{connect, read_files};
use crate::channels::wecom::hands::Hands;
use crate::clock::Clock;
use crate::files::known_ids;
use crate::rules::{Org, Rulebook};

mod import;
mod node;
mod wecom;

#[derive(Debug, Args)]
pub struct OrgArgs {
    #[command(flatten)]
    folders: Folders,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 从表格（CSV）或企业微信通讯录做一份 org.toml / make org.toml from a CSV table or the corp's departments
    Import(ImportArgs),
}

#[derive(Debug, Args)]
struct ImportArgs {
    /// UTF-8; columns 编号 id, 名称 name, 上级 parent, 层级 level, 门店 store, 人员 people CSV 文件
    #[arg(required_unless_present = "wecom", conflicts_with = "wecom")]
    file: Option<PathBuf>,
    /// From the departments of WeCom, as far as the app sees them 从企业微信通讯录读，应用看得到多少读多少
    #[arg(long)]
    wecom: bool,
    /// With --wecom: only this department and what is below it, by its id 只要这个部门和它下面的
    #[arg(long, value_name = "ID", requires = "wecom")]
    department: Option<i64>,
    /// With --wecom: the app that reads, by its id; the first one by default 用哪个应用去读
    #[arg(long, value_name = "ID", requires = "wecom")]
    app: Option<String>,
    /// Where to write it instead of here 写到哪个文件，不写就显示出来
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Returns whether there is an organisation.
pub async fn run(args: &OrgArgs) -> anyhow::Result<bool> {
    match &args.command {
        Some(Command::Import(ImportArgs { file: Some(file), out, .. })) => {
            let bytes = std::fs::read(file).with_context(|| format!("读不了 {}", file.display()))?;
            write(&import::org_toml(&bytes)?, out.as_deref())
        }
        Some(Command::Import(asked)) => write(&from_wecom(&args.folders, asked).await?, asked.out.as_deref()),
        None => {
            let rulebook = read_files(&args.folders.config(), &args.folders.scripts())?.rulebook;
            print!("{}", tree(&rulebook));
            Ok(!rulebook.org.nodes().is_empty())
        }
    }
}

async fn from_wecom(folders: &Folders, asked: &ImportArgs) -> anyhow::Result<String> {
    let config = folders.config();
    let compiled = read_files(&config, &folders.scripts())?;
    let connected = connect(&compiled.server, |name| std::env::var(name).ok(), &config)?;
    let hands = Hands::new(connected.connections, folders.scripts(), Clock::system())?;
    let wanted = asked.app.as_deref().unwrap_or(&compiled.rulebook.app);
    let app = hands.connections().app(wanted).ok_or_else(|| {
        let known = hands.connections().apps.iter().map(|app| app.id.as_ref());
        anyhow!("没有编号是 {wanted} 的应用。{} / no such app", known_ids("自建应用", wanted, known))
    })?;
    let departments = wecom::read(hands.api(), app, asked.department).await?;
    wecom::org_toml(&departments, &compiled.rulebook.stores)
}

fn write(toml: &str, out: Option<&Path>) -> anyhow::Result<bool> {
    match out {
        Some(out) => {
            std::fs::write(out, toml).with_context(|| format!("写不了 {}", out.display()))?;
            println!("已写到 {}，请用 zhanggui check 检查 / written, now check it", out.display());
        }
        None => print!("{toml}"),
    }
    Ok(true)
}

fn tree(rulebook: &Rulebook) -> String {
    let org = &rulebook.org;
    if org.nodes().is_empty() {
        return "没有组织：写一份 config/org.toml，或用 zhanggui org import 从表格做一份。\nNo organisation.\n"
            .to_owned();
    }
    let mut text: String = org.nodes().iter().map(|node| format!("{}\n", line(node, org))).collect();
    let people: usize = org.nodes().iter().map(|node| node.people.len()).sum();
    let left_out: Vec<&str> = rulebook
        .stores
        .values()
        .filter(|store| !org.nodes().iter().any(|node| node.store.as_ref() == Some(&store.id)))
        .map(|store| store.name.as_str())
        .collect();
    text.push_str(&format!(
        "{} 个节点，{people} 人 ({} nodes, {people} people)\n",
        org.nodes().len(),
        org.nodes().len()
    ));
    if !left_out.is_empty() {
        text.push_str(&format!("不在组织里的门店：{}\n", left_out.join("、")));
    }
    text
}

fn line(node: &crate::rules::OrgNode, org: &Org) -> String {
    format!(
        "{}{}  {}  {}  {}",
        "  ".repeat(org.depth(node)),
        node.name,
        node.level.chinese(),
        node.id,
        node.people.join("、")
    )
}

//! `zhanggui org`: the organisation as a tree, and how one is made from a table.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::Folders;
use crate::app::read_files;
use crate::rules::{Org, Rulebook};

mod import;

#[derive(Debug, Args)]
pub struct OrgArgs {
    #[command(flatten)]
    folders: Folders,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 从表格（CSV）做一份 org.toml / make org.toml from a CSV table
    Import(ImportArgs),
}

#[derive(Debug, Args)]
struct ImportArgs {
    /// UTF-8; columns 编号 id, 名称 name, 上级 parent, 层级 level, 门店 store, 人员 people CSV 文件
    file: PathBuf,
    /// Where to write it instead of here 写到哪个文件，不写就显示出来
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Returns whether there is an organisation.
pub fn run(args: &OrgArgs) -> anyhow::Result<bool> {
    match &args.command {
        Some(Command::Import(args)) => import_file(args),
        None => {
            let rulebook = read_files(&args.folders.config(), &args.folders.scripts())?.rulebook;
            print!("{}", tree(&rulebook));
            Ok(!rulebook.org.nodes().is_empty())
        }
    }
}

fn import_file(args: &ImportArgs) -> anyhow::Result<bool> {
    let bytes = std::fs::read(&args.file).with_context(|| format!("读不了 {}", args.file.display()))?;
    let toml = import::org_toml(&bytes)?;
    match &args.out {
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

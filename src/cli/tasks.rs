//! `zhanggui tasks`: what people were asked to do.

use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::decision::TaskState;
use crate::store;

/// A terminal holds no more; the journal has all.
const SHOWN: usize = 200;

#[derive(Debug, clap::Args)]
pub struct TasksArgs {
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Closed ones, too 也列出已关闭的
    #[arg(long)]
    all: bool,
    /// For programs: one JSON object a line 每行一个 JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &TasksArgs) -> anyhow::Result<()> {
    let tasks = store::read(&args.data)?.tasks(args.all, SHOWN)?;
    if args.json {
        for task in &tasks {
            println!("{}", serde_json::to_string(task)?);
        }
        return Ok(());
    }
    if tasks.is_empty() {
        println!(
            "没有{}待办。\nNo {}staff tasks.",
            if args.all { "" } else { "未完成的" },
            if args.all { "" } else { "open " }
        );
    }
    for task in &tasks {
        let state = match &task.state {
            TaskState::Open => match &task.escalated_to {
                Some(ops) => format!("待处理（已升级给 {ops}）"),
                None => "待处理".to_owned(),
            },
            TaskState::Done { by, .. } => format!("已由 {by} 处理"),
            TaskState::Refused { by, .. } => format!("{by} 选择不处理"),
            TaskState::Pardoned { by, .. } => format!("{by} 认定是误判，已撤销"),
            TaskState::Expired { .. } => "已过期".to_owned(),
        };
        let opened = task.opened_at.to_zoned(TimeZone::system()).strftime("%m-%d %H:%M");
        println!("{opened}  {}  {}  负责人 {}  {state}", task.id, task.title, task.assignee);
        for (label, value) in &task.rows {
            println!("             {label}：{value}");
        }
        println!("             {}", crate::text::one_line(&task.why, 120));
    }
    Ok(())
}

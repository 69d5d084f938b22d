//! `zhanggui pardon ID`: takes back what a message brought its sender.

use std::path::PathBuf;

use anyhow::bail;

use crate::web::control::{CallError, Pardon, call};

#[derive(Debug, clap::Args)]
pub struct PardonArgs {
    /// A message id or an event key, as `zhanggui why` shows it 消息 ID 或事件键
    id: String,
    /// Who says so: a userid 谁说的，写账号
    #[arg(long, default_value = "operator")]
    by: String,
    /// The running bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

/// Returns whether it was done.
pub async fn run(args: PardonArgs) -> anyhow::Result<bool> {
    let PardonArgs { id, by, data } = args;
    match call(&data, "pardon", &Pardon { id, by }).await {
        Ok(answer) => {
            println!("{}", answer.told);
            Ok(answer.done)
        }
        Err(error @ CallError::NotRunning { .. }) => bail!(
            "机器人没有在这个数据目录（{}）里运行，误判只能由运行中的机器人撤销：\
             先启动 zhanggui serve，或用 --data 指到它的数据目录。\n{error}",
            data.display()
        ),
        Err(error @ CallError::NoAnswer(_)) => bail!("机器人没有回答，请看它的日志。\n{error}"),
    }
}

//! Asking the running bot by its control socket, and telling the person what came of it.

use std::path::Path;

use anyhow::bail;
use serde::Serialize;

use super::DataArgs;
use crate::web::control::{CallError, call};

/// Who asks, and which bot.
#[derive(Debug, clap::Args)]
pub struct OperatorArgs {
    /// Who says so, a userid 谁说的，写账号
    #[arg(long, default_value = "operator")]
    pub by: String,
    #[command(flatten)]
    pub data: DataArgs,
}

/// Asks the bot of this data folder. Returns whether it was done; why nobody could be asked is an error
/// with what to do about it.
pub async fn ask<T: Serialize>(data: &Path, name: &str, request: &T) -> anyhow::Result<bool> {
    match call(data, name, request).await {
        Ok(answer) => {
            println!("{}", answer.told);
            Ok(answer.done)
        }
        Err(error @ CallError::NotRunning { .. }) => bail!(
            "机器人没有在这个数据目录（{}）里运行：先启动 zhanggui serve，或用 --data 指到它的数据目录。\n{error}",
            data.display()
        ),
        Err(error @ CallError::NoAnswer(_)) => bail!("机器人没有回答，请看它的日志。\n{error}"),
    }
}

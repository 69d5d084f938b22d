//! `zhanggui pardon ID`: takes back what a message brought its sender.

use std::path::PathBuf;

use super::operator::ask;
use crate::web::control::Pardon;

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
    ask(&data, "pardon", &Pardon { id, by }).await
}

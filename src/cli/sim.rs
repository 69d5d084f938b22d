//! `zhanggui sim`: the simulated WeCom alone, for a bot in another process.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use tokio::net::TcpListener;

use super::serve::until_told_to_stop;
use crate::clock::Clock;
use crate::sim::{self, World};

#[derive(Debug, clap::Args)]
pub struct SimArgs {
    /// Where to listen 监听地址
    #[arg(long, default_value = "127.0.0.1:7011")]
    listen: SocketAddr,
    /// Write the corp's secrets, groups and callback addresses there, once it is ready 连接文件
    #[arg(long)]
    connection: PathBuf,
    /// Base address of the bot to which callbacks are posted 机器人的地址
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    bot: String,
    /// Keep the world here; without it everything is in memory 保存目录
    #[arg(long)]
    data: Option<PathBuf>,
}

pub async fn run(args: SimArgs) -> anyhow::Result<()> {
    let clock = Clock::system();
    let world = match &args.data {
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("{} 无法使用 / cannot be used", folder.display()))?;
            World::open(folder, clock)?
        }
        None => World::demo(clock),
    };
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("无法监听 {} / cannot listen there", args.listen))?;
    let running = sim::serve(world, listener, args.bot.trim_end_matches('/'))?;
    sim::write_connection_file(running.world(), &args.connection)
        .with_context(|| format!("{} 写不进去 / cannot be written", args.connection.display()))?;
    println!(
        "\n  模拟的企业微信在 http://{}，回调发往 {}\n  A simulated WeCom; callbacks go to that bot.\n",
        running.addr, args.bot
    );
    until_told_to_stop().await?;
    running.stop().await?;
    Ok(())
}

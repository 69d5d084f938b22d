//! `zhanggui serve`: runs the bot until SIGTERM or Ctrl-C.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::Folders;
use crate::app::{House, Settings};

#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    #[command(flatten)]
    folders: Folders,
    /// The data folder; made if it is not there 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Listen here instead of where the configuration says 监听地址
    #[arg(long)]
    listen: Option<SocketAddr>,
}

pub async fn run(args: ServeArgs) -> anyhow::Result<()> {
    let mut settings = Settings::new(args.folders.config(), args.folders.scripts(), args.data);
    if let Some(address) = args.listen {
        let cannot = || format!("无法监听 {address} / cannot listen there");
        settings.listener = Some(TcpListener::bind(address).await.with_context(cannot)?);
    }
    let house = House::start(settings).await?;
    until_told_to_stop().await?;
    house.stop().await;
    Ok(())
}

/// Waits for SIGTERM or SIGINT.
pub async fn until_told_to_stop() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM: stopping"),
        _ = interrupt.recv() => tracing::info!("interrupted: stopping"),
    }
    Ok(())
}

//! `zhanggui sync`: reads all groups from the platform once. A running bot does so by itself.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use arc_swap::ArcSwap;

use super::Folders;
use crate::app::{connect, read_files};
use crate::channels::wecom::hands::Hands;
use crate::clock::Clock;
use crate::store::{self, StoreError};
use crate::worker::Intake;
use crate::worker::intake::{Bells, Watch};
use crate::worker::learning::Shared;
use crate::worker::sync::{CUSTOMER_GROUPS_EVERY, MEMBER_LISTS_EVERY, Sync};

#[derive(Debug, clap::Args)]
pub struct SyncArgs {
    #[command(flatten)]
    folders: Folders,
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

/// Returns whether everything could be read.
pub async fn run(args: SyncArgs) -> anyhow::Result<bool> {
    let config = args.folders.config();
    let scripts = args.folders.scripts();
    let compiled = read_files(&config, &scripts)?;
    let connected = connect(&compiled.server, |name| std::env::var(name).ok(), &config)?;
    let (writer, reader) = match store::open(&args.data) {
        Err(StoreError::InUse { .. }) => {
            println!(
                "机器人正在运行，它每 30 分钟会自己同步一次，不需要手动同步。\nThe bot is running and syncs by itself."
            );
            return Ok(true);
        }
        opened => opened?,
    };
    let clock = Clock::system();
    let rules = Arc::new(ArcSwap::from_pointee(compiled.rulebook));
    let hands = Arc::new(Hands::new(connected.connections, scripts, clock.clone())?);
    let (intake, lane) = Intake::start(
        writer,
        rules.clone(),
        Shared::default(),
        clock.clone(),
        Bells::default(),
        Watch::default(),
    )?;
    let apps = compiled.server.apps.iter().filter(|app| app.sync).map(|app| app.id.clone()).collect();
    let sync = Sync {
        reader,
        intake,
        hands,
        rules,
        clock,
        apps,
        customer_groups_every: CUSTOMER_GROUPS_EVERY,
        member_lists_every: MEMBER_LISTS_EVERY,
    };
    let round = sync.once().await;
    drop(sync);
    tokio::task::spawn_blocking(move || lane.join()).await?.ok().context("the lane's thread panicked")?;
    println!(
        "读了 {} 个群，更新 {} 个，失败 {} 个 / read, changed, failed",
        round.read, round.changed, round.failed
    );
    Ok(round.failed == 0)
}

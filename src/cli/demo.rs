//! `zhanggui demo`: bot, simulated WeCom and a page to play with; no account, nothing to set up.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use tokio::net::TcpListener;

use super::serve::until_told_to_stop;
use crate::app::Playground;
use crate::sim::write_connection_file;

#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Where to listen; port 0 takes any free one 监听地址
    #[arg(long, default_value = "127.0.0.1:7010")]
    listen: SocketAddr,
    /// Keep everything here and go on from it at the next start; without it a temporary folder is used 保存目录
    #[arg(long)]
    data: Option<PathBuf>,
    /// Write how to reach bot and simulator, once both are ready 连接文件
    #[arg(long)]
    connection: Option<PathBuf>,
}

pub async fn run(args: DemoArgs) -> anyhow::Result<()> {
    let temporary = args.data.is_none().then(Temporary::new).transpose()?;
    let folder = args.data.as_deref().or(temporary.as_ref().map(|folder| folder.0.as_path()));
    let folder = folder.context("no folder to work in")?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{} 无法使用 / cannot be used", folder.display()))?;
    let folder = folder.canonicalize()?;
    let listener = TcpListener::bind(args.listen).await.with_context(|| {
        format!("无法监听 {}，换一个端口：--listen 127.0.0.1:0 / cannot listen there", args.listen)
    })?;
    let playground = Playground::start(&folder, listener).await?;
    if let Some(file) = &args.connection {
        write_connection_file(playground.world(), file)
            .with_context(|| format!("{} 写不进去 / cannot be written", file.display()))?;
    }
    greet(playground.address, &folder, temporary.is_some());
    until_told_to_stop().await?;
    playground.stop().await;
    Ok(())
}

fn greet(address: SocketAddr, folder: &Path, temporary: bool) {
    let kept =
        if temporary { "退出时删除，想留着就加 --data 目录" } else { "下次启动接着用" };
    println!("\n  掌柜试玩：用浏览器打开  http://{address}\n  Open it in a browser; Ctrl-C stops.\n");
    println!("  规则和话术在 {}，改了一秒内生效（{kept}）\n", folder.display());
}

/// A folder that goes when the demo ends.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("zhanggui-demo-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("{} 无法创建 / cannot be made", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "the temporary folder could not be removed");
        }
    }
}

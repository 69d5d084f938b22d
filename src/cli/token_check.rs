//! `zhanggui token-check`: calls gettoken for each app and says in plain words what IT must change.

use super::Folders;
use crate::app::{connect, read_files};
use crate::channels::wecom::hands::Hands;
use crate::clock::Clock;

#[derive(Debug, clap::Args)]
pub struct TokenCheckArgs {
    #[command(flatten)]
    folders: Folders,
}

/// Returns whether every app works.
pub async fn run(args: TokenCheckArgs) -> anyhow::Result<bool> {
    let config = args.folders.config();
    let scripts = args.folders.scripts();
    let compiled = read_files(&config, &scripts)?;
    let connected = connect(&compiled.server, |name| std::env::var(name).ok(), &config)?;
    let hands = Hands::new(connected.connections, scripts, Clock::system())?;
    let mut all_good = true;
    for app in &hands.connections().apps {
        let syncs = compiled.server.apps.iter().any(|other| other.id == app.id && other.sync);
        let diagnosis = hands.api().diagnose(app, syncs).await;
        println!("{}（{}，应用 {}）", app.id, app.corp_id, app.agent_id);
        for finding in &diagnosis.findings {
            println!("  {} {}", if finding.good { "✓" } else { "✗" }, finding.person);
            if !finding.log.is_empty() {
                println!("    {}", finding.log);
            }
        }
        all_good &= diagnosis.is_good();
    }
    Ok(all_good)
}

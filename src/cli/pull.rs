//! `zhanggui pull`: takes what is new and good in the git remote, without a running bot or beside one.

use std::time::Duration;

use anyhow::bail;

use super::{Folders, SERVER};
use crate::clock::Clock;
use crate::files::{Look, render};
use crate::worker::pull::{Pull, Pulled};

#[derive(Debug, clap::Args)]
pub struct PullArgs {
    #[command(flatten)]
    folders: Folders,
    /// Ask once and end (for cron) instead of asking again and again 只拉一次
    #[arg(long)]
    once: bool,
}

/// `false` when there is a commit that was not taken.
pub fn run(args: &PullArgs) -> anyhow::Result<bool> {
    let (config, scripts) = (args.folders.config(), args.folders.scripts());
    // A pull must also work when other files are broken, because it may bring what mends them.
    let Some(git) = args.folders.server()?.git else {
        bail!("{SERVER} 里没有 [git]，不知道跟哪个远端 / no [git] section says what to follow");
    };
    let every: Duration = git.every.unsigned_abs();
    let pull = Pull { config, scripts, git };
    loop {
        let taken = once(&pull);
        if args.once {
            return taken;
        }
        if let Err(error) = taken {
            eprintln!("{error:#}");
        }
        std::thread::sleep(every);
    }
}

fn once(pull: &Pull) -> anyhow::Result<bool> {
    match pull.once(Clock::system().now())? {
        Pulled::Nothing => println!("没有新提交 / up to date"),
        Pulled::Taken(commit) => {
            println!("已更新到 {} {}（{}）", commit.short, commit.subject, commit.author)
        }
        Pulled::Refused(refusal) => {
            print!("{}", render(&refusal.mistakes, Look::Plain));
            let commit = refusal.commit;
            println!(
                "提交 {} {}（{}）没有拉取：{}",
                commit.short, commit.subject, commit.author, refusal.why
            );
            return Ok(false);
        }
    }
    Ok(true)
}

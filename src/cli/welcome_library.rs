//! `zhanggui welcome-library`: what the files would change in the library of group welcomes, and doing it.

use std::path::Path;

use clap::{Args, Subcommand};

use super::operator::OperatorArgs;
use super::{DataArgs, Folders, operator};
use crate::app::{connect, read_files};
use crate::channels::wecom::hands::Hands;
use crate::clock::Clock;
use crate::decision::{KnownTemplate, LibraryPlan, Part, TemplateStep, plan_welcome_library};
use crate::rules::Compiled;
use crate::rules::welcome_library::text;
use crate::store;
use crate::web::control::{AskWelcomeLibrary, LibraryRequest};

#[derive(Debug, Args)]
pub struct WelcomeLibraryArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 话术和素材库有什么不同，什么也不改 / what would be changed; changes nothing
    Diff(DiffArgs),
    /// 照话术同步素材库 / make the library what the files say
    Apply(ApplyArgs),
    /// 一份说不准有没有加上的，或被人删掉的，看过确实没有，就忘掉它 / forget one that is surely not there
    Forget(ForgetArgs),
}

#[derive(Debug, Args)]
struct DiffArgs {
    /// Also ask the platform whether what we put there is still so 再问企业微信，同步过的有没有被人改过、删掉
    #[arg(long)]
    platform: bool,
    #[command(flatten)]
    folders: Folders,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Debug, Args)]
struct ApplyArgs {
    /// Also what is believed to be so already, for what somebody changed on the platform
    /// 一致的也重新同步一遍，被人改过的会改回来
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    asked: OperatorArgs,
}

#[derive(Debug, Args)]
struct ForgetArgs {
    /// As diff tells it, like welcome-direct-sale@chaoyang 编号，diff 里写着
    key: String,
    #[command(flatten)]
    asked: OperatorArgs,
}

/// Returns whether it was done; of a diff, whether there is nothing to be done.
pub async fn run(args: WelcomeLibraryArgs) -> anyhow::Result<bool> {
    match args.command {
        Command::Diff(args) => diff(&args).await,
        Command::Apply(ApplyArgs { all, asked }) => ask(&asked, LibraryRequest::Apply { all }).await,
        Command::Forget(ForgetArgs { key, asked }) => ask(&asked, LibraryRequest::Forget { key }).await,
    }
}

async fn ask(asked: &OperatorArgs, request: LibraryRequest) -> anyhow::Result<bool> {
    let request = AskWelcomeLibrary { request, by: asked.by.clone() };
    operator::ask(&asked.data.data, "welcome-library", &request).await
}

async fn diff(args: &DiffArgs) -> anyhow::Result<bool> {
    let compiled = read_files(&args.folders.config(), &args.folders.scripts())?;
    let (rules, known) = (&compiled.rulebook, known(&args.data.data)?);
    let today = Clock::system().now().to_zoned(rules.timezone.clone()).date();
    match plan_welcome_library(rules, &known, today, false) {
        Ok(plan) => {
            print!("{}", in_words(&plan));
            let mut same = plan.changes.is_empty() && plan.doubtful.is_empty();
            if args.platform {
                same &= is_so_there(&args.folders, &compiled, &known).await?;
            }
            Ok(same)
        }
        Err(why) => {
            println!("{why}");
            Ok(false)
        }
    }
}

/// Asks the platform for everything that we put there, and tells what somebody else has changed.
async fn is_so_there(
    folders: &Folders,
    compiled: &Compiled,
    known: &[KnownTemplate],
) -> anyhow::Result<bool> {
    let connected = connect(&compiled.server, |name| std::env::var(name).ok(), &folders.config())?;
    let hands = Hands::new(connected.connections, folders.scripts(), Clock::system())?;
    let mut same = true;
    for known in known {
        let Some(id) = &known.template_id else { continue };
        match hands.template_text(&compiled.rulebook.app, id).await {
            Ok(there) if there == text(&known.parts) => continue,
            Ok(there) => {
                println!("≠ 平台上被人改过 {}，改回来：apply --all", known.title);
                let words = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
                let lines = difference(&words(&text(&known.parts)), &words(&there));
                lines.iter().for_each(|line| println!("    {line}"));
            }
            Err(why) => println!(
                "× 平台上读不到 {}：{}；要是被删了，forget {} 再 apply",
                known.title, why.person, known.key
            ),
        }
        same = false;
    }
    Ok(same)
}

/// Before the bot's first start nothing is in the library.
fn known(data: &Path) -> anyhow::Result<Vec<KnownTemplate>> {
    if !data.join(store::DATABASE).is_file() {
        return Ok(Vec::new());
    }
    Ok(store::read(data)?.welcome_templates()?)
}

fn in_words(plan: &LibraryPlan) -> String {
    let mut said = String::new();
    for (change, before) in plan.changes.iter().zip(&plan.before) {
        let mark = match change.step {
            TemplateStep::Add { .. } => '+',
            TemplateStep::Edit { .. } => '~',
            TemplateStep::Delete { .. } => '-',
        };
        said.push_str(&format!("{mark} {} {}\n", change.step.chinese(), change.title));
        let lines = difference(&lines(before), &lines(change.step.parts()));
        lines.iter().for_each(|line| said.push_str(&format!("    {line}\n")));
    }
    for title in &plan.under_way {
        said.push_str(&format!("… 正在改 {title}\n"));
    }
    for (key, title) in &plan.doubtful {
        said.push_str(&format!(
            "? 说不准 {title}：上次没有等到答复。手机上看看入群欢迎语里有没有它，没有就 zhanggui welcome-library forget {key}\n"
        ));
    }
    for (title, why) in &plan.left {
        said.push_str(&format!("! 不动 {title}：{why}\n"));
    }
    for (key, title, why) in &plan.failed {
        said.push_str(&format!("! 上次没有改成 {title}（{key}）：{why}\n"));
    }
    if plan.changes.is_empty() {
        said.push_str("没有要改的。Nothing to change.\n");
    } else {
        said.push_str(&format!(
            "要改 {} 份，一致的 {} 份。同步：zhanggui welcome-library apply --by 您的账号\n",
            plan.changes.len(),
            plan.same.len()
        ));
    }
    said
}

/// The words line by line, then what is attached.
fn lines(parts: &[Part]) -> Vec<String> {
    let attached = parts.iter().filter(|part| !part.is_words()).map(|part| part.in_words().into_owned());
    let text = text(parts);
    let words = text.lines().filter(|_| !text.is_empty()).map(str::to_owned);
    words.chain(attached).collect()
}

/// Lines that both have at their beginning and end stand between those that went (`-`) and came (`+`).
fn difference(before: &[String], after: &[String]) -> Vec<String> {
    let alike = |pairs: &mut dyn Iterator<Item = (&String, &String)>| {
        pairs.take_while(|(one, other)| one == other).count()
    };
    let head = alike(&mut before.iter().zip(after));
    let (before_rest, after_rest) = (&before[head..], &after[head..]);
    let tail = alike(&mut before_rest.iter().rev().zip(after_rest.iter().rev()));
    let marked = |mark: &'static str, lines: &[String]| -> Vec<String> {
        lines.iter().map(|line| format!("{mark} {line}")).collect()
    };
    [
        marked(" ", &after[..head]),
        marked("-", &before_rest[..before_rest.len() - tail]),
        marked("+", &after_rest[..after_rest.len() - tail]),
        marked(" ", &after_rest[after_rest.len() - tail..]),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::TemplateChange;

    fn all(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn only_lines_that_differ_are_marked() {
        let (before, after) =
            (all(&["欢迎", "八点开门", "再见"]), all(&["欢迎", "九点开门", "有试吃", "再见"]));
        let expected = ["  欢迎", "- 八点开门", "+ 九点开门", "+ 有试吃", "  再见"];
        assert_eq!(difference(&before, &after), expected);
        assert_eq!(difference(&[], &all(&["欢迎"])), ["+ 欢迎"]);
        assert_eq!(difference(&all(&["欢迎"]), &[]), ["- 欢迎"]);
        assert_eq!(difference(&all(&["好", "好"]), &all(&["好"])), ["  好", "- 好"]);
    }

    #[test]
    fn a_plan_reads_like_a_diff() {
        let change = |title: &str, step| TemplateChange {
            key: title.into(),
            title: title.into(),
            step,
            last_of: None,
        };
        let parts = vec![Part::text("%NICKNAME%，欢迎")];
        let plan = LibraryPlan {
            changes: vec![
                change("旧的", TemplateStep::Delete { template_id: "m1".into() }),
                change("新的", TemplateStep::Add { parts }),
            ],
            before: vec![vec![Part::text("您好")], Vec::new()],
            same: vec!["不变的".into()],
            under_way: Vec::new(),
            doubtful: vec![("a@b".into(), "不知道的".into())],
            left: vec![("过期的".into(), "话术今天不能用".into())],
            failed: vec![("c".into(), "没改成的".into(), "没有权限".into())],
        };
        let said = in_words(&plan);
        for says in [
            "- 删除 旧的\n    - 您好\n",
            "+ 新增 新的\n    + %NICKNAME%，欢迎\n",
            "forget a@b\n",
            "! 不动 过期的：话术今天不能用\n",
            "! 上次没有改成 没改成的（c）：没有权限\n",
            "要改 2 份，一致的 1 份。",
        ] {
            assert!(said.contains(says), "{says}: {said}");
        }
        assert_eq!(in_words(&LibraryPlan::default()), "没有要改的。Nothing to change.\n");
    }
}

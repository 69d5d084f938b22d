//! `zhanggui scripts`: what is in the library, and what one store makes of a script.

use clap::{Args, Subcommand};

use super::Folders;
use super::columns::table;
use crate::app::read_files;
use crate::clock::Clock;
use crate::rules::{Rulebook, Store, asker_in};
use crate::scripts::{Asker, Script, scene_in_chinese};

mod show;

#[derive(Debug, Args)]
pub struct ScriptsArgs {
    #[command(flatten)]
    folders: Folders,
    /// As this store has it 按这家门店的
    #[arg(long, global = true, value_name = "STORE")]
    store: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 列出话术 / list the scripts (the default)
    List(ListArgs),
    /// 一条话术的每一项从哪里来，店员会拿到什么 / one script: its fields, their origin, its messages
    Show(show::ShowArgs),
}

#[derive(Debug, Clone, Args)]
struct ListArgs {
    /// Of this scene only 只看这个场景
    #[arg(long)]
    scene: Option<String>,
}

/// Returns whether anything was found.
pub fn run(args: &ScriptsArgs) -> anyhow::Result<bool> {
    let rulebook = read_files(&args.folders.config(), &args.folders.scripts())?.rulebook;
    let today = Clock::system().now().to_zoned(rulebook.timezone.clone()).date();
    let store = match &args.store {
        Some(id) => {
            Some(rulebook.stores.get(id).ok_or_else(|| anyhow::anyhow!("没有门店 {id} / no such store"))?)
        }
        None => None,
    };
    let asker = asker_in(store, today);
    let (text, found) = match &args.command {
        Some(Command::Show(args)) => show::show(&rulebook, store, &asker, args)?,
        Some(Command::List(list)) => list_of(&rulebook, &asker, list.scene.as_deref()),
        None => list_of(&rulebook, &asker, args.list.scene.as_deref()),
    };
    print!("{text}");
    Ok(found)
}

/// One line per script, in the order of the files.
fn list_of(rulebook: &Rulebook, asker: &Asker<'_>, scene: Option<&str>) -> (String, bool) {
    let library = &rulebook.scripts;
    let here = library.all().iter().filter_map(|script| library.resolved(&script.id, asker));
    let scripts: Vec<&Script> =
        here.filter(|script| scene.is_none_or(|scene| script.scene == scene)).collect();
    let mut rows = vec![["编号", "标题", "场景", "关键词", "有效期", "出处"].map(str::to_owned)];
    rows.extend(scripts.iter().map(|script| {
        [
            script.id.clone(),
            script.title.clone(),
            scene_in_chinese(&script.scene).to_owned(),
            if script.triggers.is_empty() {
                "（店员取不到）".to_owned()
            } else {
                script.triggers.join("、")
            },
            validity(script, asker),
            script.place.clone(),
        ]
    }));
    let usable = scripts.iter().filter(|script| script.usable_on(asker.today)).count();
    let text = format!(
        "{}\n{} 条，今天能用 {usable} 条 ({} scripts, {usable} usable today)\n",
        table(&rows),
        scripts.len(),
        scripts.len()
    );
    (text, !scripts.is_empty())
}

/// `9月1日到9月25日`, and what that means today.
fn validity(script: &Script, asker: &Asker<'_>) -> String {
    let days = match (script.valid_from, script.valid_to) {
        (None, None) => String::new(),
        (Some(from), None) => format!("{from} 起"),
        (None, Some(to)) => format!("到 {to}"),
        (Some(from), Some(to)) => format!("{from} 到 {to}"),
    };
    match script.usable_on(asker.today) {
        true if days.is_empty() => "一直".to_owned(),
        true => days,
        false if days.is_empty() => "已换掉".to_owned(),
        false => format!("{days}（今天不能用）"),
    }
}

/// What people call the store, for a heading.
fn name_of(store: Option<&Store>) -> &str {
    store.map_or("品牌", |store| &store.name)
}

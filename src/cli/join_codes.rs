//! `zhanggui join-codes list | retry ID | delete ID`: which codes there are, where they lead and who came by them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use super::Folders;
use super::operator::ask;
use crate::app::read_files;
use crate::decision::{GroupId, JoinAsk, JoinCodeMemory, JoinCodeState, JoinOrder};
use crate::rules::{JoinCode, Rulebook};
use crate::store::{self, CameBy, Reader};
use crate::web::control::OrderJoinCode;

#[derive(Debug, clap::Args)]
pub struct JoinCodesArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 有哪些进群码，现在进哪个群，各带来多少人 / all codes, their groups, and who came by them
    List(List),
    /// 上次没做成的，再试一次 / ask the platform again for what did not work
    Retry(Which),
    /// 从企业微信删除一个已经不在文件里的码 / delete a code that has left the files
    Delete(Which),
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    folders: Folders,
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// For programs: one JSON object a line 每行一个 JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Which {
    /// The code's id 进群码的编号
    id: String,
    /// Who says so: a userid 谁说的，写账号
    #[arg(long, default_value = "operator")]
    by: String,
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

/// Returns whether it was done, or all is well with the codes that were listed.
pub async fn run(args: &JoinCodesArgs) -> anyhow::Result<bool> {
    match &args.command {
        Command::List(args) => list(args),
        Command::Retry(which) => order(which, JoinOrder::Retry).await,
        Command::Delete(which) => order(which, JoinOrder::Delete).await,
    }
}

async fn order(which: &Which, order: JoinOrder) -> anyhow::Result<bool> {
    let asked = OrderJoinCode { code: which.id.clone(), order, by: which.by.clone() };
    ask(&which.data, "join-code", &asked).await
}

fn list(args: &List) -> anyhow::Result<bool> {
    let rules = read_files(&args.folders.config(), &args.folders.scripts())?.rulebook;
    // Before the first start there is no database, and no code either.
    let reader = store::read(&args.data).ok();
    let known = reader.as_ref().map(Reader::join_codes).transpose()?.unwrap_or_default();
    let came = reader.as_ref().map(Reader::came_by).transpose()?.unwrap_or_default();
    let ids: BTreeSet<String> =
        rules.join_codes.keys().cloned().chain(known.into_iter().map(|state| state.id)).collect();
    if ids.is_empty() && !args.json {
        println!("还没有进群码：写在 config/join-codes/*.toml 里。\nNo join codes yet.");
    }
    let mut well = true;
    for id in ids {
        let standing = Standing::of(&id, &rules, reader.as_ref(), &came)?;
        well &= standing.memory.state.as_ref().is_none_or(|state| state.trouble.is_none());
        match args.json {
            true => println!("{}", standing.json()),
            false => print!("{}", standing.told()),
        }
    }
    Ok(well)
}

/// All that is told of one code.
struct Standing<'a> {
    id: &'a str,
    /// As the files have it, if they do.
    code: Option<&'a JoinCode>,
    memory: JoinCodeMemory,
    sizes: BTreeMap<GroupId, usize>,
    came: CameBy,
}

impl<'a> Standing<'a> {
    fn of(
        id: &'a str,
        rules: &'a Rulebook,
        reader: Option<&Reader>,
        came: &BTreeMap<String, CameBy>,
    ) -> anyhow::Result<Self> {
        let code = rules.join_codes.get(id).map(AsRef::as_ref);
        let memory = reader.map(|reader| reader.join_code(id)).transpose()?.unwrap_or_default();
        let mut sizes = BTreeMap::new();
        for (group, reader) in memory.seats.keys().zip(std::iter::repeat(reader)) {
            let size = reader.map(|reader| reader.group(group.as_str())).transpose()?.flatten();
            sizes.extend(size.and_then(|state| state.joins.size).map(|size| (group.clone(), size)));
        }
        let mut standing = Self { id, code, memory, sizes, came: CameBy::default() };
        standing.came = came.get(standing.mark()).copied().unwrap_or_default();
        Ok(standing)
    }

    fn mark(&self) -> &str {
        let on_the_platform = self.state().and_then(|state| state.way.as_ref()).map(|way| way.state.as_str());
        self.code.map(|code| code.state.as_str()).or(on_the_platform).unwrap_or(self.id)
    }

    fn state(&self) -> Option<&JoinCodeState> {
        self.memory.state.as_ref()
    }

    fn groups(&self) -> &[GroupId] {
        self.state().map_or(&[], JoinCodeState::groups)
    }

    fn told(&self) -> String {
        let title = self.code.map_or_else(|| "（已不在文件里）".to_owned(), JoinCode::called);
        let CameBy { came, stayed } = self.came;
        let mut text =
            format!("{}  {title}  记号 {}  来过 {came} 人，还在 {stayed} 人\n", self.id, self.mark());
        text.push_str(&format!("  {}\n", self.stands()));
        for (nth, group) in self.groups().iter().enumerate() {
            let now = if nth == 0 { "  ← 现在进这个群" } else { "" };
            text.push_str(&format!("  {}. {}{now}\n", nth + 1, self.group(group)));
        }
        let others = self.memory.seats.iter().filter(|(group, _)| !self.groups().contains(group));
        for (group, seat) in others {
            let why = if seat.full { "满了" } else { "后备" };
            text.push_str(&format!("  {why}：{}\n", self.group(group)));
        }
        text
    }

    fn group(&self, group: &GroupId) -> String {
        let size = self.sizes.get(group).map(|size| format!("  {size} 人")).unwrap_or_default();
        format!("{}{size}", self.memory.name_of(group))
    }

    /// How it is on the platform, in one sentence.
    fn stands(&self) -> String {
        let Some(state) = self.state() else {
            return if self.memory.seats.is_empty() {
                "还没建：没有见到对得上的客户群".to_owned()
            } else {
                "还没建：等机器人运行".to_owned()
            };
        };
        if let Some(trouble) = &state.trouble {
            let retry = format!("再试：zhanggui join-codes retry {}", self.id);
            let doubt = if trouble.doubt { "不知道做成没有" } else { "没有做成" };
            return format!("{doubt}：{}；{retry}", trouble.why);
        }
        match (&state.asked, &state.config_id) {
            (Some(JoinAsk::Make(_)), _) => "正在建".to_owned(),
            (Some(JoinAsk::Change { .. }), _) => "正在换群".to_owned(),
            (Some(JoinAsk::Delete { .. }), _) => "正在删除".to_owned(),
            (None, Some(_)) if self.code.is_none() => {
                format!("还在企业微信上；不用了：zhanggui join-codes delete {}", self.id)
            }
            (None, Some(config)) if self.memory.has_room() => format!("已建好（{config}）"),
            (None, Some(config)) => format!("已建好（{config}），但没有还有空位的群：请再建一个"),
            (None, None) => "还没建：没有还有空位的群".to_owned(),
        }
    }

    fn json(&self) -> serde_json::Value {
        let group = |id: &GroupId| json!({ "id": id, "name": self.memory.name_of(id), "members": self.sizes.get(id) });
        let full = self.memory.seats.iter().filter(|(_, seat)| seat.full).map(|(id, _)| group(id));
        json!({
            "id": self.id,
            "title": self.code.map(|code| &code.title),
            "state": self.mark(),
            "config_id": self.state().and_then(|state| state.config_id.as_ref()),
            "groups": self.groups().iter().map(group).collect::<Vec<_>>(),
            "full": full.collect::<Vec<_>>(),
            "asked": self.state().and_then(|state| state.asked.as_ref()),
            "trouble": self.state().and_then(|state| state.trouble.as_ref()).map(|trouble| &trouble.why),
            "came": self.came.came,
            "stayed": self.came.stayed,
        })
    }
}

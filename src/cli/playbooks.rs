//! `zhanggui playbooks`: which playbook runs where, what comes next and when, what was done.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::Folders;
use crate::app::read_files;
use crate::decision::{GroupState, PlaybookRun, PostOutcome, StepDone, StepEnd, TaskState};
use crate::rules::{Playbook, PlaybookStep, Rulebook};
use crate::store::{self, GroupOfSend, Reader};

/// Groups taken from the store at once.
const PAGE: usize = 500;
/// Groups told of; the rest is counted.
const SHOWN: usize = 200;

#[derive(Debug, clap::Args)]
pub struct PlaybooksArgs {
    #[command(flatten)]
    folders: Folders,
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Only groups with this id, or this in their names 只看这个群
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Ended ones, too 也列出走完的
    #[arg(long)]
    all: bool,
    /// For programs: one JSON object a line 每行一个 JSON
    #[arg(long)]
    json: bool,
}

/// Returns whether any was found.
pub fn run(args: &PlaybooksArgs) -> anyhow::Result<bool> {
    let rules = read_files(&args.folders.config(), &args.folders.scripts())?.rulebook;
    let reader = store::read(&args.data)?;
    let teller = Teller { rules: &rules, reader: &reader, all: args.all };
    let (mut after, mut found) = (String::new(), 0);
    loop {
        let page = reader.groups(&after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.id.to_string();
        for group in page.iter().filter(|group| is_wanted(group, args.group.as_deref())) {
            if !teller.runs(group).is_empty() {
                found += 1;
                match args.json {
                    true => teller.json(group)?,
                    false if found <= SHOWN => print!("{}", teller.told(group)?),
                    false => {}
                }
            }
        }
    }
    if found == 0 && !args.json {
        println!("没有正在走的剧本。\nNo playbooks are under way.");
    }
    if found > SHOWN && !args.json {
        println!("……还有 {} 个群，用 --group 只看一个，或用 --json 看全部", found - SHOWN);
    }
    Ok(found > 0)
}

fn is_wanted(group: &GroupState, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| group.id.as_str() == wanted || group.name.contains(wanted))
}

struct Teller<'a> {
    rules: &'a Rulebook,
    reader: &'a Reader,
    /// Ended runs, too.
    all: bool,
}

impl Teller<'_> {
    fn runs<'g>(&self, group: &'g GroupState) -> Vec<(&'g String, &'g PlaybookRun)> {
        group.playbooks.iter().filter(|(_, run)| self.all || run.next.is_some()).collect()
    }

    fn playbook(&self, run: &str) -> Option<&Playbook> {
        self.rules.playbooks.get(PlaybookRun::playbook_of(run)).map(AsRef::as_ref)
    }

    fn zone(&self) -> TimeZone {
        self.rules.timezone.clone()
    }

    fn moment(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone()).strftime("%m-%d %H:%M").to_string()
    }

    fn told(&self, group: &GroupState) -> anyhow::Result<String> {
        let name = if group.name.is_empty() { "（群名未知）" } else { &group.name };
        let mut text = format!("{name}  {}\n", group.id);
        for (id, run) in self.runs(group) {
            let Some(playbook) = self.playbook(id) else {
                text.push_str(&format!("  {id} · 剧本文件已经没有了\n"));
                continue;
            };
            let standing = self.standing(playbook, run);
            text.push_str(&format!("  {}（{id}）· 从 {} 数起 · {standing}\n", playbook.title, run.since));
            for step in &playbook.steps {
                if let Some(done) = run.done.get(&step.id) {
                    text.push_str(&format!("    {}  {}\n", planned(playbook, step), self.done(group, done)?));
                }
            }
        }
        Ok(text)
    }

    /// What comes next, and when.
    fn standing(&self, playbook: &Playbook, run: &PlaybookRun) -> String {
        if let Some(stopped) = run.stopped {
            return format!("{} 起不再说：店里的人自己在说了", self.moment(stopped));
        }
        let Some(next) = run.next else { return "走完了，或停着".to_owned() };
        let step = playbook.steps.iter().find(|step| !run.done.contains_key(&step.id));
        let what = step.map(|step| {
            let waits = if run.waiting.contains(&step.id) { "，在等时机" } else { "" };
            format!("：{}（{}说话术 {}{waits}）", planned(playbook, step), step.role.chinese(), step.script)
        });
        format!("下一步 {}{}", self.moment(next), what.unwrap_or_default())
    }

    fn done(&self, group: &GroupState, done: &StepDone) -> anyhow::Result<String> {
        let at = self.moment(done.at);
        Ok(match &done.how {
            StepEnd::Posted => format!("{at} 机器人发了"),
            StepEnd::Skipped(skip) => format!("{at} 跳过：{}", skip.chinese()),
            StepEnd::Asked { tasks } => {
                let cards = tasks.iter().map(|id| self.card(id)).collect::<anyhow::Result<Vec<_>>>()?;
                format!("{at} 发了卡片，{}", cards.join("；"))
            }
            StepEnd::ToOwner { post } => format!("{at} 请群主群发，{}", self.mass_send(group, post)?),
        })
    }

    fn mass_send(&self, group: &GroupState, post: &str) -> anyhow::Result<String> {
        Ok(match self.reader.mass_send_in(post, &group.id)? {
            Some((send, GroupOfSend { outcome, .. })) => {
                let owner = send.send.owner.as_str();
                match (outcome, send.confirmed_at) {
                    (None, _) => format!("{owner} 还没点"),
                    (Some(PostOutcome::Sent), Some(at)) => format!("{owner} {} 发了", self.moment(at)),
                    (Some(outcome), _) => outcome.in_words(owner),
                }
            }
            None if group.mass_sent.on.contains_key(post) => "正在建".to_owned(),
            None => "没有建成，或者记录已经清掉了；见 zhanggui journal".to_owned(),
        })
    }

    fn card(&self, id: &str) -> anyhow::Result<String> {
        let Some(task) = self.reader.task(id)? else { return Ok("没有人可派".to_owned()) };
        Ok(match &task.state {
            TaskState::Open => format!("{} 还没点", task.assignee),
            TaskState::Done { by, at } => format!("{by} {} 发了", self.moment(*at)),
            TaskState::Refused { by, .. } => format!("{by} 选择不发"),
            TaskState::Pardoned { by, .. } => format!("{by} 撤销了"),
            TaskState::Expired { .. } => format!("{} 一直没点，过期了", task.assignee),
        })
    }

    fn json(&self, group: &GroupState) -> anyhow::Result<()> {
        for (id, run) in self.runs(group) {
            let line = json!({
                "group": group.id.as_str(),
                "group_name": group.name,
                "run": id,
                "playbook": PlaybookRun::playbook_of(id),
                "state": serde_json::to_value(run)?,
            });
            println!("{line}");
        }
        Ok(())
    }
}

/// `第 1 天 09:00 opening`
fn planned(playbook: &Playbook, step: &PlaybookStep) -> String {
    format!("{} {}", playbook.when_in_words(step), step.id)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::decision::{Act, Change, GroupId, MemberId, Part, Skip, StaffTask};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn task() -> StaffTask {
        StaffTask {
            id: "t1".into(),
            group: None,
            app: "assistant".into(),
            assignee: MemberId::from("wang.min"),
            escalated_to: None,
            title: "请在群里发这一句".into(),
            why: String::new(),
            rows: Vec::new(),
            paste: None,
            act: Act::Post { part: Part::text("早"), mentions: Vec::new() },
            offer: None,
            case: None,
            opened_at: at("2026-11-21T09:00:00+08:00"),
            state: TaskState::Done { by: "王敏".into(), at: at("2026-11-21T09:03:00+08:00") },
        }
    }

    #[test]
    fn tells_what_was_done_and_what_comes_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut writer, reader) = store::open(folder.path()).expect("opens");
        writer.commit(|batch| batch.apply(&Change::Task(Box::new(task())))).expect("written");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let rules = read_files(&root.join("config"), &root.join("bot-scripts")).expect("good files").rulebook;
        let mut group = GroupState::new(GroupId::from("wr-1"), at("2026-11-21T08:00:00+08:00"));
        let mut run = PlaybookRun::new(jiff::civil::date(2026, 11, 21));
        run.next = Some(at("2026-11-21T19:30:00+08:00"));
        let asked = StepEnd::Asked { tasks: vec!["t1".into(), "t2".into()] };
        let nine = at("2026-11-21T09:00:00+08:00");
        run.done.insert("opening".into(), StepDone { at: nine, how: asked });
        run.done.insert("kol-hello".into(), StepDone { at: nine, how: StepEnd::Skipped(Skip::Unmet) });
        group.playbooks.insert("first-seven-days".into(), run);
        let told = Teller { rules: &rules, reader: &reader, all: false }.told(&group).expect("told");
        assert_eq!(
            told,
            "（群名未知）  wr-1\n  \
             新群头七天（first-seven-days）· 从 2026-11-21 数起 · 下一步 11-21 19:30：第 1 天 19:30 rules（机器人说话术 group-rules）\n    \
             第 1 天 09:00 opening  11-21 09:00 发了卡片，王敏 11-21 09:03 发了；没有人可派\n    \
             第 1 天 09:20 kol-hello  11-21 09:00 跳过：条件没有成立\n"
        );
    }
}

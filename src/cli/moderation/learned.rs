//! `zhanggui moderation list | export | learn | rollback`: what people have taught, and how it is learned from.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::app::read_files;
use crate::cli::Folders;
use crate::decision::{EventKey, Verdict};
use crate::evaluation::{Counts, EvadedCounts, Judges, Measured, report};
use crate::files::folder;
use crate::perception::Perceiver;
use crate::perception::classifier::shipped;
use crate::perception::learned::{Learned, TEXTS_AT_MOST};
use crate::store::{self, Course};
use crate::stories;
use crate::text::one_line;
use crate::training::read_rows;
use crate::web::control::{CallError, GoBack, Learn, call};
use crate::worker::learning::by_course;

/// Characters of a text that are shown.
const SHOWN: usize = 60;

/// The sample that no model is trained on.
const GATE: &str = include_str!("../../../tests/data/moderation/gate.tsv");

#[derive(Debug, clap::Args)]
pub struct DataArgs {
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct LearnArgs {
    #[command(flatten)]
    folder: DataArgs,
    /// Let the running bot use the outcome from now on 让运行中的机器人马上照它来
    #[arg(long)]
    apply: bool,
    /// Who says so: a userid 谁说的，写账号
    #[arg(long, default_value = "operator")]
    by: String,
    /// Whose golden samples 样本所在的配置
    #[command(flatten)]
    folders: Folders,
}

#[derive(Debug, clap::Args)]
pub struct RollbackArgs {
    /// As `list` shows it; 0 for nothing learned at all 版本，0 是什么都没学
    version: i64,
    /// Who says so: a userid 谁说的，写账号
    #[arg(long, default_value = "operator")]
    by: String,
    #[command(flatten)]
    folder: DataArgs,
}

/// Everything that people have said, oldest first, and which of it counts.
struct Taught {
    version: i64,
    course: Course,
    verdicts: Vec<(i64, Verdict)>,
}

impl Taught {
    fn read(data: &Path) -> anyhow::Result<Self> {
        let reader = store::read(data)?;
        let (version, course) = reader.course()?;
        Ok(Self { version, course, verdicts: reader.latest_verdicts(TEXTS_AT_MOST)? })
    }

    /// Of each message, the number of the last verdict that counts.
    fn last_words(&self) -> HashMap<&EventKey, i64> {
        let counted = self.verdicts.iter().filter(|(number, _)| self.course.counts(*number));
        counted.map(|(number, verdict)| (&verdict.message, *number)).collect()
    }

    /// Whether each verdict counts, in Chinese.
    fn standings(&self) -> impl Iterator<Item = (i64, &Verdict, &'static str)> {
        let last_words = self.last_words();
        self.verdicts.iter().map(move |(number, verdict)| {
            let standing = match last_words.get(&verdict.message) {
                _ if !self.course.counts(*number) => "退回时不再算",
                Some(last) if last > number => "后来改判了",
                _ => "算数",
            };
            (*number, verdict, standing)
        })
    }
}

pub fn list(args: &DataArgs) -> anyhow::Result<bool> {
    let taught = Taught::read(&args.data)?;
    println!(
        "现在是版本 {}，共 {} 条判定 / version {} in force",
        taught.version,
        taught.verdicts.len(),
        taught.version
    );
    for (version, at, course) in store::read(&args.data)?.courses()? {
        println!("版本 {version}  {}  {}", local(at), describe(&course));
    }
    if !taught.verdicts.is_empty() {
        println!();
    }
    for (number, verdict, standing) in taught.standings() {
        let said = if verdict.honest { "误判" } else { "广告" };
        let text = one_line(&verdict.message_text, SHOWN);
        let (at, teacher, group) = (local(verdict.at), &verdict.teacher, &verdict.group);
        println!("{number}  {at}  {said}  {standing}  {teacher} 在 {group}：{text}");
    }
    Ok(true)
}

fn local(at: Timestamp) -> impl std::fmt::Display {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M")
}

/// What a course did, Chinese.
fn describe(course: &Course) -> String {
    match course.back_to {
        Some(0) => format!("{} 退回到什么都没学的时候", course.by),
        Some(version) => format!("{} 退回到版本 {version}", course.by),
        None => format!("{} 把第 {} 条和以前的判定反复学到稳定", course.by, course.settled_to),
    }
}

/// Columns that `moderation evaluate` reads, and who said it.
pub fn export(args: &DataArgs) -> anyhow::Result<bool> {
    let taught = Taught::read(&args.data)?;
    let mut output = io::BufWriter::new(io::stdout().lock());
    writeln!(output, "id\tlabel\tcat\tsrc\ttext\tteacher\tgroup\tat")?;
    for (number, verdict) in &taught.verdicts {
        let label = u8::from(!verdict.honest);
        let [text, teacher, group] =
            [&verdict.message_text, verdict.teacher.as_str(), verdict.group.as_str()].map(escaped);
        writeln!(output, "{number}\t{label}\tverdict\tverdict\t{text}\t{teacher}\t{group}\t{}", verdict.at)?;
    }
    output.flush()?;
    Ok(true)
}

/// As [`crate::training::unescaped`] reads it; a tab becomes a blank.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(['\n', '\r'], "\\n").replace('\t', " ")
}

/// What one state of learning comes to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Outcome {
    /// Verdicts that the bot now gives by itself, of those that count.
    told_right: usize,
    gate: Counts,
    goldens_failed: usize,
}

pub async fn learn(args: &LearnArgs) -> anyhow::Result<bool> {
    let taught = Taught::read(&args.folder.data)?;
    let Some(settled_to) = taught.verdicts.last().map(|(number, _)| *number) else {
        println!("还没有人判过任何消息，没有什么可学 / no verdicts yet");
        return Ok(true);
    };
    let next = Course { settled_to, open_from: settled_to, by: args.by.clone(), back_to: None };
    let before = measure(args, &taught, &taught.course)?;
    let after = measure(args, &taught, &next)?;
    print(taught.verdicts.len(), &before, &after);
    if !args.apply {
        println!("这只是看看；加上 --apply 才会生效 / nothing was changed; --apply does");
        return Ok(true);
    }
    let asked = Learn { settled_to, by: args.by.clone() };
    tell(call(&args.folder.data, "learn", &asked).await, &args.folder.data)
}

pub async fn rollback(args: &RollbackArgs) -> anyhow::Result<bool> {
    let asked = GoBack { version: args.version, by: args.by.clone() };
    tell(call(&args.folder.data, "rollback", &asked).await, &args.folder.data)
}

fn tell(answered: Result<crate::web::control::Answer, CallError>, data: &Path) -> anyhow::Result<bool> {
    match answered {
        Ok(answer) => {
            println!("{}", answer.told);
            Ok(answer.done)
        }
        Err(error @ CallError::NotRunning { .. }) => bail!(
            "机器人没有在这个数据目录（{}）里运行：先启动 zhanggui serve，或用 --data 指到它的数据目录。\n{error}",
            data.display()
        ),
        Err(error @ CallError::NoAnswer(_)) => bail!("机器人没有回答，请看它的日志。\n{error}"),
    }
}

fn measure(args: &LearnArgs, taught: &Taught, course: &Course) -> anyhow::Result<Outcome> {
    let model = shipped();
    let learned = by_course(model.clone(), course, &taught.verdicts);
    let goldens_failed = goldens_failed(args, &learned)?;
    let perceiver = match model.clone() {
        Some(model) => Perceiver::new(&[]).with_classifier(model),
        None => Perceiver::new(&[]),
    };
    let judges = Judges { perceiver, model, baseline: None, learned };
    let mut measured = Measured::default();
    read_rows("gate.tsv", GATE.as_bytes(), |row| measured.add(row, &judges))
        .context("the shipped sample cannot be read")?;
    let gate = report(&measured, &judges, &EvadedCounts::default()).sources.remove("gate");
    let verdicts = taught.verdicts.iter().map(|(_, verdict)| verdict);
    let latest = Verdict::lessons(verdicts);
    let asked = |text: &str| judges.score(text)[0] >= crate::evaluation::ASK_FROM;
    let told_right = latest.iter().filter(|lesson| asked(lesson.text) != lesson.honest).count();
    Ok(Outcome { told_right, gate: gate.unwrap_or_default(), goldens_failed })
}

/// Golden samples and stories that come otherwise with the weights that were learned.
fn goldens_failed(args: &LearnArgs, learned: &Learned) -> anyhow::Result<usize> {
    let (config, scripts) = (args.folders.config(), args.folders.scripts());
    let mut rules = read_files(&config, &scripts)?.rulebook;
    if let Some(model) = learned.model() {
        let perceiver = Arc::into_inner(rules.perceiver).context("the perceiver is in use")?;
        rules.perceiver = Arc::new(perceiver.with_classifier(Arc::clone(model)));
    }
    let sources = folder::read(&config, &scripts);
    let checked = stories::check(&sources, Some(&rules));
    Ok(stories::tell(&checked, rules, &sources).failures.len())
}

fn print(verdicts: usize, before: &Outcome, after: &Outcome) {
    println!("{verdicts} 条判定，反复学到稳定 / verdicts, gone through until they settle:\n");
    println!("| | 现在 before | 学了以后 after |\n| --- | ---: | ---: |");
    let line = |name: &str, figure: fn(&Outcome) -> usize| {
        println!("| {name} | {} | {} |", figure(before), figure(after));
    };
    line("判过的消息自己就能判对 verdicts told right", |outcome| outcome.told_right);
    line("样本里的广告，处理 gate ads acted on", |outcome| outcome.gate.ads_acted);
    line("样本里的广告，处理或请人看 acted on or asked about", |outcome| outcome.gate.ads_asked);
    line("样本里的平常话，处理 honest acted on", |outcome| outcome.gate.honest_acted);
    line("样本里的平常话，处理或请人看 acted on or asked about", |outcome| {
        outcome.gate.honest_asked
    });
    line("不合的故事和样本 golden samples that fail", |outcome| outcome.goldens_failed);
    println!();
}

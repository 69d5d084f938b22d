//! `zhanggui moderation evaluate`: how well advertisements are told from honest talk, on labelled messages; and what
//! people have taught ([`learned`]).

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use clap::{Subcommand, ValueEnum};

use super::Folders;
use super::train::{open, rows_of, tell, unreadable};
use crate::app::read_files;
use crate::evaluation::{Baseline, EvadedCounts, Judges, Measured, Report, report, teach};
use crate::perception::classifier::{Model, shipped};
use crate::perception::learned::Learned;
use crate::training::{read_rows, read_table};

mod learned;

#[derive(Debug, clap::Args)]
pub struct ModerationArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 在标注好的消息上量一量 / measure on labelled messages
    Evaluate(EvaluateArgs),
    /// 机器人从判定里学了什么 / what was learned, and from whom
    List(learned::DataArgs),
    /// 把判定导出成 TSV / all verdicts as TSV
    Export(learned::DataArgs),
    /// 从所有判定重新学一遍 / learn from all verdicts anew
    Learn(learned::LearnArgs),
    /// 退回到以前的版本 / go back to an earlier version
    Rollback(learned::RollbackArgs),
}

#[derive(Debug, clap::Args)]
struct EvaluateArgs {
    /// Labelled messages: columns id, label, cat, src, text 标注消息
    #[arg(value_name = "FILE.tsv", required = true)]
    files: Vec<PathBuf>,
    /// A model instead of the shipped one 换一个模型
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Disguised copies of the messages: columns id (of the parent), trick, text 变形的副本
    #[arg(long, value_name = "FILE.tsv")]
    evaded: Option<PathBuf>,
    /// Labels that were corrected: columns id, audited (0, 1, or x = leave out) 改正过的标注
    #[arg(long, value_name = "FILE.tsv")]
    audited: Option<PathBuf>,
    /// Train a plain linear model on these rows and measure it too 同时量一个普通线性模型
    #[arg(long, value_name = "FILE.tsv")]
    baseline: Option<PathBuf>,
    /// Let a moderator teach first, who watches these rows and gives `--verdicts` verdicts 先由管理员教
    #[arg(long, value_name = "FILE.tsv", requires = "verdicts")]
    taught: Option<PathBuf>,
    /// How many verdicts the moderator gives 管理员判几条
    #[arg(long, value_name = "N", requires = "taught")]
    verdicts: Option<usize>,
    /// How the outcome looks 结果的样子
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Whose lexicons 词库所在的配置
    #[command(flatten)]
    folders: Folders,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables.
    Text,
    /// For programs.
    Json,
}

/// Whether every row could be read.
pub async fn run(args: &ModerationArgs) -> anyhow::Result<bool> {
    match &args.command {
        Command::Evaluate(args) => evaluate(args),
        Command::List(args) => learned::list(args),
        Command::Export(args) => learned::export(args),
        Command::Learn(args) => learned::learn(args).await,
        Command::Rollback(args) => learned::rollback(args).await,
    }
}

fn evaluate(args: &EvaluateArgs) -> anyhow::Result<bool> {
    let (mut judges, mut all_read) = judges(args)?;
    all_read &= taught(args, &mut judges)?;
    let mut measured = Measured::default();
    for path in &args.files {
        let name = path.display().to_string();
        let read = read_rows(&name, open(path)?, |row| measured.add(row, &judges));
        all_read &= tell(&read.with_context(|| unreadable(path))?);
    }
    let (evaded, evaded_read) = evaded(args, &measured, &judges)?;
    all_read &= evaded_read;
    let given = report(&measured, &judges, &evaded);
    all_read &= audit(args, &mut measured)?;
    let audited = args.audited.as_ref().map(|_| report(&measured, &judges, &evaded));
    print(args.format, &given, audited.as_ref())?;
    Ok(all_read)
}

fn taught(args: &EvaluateArgs, judges: &mut Judges) -> anyhow::Result<bool> {
    let (Some(path), Some(verdicts)) = (&args.taught, args.verdicts) else { return Ok(true) };
    let mut rows = Vec::new();
    let all_read = tell(&rows_of(path, &mut rows)?);
    let lessons = teach(judges, &rows, verdicts);
    let honest = lessons.iter().filter(|lesson| lesson.honest).count();
    eprintln!("教了 {} 条，其中 {honest} 条是误判 / verdicts, so many of them honest", lessons.len());
    Ok(all_read)
}

fn judges(args: &EvaluateArgs) -> anyhow::Result<(Judges, bool)> {
    let model = match &args.model {
        None => shipped(),
        Some(path) => {
            let bytes = std::fs::read(path).with_context(|| unreadable(path))?;
            Some(Arc::new(Model::from_bytes(&bytes).with_context(|| path.display().to_string())?))
        }
    };
    let model = model.ok_or_else(|| anyhow!("程序里没有模型 / there is no model in the program"))?;
    let files = read_files(&args.folders.config(), &args.folders.scripts())?;
    let lexicons = Arc::into_inner(files.rulebook.perceiver).context("the perceiver is in use")?;
    let mut rows = Vec::new();
    let mut all_read = true;
    if let Some(path) = &args.baseline {
        all_read = tell(&rows_of(path, &mut rows)?);
    }
    let baseline = args.baseline.as_ref().map(|_| Baseline::train(&rows));
    let perceiver = lexicons.with_classifier(Arc::clone(&model));
    let learned = Learned::over(Some(Arc::clone(&model)));
    Ok((Judges { perceiver, model: Some(model), baseline, learned }, all_read))
}

fn evaded(args: &EvaluateArgs, measured: &Measured, judges: &Judges) -> anyhow::Result<(EvadedCounts, bool)> {
    let mut counts = EvadedCounts::default();
    let Some(path) = &args.evaded else { return Ok((counts, true)) };
    let read =
        read_table(&path.display().to_string(), open(path)?, ["id", "trick", "text"], |[id, trick, text]| {
            let [weight, ..] = judges.score(&crate::training::unescaped(text));
            counts.add(trick, measured.by_id(id), weight);
            Ok(())
        });
    let all_read = tell(&read.with_context(|| unreadable(path))?);
    if counts.orphans > 0 {
        eprintln!("{} 条变形副本找不到原文 / copies without a parent among the rows", counts.orphans);
    }
    Ok((counts, all_read))
}

fn audit(args: &EvaluateArgs, measured: &mut Measured) -> anyhow::Result<bool> {
    let Some(path) = &args.audited else { return Ok(true) };
    let read = read_table(&path.display().to_string(), open(path)?, ["id", "audited"], |[id, audited]| {
        let is_ad = match audited {
            "0" => Some(false),
            "1" => Some(true),
            "x" => None,
            _ => return Err("audited 应当是 0、1 或 x".to_owned()),
        };
        measured.audit(id, is_ad);
        Ok(())
    });
    Ok(tell(&read.with_context(|| unreadable(path))?))
}

fn print(format: Format, given: &Report, audited: Option<&Report>) -> anyhow::Result<()> {
    match format {
        Format::Text => {
            println!("{given}");
            if let Some(audited) = audited {
                println!("With the audited labels:\n{}", audited.mix_table());
            }
        }
        Format::Json => {
            let both = serde_json::json!({ "given": given, "audited": audited });
            println!("{}", serde_json::to_string_pretty(&both).context("cannot write the report")?);
        }
    }
    Ok(())
}

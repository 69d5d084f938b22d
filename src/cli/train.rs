//! `zhanggui train`: makes the classifier's model from labelled messages and the project's own corpus.
//!
//! The same files and the same program give the same bytes. Beside the model its recipe is written: sources with
//! checksums, the plan, and the model's own checksum.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::perception::classifier::Model;
use crate::training::{Corpus, Mistakes, Part, Plan, Row, ordinary, read_rows, train};

mod recipe;

use recipe::{Recipe, Source};

#[derive(Debug, clap::Args)]
pub struct TrainArgs {
    /// Labelled messages that may be trained on: columns id, label, cat, src, text 可以用来训练的标注消息
    #[arg(long, value_name = "FILE.tsv", num_args = 1.., required = true)]
    open: Vec<PathBuf>,
    /// The project's own corpus 自己写的语料
    #[arg(long, value_name = "DIR", default_value = "data/corpus")]
    corpus: PathBuf,
    /// Where the model goes; its recipe goes beside it 模型写到哪里
    #[arg(long, value_name = "FILE", required_unless_present = "ordinary")]
    out: Option<PathBuf>,
    /// Where the table of ordinary grams goes 常用片段表写到哪里
    #[arg(long, value_name = "FILE")]
    ordinary: Option<PathBuf>,
    /// The licence of the labelled messages, for the recipe 标注消息的许可
    #[arg(long, default_value = "MIT, Apache-2.0")]
    licence: String,
}

pub fn run(args: &TrainArgs) -> anyhow::Result<bool> {
    let mut sources = Vec::new();
    let mut rows = Vec::new();
    let mut all_read = true;
    for path in &args.open {
        let before = rows.len();
        all_read &= tell(&rows_of(path, &mut rows)?);
        let source = Source::file(path, rows.len() - before, &args.licence)?;
        sources.push(source);
    }
    let corpus = corpus_of(&args.corpus)?;
    sources.push(Source::folder(&args.corpus, &corpus)?);
    if rows.is_empty() && corpus.ads.is_empty() {
        bail!("没有可以训练的消息 / nothing to train on");
    }
    let plan = Plan::default();
    if let Some(out) = &args.ordinary {
        let table = ordinary(&rows, &corpus, &plan);
        fs::write(out, table.to_bytes()).with_context(|| unwritable(out))?;
    }
    if let Some(out) = &args.out {
        let model = train(&rows, &corpus, &plan, |step| eprintln!("training: {step}"));
        write(out, &model, &Recipe { sources: &sources, plan: &plan })?;
    }
    Ok(all_read)
}

/// The labelled messages of a file, added to `rows`.
pub(super) fn rows_of(path: &Path, rows: &mut Vec<Row>) -> anyhow::Result<Mistakes> {
    let input = open(path)?;
    read_rows(&path.display().to_string(), input, |row| rows.push(row)).with_context(|| unreadable(path))
}

pub(super) fn open(path: &Path) -> anyhow::Result<std::io::BufReader<fs::File>> {
    fs::File::open(path).map(std::io::BufReader::new).with_context(|| unreadable(path))
}

pub(super) fn unreadable(path: &Path) -> String {
    format!("{} 读不了 / cannot be read", path.display())
}

fn unwritable(path: &Path) -> String {
    format!("{} 写不了 / cannot be written", path.display())
}

/// Prints what was broken; whether nothing was.
pub(super) fn tell(mistakes: &Mistakes) -> bool {
    mistakes.told.iter().for_each(|told| eprintln!("{told}"));
    if mistakes.count > mistakes.told.len() {
        eprintln!("…一共 {} 行有问题 / {} broken rows", mistakes.count, mistakes.count);
    }
    mistakes.count == 0
}

fn corpus_of(folder: &Path) -> anyhow::Result<Corpus> {
    let mut corpus = Corpus::default();
    let read = |path: &Path| fs::read_to_string(path).with_context(|| unreadable(path));
    corpus.read_slots("slots.txt", &read(&folder.join("slots.txt"))?).map_err(anyhow::Error::msg)?;
    for (part, name) in [(Part::Ads, "ads"), (Part::Chat, "chat")] {
        for path in text_files(&folder.join(name))? {
            let family = path.file_stem().unwrap_or_default().to_string_lossy();
            corpus.read_family(part, &family, &read(&path)?);
        }
    }
    corpus.check().map_err(anyhow::Error::msg)?;
    Ok(corpus)
}

/// The `.txt` files of a folder by name, as the order decides about the result.
fn text_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| unreadable(folder))?;
    let mut files = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .with_context(|| unreadable(folder))?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    files.sort();
    Ok(files)
}

fn write(out: &Path, model: &Model, recipe: &Recipe<'_>) -> anyhow::Result<()> {
    let bytes = model.to_bytes();
    let text = recipe.text(model, &bytes);
    let beside = out.with_extension("recipe.txt");
    for (path, content) in [(out, &*bytes), (&*beside, text.as_bytes())] {
        fs::write(path, content).with_context(|| unwritable(path))?;
    }
    println!("{}: {} bytes, recipe in {}", out.display(), bytes.len(), beside.display());
    Ok(())
}

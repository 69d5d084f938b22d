//! `zhanggui schema`: what editors need to complete and explain the files, and the page to look
//! things up in.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use crate::app::write_schemas;
use crate::files::{Diagnostic, Sources, nearest};
use crate::rules::written::schema::{FileSchema, KINDS, check_lines, json, reference};

#[derive(Args, Clone, Debug)]
pub struct SchemaArgs {
    /// 哪种文件；不写就列出全部 / kind of file; without one, all are listed or written
    #[arg(value_name = "KIND")]
    pub kind: Option<String>,
    /// 写进这个文件夹，不打印 / write KIND.schema.json into this folder instead of printing
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// 打印文件参考（docs/FILES.md）/ print the reference of every file and key
    #[arg(long, conflicts_with_all = ["kind", "out"])]
    pub reference: bool,
}

pub fn run(args: &SchemaArgs) -> anyhow::Result<()> {
    if args.reference {
        print!("{}", reference());
        return Ok(());
    }
    let kind = args.kind.as_deref().map(kind).transpose()?;
    match (kind, &args.out) {
        (Some(kind), None) => print!("{}", json(kind)?),
        (Some(kind), Some(folder)) => write(&[kind], folder)?,
        (None, Some(folder)) => write(KINDS, folder)?,
        (None, None) => print!("{}", list()),
    }
    Ok(())
}

/// Warnings of `#:schema` lines, for `zhanggui check`; the bot itself needs no schemas.
pub fn lines(sources: &Sources) -> Vec<Diagnostic> {
    check_lines(sources, Path::exists)
}

fn kind(name: &str) -> anyhow::Result<&'static FileSchema> {
    FileSchema::named(name).with_context(|| {
        let meant = nearest(name, KINDS.iter().map(|kind| kind.name));
        let meant = meant.map(|meant| format!("是不是想写 {meant}？")).unwrap_or_default();
        format!("没有 {name} 这种文件。{meant}有这些：\n{}", list())
    })
}

fn list() -> String {
    let width = KINDS.iter().map(|kind| kind.name.len()).max().unwrap_or_default();
    let place = KINDS.iter().map(|kind| kind.place.len()).max().unwrap_or_default();
    KINDS
        .iter()
        .map(|kind| {
            let doc = kind.spec.doc.trim().trim_end_matches('。');
            format!("{:width$}  {:place$}  {doc}\n", kind.name, kind.place)
        })
        .collect()
}

fn write(kinds: &[&FileSchema], folder: &Path) -> anyhow::Result<()> {
    write_schemas(kinds, folder)
        .with_context(|| format!("{} 写不进去 / cannot be written", folder.display()))?;
    println!("写好了 {} 个文件：{} ({} files)", kinds.len(), folder.display(), kinds.len());
    Ok(())
}

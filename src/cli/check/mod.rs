//! `zhanggui check`: every mistake of the files at once, what a brand may not say, and what each group
//! cannot hear.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::compliance::{self, RULES};
use crate::files::{Diagnostic, Look, Severity, folder, nearest, render};
use crate::rules::compile;
use crate::stories;

mod github;
mod limits;
mod narrow;
mod sarif;

use narrow::Narrowed;

#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// Report only on these files and folders; everything is still read 只报这些文件
    #[arg(value_name = "PATHS")]
    pub paths: Vec<PathBuf>,
    /// Folder of the configuration.
    #[arg(long, value_name = "DIR", default_value = "config", env = "ZHANGGUI_CONFIG")]
    pub config: PathBuf,
    /// Folder of the scripts; by default `bot-scripts` inside the configuration or beside it.
    #[arg(long, value_name = "DIR")]
    pub scripts: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Warnings fail, too 有警告也算不合格
    #[arg(long)]
    pub strict: bool,
    /// The day on which the files are judged, like 2026-11-21; today by default 按哪一天算有没有过期
    #[arg(long, value_name = "DATE", env = "ZHANGGUI_CHECK_ON")]
    pub on: Option<Date>,
    /// List the compliance rules 列出合规规则
    #[arg(long, conflicts_with = "explain")]
    pub rules: bool,
    /// Explain a compliance rule, or `all` of them 解释一条合规规则
    #[arg(long, value_name = "RULE")]
    pub explain: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// An array of mistakes for editors and CI.
    Json,
    /// Workflow commands, shown beside the changed lines.
    Github,
    /// SARIF 2.1.0 for code hosts.
    Sarif,
}

/// Checks and prints; `false` when something keeps the files from being used.
pub fn run(args: &CheckArgs) -> anyhow::Result<bool> {
    let mut out = io::stdout().lock();
    let look = if out.is_terminal() { Look::Coloured } else { Look::Plain };
    let (text, good) = output(args, look)?;
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("输出写不出去 / cannot write the output")?;
    Ok(good)
}

fn output(args: &CheckArgs, look: Look) -> anyhow::Result<(String, bool)> {
    if args.rules {
        return Ok((compliance::list(), true));
    }
    match &args.explain {
        Some(rule) => Ok((explain(rule)?, true)),
        None => check(args, look, moment(args.on)?),
    }
}

/// Noon UTC of the day: in every time zone from -12 to +11 hours this is the same day.
fn moment(on: Option<Date>) -> anyhow::Result<Timestamp> {
    let Some(day) = on else { return Ok(Clock::system().now()) };
    let midnight = day.to_zoned(TimeZone::UTC).context("没有这一天 / no such day")?.timestamp();
    Ok(midnight + SignedDuration::from_hours(12))
}

/// The word that explains every rule.
const ALL: &str = "all";

fn explain(id: &str) -> anyhow::Result<String> {
    if id == ALL {
        return Ok(compliance::all_pages());
    }
    if let Some(rule) = compliance::rule(id) {
        return Ok(compliance::page(rule));
    }
    let meant = nearest(id, RULES.iter().map(|rule| rule.id()));
    let hint =
        meant.map_or_else(|| "--rules 列出所有规则".to_owned(), |meant| format!("是不是想写 {meant}？"));
    bail!("没有叫 {id:?} 的合规规则，{hint} / no such rule")
}

/// The whole output, and whether it is good.
fn check(args: &CheckArgs, look: Look, now: Timestamp) -> anyhow::Result<(String, bool)> {
    let scripts = args.scripts.clone().unwrap_or_else(|| folder::scripts_of(&args.config));
    let mut sources = folder::read(&args.config, &scripts).at(now);
    sources.problems.extend(super::schema::lines(&sources));
    let (mut diagnostics, rulebook) = match compile(&sources) {
        Ok(compiled) => (compiled.warnings, Some(compiled.rulebook)),
        Err(diagnostics) => (diagnostics, None),
    };
    diagnostics.extend(stories::check(&sources, rulebook.as_ref()).diagnostics);
    let narrowed = Narrowed::to(diagnostics, &args.paths)?;
    let told = &narrowed.told;
    let text = match args.format {
        Format::Json => json(told)?,
        Format::Github => github::github(told),
        Format::Sarif => sarif::sarif(told),
        Format::Text => {
            let limits = rulebook.as_ref().filter(|_| args.paths.is_empty()).map(limits::limits);
            render(told, look)
                + &limits.unwrap_or_default()
                + &summary(sources.files.len(), &narrowed, rulebook.is_some())
        }
    };
    let count = |severity| told.iter().filter(|one| one.severity == severity).count();
    let good = count(Severity::Error) == 0 && !(args.strict && count(Severity::Warning) > 0);
    Ok((text, good))
}

fn json(diagnostics: &[Diagnostic]) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(diagnostics)? + "\n")
}

fn summary(files: usize, narrowed: &Narrowed, usable: bool) -> String {
    let count = |severity| narrowed.told.iter().filter(|one| one.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    let verdict = if usable { "可以用" } else { "还不能用" };
    let noted = if notes > 0 { format!("，{notes} 处提示") } else { String::new() };
    let elsewhere = match narrowed.errors_elsewhere {
        0 => String::new(),
        errors => format!("别的文件里还有 {errors} 处错误 ({errors} errors elsewhere)\n"),
    };
    format!(
        "{verdict}：{files} 个文件，{errors} 处错误，{warnings} 处警告{noted} \
         ({files} files, {errors} errors, {warnings} warnings)\n{elsewhere}"
    )
}

#[cfg(test)]
mod tests;

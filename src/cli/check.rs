//! `zhanggui check`: every mistake of the files at once, and what each group cannot hear.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::files::{Diagnostic, Look, folder, render};
use crate::rules::{GroupRule, Profile, Rulebook, Sleep, compile, handling, hearing};
use crate::stories;

#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// Folder of the configuration.
    #[arg(long, value_name = "DIR", default_value = "config", env = "ZHANGGUI_CONFIG")]
    pub config: PathBuf,
    /// Folder of the scripts; by default `bot-scripts` inside the configuration or beside it.
    #[arg(long, value_name = "DIR")]
    pub scripts: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// An array of mistakes for editors and CI.
    Json,
}

/// Checks and prints; fails when there is an error.
pub fn run(args: &CheckArgs) -> bool {
    let mut out = io::stdout().lock();
    let look = if out.is_terminal() { Look::Coloured } else { Look::Plain };
    let (text, good) = check(args, look);
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => good,
        Err(error) => {
            eprintln!("zhanggui check: {error}");
            false
        }
    }
}

/// The whole output, and whether the files can be used.
fn check(args: &CheckArgs, look: Look) -> (String, bool) {
    let scripts = args.scripts.clone().unwrap_or_else(|| folder::scripts_of(&args.config));
    let sources = folder::read(&args.config, &scripts);
    let (mut diagnostics, rulebook) = match compile(&sources) {
        Ok(compiled) => (compiled.warnings, Some(compiled.rulebook)),
        Err(diagnostics) => (diagnostics, None),
    };
    diagnostics.extend(stories::check(&sources, rulebook.as_ref()).diagnostics);
    let good = !diagnostics.iter().any(Diagnostic::is_error);
    let text = match args.format {
        Format::Json => json(&diagnostics),
        Format::Text => {
            let mut text = render(&diagnostics, look);
            if let Some(rulebook) = &rulebook {
                text.push_str(&limits(rulebook));
            }
            text + &summary(sources.files.len(), &diagnostics)
        }
    };
    (text, good)
}

fn json(diagnostics: &[Diagnostic]) -> String {
    serde_json::to_string_pretty(diagnostics).map_or_else(|error| error.to_string(), |text| text + "\n")
}

fn summary(files: usize, diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|one| one.is_error()).count();
    let warnings = diagnostics.len() - errors;
    let verdict = if errors == 0 { "可以用" } else { "还不能用" };
    format!(
        "{verdict}：{files} 个文件，{errors} 处错误，{warnings} 处警告 \
         ({files} files, {errors} errors, {warnings} warnings)\n"
    )
}

/// What sleeps needs no hands.
fn limits_of(rule: &GroupRule, profile: &Profile) -> Vec<String> {
    let sleeping = hearing(rule, profile);
    let asleep =
        |section: &str| sleeping.iter().any(|one| one.section == section && one.sleep == Sleep::Whole);
    let handled = handling(rule, profile).into_iter().filter(|gap| !asleep(gap.section));
    let handled = handled.map(|gap| format!("[{}] 靠人：{}", gap.section, gap.why()));
    let heard = sleeping.iter().map(|one| {
        let degree = match one.sleep {
            Sleep::Whole => "睡着",
            Sleep::Partly => "打折",
        };
        format!("[{}] {degree}：{}", one.section, one.why)
    });
    heard.chain(handled).collect()
}

/// More places in one line than people read.
const PLACES_SHOWN: usize = 3;

/// What groups cannot hear, and what they need people for; groups with the same limits together.
fn limits(rulebook: &Rulebook) -> String {
    let mut same: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
    for rule in rulebook.groups.iter() {
        let Some(profile) = rulebook.profiles.get(&*rule.profile) else { continue };
        let lines = limits_of(rule, profile);
        match same.iter_mut().find(|(other, _)| *other == lines) {
            _ if lines.is_empty() => {}
            Some((_, places)) => places.push(&rule.place),
            None => same.push((lines, vec![&rule.place])),
        }
    }
    if same.is_empty() {
        return String::new();
    }
    let mut text = "有些群听不全、做不全（平台只允许这样）：\n".to_owned();
    for (lines, places) in same {
        let shown = places[..places.len().min(PLACES_SHOWN)].join("、");
        let more =
            if places.len() > PLACES_SHOWN { format!(" 等 {} 条", places.len()) } else { String::new() };
        text.push_str(&format!("  {shown}{more}\n"));
        lines.iter().for_each(|line| text.push_str(&format!("    {line}\n")));
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{SourceFile, Sources};

    const SERVER: &str = r#"
        [server]
        [brand]
        id = "example"
        name = "山谷小铺（示例品牌）"
        ops = ["lin.yun"]
        [wecom]
        [[wecom.app]]
        id = "assistant"
        corp_id = "ww0000000000000000"
        agent_id = 1000002
        secret = "env:SECRET"
        token = ["env:TOKEN"]
        encoding_aes_key = ["env:AES_KEY"]
    "#;

    #[test]
    fn a_missing_folder_fails_in_both_formats() {
        let config = std::env::temp_dir().join("zhanggui-check-nowhere/config");
        let mut args = CheckArgs { config, scripts: None, format: Format::Text };
        let (text, good) = check(&args, Look::Plain);
        assert!(
            !good
                && text.ends_with("还不能用：0 个文件，1 处错误，1 处警告 (0 files, 1 errors, 1 warnings)\n"),
            "{text}"
        );
        args.format = Format::Json;
        let (text, good) = check(&args, Look::Plain);
        let told: Vec<serde_json::Map<String, serde_json::Value>> =
            serde_json::from_str(&text).expect("JSON");
        let keys: Vec<&str> = told[0].keys().map(String::as_str).collect();
        assert!(!good && told.len() == 2);
        let expected =
            ["code", "column", "end_column", "end_line", "file", "hint", "line", "message", "severity"];
        assert_eq!(keys, expected);
        assert_eq!(told[1]["severity"], "error");
    }

    #[test]
    fn groups_with_the_same_limits_are_told_once() {
        let group = |name: &str| {
            format!("[[group]]\nmatch = {{ name = \"{name}\" }}\nprofile = \"base\"\nears = []\n")
        };
        let files = vec![
            SourceFile::new("config/zhanggui.toml", SERVER),
            SourceFile::new("config/profiles/base.toml", "name = \"通用\""),
            SourceFile::new("config/groups/a.toml", ["甲", "乙", "丙", "丁"].map(group).concat()),
        ];
        let rulebook = compile(&Sources::new(files)).expect("good files").rulebook;
        let expected = "有些群听不全、做不全（平台只允许这样）：\n  \
            config/groups/a.toml:1、config/groups/a.toml:5、config/groups/a.toml:9 等 4 条\n    \
            [moderation] 睡着：没有能听到群消息的耳朵（group-robot 或 archive），广告和刷屏都发现不了\n\n";
        assert_eq!(limits(&rulebook), expected);
    }
}

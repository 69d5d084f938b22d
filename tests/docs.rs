//! Pages are followed word by word: every file that a page shows is written, every command that it
//! shows is run, in order, in a folder with the example brand, and must say what the page says.
//!
//! A block with a path behind its language is a file (with `>>` before it: the end of one). A block
//! `console` holds commands after `$ ` and what they say. A comment that begins with `$ ` does
//! silently what the text around it says a person does in the editor. Any other block of `toml` must
//! at least be TOML.
//!
//! After a change of what a command says: `UPDATE_DOCS=1 cargo test --test main docs`, then read
//! the difference.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::example_brand;

/// Nothing that a page shows takes longer; what does has no end.
const SECONDS_AT_MOST: &str = "60";

#[test]
fn scripts_page_is_true() {
    follow("docs/scripts.md");
}

#[test]
fn schedules_page_is_true() {
    follow("docs/schedules.md");
}

#[test]
fn ops_in_git_page_is_true() {
    follow("docs/ops-in-git.md");
}

#[test]
fn campaigns_page_is_true() {
    follow("docs/campaigns.md");
}

#[test]
fn cascades_page_is_true() {
    follow("docs/cascades.md");
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn follow(page: &str) {
    let path = root().join(page);
    let text = fs::read_to_string(&path).expect("the page");
    let folder = example_brand();
    let mut followed = String::new();
    let mut lines = text.lines();
    let (mut files, mut commands) = (0, 0);
    while let Some(line) = lines.next() {
        followed.push_str(&format!("{line}\n"));
        if let Some(command) = line.strip_prefix("<!-- $ ").and_then(|rest| rest.strip_suffix(" -->")) {
            assert_eq!(output(command, folder.path()), "", "{page}: {command}");
        }
        let Some(info) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let (language, file) = info.split_once(' ').unwrap_or((info, ""));
        let mut shown: String = block.iter().map(|line| format!("{line}\n")).collect();
        if language == "console" {
            commands += 1;
            shown = run(&block, folder.path());
        } else if !file.is_empty() {
            files += 1;
            write(folder.path(), file, &shown);
        } else if language == "toml" {
            let parsed = shown.parse::<toml::Table>();
            assert!(parsed.is_ok(), "{page} shows what is no TOML: {parsed:?}\n{shown}");
        }
        followed.push_str(&format!("{shown}```\n"));
    }
    assert!(files > 0 && commands > 0, "{page} shows {files} files and {commands} blocks of commands");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, followed).expect("to write the page");
    } else {
        assert!(followed == text, "{page} is not true any more:\n{}", first_difference(&text, &followed));
    }
}

/// The commands of a block, each with what it really says.
fn run(block: &[&str], folder: &Path) -> String {
    let commands = block.iter().filter_map(|line| line.strip_prefix("$ "));
    commands.map(|command| format!("$ {command}\n{}", output(command, folder))).collect()
}

fn output(command: &str, folder: &Path) -> String {
    let programs = Path::new(env!("CARGO_BIN_EXE_zhanggui")).parent().expect("a folder");
    let paths = std::env::var("PATH").expect("PATH");
    let said = Command::new("timeout")
        .args([SECONDS_AT_MOST, "sh", "-c", &format!("exec 2>&1\n{command}")])
        .current_dir(folder)
        .env("PATH", format!("{}:{paths}", programs.display()))
        .env("LC_ALL", "C.UTF-8")
        // What a page shows shall not change because a day has passed.
        .env("ZHANGGUI_CHECK_ON", "2026-11-21")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs(["GIT_AUTHOR", "GIT_COMMITTER"].into_iter().flat_map(|who| {
            [(format!("{who}_NAME"), "林云"), (format!("{who}_EMAIL"), "lin.yun@example.com")]
        }))
        .output()
        .expect("a shell");
    assert_ne!(said.status.code(), Some(124), "{command} does not end");
    let text = String::from_utf8(said.stdout).expect("UTF-8");
    if text.is_empty() || text.ends_with('\n') { text } else { text + "\n" }
}

/// A folder as a brand has it: the shipped files and schemas.
/// A path after `>>` is of a file that is there already and gets longer.
fn write(folder: &Path, file: &str, text: &str) {
    let more = file.strip_prefix(">>");
    let path = folder.join(more.unwrap_or(file));
    let before = more.map(|_| fs::read_to_string(&path).expect("a file to go on with"));
    fs::create_dir_all(path.parent().expect("a folder")).expect("its folder");
    fs::write(path, before.unwrap_or_default() + text).expect("a file");
}

fn first_difference(text: &str, followed: &str) -> String {
    let differs = |(_, (one, other)): &(usize, (&str, &str))| one != other;
    let pairs = text.lines().zip(followed.lines()).enumerate();
    pairs.into_iter().find(differs).map_or_else(
        || "one is longer than the other".to_owned(),
        |(at, (said, is))| format!("line {}\n  the page: {said}\n  in truth: {is}", at + 1),
    )
}

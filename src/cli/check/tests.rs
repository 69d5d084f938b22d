//! Every format against what is kept in `tests/data/check`. After a change of a sentence:
//! `UPDATE_MISTAKES=1 cargo test --lib cli::check`, then read the difference.

use std::path::Path;

use serde_json::Value;

use super::*;
use crate::files::{SourceFile, Sources};

const NOW: &str = "2026-11-21T09:00:00+08:00";

fn args(config: PathBuf) -> CheckArgs {
    let format = Format::Text;
    CheckArgs {
        paths: Vec::new(),
        config,
        scripts: None,
        format,
        strict: false,
        on: None,
        rules: false,
        explain: None,
    }
}

fn now() -> Timestamp {
    NOW.parse().expect("a moment")
}

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/check").join(name)
}

/// The files of a case: each after a line `=== NAME`.
fn sources(case: &str) -> Sources {
    let case = std::fs::read_to_string(kept(case)).expect("the case");
    let files = case.split("=== ").skip(1).filter_map(|part| part.split_once('\n'));
    Sources::new(files.map(|(name, text)| SourceFile::new(name, text)).collect()).at(now())
}

fn diagnostics(case: &str) -> Vec<Diagnostic> {
    compile(&sources(case)).map_or_else(|errors| errors, |compiled| compiled.warnings)
}

fn assert_kept(name: &str, text: &str) {
    if std::env::var_os("UPDATE_MISTAKES").is_some() {
        std::fs::write(kept(name), text).expect("to write what is told");
    }
    let expected = std::fs::read_to_string(kept(name)).expect("what is kept");
    assert!(text == expected, "{name} differs; now it is:\n{text}");
}

#[test]
fn each_format_tells_the_same() {
    for case in ["errors", "warnings"] {
        let told = diagnostics(&format!("{case}.txt"));
        assert_kept(&format!("{case}.text"), &render(&told, Look::Plain));
        assert_kept(&format!("{case}.json"), &json(&told).expect("JSON"));
        assert_kept(&format!("{case}.github"), &github::github(&told));
        assert_kept(&format!("{case}.sarif"), &sarif::sarif(&told));
    }
}

/// What the published schema of SARIF 2.1.0 requires of the parts that we write.
#[test]
fn the_sarif_log_is_as_its_schema_wants_it() {
    let told = diagnostics("errors.txt");
    let log: Value = serde_json::from_str(&sarif::sarif(&told)).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"].as_array().map(Vec::len), Some(1));
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert!(driver["name"].is_string());
    assert!(["unicodeCodePoints", "utf16CodeUnits"].contains(&run["columnKind"].as_str().expect("a kind")));
    let rules = driver["rules"].as_array().expect("rules");
    let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().expect("an id")).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "each rule once: {ids:?}");
    let helped = rules.iter().find(|rule| rule["id"] == "compliance/absolute-terms").expect("found");
    assert!(helped["help"]["text"].as_str().is_some_and(|text| text.contains("广告法")));
    assert_eq!(helped["defaultConfiguration"]["level"], "error");
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), told.len());
    for (result, diagnostic) in results.iter().zip(&told) {
        let rule = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(result["ruleId"], ids[rule]);
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().expect("a level")));
        assert!(result["message"]["text"].as_str().is_some_and(|text| text.starts_with(&diagnostic.message)));
        let location = &result["locations"][0]["physicalLocation"];
        let uri = location["artifactLocation"]["uri"].as_str().expect("a uri");
        assert!(uri.is_ascii() && !uri.contains(' ') && !uri.contains('\\'), "{uri}");
        let at = |key: &str| location["region"][key].as_u64().filter(|at| *at >= 1).expect("from 1");
        assert!((at("startLine"), at("startColumn")) <= (at("endLine"), at("endColumn")));
    }
}

#[test]
fn columns_count_characters() {
    let found = diagnostics("errors.txt");
    let at = |line: usize| {
        let one = found.iter().find(|one| one.line == line && one.code == "compliance/absolute-terms");
        let one = one.unwrap_or_else(|| panic!("nothing on line {line}"));
        (one.column, one.end_column)
    };
    assert_eq!(at(8), (7, 15), "全網 最 低 价");
    assert_eq!(at(9), (10, 12), "最好, after tabs");
    assert_eq!(at(16), (31, 49), "escaped 国家级");
}

/// A bot must not stay down because a day has passed.
#[test]
fn without_a_day_nothing_expires() {
    let judged = |sources: &Sources| -> Vec<(usize, &str)> {
        let told = compile(sources).map_or_else(|errors| errors, |compiled| compiled.warnings);
        told.into_iter().map(|one| (one.line, one.code)).collect()
    };
    let mut sources = sources("errors.txt");
    let by_day = judged(&sources);
    sources.now = None;
    let at_start = judged(&sources);
    let gone: Vec<_> = by_day.into_iter().filter(|one| !at_start.contains(one)).collect();
    let expected = [
        (51, "expired-waiver"),
        (53, "compliance/absolute-terms"),
        (59, "expired-script"),
        (67, "expiring-script"),
    ];
    assert_eq!(gone, expected);
}

#[test]
fn a_missing_folder_fails_in_every_format() {
    let mut args = args(std::env::temp_dir().join("zhanggui-check-nowhere/config"));
    let mut told = |format| {
        args.format = format;
        let (text, good) = check(&args, Look::Plain, now()).expect("it could run");
        assert!(!good, "{text}");
        text
    };
    assert!(
        told(Format::Text)
            .ends_with("还不能用：0 个文件，2 处错误，0 处警告 (0 files, 2 errors, 0 warnings)\n")
    );
    assert_eq!(told(Format::Github).lines().count(), 2);
    assert!(told(Format::Sarif).contains("no-config-folder"));
    let list: Vec<serde_json::Map<String, Value>> = serde_json::from_str(&told(Format::Json)).expect("JSON");
    let keys: Vec<&str> = list[0].keys().map(String::as_str).collect();
    let expected =
        ["code", "column", "end_column", "end_line", "file", "hint", "line", "message", "severity"];
    assert_eq!(keys, expected);
    assert_eq!(list[1]["severity"], "error");
}

/// A folder with the files of a case.
fn scratch(case: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in sources(case).files {
        let path = folder.path().join(&file.name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
        std::fs::write(path, &*file.text).expect("the file");
    }
    folder
}

#[test]
fn paths_narrow_the_report_and_what_fails() {
    let folder = scratch("errors.txt");
    let mut args = args(folder.path().join("config"));
    let told = |args: &CheckArgs| check(args, Look::Plain, now()).expect("it could run");
    assert!(!told(&args).1);
    args.paths = vec![folder.path().join("config")];
    let (text, good) = told(&args);
    assert!(good, "{text}");
    assert!(
        text.starts_with("还不能用：2 个文件，0 处错误，0 处警告") && text.contains("别的文件里还有"),
        "{text}"
    );
    args.paths = vec![folder.path().join("bot-scripts/promotion")];
    assert!(!told(&args).1);
    args.paths = vec![folder.path().join("nowhere")];
    assert!(check(&args, Look::Plain, now()).is_err());
}

#[test]
fn strict_fails_on_warnings() {
    let folder = scratch("warnings.txt");
    let mut args = args(folder.path().join("config"));
    assert!(check(&args, Look::Plain, now()).expect("it could run").1);
    args.strict = true;
    assert!(!check(&args, Look::Plain, now()).expect("it could run").1);
}

#[test]
fn rules_are_listed_and_explained() {
    assert!(explain("absolute-terms").expect("a rule").contains("广告法"));
    assert!(explain("compliance/absolute-terms").is_ok());
    assert!(explain("all").expect("all").contains("## moments"));
    let unknown = explain("absolut-terms").expect_err("no such rule").to_string();
    assert!(unknown.contains("是不是想写 absolute-terms"), "{unknown}");
}

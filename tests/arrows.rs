//! The arrow rule of `src/lib.rs`: a room may use the rooms below it, and nothing above or beside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// From the bottom up; rooms on one line do not know each other.
const FLOORS: &[&[&str]] = &[
    &["allocator", "clock", "text"],
    &["telemetry", "files", "git"],
    &["timetable", "scripts", "perception", "compliance"],
    &["rules", "training"],
    &["decision", "evaluation", "poster"],
    &["channels", "store", "stories", "replay"],
    &["web", "worker", "sim"],
    &["app"],
    &["cli"],
];

/// Rooms that know no runtime, network, SQL, file or clock.
const PURE: &[&str] = &[
    "text",
    "timetable",
    "scripts",
    "perception",
    "compliance",
    "rules",
    "training",
    "decision",
    "evaluation",
    "poster",
    "stories",
    "replay",
];

/// What a pure room may not name, and why that would make it impure.
const IMPURE: &[&str] = &[
    "tokio",
    "axum",
    "reqwest",
    "rusqlite",
    "hyper",
    "std::fs",
    "TcpListener",
    "TcpStream",
    "UdpSocket",
    "std::env",
    "std::time::SystemTime",
    "std::time::Instant",
    "crate::clock",
    "crate::telemetry",
    "tracing",
];

#[test]
fn arrows_point_down_only() {
    let floors: BTreeMap<&str, usize> = FLOORS
        .iter()
        .enumerate()
        .flat_map(|(floor, rooms)| rooms.iter().map(move |room| (*room, floor)))
        .collect();
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for (room, file, line) in lines_of_code() {
        let own =
            *floors.get(room.as_str()).unwrap_or_else(|| panic!("{room} has no floor in tests/arrows.rs"));
        for used in rooms_named(&line) {
            let Some(&floor) = floors.get(used.as_str()) else { continue };
            arrows += 1;
            if used != room && floor >= own {
                wrong.push(format!("{}: {room} → {used}: {}", file.display(), line.trim()));
            }
        }
    }
    assert!(arrows > 100, "only {arrows} arrows were found: does this test still read the sources?");
    assert!(wrong.is_empty(), "arrows that point up or sideways:\n{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_touch_nothing() {
    let mut wrong = Vec::new();
    for (room, file, line) in lines_of_code() {
        if PURE.contains(&room.as_str())
            && let Some(impure) = IMPURE.iter().find(|impure| names(&line, impure))
        {
            wrong.push(format!("{}: {room} is pure but names {impure}: {}", file.display(), line.trim()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every line of production code: its room, its file, the line. Comments and test modules are left out.
fn lines_of_code() -> Vec<(String, PathBuf, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut lines = Vec::new();
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).expect("a file below src");
        let first = inside.components().next().expect("a name").as_os_str().to_string_lossy();
        let room = first.trim_end_matches(".rs").to_owned();
        let is_test =
            file.ends_with("tests.rs") || inside.components().any(|part| part.as_os_str() == "tests");
        if room == "lib" || room == "main" || is_test {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a readable source file");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            lines.push((room.clone(), file.clone(), line.to_owned()));
        }
    }
    lines
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The rooms behind each `crate::` of a line, also in `crate::{a, b::c}`.
fn rooms_named(line: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for rest in line.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => rooms.extend(list.split(',').map(first_word)),
            None => rooms.push(first_word(rest)),
        }
    }
    rooms
}

fn first_word(text: &str) -> String {
    text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn names(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + path.len()..].chars().next();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            && !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

#[test]
fn the_reading_of_use_lines_is_right() {
    assert_eq!(rooms_named("use crate::decision::{Act, Hand};"), ["decision"]);
    assert_eq!(rooms_named("use crate::{text, rules::Hand};"), ["text", "rules"]);
    assert!(names("use tokio::sync::mpsc;", "tokio"));
    assert!(!names("let tokio_like = 1;", "tokio"));
}

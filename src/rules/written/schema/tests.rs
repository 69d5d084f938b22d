//! The schemas, the page and the lines at the start of files are what the declarations say.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::files::{SourceFile, Sources, folder};
use crate::rules::written::PLACES;

mod agreement;
mod judge;
mod patterns;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files of the example brand.
fn shipped() -> Sources {
    let sources = folder::read(&root().join("config"), &root().join("bot-scripts"));
    assert!(sources.problems.is_empty() && sources.files.len() > 30, "{:?}", sources.problems);
    sources
}

#[test]
fn committed_schemas_are_current() {
    let folder = root().join("schemas");
    for kind in KINDS {
        let committed = fs::read_to_string(folder.join(kind.file_name())).unwrap_or_default();
        let made = json(kind).expect("a schema");
        assert!(
            committed == made,
            "{} is stale: cargo run -- schema --out schemas",
            folder.join(kind.file_name()).display()
        );
    }
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let mut expected: Vec<String> = KINDS.iter().map(|kind| kind.file_name()).collect();
    expected.sort();
    assert_eq!(names, expected, "nothing else stands in schemas/");
}

#[test]
fn the_committed_reference_is_current() {
    let committed = fs::read_to_string(root().join("docs/FILES.md")).unwrap_or_default();
    assert!(
        committed == reference(),
        "docs/FILES.md is stale: cargo run -- schema --reference > docs/FILES.md"
    );
}

#[test]
fn every_place_of_files_has_a_schema_and_an_example() {
    for place in PLACES {
        assert!(KINDS.iter().any(|kind| kind.place == *place), "{place} has no FileSchema in KINDS");
    }
    for kind in KINDS {
        let file = SourceFile::new(kind.example, "");
        let found = FileKind::of(&file).unwrap_or_else(|| panic!("{} is no file", kind.example));
        assert_eq!(found.schema().name, kind.name, "{}", kind.example);
        assert!(root().join(kind.example).is_file(), "{} is not there", kind.example);
        assert!(FileSchema::named(kind.name).is_some_and(|named| named.place == kind.place));
    }
}

/// An editor that opens a shipped file finds its schema.
#[test]
fn every_shipped_file_names_its_schema_first() {
    let sources = shipped();
    assert_eq!(check_lines(&sources, Path::exists), []);
    for file in &sources.files {
        assert!(file.text.starts_with(SCHEMA_LINE), "{} does not begin with {SCHEMA_LINE}", file.name);
    }
}

#[test]
fn a_schema_says_what_its_table_says() {
    let text = json(FileSchema::named("profile").expect("profiles")).expect("a schema");
    let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(schema["required"], serde_json::json!(["name"]));
    assert_eq!(schema["additionalProperties"], false);
    let window = &schema["properties"]["welcome"]["properties"]["window"];
    assert_eq!(window["default"], "30s");
    assert_eq!(window["type"], "string");
    assert!(window["description"].as_str().is_some_and(|doc| doc.contains("写法：时长")), "{window}");
    let rung = &schema["properties"]["moderation"]["properties"]["ladder"]["items"];
    assert_eq!(rung["required"], serde_json::json!(["strike", "do"]));
    let word = &rung["properties"]["do"]["items"]["oneOf"][1];
    assert_eq!(word, &serde_json::json!({ "const": "warn", "description": "在群里提醒" }));
    // The order of the declaration is the order of completion.
    assert!(
        text.find("\"name\"") < text.find("\"extends\"") && text.find("\"window\"") < text.find("\"quiet\"")
    );
}

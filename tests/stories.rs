//! The decision core, tested by stories: rules + events with times → actions, and nothing else.
//!
//! Told on the shipped example brand's rules: its own stories and golden messages beside them, and
//! those of `tests/stories`, which hold the core to what it promises to every brand.

use std::path::Path;

use zhanggui::files::{Look, Sources, folder, render};
use zhanggui::rules::{Compiled, compile};
use zhanggui::stories;

fn shipped() -> Sources {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    folder::read(&config, &folder::scripts_of(&config))
}

fn rules(sources: &Sources) -> Compiled {
    compile(sources).unwrap_or_else(|mistakes| panic!("{}", render(&mistakes, Look::Plain)))
}

#[test]
fn every_story_comes_true() {
    let mut sources = shipped();
    let core = folder::read_beside(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories"));
    sources.files.extend(core.files);
    let rules = rules(&sources).rulebook;
    let checked = stories::check(&sources, Some(&rules));
    assert!(checked.diagnostics.is_empty(), "{}", render(&checked.diagnostics, Look::Plain));
    let outcome = stories::tell(&checked, rules, &sources);
    assert!(outcome.failures.is_empty(), "{}", stories::render(&outcome.failures, Look::Plain));
    assert!(outcome.stories >= 40, "only {} stories were told", outcome.stories);
    assert!(outcome.goldens >= 60, "only {} messages were judged", outcome.goldens);
}

//! The decision core, tested by stories: rules + events with times → actions, and nothing else.
//!
//! Told on the shipped example brand's rules: its own stories and golden messages beside them, and
//! those of `tests/stories`, which hold the core to what it promises to every brand.

use std::path::Path;

use zhanggui::files::{Look, SourceFile, Sources, folder, render};
use zhanggui::rules::{Compiled, compile};
use zhanggui::stories;

/// Profiles, a playbook and scripts that show what the shipped ones have no use for.
const BESIDE: [(&str, &str); 5] = [
    ("config/profiles/every-rung.toml", include_str!("data/profiles/every-rung.toml")),
    ("config/profiles/all-in-shadow.toml", include_str!("data/profiles/all-in-shadow.toml")),
    ("config/profiles/flood-in-shadow.toml", include_str!("data/profiles/flood-in-shadow.toml")),
    ("config/playbooks/every-branch.toml", include_str!("data/playbooks/every-branch.toml")),
    ("bot-scripts/moments/beside.toml", include_str!("data/moments/beside.toml")),
];

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
    sources.files.extend(BESIDE.map(|(name, text)| SourceFile::new(name, text)));
    let rules = rules(&sources).rulebook;
    let checked = stories::check(&sources, Some(&rules));
    assert!(checked.diagnostics.is_empty(), "{}", render(&checked.diagnostics, Look::Plain));
    let outcome = stories::tell(&checked, rules, &sources);
    assert!(outcome.failures.is_empty(), "{}", stories::render(&outcome.failures, Look::Plain));
    assert!(outcome.stories >= 40, "only {} stories were told", outcome.stories);
    assert!(outcome.goldens >= 60, "only {} messages were judged", outcome.goldens);
}

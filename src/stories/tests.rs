use std::fs;
use std::path::Path;

use super::*;
use crate::files::{Look, SourceFile, folder, render as render_mistakes};
use crate::rules::compile;

/// The example brand's rules, without its own stories, and these files beside them.
fn sources(files: &[(&str, &str)]) -> Sources {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let mut all = folder::read(&config, &folder::scripts_of(&config));
    all.files.retain(|file| !file.name.ends_with(".story.toml") && !file.name.ends_with(".golden.toml"));
    all.files.extend(files.iter().map(|(name, text)| SourceFile::new(*name, *text)));
    all
}

fn told(files: &[(&str, &str)]) -> (Checked, Outcome) {
    let sources = sources(files);
    let rules = compile(&sources).expect("the shipped files are good").rulebook;
    let checked = check(&sources, Some(&rules));
    let outcome = tell(&checked, rules, &sources);
    (checked, outcome)
}

/// A case of `tests/otherwise`: files, each after a line `=== NAME`, and last what is expected.
fn parts(case: &str) -> (Vec<(&str, &str)>, &str) {
    let mut files = Vec::new();
    for part in case.split("=== ").skip(1) {
        let (name, text) = part.split_once('\n').expect("a name and a text");
        if name == "expected" {
            return (files, text);
        }
        files.push((name, text));
    }
    (files, "")
}

/// Every case of `tests/otherwise` is told as it is written there. After a change of a sentence:
/// `UPDATE_OTHERWISE=1 cargo test otherwise`, then read the difference.
#[test]
fn what_comes_otherwise_is_told_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/otherwise");
    // Where a rung stands in the shipped files changes with every comment above it.
    let line = regex::Regex::new(r"(（config/profiles/[a-z-]+\.toml):\d+）").expect("a pattern");
    for entry in fs::read_dir(&folder).expect("the cases") {
        let path = entry.expect("a case").path();
        let case = fs::read_to_string(&path).expect("a case");
        let (files, expected) = parts(&case);
        let (checked, outcome) = told(&files);
        let text =
            render_mistakes(&checked.diagnostics, Look::Plain) + &render(&outcome.failures, Look::Plain);
        let text = line.replace_all(&text, "$1:…）").into_owned();
        if std::env::var_os("UPDATE_OTHERWISE").is_some() {
            let end = case.find("=== expected\n").unwrap_or(case.len());
            fs::write(&path, format!("{}=== expected\n{text}", &case[..end])).expect("to write the case");
        } else {
            assert_eq!(text, expected, "{}", path.display());
        }
    }
}

#[test]
fn one_story_and_several_are_written_differently_and_mean_the_same() {
    let one = "[story]\ntitle = \"t\"\nprofile = \"dealers\"\nstarts = 2026-11-21T09:00:00+08:00\n\
               members = [{ name = \"小王\" }]\n[[step]]\nfrom = \"小王\"\nsays = \"早\"\n";
    let several = one.replace("[story]", "[[story]]").replace("[[step]]", "[[story.step]]");
    for text in [one, &several] {
        let (checked, outcome) = told(&[("a.story.toml", text)]);
        assert_eq!((checked.diagnostics, outcome.stories, outcome.failures.len()), (vec![], 1, 0));
    }
}

#[test]
fn while_the_rules_are_broken_only_a_storys_own_mistakes_are_told() {
    let text = "[story]\ntitle = \"t\"\nprofile = \"nobody-knows\"\nstarts = 2026-11-21T09:00:00+08:00\n\
                [[step]]\nfrom = \"谁\"\nsays = \"早\"\nexpect = [{ post = \"no-such-script\" }, {}]\n";
    let checked = check(&Sources::new(vec![SourceFile::new("a.story.toml", text)]), None);
    let codes: Vec<&str> = checked.diagnostics.iter().map(|one| one.code).collect();
    assert_eq!(codes, ["one-thing"]);
}

#[test]
fn a_story_file_without_a_story_is_a_mistake() {
    for text in ["", "story = []", "[story]\n"] {
        let (checked, outcome) = told(&[("a.story.toml", text)]);
        assert_eq!(outcome.stories, 0);
        assert!(!checked.diagnostics.is_empty(), "{text:?}");
    }
}

#[test]
fn at_is_the_next_time_the_clock_shows_it() {
    let text = "[story]\ntitle = \"t\"\nprofile = \"direct-sale\"\nstarts = 2026-11-21T23:30:00+08:00\n\
                [[step]]\njoins = [\"小王\"]\n[[step]]\nat = \"07:59\"\n[[step]]\nafter = \"1m\"\nat = \"08:00\"\n\
                expect = [{ post = \"欢迎\", mentions = [\"小王\"] }]\n";
    let (_, outcome) = told(&[("a.story.toml", text)]);
    assert!(outcome.failures.is_empty(), "{}", render(&outcome.failures, Look::Plain));
}

/// Something of everything, to be damaged.
const GOOD: &str = "[story]\ntitle = \"夜里\"\nprofile = \"dealers\"\nstarts = 2026-11-21T09:00:00+08:00\n\
    members = [{ name = \"小王\", role = \"owner\", joined = \"2d ago\" }]\n[[step]]\nafter = \"5m\"\nat = \"08:00\"\n\
    from = \"小王\"\nsays = \"早\"\nexpect = [{ post = \"ad-first-time\", mentions = [\"小王\"], by = \"appchat\" }]\n\
    because = [\"moderation/ad\"]\n[[golden]]\nmust = \"pass\"\ntexts = [\"早\"]\n";

proptest::proptest! {
    #[test]
    fn damaged_files_are_told_and_never_panic(
        name in "a\\.(story|golden)\\.toml", at in 0_usize..400, length in 0_usize..30,
        instead in "([\\[\\]{}=\"',.#“”：名a1\n \r-]|\\PC){0,12}",
    ) {
        let start = GOOD.floor_char_boundary(at);
        let end = GOOD.floor_char_boundary(start + length).max(start);
        let text = format!("{}{instead}{}", &GOOD[..start], &GOOD[end..]);
        let sources = Sources::new(vec![SourceFile::new(name, text.clone())]);
        for one in check(&sources, None).diagnostics {
            proptest::prop_assert!(one.span.start <= one.span.end && one.span.end <= text.len(), "{one:?}");
            render_mistakes(std::slice::from_ref(&one), Look::Plain);
        }
    }
}

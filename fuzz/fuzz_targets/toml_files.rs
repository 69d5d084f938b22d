//! Any text in any of the files that people edit: no panic, and every mistake can be shown.
//!
//! The files are separated by NUL bytes, in the order of `NAMES`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zhanggui::files::{Look, SourceFile, Sources, render};
use zhanggui::rules::compile;

const NAMES: [&str; 10] = [
    "config/profiles/base.toml",
    "config/groups/a.toml",
    "bot-scripts/welcome/a.toml",
    "config/lexicons/ad.toml",
    "config/stores.toml",
    "config/zhanggui.toml",
    "config/prices.toml",
    "bot-scripts/overrides/a.toml",
    "config/schedules/a.toml",
    "config/calendar/2026.toml",
];

fuzz_target!(|text: &str| {
    let files = NAMES.iter().zip(text.split('\0')).map(|(name, text)| SourceFile::new(*name, text));
    let sources = Sources::new(files.collect());
    let diagnostics = compile(&sources).map_or_else(|errors| errors, |compiled| compiled.warnings);
    render(&diagnostics, Look::Plain);
});

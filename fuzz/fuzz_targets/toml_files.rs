//! Any text in any of the files that people edit: no panic, and every mistake can be shown.
//!
//! The files are separated by NUL bytes; the first line of each is its name, as `config/groups/a.toml`.
//! `make fuzz` begins with the files of the example brand.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zhanggui::files::{Look, SourceFile, Sources, render};
use zhanggui::rules::compile;

fuzz_target!(|text: &str| {
    let files = text.split('\0').filter_map(|file| file.split_once('\n'));
    let files = files.map(|(name, text)| SourceFile::new(name, text));
    let sources = Sources::new(files.collect());
    let diagnostics = compile(&sources).map_or_else(|errors| errors, |compiled| compiled.warnings);
    render(&diagnostics, Look::Plain);
});

//! The recipe that lies beside a model: what it was made of, so that it can be made again.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Context;
use sha2::{Digest, Sha256};

use super::{text_files, unreadable};
use crate::perception::classifier::Model;
use crate::training::{Corpus, Plan};

/// One thing that was trained on.
pub struct Source {
    name: String,
    messages: usize,
    licence: String,
    checksum: String,
}

impl Source {
    pub fn file(path: &Path, messages: usize, licence: &str) -> anyhow::Result<Self> {
        let content = fs::read(path).with_context(|| unreadable(path))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, messages, licence: licence.to_owned(), checksum: checksum(&content) })
    }

    /// The corpus; its checksum is that of its files one behind the other, slots first.
    pub fn folder(path: &Path, corpus: &Corpus) -> anyhow::Result<Self> {
        let mut files = vec![path.join("slots.txt")];
        files.extend(text_files(&path.join("ads"))?);
        files.extend(text_files(&path.join("chat"))?);
        let mut content = Vec::new();
        for file in files {
            content.extend(fs::read(&file).with_context(|| unreadable(&file))?);
        }
        Ok(Self {
            name: "data/corpus".to_owned(),
            messages: corpus.ads.len() + corpus.chat.len(),
            licence: "own, MIT OR Apache-2.0".to_owned(),
            checksum: checksum(&content),
        })
    }
}

pub struct Recipe<'a> {
    pub sources: &'a [Source],
    pub plan: &'a Plan,
}

impl Recipe<'_> {
    pub fn text(&self, model: &Model, bytes: &[u8]) -> String {
        let mut text = format!("made by     zhanggui {} train\n", env!("CARGO_PKG_VERSION"));
        let mut line = |name: &str, value: String| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name:11} {value}");
        };
        line("model", format!("{} bytes, SHA-256 {}", bytes.len(), checksum(bytes)));
        line("calibration", format!("{:?}", model.calibration()));
        for Source { name, messages, licence, checksum } in self.sources {
            line("source", format!("{name}: {messages} messages, licence {licence}, SHA-256 {checksum}"));
        }
        line("plan", format!("{:#?}", self.plan));
        text
    }
}

fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

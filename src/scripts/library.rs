//! All scripts of the brand and how they are found.

use jiff::civil::Date;

use super::{Facts, FillError, Filled, Script};

/// The whole script library; built once per change of the files.
#[derive(Debug, Default)]
pub struct Library {
    scripts: Vec<Script>,
}

impl Library {
    /// Ids must be unique (the files' check sees to it).
    pub fn new(scripts: Vec<Script>) -> Self {
        Self { scripts }
    }

    pub fn all(&self) -> &[Script] {
        &self.scripts
    }

    pub fn get(&self, id: &str) -> Option<&Script> {
        self.scripts.iter().find(|script| script.id == id)
    }

    /// The script that exactly this keyword brings, written in any width, case or script.
    /// `profile` narrows to the scripts of a group's profile; expired scripts are found too, the
    /// caller says so and names the successor.
    pub fn triggered(&self, _keyword: &str, _profile: Option<&str>) -> Option<&Script> {
        None
    }

    /// Up to `at_most` usable scripts that come nearest to the keyword, nearest first.
    pub fn nearest(
        &self,
        _keyword: &str,
        _profile: Option<&str>,
        _today: Date,
        _at_most: usize,
    ) -> Vec<&Script> {
        Vec::new()
    }

    /// Scripts that staff may use today, in the order of scenes and files.
    pub fn usable(&self, _profile: Option<&str>, _today: Date) -> Vec<&Script> {
        Vec::new()
    }

    /// Fills every message of the script in.
    pub fn fill(&self, script: &Script, _facts: &Facts) -> Result<Vec<Filled>, FillError> {
        Err(FillError { script: script.id.clone(), why: String::new() })
    }
}

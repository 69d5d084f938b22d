//! What every file says, read once for as long as its text stays the same.
//!
//! Each file has a slot that it keeps while it exists, so that the places in what was read from it
//! stay right when other files come and go.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::spread::spread;
use crate::files::{MediaSource, Remarks, Report, SourceFile, Sources, Table as _, read_file};
use crate::rules::written::{
    CalendarFile, CampaignsFile, CascadeFile, ContactsFile, FileKind, GroupsFile, JoinCodesFile, LexiconFile,
    OrgFile, OverridesFile, PlaybookFile, PricesFile, ProfileFile, SchedulesFile, ScriptsFile, ServerFile,
    StoresFile, WelcomeLibraryFile,
};

/// What was read from one file.
#[derive(Debug)]
pub enum Table {
    Server(Box<ServerFile>),
    Stores(StoresFile),
    Prices(PricesFile),
    Groups(GroupsFile),
    Profile(Box<ProfileFile>),
    Lexicon(LexiconFile),
    Playbook(Box<PlaybookFile>),
    Scripts(ScriptsFile),
    Overrides(OverridesFile),
    Schedules(SchedulesFile),
    Campaigns(CampaignsFile),
    Calendar(CalendarFile),
    Org(OrgFile),
    Cascade(Box<CascadeFile>),
    Contacts(ContactsFile),
    JoinCodes(JoinCodesFile),
    WelcomeLibrary(WelcomeLibraryFile),
    /// A story or golden messages. Their mistakes are those of a test, which keeps no rules from going
    /// live: the room `stories` reads them.
    Test,
    /// Nothing reads such a file.
    Unknown,
}

/// All files by slots.
#[derive(Debug, Default)]
pub struct Tables {
    files: Vec<SourceFile>,
    kept: Vec<Kept>,
    slots: HashMap<String, usize>,
    /// Slots of files that are gone.
    free: Vec<usize>,
    /// The slots of the files that exist, in the order of their names.
    order: Vec<usize>,
}

#[derive(Debug, Default)]
struct Kept {
    read: Option<(Table, Remarks)>,
    /// SHA-256 of the text.
    hash: [u8; 32],
}

/// A file and what it says.
#[derive(Clone, Copy, Debug)]
pub struct FileTable<'t> {
    pub slot: usize,
    pub file: &'t SourceFile,
    pub table: &'t Table,
}

impl Tables {
    /// Takes the files as they are now. What was read from a file that is still the same is kept.
    pub fn take(&mut self, sources: &Sources) {
        let mut gone = std::mem::take(&mut self.slots);
        self.order.clear();
        for file in &sources.files {
            let slot = match gone.remove(&file.name) {
                Some(slot) => slot,
                None => self.new_slot(),
            };
            if self.files[slot] != *file {
                self.kept[slot] =
                    Kept { hash: Sha256::digest(file.text.as_bytes()).into(), ..Kept::default() };
                self.files[slot] = file.clone();
            }
            self.slots.insert(file.name.clone(), slot);
            self.order.push(slot);
        }
        for slot in gone.into_values() {
            self.files[slot] = SourceFile::new("", "");
            self.kept[slot] = Kept::default();
            self.free.push(slot);
        }
    }

    fn new_slot(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.files.push(SourceFile::new("", ""));
            self.kept.push(Kept::default());
            self.files.len() - 1
        })
    }

    /// Reads what is not kept. The tables are in the order of their files' names.
    pub fn read(&mut self) -> (Report<'_>, Vec<FileTable<'_>>) {
        let Self { files, kept, order, .. } = self;
        let files: &[SourceFile] = files;
        let mut report = Report::new(files);
        let is_server = |slot: &&usize| FileKind::of(&files[**slot]) == Some(FileKind::Server);
        if let Some(&server) = order.iter().find(is_server) {
            report.keep_secrets_of(server, &ServerFile::SPEC);
        }
        let new: Vec<usize> = order.iter().copied().filter(|&slot| kept[slot].read.is_none()).collect();
        let read = spread(
            &new,
            || report.aside(),
            |report, &slot| {
                let table = read(slot, &files[slot], report);
                (table, report.take_remarks(slot))
            },
        );
        for (slot, read) in new.into_iter().zip(read) {
            kept[slot].read = Some(read);
        }
        let mut tables = Vec::with_capacity(order.len());
        for &slot in order.iter() {
            if let Some((table, remarks)) = &kept[slot].read {
                report.repeat(slot, remarks);
                tables.push(FileTable { slot, file: &files[slot], table });
            }
        }
        (report, tables)
    }

    /// Changes when the name or the content of any file or medium does.
    pub fn version(&self, media: &[MediaSource]) -> String {
        let mut hash = Sha256::new();
        for &slot in &self.order {
            let name = &self.files[slot].name;
            hash.update((name.len() as u64).to_be_bytes());
            hash.update(name);
            hash.update(self.kept[slot].hash);
        }
        for part in media.iter().flat_map(|medium| [&medium.name, &medium.sha256]) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn read(slot: usize, file: &SourceFile, report: &mut Report<'_>) -> Table {
    let text = &*file.text;
    match FileKind::of(file) {
        Some(FileKind::Server) => Table::Server(Box::new(read_file(slot, text, report))),
        Some(FileKind::Stores) => Table::Stores(read_file(slot, text, report)),
        Some(FileKind::Prices) => Table::Prices(read_file(slot, text, report)),
        Some(FileKind::Groups) => Table::Groups(read_file(slot, text, report)),
        Some(FileKind::Profile(_)) => Table::Profile(Box::new(read_file(slot, text, report))),
        Some(FileKind::Lexicon) => Table::Lexicon(read_file(slot, text, report)),
        Some(FileKind::Playbook) => Table::Playbook(Box::new(read_file(slot, text, report))),
        Some(FileKind::Scripts(_)) => Table::Scripts(read_file(slot, text, report)),
        Some(FileKind::Overrides) => Table::Overrides(read_file(slot, text, report)),
        Some(FileKind::Schedules) => Table::Schedules(read_file(slot, text, report)),
        Some(FileKind::Campaigns) => Table::Campaigns(read_file(slot, text, report)),
        Some(FileKind::Calendar(_)) => Table::Calendar(read_file(slot, text, report)),
        Some(FileKind::Org) => Table::Org(read_file(slot, text, report)),
        Some(FileKind::Contacts) => Table::Contacts(read_file(slot, text, report)),
        Some(FileKind::WelcomeLibrary) => Table::WelcomeLibrary(read_file(slot, text, report)),
        Some(FileKind::Cascade) => Table::Cascade(Box::new(read_file(slot, text, report))),
        Some(FileKind::JoinCodes) => Table::JoinCodes(read_file(slot, text, report)),
        Some(FileKind::Stories | FileKind::Goldens) => Table::Test,
        None => Table::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> Sources {
        Sources::new(files.iter().map(|(name, text)| SourceFile::new(*name, *text)).collect())
    }

    fn slots(tables: &mut Tables, files: &[(&str, &str)]) -> Vec<usize> {
        tables.take(&sources(files));
        tables.read().1.iter().map(|one| one.slot).collect()
    }

    #[test]
    fn a_file_keeps_its_slot_while_others_come_and_go() {
        let mut tables = Tables::default();
        let (a, b, c) =
            (("config/groups/a.toml", ""), ("config/groups/b.toml", ""), ("config/groups/c.toml", ""));
        assert_eq!(slots(&mut tables, &[b, c]), [0, 1]);
        assert_eq!(slots(&mut tables, &[a, c]), [2, 1]);
        assert_eq!(slots(&mut tables, &[a, b, c]), [2, 0, 1], "the slot of a file that went is used again");
    }

    #[test]
    fn what_is_wrong_is_said_every_time() {
        let mut tables = Tables::default();
        for _ in 0..2 {
            tables.take(&sources(&[("config/groups/a.toml", "[[gruop]]"), ("config/groups/b.toml", "")]));
            assert_eq!(tables.read().0.finish().len(), 1);
        }
        tables.take(&sources(&[("config/groups/a.toml", ""), ("config/groups/b.toml", "")]));
        assert_eq!(tables.read().0.finish().len(), 0);
    }

    #[test]
    fn the_version_tells_of_every_name_and_text() {
        let version = |files: &[(&str, &str)]| {
            let mut tables = Tables::default();
            tables.take(&sources(&[("config/groups/0.toml", "")]));
            tables.take(&sources(files));
            tables.version(&[])
        };
        let one = version(&[("config/groups/a.toml", "# a")]);
        assert_eq!(one, version(&[("config/groups/a.toml", "# a")]));
        assert_ne!(one, version(&[("config/groups/a.toml", "# b")]));
        assert_ne!(one, version(&[("config/groups/b.toml", "# a")]));
    }
}

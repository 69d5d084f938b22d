//! The files as they are written: every kind, every key, its type, its default and the sentence
//! that explains it. Nothing else says what a file may hold.

mod git;
mod groups;
mod lexicons;
mod profiles;
mod scripts;
mod server;
mod stores;
mod words;

pub use git::{GitName, GitTable};
pub use groups::{GroupEntry, GroupsFile, HandName, MatchTable};
pub use lexicons::{LexiconFile, PhraseEntry};
pub use profiles::{
    BlacklistTable, FloodTable, ModerationTable, ProfileFile, RungEntry, StaffTasksTable, WelcomeTable,
};
pub use scripts::{MessageEntry, ScriptEntry, ScriptsFile, ValidTable};
pub use server::{
    AibotEntry, AppEntry, ArchiveEntry, BrandTable, RobotEntry, ServerFile, ServerTable, WebhookEntry,
    WecomTable,
};
pub use stores::{StoreEntry, StoresFile};
pub use words::{Domain, ListenAddress, Sense, TimeZoneName, WebAddress};

use crate::files::SourceFile;

/// What kind of file stands where in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind<'a> {
    Server,
    Stores,
    Groups,
    /// With the profile's id.
    Profile(&'a str),
    Lexicon,
    /// With the first folder below `bot-scripts/`, if it lies in one.
    Scripts(Option<&'a str>),
}

/// Where files may stand, for hints.
pub const PLACES: &[&str] = &[
    "config/zhanggui.toml",
    "config/stores.toml",
    "config/groups/*.toml",
    "config/profiles/*.toml",
    "config/lexicons/*.toml",
    "bot-scripts/**/*.toml",
];

impl<'a> FileKind<'a> {
    /// `None` for a file that nothing reads.
    pub fn of(file: &'a SourceFile) -> Option<Self> {
        let path = file.name.strip_suffix(".toml")?;
        let (root, path) = path.split_once('/')?;
        match (root, path.split_once('/')) {
            ("bot-scripts", folder) => Some(Self::Scripts(folder.map(|(folder, _)| folder))),
            ("config", None) if path == "zhanggui" => Some(Self::Server),
            ("config", None) if path == "stores" => Some(Self::Stores),
            ("config", Some(("groups", name))) if !name.contains('/') => Some(Self::Groups),
            ("config", Some(("lexicons", name))) if !name.contains('/') => Some(Self::Lexicon),
            ("config", Some(("profiles", id))) if !id.contains(['/', '.']) => Some(Self::Profile(id)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_files_by_their_place() {
        let kind = |name: &str| {
            let file = SourceFile::new(name, "");
            format!("{:?}", FileKind::of(&file))
        };
        assert_eq!(kind("config/zhanggui.toml"), "Some(Server)");
        assert_eq!(kind("config/profiles/direct-sale.toml"), "Some(Profile(\"direct-sale\"))");
        assert_eq!(kind("config/profiles/direct-sale.story.toml"), "None");
        assert_eq!(kind("config/groups/north/a.toml"), "None");
        assert_eq!(kind("bot-scripts/welcome/a.toml"), "Some(Scripts(Some(\"welcome\")))");
        assert_eq!(kind("bot-scripts/a.toml"), "Some(Scripts(None))");
        assert_eq!(kind("config/group.toml"), "None");
    }
}

//! What editors and the reference page know of the files, made from their declarations alone.
//!
//! A new key needs nothing here. A new kind of file needs one [`FileSchema`] and its arm in
//! [`FileKind::schema`], which the compiler asks for.

mod default;
mod json;
mod line;
mod reference;

pub use json::json;
pub use line::{SCHEMA_LINE, check_lines};
pub use reference::reference;

use super::{
    CalendarFile, CampaignsFile, CascadeFile, ContactsFile, FileKind, GoldensFile, GroupsFile, JoinCodesFile,
    LexiconFile, OrgFile, OverridesFile, PlaybookFile, PricesFile, ProfileFile, SchedulesFile, ScriptsFile,
    ServerFile, StoresFile, StoriesFile, WelcomeLibraryFile,
};
use crate::files::{Table, TableSpec};

/// One kind of file.
#[derive(Debug)]
pub struct FileSchema {
    /// Its schema is called `NAME.schema.json`.
    pub name: &'static str,
    /// Where such files stand in the tree.
    pub place: &'static str,
    /// One English sentence; the Chinese one is the table's.
    pub english: &'static str,
    /// A file of the example brand that shows it.
    pub example: &'static str,
    pub spec: &'static TableSpec,
}

impl FileSchema {
    pub fn file_name(&self) -> String {
        format!("{}.schema.json", self.name)
    }

    /// The kind with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().copied().find(|kind| kind.name == name)
    }
}

static SERVER: FileSchema = FileSchema {
    name: "server",
    place: "config/zhanggui.toml",
    english: "The server, the brand and the connections to the platform.",
    example: "config/zhanggui.toml",
    spec: &ServerFile::SPEC,
};

static STORES: FileSchema = FileSchema {
    name: "stores",
    place: "config/stores.toml",
    english: "The stores, their addresses, hours and people.",
    example: "config/stores.toml",
    spec: &StoresFile::SPEC,
};

static PRICES: FileSchema = FileSchema {
    name: "prices",
    place: "config/prices.toml",
    english: "Products and what they cost, for scripts to name.",
    example: "config/prices.toml",
    spec: &PricesFile::SPEC,
};

static GROUPS: FileSchema = FileSchema {
    name: "groups",
    place: "config/groups/*.toml",
    english: "Which group has which store, which rules, which ears and which hands.",
    example: "config/groups/30-customer.toml",
    spec: &GroupsFile::SPEC,
};

static PROFILE: FileSchema = FileSchema {
    name: "profile",
    place: "config/profiles/*.toml",
    english: "The rules of a kind of group; the file's name is the profile's id.",
    example: "config/profiles/base.toml",
    spec: &ProfileFile::SPEC,
};

static LEXICON: FileSchema = FileSchema {
    name: "lexicon",
    place: "config/lexicons/*.toml",
    english: "Phrases of one category, each with its weight.",
    example: "config/lexicons/ad.toml",
    spec: &LexiconFile::SPEC,
};

static PLAYBOOK: FileSchema = FileSchema {
    name: "playbook",
    place: "config/playbooks/*.toml",
    english: "A playbook: scripts in order, each on its day, at its time, by its role.",
    example: "config/playbooks/first-seven-days.toml",
    spec: &PlaybookFile::SPEC,
};

static SCRIPTS: FileSchema = FileSchema {
    name: "scripts",
    place: "bot-scripts/**/*.toml",
    english: "The brand's words: what is said in groups and what staff may copy.",
    example: "bot-scripts/faq/questions.toml",
    spec: &ScriptsFile::SPEC,
};

static OVERRIDES: FileSchema = FileSchema {
    name: "overrides",
    place: "bot-scripts/overrides/*.toml",
    english: "What regions and stores change of the brand's scripts.",
    example: "bot-scripts/overrides/stores.toml",
    spec: &OverridesFile::SPEC,
};

static SCHEDULES: FileSchema = FileSchema {
    name: "schedules",
    place: "config/schedules/*.toml",
    english: "What is posted when, and to which groups.",
    example: "config/schedules/daily.toml",
    spec: &SchedulesFile::SPEC,
};

static CAMPAIGNS: FileSchema = FileSchema {
    name: "campaigns",
    place: "config/campaigns/*.toml",
    english: "Campaigns: several posts about one thing, approved together, stopped together.",
    example: "config/campaigns/new-year-gifts.toml",
    spec: &CampaignsFile::SPEC,
};

static CALENDAR: FileSchema = FileSchema {
    name: "calendar",
    place: "config/calendar/*.toml",
    english: "The statutory holidays and make-up workdays of one year; the file's name is the year.",
    example: "config/calendar/2026.toml",
    spec: &CalendarFile::SPEC,
};

static STORIES: FileSchema = FileSchema {
    name: "story",
    place: "**/*.story.toml",
    english: "Stories: what happens, and what the bot must do then.",
    example: "config/profiles/dealers.story.toml",
    spec: &StoriesFile::SPEC,
};

static GOLDENS: FileSchema = FileSchema {
    name: "golden",
    place: "**/*.golden.toml",
    english: "Messages that moderation must catch, and messages that it must let pass.",
    example: "config/lexicons/ads.golden.toml",
    spec: &GoldensFile::SPEC,
};

static ORG: FileSchema = FileSchema {
    name: "org",
    place: "config/org.toml",
    english: "Brand, distributors and stores, and who stands for each: the way that cascades take.",
    example: "config/org.toml",
    spec: &OrgFile::SPEC,
};

static CASCADE: FileSchema = FileSchema {
    name: "cascade",
    place: "config/cascades/*.toml",
    english: "One announcement that goes down the organisation and that everybody acknowledges.",
    example: "config/cascades/cold-chain-check.toml",
    spec: &CascadeFile::SPEC,
};

static CONTACTS: FileSchema = FileSchema {
    name: "contacts",
    place: "config/contacts.toml",
    english: "What a new customer hears in the 1:1 chat.",
    example: "config/contacts.toml",
    spec: &ContactsFile::SPEC,
};

static JOIN_CODE: FileSchema = FileSchema {
    name: "join-codes",
    place: "config/join-codes/*.toml",
    english: "Codes that people scan to join a group, and their posters.",
    example: "config/join-codes/chaoyang.toml",
    spec: &JoinCodesFile::SPEC,
};

static WELCOME_LIBRARY: FileSchema = FileSchema {
    name: "welcome-library",
    place: "config/welcome-library.toml",
    english: "Welcomes that owners of customer groups can pick in the client, synced from scripts.",
    example: "config/welcome-library.toml",
    spec: &WelcomeLibraryFile::SPEC,
};

/// Every kind of file, in the order in which one gets to know them.
pub static KINDS: &[&FileSchema] = &[
    &SERVER,
    &STORES,
    &PRICES,
    &GROUPS,
    &PROFILE,
    &LEXICON,
    &SCRIPTS,
    &OVERRIDES,
    &SCHEDULES,
    &CAMPAIGNS,
    &CALENDAR,
    &STORIES,
    &GOLDENS,
    &ORG,
    &CASCADE,
    &CONTACTS,
    &PLAYBOOK,
    &JOIN_CODE,
    &WELCOME_LIBRARY,
];

impl FileKind<'_> {
    pub fn schema(&self) -> &'static FileSchema {
        match self {
            Self::Server => &SERVER,
            Self::Stores => &STORES,
            Self::Prices => &PRICES,
            Self::Groups => &GROUPS,
            Self::Profile(_) => &PROFILE,
            Self::Lexicon => &LEXICON,
            Self::Playbook => &PLAYBOOK,
            Self::Scripts(_) => &SCRIPTS,
            Self::Overrides => &OVERRIDES,
            Self::Schedules => &SCHEDULES,
            Self::Campaigns => &CAMPAIGNS,
            Self::Calendar(_) => &CALENDAR,
            Self::Stories => &STORIES,
            Self::Goldens => &GOLDENS,
            Self::Org => &ORG,
            Self::Cascade => &CASCADE,
            Self::Contacts => &CONTACTS,
            Self::JoinCodes => &JOIN_CODE,
            Self::WelcomeLibrary => &WELCOME_LIBRARY,
        }
    }
}

/// Mistakes in the form of a single value that no schema can see: the code of the diagnostic, and
/// what is wrong then. Everything else that a schema lets pass is about how values and files fit
/// together.
pub const ONLY_CHECKED: &[(&str, &str)] = &[
    ("bad-duration", "时长超过 3650 天"),
    ("bad-ago", "“多久以前”超过 3650 天"),
    ("bad-hours", "时段的开始和结束一样"),
    ("bad-money", "价钱是 0，或超过一亿元"),
    ("bad-pattern", "要填的空的格式（正则表达式）写得不对"),
    ("bad-address", "监听地址里的数字太大"),
    ("bad-timezone", "时区的样子对，但世界上没有这个时区"),
    ("no-such-day", "日子的样子对，但没有这一天，或开始比结束晚"),
];

#[cfg(test)]
mod tests;

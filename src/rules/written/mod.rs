//! The files as they are written: every kind, every key, its type, its default and the sentence
//! that explains it. Nothing else says what a file may hold.

mod calendars;
mod campaigns;
mod cascades;
mod colours;
mod contacts;
mod days;
mod git;
mod goldens;
mod groups;
mod join_codes;
mod lexicons;
mod org;
mod overrides;
mod playbooks;
mod prices;
mod profiles;
mod schedules;
pub mod schema;
mod scripts;
mod selector;
mod server;
mod stores;
mod stories;
mod welcome_library;
mod words;

pub use calendars::{CalendarFile, HolidayEntry};
pub use campaigns::{ApprovalTable, CampaignEntry, CampaignStepEntry, CampaignsFile};
pub use cascades::{CascadeFile, CascadeTable};
pub use colours::ColoursTable;
pub use contacts::{ContactWelcomeTable, ContactsFile};
pub use days::{CronText, DayRuleText};
pub use git::{GitName, GitTable};
pub use goldens::{GoldenEntry, GoldensFile, Must};
pub use groups::{GroupEntry, GroupsFile, HandName, MatchTable};
pub use join_codes::{JoinCodesFile, JoinWayEntry, NewGroupsTable};
pub use lexicons::{LexiconFile, PhraseEntry};
pub use org::{OrgFile, OrgNodeEntry};
pub use overrides::{OverrideEntry, OverridesFile};
pub use playbooks::{AnchorName, ConditionText, PlaybookFile, PlaybookStepEntry, PlaybookTable};
pub use prices::{PriceStepEntry, PricesFile, ProductEntry};
pub use profiles::{
    AnswersTable, BlacklistTable, FineTable, FloodTable, JoinCodeEntry, ModerationTable, NudgeTable,
    PostsTable, ProfileFile, RaidTable, RungEntry, SpreadTable, StaffTasksTable, TrustTable,
    WelcomeStepEntry, WelcomeTable,
};
pub use schedules::{CatchUpTable, ScheduleEntry, SchedulesFile};
pub use scripts::{AskEntry, JoinsTable, MessageEntry, ScriptEntry, ScriptsFile, ValidTable, WaiverEntry};
pub use selector::SelectorTable;
pub use server::{
    AibotEntry, AppEntry, ArchiveEntry, BrandTable, RobotEntry, ServerFile, ServerTable, WebhookEntry,
    WecomTable,
};
pub use stores::{StoreEntry, StoresFile};
pub use stories::{
    ByHand, CardButton, ExpectEntry, StepEntry, StoriesFile, StoryEcho, StoryEntry, StoryGroup, StoryMember,
    StoryMoment, StoryRole,
};
pub use welcome_library::{WelcomeLibraryFile, WelcomeTemplateEntry};
pub use words::{AskName, Domain, ListenAddress, Regex, Sense, TimeZoneName, WebAddress};

use crate::files::SourceFile;

/// What kind of file stands where in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind<'a> {
    Server,
    Stores,
    Prices,
    Groups,
    /// With the profile's id.
    Profile(&'a str),
    Lexicon,
    Playbook,
    /// With the first folder below `bot-scripts/`, if it lies in one.
    Scripts(Option<&'a str>),
    /// What regions and stores change of scripts.
    Overrides,
    Schedules,
    Campaigns,
    /// With the year, of four digits.
    Calendar(&'a str),
    /// Told by `zhanggui test`; the bot itself never reads it.
    Stories,
    /// Judged by `zhanggui test`; the bot itself never reads it.
    Goldens,
    /// Who is above whom, for cascades.
    Org,
    Cascade,
    /// The welcome of new customers in the 1:1 chat.
    Contacts,
    /// Codes that people scan to join a group.
    JoinCodes,
    /// Welcomes that owners of customer groups can pick.
    WelcomeLibrary,
}

/// Where files may stand, for hints.
pub const PLACES: &[&str] = &[
    "config/zhanggui.toml",
    "config/stores.toml",
    "config/prices.toml",
    "config/org.toml",
    "config/contacts.toml",
    "config/welcome-library.toml",
    "config/cascades/*.toml",
    "config/join-codes/*.toml",
    "config/groups/*.toml",
    "config/profiles/*.toml",
    "config/lexicons/*.toml",
    "config/schedules/*.toml",
    "config/campaigns/*.toml",
    "config/calendar/*.toml",
    "config/playbooks/*.toml",
    "bot-scripts/**/*.toml",
    "bot-scripts/overrides/*.toml",
    "**/*.story.toml",
    "**/*.golden.toml",
];

/// The folder below `bot-scripts/` that holds no scripts of its own.
const OVERRIDES: &str = "overrides";

impl<'a> FileKind<'a> {
    /// `None` for a file that nothing reads.
    pub fn of(file: &'a SourceFile) -> Option<Self> {
        let path = file.name.strip_suffix(".toml")?;
        if path.ends_with(".story") {
            return Some(Self::Stories);
        }
        if path.ends_with(".golden") {
            return Some(Self::Goldens);
        }
        let (root, path) = path.split_once('/')?;
        match (root, path.split_once('/')) {
            ("bot-scripts", Some((OVERRIDES, _))) => Some(Self::Overrides),
            ("bot-scripts", folder) => Some(Self::Scripts(folder.map(|(folder, _)| folder))),
            ("config", None) if path == "zhanggui" => Some(Self::Server),
            ("config", None) if path == "stores" => Some(Self::Stores),
            ("config", None) if path == "prices" => Some(Self::Prices),
            ("config", None) if path == "org" => Some(Self::Org),
            ("config", None) if path == "contacts" => Some(Self::Contacts),
            ("config", None) if path == "welcome-library" => Some(Self::WelcomeLibrary),
            ("config", Some(("groups", name))) if !name.contains('/') => Some(Self::Groups),
            ("config", Some(("lexicons", name))) if !name.contains('/') => Some(Self::Lexicon),
            ("config", Some(("cascades", name))) if !name.contains('/') => Some(Self::Cascade),
            ("config", Some(("join-codes", name))) if !name.contains('/') => Some(Self::JoinCodes),
            ("config", Some(("playbooks", name))) if !name.contains('/') => Some(Self::Playbook),
            ("config", Some(("profiles", id))) if !id.contains(['/', '.']) => Some(Self::Profile(id)),
            ("config", Some(("schedules", name))) if !name.contains('/') => Some(Self::Schedules),
            ("config", Some(("campaigns", name))) if !name.contains('/') => Some(Self::Campaigns),
            ("config", Some(("calendar", year))) if is_year(year) => Some(Self::Calendar(year)),
            _ => None,
        }
    }
}

fn is_year(name: &str) -> bool {
    name.len() == 4 && name.bytes().all(|byte| byte.is_ascii_digit())
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
        assert_eq!(kind("config/profiles/direct-sale.story.toml"), "Some(Stories)");
        assert_eq!(kind("bot-scripts/welcome/new.story.toml"), "Some(Stories)");
        assert_eq!(kind("config/lexicons/ad.golden.toml"), "Some(Goldens)");
        assert_eq!(kind("config/playbooks/tasting.toml"), "Some(Playbook)");
        assert_eq!(kind("config/playbooks/tasting.story.toml"), "Some(Stories)");
        assert_eq!(kind("config/groups/north/a.toml"), "None");
        assert_eq!(kind("bot-scripts/welcome/a.toml"), "Some(Scripts(Some(\"welcome\")))");
        assert_eq!(kind("bot-scripts/a.toml"), "Some(Scripts(None))");
        assert_eq!(kind("bot-scripts/overrides/beijing.toml"), "Some(Overrides)");
        assert_eq!(kind("config/prices.toml"), "Some(Prices)");
        assert_eq!(kind("config/org.toml"), "Some(Org)");
        assert_eq!(kind("config/welcome-library.toml"), "Some(WelcomeLibrary)");
        assert_eq!(kind("config/cascades/mooncake.toml"), "Some(Cascade)");
        assert_eq!(kind("config/join-codes/posters.toml"), "Some(JoinCodes)");
        assert_eq!(kind("config/group.toml"), "None");
        assert_eq!(kind("config/schedules/daily.toml"), "Some(Schedules)");
        assert_eq!(kind("config/calendar/2026.toml"), "Some(Calendar(\"2026\"))");
        assert_eq!(kind("config/calendar/next.toml"), "None");
    }
}

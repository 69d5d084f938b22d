//! All files read by their declarations, before anything is compared with anything.

use super::tables::{FileTable, Table};
use crate::files::{At, Diagnostic, Id, Place, Report, Severity, SourceFile, Sources, Spelled, nearest};
use crate::rules::SendBudget;
use crate::rules::written::{
    AibotEntry, AppEntry, ArchiveEntry, CalendarFile, CampaignEntry, CascadeFile, CascadeTable,
    ContactWelcomeTable, ContactsFile, FileKind, GroupEntry, JoinWayEntry, LexiconFile, OrgFile,
    OrgNodeEntry, OverrideEntry, PLACES, PlaybookTable, PricesFile, ProductEntry, ProfileFile, RobotEntry,
    ScheduleEntry, ScriptEntry, ServerFile, StoreEntry, StoresFile, WebhookEntry, WecomTable,
    WelcomeLibraryFile, WelcomeTemplateEntry,
};

#[derive(Debug, Default)]
pub struct Reading<'t> {
    pub server: Option<&'t ServerFile>,
    stores: Option<&'t StoresFile>,
    prices: Option<&'t PricesFile>,
    pub groups: Vec<&'t At<GroupEntry>>,
    pub profiles: Vec<WrittenProfile<'t>>,
    pub lexicons: Vec<&'t LexiconFile>,
    pub scripts: Vec<WrittenScript<'t>>,
    pub overrides: Vec<&'t At<OverrideEntry>>,
    pub schedules: Vec<&'t At<ScheduleEntry>>,
    pub calendars: Vec<WrittenCalendar<'t>>,
    org: Option<&'t OrgFile>,
    cascades: Vec<&'t CascadeFile>,
    contacts: Option<&'t ContactsFile>,
    welcome_library: Option<&'t WelcomeLibraryFile>,
    pub playbooks: Vec<&'t At<PlaybookTable>>,
    pub join_codes: Vec<&'t At<JoinWayEntry>>,
    pub campaigns: Vec<&'t At<CampaignEntry>>,
    server_file: Option<usize>,
    stores_file: Option<usize>,
    prices_file: Option<usize>,
    org_file: Option<usize>,
    group_files: Vec<usize>,
    script_files: Vec<usize>,
    campaign_files: Vec<usize>,
    /// Some files could not be read at all, so that whatever is missing may be in them.
    unread: bool,
}

#[derive(Debug)]
pub struct WrittenProfile<'t> {
    /// The file's name.
    pub id: At<Id>,
    pub table: &'t ProfileFile,
}

/// The holidays of one year.
#[derive(Debug)]
pub struct WrittenCalendar<'t> {
    /// The file's name.
    pub year: i16,
    pub table: &'t CalendarFile,
}

#[derive(Debug)]
pub struct WrittenScript<'t> {
    pub file: &'t SourceFile,
    /// The first folder below `bot-scripts/`.
    pub folder: Option<&'t str>,
    pub entry: &'t At<ScriptEntry>,
}

impl WrittenScript<'_> {
    /// Of its file.
    pub fn slot(&self) -> usize {
        self.entry.place.file()
    }
}

impl<'t> Reading<'t> {
    pub fn of(tables: Vec<FileTable<'t>>, sources: &Sources, report: &mut Report<'_>) -> Self {
        let unread = sources.problems.iter().any(Diagnostic::is_error);
        let mut reading = Self { unread, ..Self::default() };
        for FileTable { slot, file, table } in tables {
            reading.file(slot, file, table, report);
        }
        if reading.server.is_none() && !unread {
            let mut missing = Diagnostic::of_file(
                Severity::Error,
                "no-server-file",
                "config/zhanggui.toml",
                "缺少服务器配置文件 zhanggui.toml",
            );
            missing.hint("照着示例建一个，里面要有 [server]、[brand]、[wecom] 和 [[wecom.app]]");
            report.push(missing);
        }
        reading
    }

    fn file(&mut self, at: usize, file: &'t SourceFile, table: &'t Table, report: &mut Report<'_>) {
        match table {
            Table::Server(table) => {
                self.server_file = Some(at);
                self.server = Some(table);
            }
            Table::Stores(table) => {
                self.stores_file = Some(at);
                self.stores = Some(table);
            }
            Table::Prices(table) => {
                self.prices_file = Some(at);
                self.prices = Some(table);
            }
            Table::Org(table) => {
                self.org_file = Some(at);
                self.org = Some(table);
            }
            Table::Contacts(table) => self.contacts = Some(table),
            Table::WelcomeLibrary(table) => self.welcome_library = Some(table),
            Table::Cascade(table) => self.cascades.push(table),
            Table::JoinCodes(table) => self.join_codes.extend(listed(table.join_code.as_ref())),
            Table::Groups(table) => {
                self.group_files.push(at);
                self.groups.extend(listed(table.group.as_ref()));
            }
            Table::Profile(table) => self.profile(at, file, table, report),
            Table::Lexicon(table) => self.lexicons.push(table),
            Table::Playbook(table) => self.playbooks.extend(table.playbook.as_ref()),
            Table::Scripts(table) => {
                self.script_files.push(at);
                let folder = match FileKind::of(file) {
                    Some(FileKind::Scripts(folder)) => folder,
                    _ => None,
                };
                let entries = listed(table.script.as_ref());
                self.scripts.extend(entries.map(|entry| WrittenScript { file, folder, entry }));
            }
            Table::Overrides(table) => self.overrides.extend(listed(table.over.as_ref())),
            Table::Schedules(table) => self.schedules.extend(listed(table.schedule.as_ref())),
            Table::Campaigns(table) => {
                self.campaign_files.push(at);
                self.campaigns.extend(listed(table.campaign.as_ref()));
            }
            Table::Calendar(table) => {
                if let Some(FileKind::Calendar(year)) = FileKind::of(file)
                    && let Ok(year) = year.parse()
                {
                    self.calendars.push(WrittenCalendar { year, table });
                }
            }
            Table::Test => {}
            Table::Unknown => unknown_file(at, file, report),
        }
    }

    fn profile(&mut self, at: usize, file: &SourceFile, table: &'t ProfileFile, report: &mut Report<'_>) {
        let Some(FileKind::Profile(id)) = FileKind::of(file) else { return };
        let place = Place::start_of(at);
        match Id::parse(id) {
            Ok(id) => self.profiles.push(WrittenProfile { id: At { value: id, place }, table }),
            Err(wrong) => {
                let message = format!("群规的文件名就是它的编号：{}", wrong.message);
                report.error(wrong.code, place, message).hint = wrong.hint;
            }
        }
    }

    pub fn stores(&self) -> impl Iterator<Item = &StoreEntry> {
        entries(self.stores.and_then(|stores| stores.store.as_ref()))
    }

    pub fn products(&self) -> impl Iterator<Item = &At<ProductEntry>> {
        listed(self.prices.and_then(|prices| prices.product.as_ref()))
    }

    pub fn nodes(&self) -> impl Iterator<Item = &At<OrgNodeEntry>> {
        listed(self.org.and_then(|org| org.node.as_ref()))
    }

    pub fn cascades(&self) -> impl Iterator<Item = &At<CascadeTable>> {
        self.cascades.iter().filter_map(|file| file.cascade.as_ref())
    }

    pub fn welcome_templates(&self) -> impl Iterator<Item = &At<WelcomeTemplateEntry>> {
        listed(self.welcome_library.and_then(|library| library.template.as_ref()))
    }

    pub fn contact_welcome(&self) -> Option<&'t ContactWelcomeTable> {
        self.contacts?.contact_welcome.as_ref().map(|welcome| &welcome.value)
    }

    pub fn brand_name(&self) -> Option<&str> {
        let brand = self.server?.brand.as_ref()?;
        brand.name.as_ref().map(|name| name.0.as_str())
    }

    /// Userids.
    pub fn ops(&self) -> Vec<String> {
        let brand = self.server.and_then(|server| server.brand.as_ref());
        listed(brand.and_then(|brand| brand.ops.as_ref())).map(|person| person.0.clone()).collect()
    }

    pub fn apps(&self) -> impl Iterator<Item = &AppEntry> {
        entries(self.wecom().and_then(|wecom| wecom.app.as_ref()))
    }

    pub fn robots(&self) -> impl Iterator<Item = &RobotEntry> {
        entries(self.wecom().and_then(|wecom| wecom.robot.as_ref()))
    }

    pub fn aibots(&self) -> impl Iterator<Item = &AibotEntry> {
        entries(self.wecom().and_then(|wecom| wecom.aibot.as_ref()))
    }

    pub fn webhooks(&self) -> impl Iterator<Item = &WebhookEntry> {
        entries(self.wecom().and_then(|wecom| wecom.webhook.as_ref()))
    }

    pub fn archives(&self) -> impl Iterator<Item = &ArchiveEntry> {
        entries(self.wecom().and_then(|wecom| wecom.archive.as_ref()))
    }

    pub fn send_budget(&self) -> SendBudget {
        let written = self.wecom().and_then(|wecom| wecom.send_budget.as_ref());
        written.map_or_else(SendBudget::default, |budget| budget.value)
    }

    fn wecom(&self) -> Option<&'t WecomTable> {
        self.server.and_then(|server| server.wecom.as_ref()).map(|wecom| &wecom.value)
    }

    pub fn server_is_whole(&self, report: &Report<'_>) -> bool {
        !self.unread && self.server_file.is_some_and(|file| !report.is_broken(file))
    }

    pub fn stores_are_whole(&self, report: &Report<'_>) -> bool {
        !self.unread && self.stores_file.is_none_or(|file| !report.is_broken(file))
    }

    pub fn prices_are_whole(&self, report: &Report<'_>) -> bool {
        !self.unread && self.prices_file.is_none_or(|file| !report.is_broken(file))
    }

    pub fn org_is_whole(&self, report: &Report<'_>) -> bool {
        !self.unread && self.org_file.is_none_or(|file| !report.is_broken(file))
    }

    pub fn scripts_are_whole(&self, report: &Report<'_>) -> bool {
        !self.unread && !self.script_files.iter().any(|file| report.is_broken(*file))
    }

    pub fn groups_are_whole(&self, report: &Report<'_>) -> bool {
        !self.unread && !self.group_files.iter().any(|file| report.is_broken(*file))
    }

    pub fn campaigns_are_whole(&self, report: &Report<'_>) -> bool {
        !self.unread && !self.campaign_files.iter().any(|file| report.is_broken(*file))
    }

    pub fn profiles_are_whole(&self) -> bool {
        !self.unread
    }
}

/// The entries of a list of tables, none if nothing was written.
fn entries<T>(list: Option<&At<Vec<At<T>>>>) -> impl Iterator<Item = &T> {
    listed(list).map(|entry| &entry.value)
}

fn listed<T>(list: Option<&At<Vec<At<T>>>>) -> impl Iterator<Item = &At<T>> {
    list.into_iter().flat_map(|list| &list.value)
}

fn unknown_file(at: usize, file: &SourceFile, report: &mut Report<'_>) {
    let hint = match nearest(&file.name, PLACES.iter().copied()) {
        Some(place) if !place.contains('*') => format!("是不是想叫 {place}？"),
        _ => format!("文件应该放在：{}", PLACES.join("、")),
    };
    report.warning("unknown-file", Place::start_of(at), "没有谁会读这个文件").hint(hint);
}

//! All files read by their declarations, before anything is compared with anything.

use crate::files::{
    At, Diagnostic, Id, Place, Report, Severity, SourceFile, Sources, Spelled, Table, nearest, read_file,
};
use crate::rules::written::{
    AibotEntry, AppEntry, ArchiveEntry, FileKind, GroupEntry, GroupsFile, LexiconFile, OverrideEntry,
    OverridesFile, PLACES, PricesFile, ProductEntry, ProfileFile, RobotEntry, ScriptEntry, ScriptsFile,
    ServerFile, StoreEntry, StoresFile, WebhookEntry,
};

#[derive(Debug, Default)]
pub struct Reading {
    pub server: Option<ServerFile>,
    stores: Option<StoresFile>,
    prices: Option<PricesFile>,
    pub groups: Vec<At<GroupEntry>>,
    pub profiles: Vec<WrittenProfile>,
    pub lexicons: Vec<LexiconFile>,
    pub scripts: Vec<WrittenScript>,
    pub overrides: Vec<At<OverrideEntry>>,
    server_file: Option<usize>,
    stores_file: Option<usize>,
    prices_file: Option<usize>,
    script_files: Vec<usize>,
    /// Some files could not be read at all, so that whatever is missing may be in them.
    unread: bool,
}

#[derive(Debug)]
pub struct WrittenProfile {
    /// The file's name.
    pub id: At<Id>,
    pub table: ProfileFile,
}

#[derive(Debug)]
pub struct WrittenScript {
    /// The first folder below `bot-scripts/`.
    pub folder: Option<String>,
    pub entry: At<ScriptEntry>,
}

impl Reading {
    pub fn of(sources: &Sources, report: &mut Report<'_>) -> Self {
        let unread = sources.problems.iter().any(Diagnostic::is_error);
        let mut reading = Self { unread, ..Self::default() };
        for (at, file) in sources.files.iter().enumerate() {
            reading.file(at, file, report);
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

    fn file(&mut self, at: usize, file: &SourceFile, report: &mut Report<'_>) {
        let text = &*file.text;
        match FileKind::of(file) {
            Some(FileKind::Server) => {
                report.keep_secrets_of(at, &ServerFile::SPEC);
                self.server_file = Some(at);
                self.server = Some(read_file(at, text, report));
            }
            Some(FileKind::Stores) => {
                self.stores_file = Some(at);
                self.stores = Some(read_file(at, text, report));
            }
            Some(FileKind::Prices) => {
                self.prices_file = Some(at);
                self.prices = Some(read_file(at, text, report));
            }
            Some(FileKind::Groups) => {
                let groups: GroupsFile = read_file(at, text, report);
                self.groups.extend(groups.group.into_iter().flat_map(|list| list.value));
            }
            Some(FileKind::Profile(id)) => {
                let table = read_file(at, text, report);
                let place = Place::start_of(at);
                match Id::parse(id) {
                    Ok(id) => self.profiles.push(WrittenProfile { id: At { value: id, place }, table }),
                    Err(wrong) => {
                        let message = format!("群规的文件名就是它的编号：{}", wrong.message);
                        report.error(wrong.code, place, message).hint = wrong.hint;
                    }
                }
            }
            Some(FileKind::Lexicon) => self.lexicons.push(read_file(at, text, report)),
            Some(FileKind::Scripts(folder)) => {
                self.script_files.push(at);
                let scripts: ScriptsFile = read_file(at, text, report);
                let entries = scripts.script.into_iter().flat_map(|list| list.value);
                let folder = folder.map(str::to_owned);
                self.scripts.extend(entries.map(|entry| WrittenScript { folder: folder.clone(), entry }));
            }
            Some(FileKind::Overrides) => {
                let overrides: OverridesFile = read_file(at, text, report);
                self.overrides.extend(overrides.over.into_iter().flat_map(|list| list.value));
            }
            // Their mistakes are those of a test, which keeps no rules from going live: the room
            // `stories` reads them.
            Some(FileKind::Stories | FileKind::Goldens) => {}
            None => unknown_file(at, file, report),
        }
    }

    pub fn stores(&self) -> impl Iterator<Item = &StoreEntry> {
        entries(self.stores.as_ref().and_then(|stores| stores.store.as_ref()))
    }

    pub fn products(&self) -> impl Iterator<Item = &At<ProductEntry>> {
        let list = self.prices.as_ref().and_then(|prices| prices.product.as_ref());
        list.into_iter().flat_map(|list| &list.value)
    }

    pub fn brand_name(&self) -> Option<&str> {
        let brand = self.server.as_ref()?.brand.as_ref()?;
        brand.name.as_ref().map(|name| name.0.as_str())
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

    fn wecom(&self) -> Option<&crate::rules::written::WecomTable> {
        self.server.as_ref().and_then(|server| server.wecom.as_ref()).map(|wecom| &wecom.value)
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

    pub fn scripts_are_whole(&self, report: &Report<'_>) -> bool {
        !self.unread && !self.script_files.iter().any(|file| report.is_broken(*file))
    }

    pub fn profiles_are_whole(&self) -> bool {
        !self.unread
    }
}

/// The entries of a list of tables, none if nothing was written.
fn entries<T>(list: Option<&At<Vec<At<T>>>>) -> impl Iterator<Item = &T> {
    list.into_iter().flat_map(|list| list.value.iter().map(|entry| &entry.value))
}

fn unknown_file(at: usize, file: &SourceFile, report: &mut Report<'_>) {
    let hint = match nearest(&file.name, PLACES.iter().copied()) {
        Some(place) if !place.contains('*') => format!("是不是想叫 {place}？"),
        _ => format!("文件应该放在：{}", PLACES.join("、")),
    };
    report.warning("unknown-file", Place::start_of(at), "没有谁会读这个文件").hint(hint);
}

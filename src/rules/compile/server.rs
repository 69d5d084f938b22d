//! The server's own file.

use std::sync::Arc;

use jiff::SignedDuration;

use super::Reading;
use super::ids::Ids;
use crate::files::{At, Id, Report, SecretRef, SecretSource, Spelled, Text};
use crate::rules::written::{
    AibotEntry, AppEntry, ArchiveEntry, BrandTable, ColoursTable, GitName, GitTable, ListenAddress,
    RobotEntry, TimeZoneName, WebhookEntry,
};
use crate::rules::{
    AibotConfig, AppConfig, ArchiveConfig, Brand, BrandColours, CallbackSecrets, Colour, GitConfig,
    RobotConfig, ServerConfig, WebhookConfig,
};

const LISTEN: &str = "127.0.0.1:8080";
const TIMEZONE: &str = "Asia/Shanghai";
const API: &str = "https://qyapi.weixin.qq.com";
const GIT_REMOTE: &str = "origin";
const GIT_BRANCH: &str = "main";
const GIT_EVERY: SignedDuration = SignedDuration::from_mins(1);
const GIT_EVERY_AT_LEAST: SignedDuration = SignedDuration::from_secs(1);
const RETENTION: SignedDuration = SignedDuration::from_hours(90 * 24);

/// `None` when something required is wrong or missing, which has been reported.
pub fn check(reading: &Reading<'_>, report: &mut Report<'_>) -> Option<(ServerConfig, Brand)> {
    let file = reading.server.as_ref()?;
    check_lists(reading, report);
    if let Some(table) = &file.git {
        check_git(table, report);
    }
    let brand = file.brand.as_ref().and_then(|brand| check_brand(brand, report));
    let wecom = file.wecom.as_ref()?;
    if wecom.app.as_ref().is_some_and(|apps| apps.value.is_empty()) {
        report
            .error("no-app", wecom.place, "至少要有一个自建应用")
            .hint("加一行 [[wecom.app]]，下面写它的内容");
    }
    let server = file.server.as_ref()?;
    let listen =
        server.listen.as_ref().map(|listen| listen.value).or_else(|| ListenAddress::parse(LISTEN).ok())?;
    let timezone = match &server.timezone {
        Some(timezone) => timezone.value.clone(),
        None => TimeZoneName::parse(TIMEZONE).ok()?,
    };
    let place = &*report;
    let config = ServerConfig {
        listen: listen.0,
        timezone: timezone.0,
        retention: server.retention.as_ref().map_or(RETENTION, |retention| retention.value.0),
        api: wecom.api.as_ref().map_or_else(|| API.to_owned(), |api| api.value.0.clone()),
        apps: reading.apps().map(|entry| app(entry, place)).collect::<Option<_>>()?,
        robots: reading.robots().map(|entry| robot(entry, place)).collect::<Option<_>>()?,
        aibots: reading.aibots().map(|entry| aibot(entry, place)).collect::<Option<_>>()?,
        webhooks: reading.webhooks().map(|entry| webhook(entry, place)).collect::<Option<_>>()?,
        archives: reading.archives().map(|entry| archive(entry, place)).collect::<Option<_>>()?,
        git: file.git.as_ref().map(|table| git(table)),
    };
    Some((config, brand?))
}

fn check_brand(brand: &At<BrandTable>, report: &mut Report<'_>) -> Option<Brand> {
    let ops = brand.ops.as_ref()?;
    if ops.value.is_empty() {
        report
            .error("no-ops", ops.place, "至少要写一位运营同事")
            .hint("没人处理的待办要有人接，例如 ops = [\"lin.yun\"]");
    }
    Some(Brand {
        id: brand.id.as_ref()?.0.clone(),
        name: brand.name.as_ref()?.0.clone(),
        ops: ops.value.iter().map(|person| person.0.clone()).collect(),
        colours: brand.colours.as_ref().map(|table| colours(table, report)).unwrap_or_default(),
    })
}

/// A camera needs the code darker than its paper; people need to read the words.
const CONTRAST_AT_LEAST: f64 = 4.5;

fn colours(table: &At<ColoursTable>, report: &mut Report<'_>) -> BrandColours {
    let otherwise = BrandColours::default();
    let or =
        |written: &Option<At<Colour>>, otherwise| written.as_ref().map_or(otherwise, |colour| colour.value);
    let colours = BrandColours {
        primary: or(&table.primary, otherwise.primary),
        ink: or(&table.ink, otherwise.ink),
        paper: or(&table.paper, otherwise.paper),
    };
    let too_light = colours.ink.luminance() > colours.paper.luminance();
    if too_light || colours.ink.contrast(colours.paper) < CONTRAST_AT_LEAST {
        report
            .error("low-contrast", table.place, "墨色和纸色分不清，二维码会扫不出来")
            .hint("ink 写深的颜色，paper 写浅的颜色");
    }
    colours
}

/// What must be unique or filled beyond what [`super::Known`] compares.
fn check_lists(reading: &Reading<'_>, report: &mut Report<'_>) {
    let mut aibots = Ids::new("智能机器人", "unknown-aibot", true);
    for aibot in reading.aibots() {
        aibots.define(aibot.id.as_ref(), report);
    }
    let mut archives: Vec<&At<Text>> = Vec::new();
    for corp_id in reading.archives().filter_map(|archive| archive.corp_id.as_ref()) {
        if let Some(first) = archives.iter().find(|other| other.value == corp_id.value) {
            let message = format!("这个企业的会话内容存档已经写在 {}", report.locate(first.place));
            report.error("duplicate-id", corp_id.place, message).hint("删掉其中一处");
        }
        archives.push(corp_id);
    }
    let apps = reading.apps().map(|app| (&app.token, &app.encoding_aes_key));
    let robots = reading.robots().map(|robot| (&robot.token, &robot.encoding_aes_key));
    let aibots = reading.aibots().map(|aibot| (&aibot.token, &aibot.encoding_aes_key));
    for (token, key) in apps.chain(robots).chain(aibots) {
        for list in [token, key].into_iter().flatten().filter(|list| list.value.is_empty()) {
            report.error("empty-list", list.place, "至少要写一个").hint("例如 [\"env:WECOM_TOKEN\"]");
        }
    }
}

fn check_git(table: &GitTable, report: &mut Report<'_>) {
    if let Some(every) = table.every.as_ref().filter(|every| every.value.0 < GIT_EVERY_AT_LEAST) {
        report.error("too-often", every.place, "拉取得太勤，远端会受不了").hint("至少隔 1 秒，一般写 \"1m\"");
    }
    if let Some(At { value: SecretSource::Env(_), place }) = &table.deploy_key {
        report
            .error("deploy-key-not-a-file", *place, "部署密钥要放在文件里，ssh 只读文件")
            .hint("写成 \"file:路径\"，并执行 chmod 600");
    }
}

fn git(table: &GitTable) -> GitConfig {
    let name = |name: &Option<At<GitName>>, otherwise: &str| {
        name.as_ref().map_or_else(|| otherwise.to_owned(), |name| name.value.0.clone())
    };
    let deploy_key = table.deploy_key.as_ref().and_then(|source| match &source.value {
        SecretSource::File(path) => Some(path.clone()),
        SecretSource::Env(_) => None,
    });
    GitConfig {
        remote: name(&table.remote, GIT_REMOTE),
        branch: name(&table.branch, GIT_BRANCH),
        every: table.every.as_ref().map_or(GIT_EVERY, |every| every.value.0),
        deploy_key,
    }
}

fn id(id: &Option<At<Id>>) -> Option<Arc<str>> {
    Some(Arc::from(id.as_ref()?.0.as_str()))
}

fn secret(source: &At<SecretSource>, report: &Report<'_>) -> SecretRef {
    SecretRef { source: source.value.clone(), place: report.locate(source.place) }
}

type Secrets = Option<At<Vec<At<SecretSource>>>>;

fn callback(token: &Secrets, key: &Secrets, report: &Report<'_>) -> Option<CallbackSecrets> {
    let all = |list: &At<Vec<At<SecretSource>>>| list.value.iter().map(|one| secret(one, report)).collect();
    Some(CallbackSecrets { token: all(token.as_ref()?), encoding_aes_key: all(key.as_ref()?) })
}

fn app(entry: &AppEntry, report: &Report<'_>) -> Option<AppConfig> {
    Some(AppConfig {
        id: id(&entry.id)?,
        corp_id: entry.corp_id.as_ref()?.0.clone(),
        agent_id: entry.agent_id.as_ref()?.0,
        secret: secret(entry.secret.as_ref()?, report),
        callback: callback(&entry.token, &entry.encoding_aes_key, report)?,
        sync: entry.sync.as_ref().is_some_and(|sync| sync.value),
    })
}

fn robot(entry: &RobotEntry, report: &Report<'_>) -> Option<RobotConfig> {
    Some(RobotConfig {
        id: id(&entry.id)?,
        callback: callback(&entry.token, &entry.encoding_aes_key, report)?,
        receive_id: entry.receive_id.as_ref().map(|text| text.0.clone()).unwrap_or_default(),
    })
}

fn aibot(entry: &AibotEntry, report: &Report<'_>) -> Option<AibotConfig> {
    Some(AibotConfig {
        id: id(&entry.id)?,
        name: entry.name.as_ref()?.0.clone(),
        callback: callback(&entry.token, &entry.encoding_aes_key, report)?,
    })
}

fn webhook(entry: &WebhookEntry, report: &Report<'_>) -> Option<WebhookConfig> {
    Some(WebhookConfig { id: id(&entry.id)?, key: secret(entry.key.as_ref()?, report) })
}

fn archive(entry: &ArchiveEntry, report: &Report<'_>) -> Option<ArchiveConfig> {
    Some(ArchiveConfig {
        corp_id: entry.corp_id.as_ref()?.0.clone(),
        hmac_key: secret(entry.hmac_key.as_ref()?, report),
    })
}

//! The plan, for people and for programs.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::month::months;
use super::plan::{Plan, Row};
use crate::cli::columns::table;
use crate::rules::{Rulebook, Schedule};

/// Times of one schedule on one day that are told one by one.
const TIMES: usize = 4;
/// Posts to come that are told when the days that were asked for have none.
const NEXT: usize = 3;

pub fn text(plan: &Plan<'_>, rulebook: &Rulebook, now: Timestamp) -> String {
    if rulebook.schedules.is_empty() {
        return NO_SCHEDULE.to_owned();
    }
    let zone = rulebook.timezone.iana_name().unwrap_or("UTC");
    let mut text = format!("{} 到 {}，{zone} 时间\n\n", plan.days.from, plan.days.to);
    text.push_str(&months(plan.days, &rulebook.calendar, &plan.counts()));
    for (day, rows) in &plan.rows {
        text.push_str(&of_day(*day, rows, plan, rulebook));
    }
    if plan.is_empty() {
        text.push_str(&nothing(plan, rulebook, now));
    }
    text + &remarks(plan, rulebook)
}

const NO_SCHEDULE: &str = "\
还没有排期。建一个 config/schedules/daily.toml 就有了：

  [[schedule]]
  id = \"morning-greeting\"
  title = \"早安问候\"
  cron = \"30 8 * * *\"
  only = [\"workday\"]
  groups = { profiles = [\"direct-sale\"] }
  post = \"greeting-morning\"

No schedules yet: write the lines above, then look again.
";

fn of_day(day: Date, rows: &[Row<'_>], plan: &Plan<'_>, rulebook: &Rulebook) -> String {
    let holiday = rulebook.calendar.holiday(day).map(|name| format!(" {name}")).unwrap_or_default();
    let lines: Vec<[String; 4]> = rows.iter().map(|row| line(row, plan, rulebook)).collect();
    format!("{day} 星期{}{holiday}\n{}\n", weekday(day), table(&lines))
}

fn weekday(day: Date) -> &'static str {
    match day.weekday() {
        Weekday::Monday => "一",
        Weekday::Tuesday => "二",
        Weekday::Wednesday => "三",
        Weekday::Thursday => "四",
        Weekday::Friday => "五",
        Weekday::Saturday => "六",
        Weekday::Sunday => "日",
    }
}

/// When, what, with which script, to whom.
fn line(row: &Row<'_>, plan: &Plan<'_>, rulebook: &Rulebook) -> [String; 4] {
    let schedule = row.schedule;
    let mut whom = match (&row.listeners[..], plan.known) {
        ([only], _) => only.name.clone(),
        (many, true) => format!("{} 个群", many.len()),
        (many, false) => format!("{} 类群", many.len()),
    };
    if !schedule.groups.turn.is_empty() {
        whom.push_str(&format!("（到时候要：{}）", schedule.groups.turn));
    }
    if !row.usable {
        whom.push_str("（话术那天不在有效期内，发不出去）");
    }
    if row.guessed {
        whom.push_str("（放假未知，按平常的星期算）");
    }
    [format!("  {}", times(row, rulebook)), schedule.title.clone(), schedule.post.clone(), whom]
}

fn times(row: &Row<'_>, rulebook: &Rulebook) -> String {
    let zone = &rulebook.timezone;
    let (first, last) = row.spread();
    let mut text = match &row.moments[..] {
        [moment] if first == last => clock(*moment + seconds(first), zone),
        [moment] => {
            format!("{}–{}", clock(*moment + seconds(first), zone), clock(*moment + seconds(last), zone))
        }
        few if few.len() <= TIMES => {
            few.iter().map(|moment| clock(*moment, zone)).collect::<Vec<_>>().join("、")
        }
        many => format!("{} 起 {} 次", clock(many[0], zone), many.len()),
    };
    let own = &row.schedule.timing.zone;
    if own != zone {
        let name = own.iana_name().unwrap_or("UTC");
        text.push_str(&format!("（{name} {}）", clock(row.moments[0], own)));
    }
    text
}

/// With seconds only where there are some.
fn clock(moment: Timestamp, zone: &TimeZone) -> String {
    let local = moment.to_zoned(zone.clone());
    local.strftime(if local.second() == 0 { "%H:%M" } else { "%H:%M:%S" }).to_string()
}

fn seconds(offset: u32) -> SignedDuration {
    SignedDuration::from_secs(i64::from(offset))
}

/// What comes next, when these days bring nothing.
fn nothing(plan: &Plan<'_>, rulebook: &Rulebook, now: Timestamp) -> String {
    let mut coming: Vec<(Timestamp, &Schedule)> = rulebook
        .schedules
        .values()
        .filter(|schedule| !schedule.off && !plan.unheard.iter().any(|one| one.id == schedule.id))
        .filter_map(|schedule| Some((schedule.timing.next(now)?, &**schedule)))
        .collect();
    coming.sort_by_key(|(moment, _)| *moment);
    let mut text = "这些天没有要发的。 Nothing goes out in these days.\n".to_owned();
    for (moment, schedule) in coming.iter().take(NEXT) {
        let when = moment.to_zoned(rulebook.timezone.clone()).strftime("%F %H:%M");
        text.push_str(&format!("  下一次 {when}  {}\n", schedule.title));
    }
    text + "\n"
}

fn remarks(plan: &Plan<'_>, rulebook: &Rulebook) -> String {
    let count: usize = plan.counts().values().sum();
    let mut text =
        format!("共 {count} 次 ({count} occurrences)。休 放假，班 调休上班，后面的数字是这天发几次。\n");
    let unknown: Vec<String> = (plan.days.from.year()..=plan.days.to.year())
        .filter(|year| !rulebook.calendar.knows(*year))
        .map(|year| year.to_string())
        .collect();
    if !unknown.is_empty() {
        let years = unknown.join("、");
        text.push_str(&format!("{years} 年的放假安排还没有写（config/calendar/），没有标休和班。\n"));
    }
    if !plan.known {
        text.push_str(
            "还没有机器人的数据，群按 config/groups 里的写法算；群到齐以后再看，会列出真正的群。\n",
        );
    }
    let titles = |all: &[&Schedule]| all.iter().map(|one| one.title.as_str()).collect::<Vec<_>>().join("、");
    if !plan.off.is_empty() {
        text.push_str(&format!("停用的：{}\n", titles(&plan.off)));
    }
    if !plan.unheard.is_empty() {
        text.push_str(&format!("没有群会收到的：{}\n", titles(&plan.unheard)));
    }
    text
}

#[derive(Serialize)]
struct Occurrence<'r> {
    schedule: &'r str,
    title: &'r str,
    post: &'r str,
    /// The schedule's moment.
    at: Timestamp,
    zone: Option<&'r str>,
    /// The script may be sent then.
    usable: bool,
    /// Judged without the holidays of the year.
    guessed: bool,
    /// What must hold of each group at its turn, Chinese; missing when nothing must.
    #[serde(skip_serializing_if = "Option::is_none")]
    only_if: Option<String>,
    groups: Vec<Group<'r>>,
}

#[derive(Serialize)]
struct Group<'r> {
    /// Missing for a kind of groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'r str>,
    name: &'r str,
    /// This group's own moment; missing for a kind of groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
}

pub fn json(plan: &Plan<'_>) -> serde_json::Result<String> {
    let rows = plan.rows.values().flatten();
    let occurrences: Vec<Occurrence<'_>> =
        rows.flat_map(|row| row.moments.iter().map(|moment| occurrence(row, *moment))).collect();
    serde_json::to_string_pretty(&occurrences)
}

fn occurrence<'r>(row: &'r Row<'_>, at: Timestamp) -> Occurrence<'r> {
    let group = |one: &&'r super::audience::Listener| Group {
        id: one.id.as_deref(),
        name: &one.name,
        due: row.offset(one).map(|offset| at + seconds(offset)),
    };
    Occurrence {
        schedule: &row.schedule.id,
        title: &row.schedule.title,
        post: &row.schedule.post,
        at,
        zone: row.schedule.timing.zone.iana_name(),
        usable: row.usable,
        guessed: row.guessed,
        only_if: Some(row.schedule.groups.turn.to_string()).filter(|words| !words.is_empty()),
        groups: row.listeners.iter().map(group).collect(),
    }
}

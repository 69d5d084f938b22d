//! Proof for programs and spreadsheets.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::columns::as_text;
use super::totals::by_store;
use super::{Row, in_words};
use crate::rules::Rulebook;
use crate::store::{Handing, MissedRecord};

/// What the columns of the table are called. New ones come last: spreadsheets know columns by their places.
const COLUMNS: [&str; 14] = [
    "排期",
    "编号",
    "应发时间",
    "区域",
    "门店",
    "群",
    "结果",
    "晚了多少秒",
    "交给谁",
    "交到的时间",
    "确认的时间",
    "发出的时间",
    "在群里看到的时间",
    "看到谁发的",
];
/// Where nobody can see what people write in the group.
const NOT_HEARD: &str = "听不到这个群";

pub fn json_lines(rows: &[Row<'_>], missed: &[MissedRecord]) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for row in rows {
        writeln!(out, "{}", line(row))?;
    }
    for ((region, store), total) in by_store(rows) {
        let line = json!({
            "outcome": "total", "region": region, "store": store, "posts": total.posts,
            "posted": total.there, "seen": total.seen, "late_seconds": total.latest.as_secs(),
        });
        writeln!(out, "{line}")?;
    }
    for MissedRecord { found_at, missed } in missed {
        let line = json!({
            "schedule": missed.schedule, "outcome": "missed", "found_at": found_at, "first": missed.first,
            "last": missed.last, "occurrences": missed.occurrences, "groups": missed.groups,
        });
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

/// One post in one group.
pub fn line(row: &Row<'_>) -> Value {
    let (record, place, course) = (row.record, &row.place, &row.record.course);
    let by = |handing: &Option<Handing>| handing.as_ref().map(|handing| handing.name.clone());
    let at = |handing: &Option<Handing>| handing.as_ref().map(|handing| handing.at);
    json!({
        "schedule": record.schedule, "occurrence": record.occurrence, "due": record.due,
        "group": record.group, "group_name": place.group, "store": place.store, "region": place.region,
        "outcome": row.outcome().name(), "told": in_words(row.outcome()),
        "late_seconds": record.late_by().map(|late| late.as_secs()),
        "handed_to": by(&course.handed), "handed_at": at(&course.handed),
        "confirmed_at": course.confirmed_at, "delivered_at": course.delivered_at,
        "seen_by": by(&course.seen), "seen_at": at(&course.seen), "heard": place.heard,
    })
}

pub fn csv(rows: &[Row<'_>], rules: &Rulebook) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    // Spreadsheets take the file for UTF-8 only with this mark.
    write!(out, "\u{feff}")?;
    let mut table = csv::Writer::from_writer(out);
    table.write_record(COLUMNS)?;
    for row in rows {
        table.write_record(cells(row, rules).map(|text| as_text(&text)))?;
    }
    Ok(table.flush()?)
}

/// In the order of [`COLUMNS`].
pub fn cells(row: &Row<'_>, rules: &Rulebook) -> [String; COLUMNS.len()] {
    let (record, place, course) = (row.record, &row.place, &row.record.course);
    let moment =
        |at: Timestamp| at.to_zoned(rules.timezone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let told = |at: Option<Timestamp>| at.map(moment).unwrap_or_default();
    let by = |handing: &Option<Handing>| handing.as_ref().map(|one| one.name.clone()).unwrap_or_default();
    let at = |handing: &Option<Handing>| told(handing.as_ref().map(|handing| handing.at));
    let seen_at = match &course.seen {
        None if course.handed.is_some() && !place.heard => NOT_HEARD.to_owned(),
        seen => at(seen),
    };
    [
        row.title.clone(),
        record.schedule.clone(),
        moment(record.due),
        place.region.clone(),
        place.store.clone(),
        place.group.clone(),
        in_words(row.outcome()),
        record.late_by().map(|late| late.as_secs().to_string()).unwrap_or_default(),
        by(&course.handed),
        at(&course.handed),
        told(course.confirmed_at),
        told(course.delivered_at),
        seen_at,
        by(&course.seen),
    ]
}

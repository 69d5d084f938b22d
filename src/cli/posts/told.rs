//! Proof for people: what went out, how much of it is in the groups, and what is not.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;

use super::totals::{Total, by_region, by_store};
use super::{Row, in_words};
use crate::rules::Rulebook;
use crate::store::MissedRecord;

/// What is counted, as a whole and in part: the groups of one occurrence, the posts of several.
const GROUPS: (&str, &str) = ("个群", "个");
const POSTS: (&str, &str) = ("条", "条");
/// As wide as a moment and the blanks behind it.
const INDENT: &str = "             ";

pub fn text(rows: &[Row<'_>], missed: &[MissedRecord], rules: &Rulebook, all: bool) -> String {
    if rows.is_empty() && missed.is_empty() {
        return "这段时间没有排期。\nNothing was scheduled in this time.\n".to_owned();
    }
    let mut text = String::new();
    let mut occurrences: BTreeMap<(Timestamp, &str), Vec<&Row<'_>>> = BTreeMap::new();
    for row in rows {
        occurrences.entry((row.record.occurrence, &row.record.schedule)).or_default().push(row);
    }
    for ((at, _), rows) in &occurrences {
        occurrence(&mut text, *at, rows, rules, all);
    }
    missed.iter().for_each(|missed| missed_line(&mut text, missed, rules));
    if occurrences.len() > 1 {
        totals(&mut text, rows);
    }
    text
}

/// Writing to a string cannot fail, here and below.
fn occurrence(text: &mut String, at: Timestamp, rows: &[&Row<'_>], rules: &Rulebook, all: bool) {
    let title = rows.first().map_or("", |row| row.title.as_str());
    let total = Total::of(rows.iter().copied());
    let _ = writeln!(text, "{}  {title}：{}", local(at, rules), counted(GROUPS, &total));
    for ((_, store), total) in by_store(rows.iter().copied()) {
        if total.there < total.posts {
            let _ = writeln!(text, "{INDENT}{}：{}", named(store, "没有门店"), counted(GROUPS, &total));
        }
    }
    for row in rows.iter().filter(|row| all || !row.outcome().is_there()) {
        let _ = writeln!(text, "{INDENT}{}：{}", row.place.group, standing(row, rules));
    }
}

/// `王敏已发，10:04 在群里看到（晚 4m）`.
fn standing(row: &Row<'_>, rules: &Rulebook) -> String {
    let mut text = in_words(row.outcome());
    if let Some(seen) = &row.record.course.seen {
        let _ = write!(text, "，{} 在群里看到{}发的", local(seen.at, rules), seen.name);
    }
    if let Some(late) = row.record.late_by() {
        let _ = write!(text, "（晚 {late:#}）");
    }
    text
}

fn missed_line(text: &mut String, MissedRecord { found_at, missed }: &MissedRecord, rules: &Rulebook) {
    let title = rules.schedules.get(&missed.schedule).map_or(&missed.schedule, |one| &one.title);
    let (first, last) = (local(missed.first, rules), local(missed.last, rules));
    let _ = writeln!(
        text,
        "{}  {title}：错过了 {} 次（{first} 到 {last}），{} 个群",
        local(*found_at, rules),
        missed.occurrences,
        missed.groups
    );
}

/// All of them together, by region and store.
fn totals(text: &mut String, rows: &[Row<'_>]) {
    let _ = writeln!(text, "合计  {}", counted(POSTS, &Total::of(rows)));
    let stores = by_store(rows);
    for (region, total) in by_region(rows) {
        let _ = writeln!(text, "      {}：{}", named(region, "没有区域"), counted(POSTS, &total));
        for ((_, store), total) in stores.iter().filter(|((of, _), _)| *of == region) {
            let _ = writeln!(text, "        {}：{}", named(store, "没有门店"), counted(POSTS, total));
        }
    }
}

/// `12 个群，9 个已发（4 个在群里看到）`.
fn counted((whole, one): (&str, &str), total: &Total) -> String {
    let mut text = format!("{} {whole}，{} {one}已发", total.posts, total.there);
    if total.seen > 0 {
        let _ = write!(text, "（{} {one}在群里看到）", total.seen);
    }
    text
}

fn named(name: &str, otherwise: &str) -> String {
    if name.is_empty() { format!("（{otherwise}）") } else { name.to_owned() }
}

/// By the brand's clock, as the files say it.
fn local(at: Timestamp, rules: &Rulebook) -> String {
    at.to_zoned(rules.timezone.clone()).strftime("%m-%d %H:%M").to_string()
}

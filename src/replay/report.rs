//! The outcome of a replay, for people and for programs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};

use super::compare::{Difference, Turn};
use super::deed::{Deed, DeedKind, Person};
use super::masks::Masks;
use super::style::Style;
use crate::text::one_line;

/// Differences of one kind that are written out; the rest is counted, and all are in the JSON.
const LISTED_AT_MOST: usize = 50;
/// Characters of a text that are shown.
const SHOWN: usize = 80;

/// What was replayed.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The files that would be in force, and those that they are compared with, for people.
    pub proposed: String,
    pub against: String,
    pub since: Timestamp,
    pub until: Timestamp,
    /// Events in that time, and deeds of both versions.
    pub events: u64,
    pub deeds_before: u64,
    pub deeds_after: u64,
}

#[derive(Clone, Debug)]
pub struct Report {
    pub summary: Summary,
    pub differences: Vec<Difference>,
    pub timezone: TimeZone,
}

/// Differences of one kind by how they differ.
type Counts = BTreeMap<DeedKind, BTreeMap<Turn, usize>>;

impl Report {
    /// Takes everybody's name away.
    pub fn anonymous(mut self) -> Self {
        let mut masks = Masks::default();
        self.differences.iter_mut().for_each(|difference| masks.hide(difference));
        self
    }

    pub fn json(&self) -> Value {
        let differences: Vec<Value> = self.differences.iter().map(difference_json).collect();
        json!({
            "summary": self.summary,
            "counts": self.counts(),
            "differences": differences,
        })
    }

    /// Ends with a line break.
    pub fn text(&self, style: Style) -> String {
        let summary = &self.summary;
        let mut text = style.heading(2, "重放：这次改动会带来什么");
        let events = summary.events;
        text.push_str(&format!(
            "{} 至 {}，{events} 个事件，分别按「{}」和「{}」走了一遍，什么也没有发出去。\n",
            self.local(summary.since, "%Y-%m-%d %H:%M"),
            self.local(summary.until, "%Y-%m-%d %H:%M"),
            style.data(&summary.against),
            style.data(&summary.proposed),
        ));
        if self.differences.is_empty() {
            text.push_str(&format!("没有任何不同：两边做的 {} 件事完全一样。\n", summary.deeds_after));
            return text;
        }
        text.push('\n');
        text.push_str(&self.table(style));
        for (kind, turns) in self.counts() {
            let sum: usize = turns.values().sum();
            text.push('\n');
            text.push_str(&style.heading(3, &format!("{}：{sum} 处不同", kind.chinese())));
            let of_kind = || self.differences.iter().filter(|one| kind_of(one) == Some(kind));
            of_kind().take(LISTED_AT_MOST).for_each(|one| text.push_str(&self.difference(one, style)));
            if sum > LISTED_AT_MOST {
                let rest = sum - LISTED_AT_MOST;
                text.push_str(&style.item(&format!("……还有 {rest} 处，用 --format json 看全部")));
            }
        }
        text
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::new();
        for difference in &self.differences {
            let Some(kind) = kind_of(difference) else { continue };
            *counts.entry(kind).or_default().entry(difference.turn).or_default() += 1;
        }
        counts
    }

    fn table(&self, style: Style) -> String {
        let counts = self.counts();
        let count = |turns: &BTreeMap<Turn, usize>, turn| turns.get(&turn).copied().unwrap_or_default();
        let columns = [Turn::Gained, Turn::Lost, Turn::Changed, Turn::Moved];
        let mut text = String::new();
        if style == Style::Markdown {
            text.push_str("| | 多了 | 少了 | 变了 | 换了时间 |\n| --- | ---: | ---: | ---: | ---: |\n");
        }
        for (kind, turns) in &counts {
            match style {
                Style::Markdown => {
                    let cells: Vec<String> = columns.map(|turn| count(turns, turn).to_string()).to_vec();
                    text.push_str(&format!("| {} | {} |\n", kind.chinese(), cells.join(" | ")));
                }
                Style::Plain => {
                    let told = columns.into_iter().filter(|turn| count(turns, *turn) > 0);
                    let told: Vec<String> =
                        told.map(|turn| format!("{} {}", turn.chinese(), count(turns, turn))).collect();
                    text.push_str(&format!("  {}：{}\n", kind.chinese(), told.join("，")));
                }
            }
        }
        text
    }

    fn difference(&self, difference: &Difference, style: Style) -> String {
        let Some(deed) = difference.deed() else { return String::new() };
        let at = self.local(deed.at, "%m-%d %H:%M:%S");
        let group = if deed.group_name.is_empty() {
            deed.group.as_ref().map(|group| format!("「{group}」")).unwrap_or_default()
        } else {
            format!("「{}」", style.data(&one_line(&deed.group_name, SHOWN)))
        };
        let who = deed.who.as_ref().map(|person| format!(" {}", named(person, style))).unwrap_or_default();
        let said = match deed.said.as_str() {
            "" => String::new(),
            said => format!("：「{}」", style.data(&one_line(said, SHOWN))),
        };
        let mut text = style.item(&format!("{} {at}{group}{who}{said}", difference.turn.chinese()));
        if let Some(before) = &difference.before {
            text.push_str(&style.detail(&format!("原来 {}", self.deed(before, style))));
        }
        if let Some(after) = &difference.after {
            text.push_str(&style.detail(&format!("现在 {}", self.deed(after, style))));
        }
        let reasons = match difference.turn {
            Turn::Gained => vec![("原来的判断", &difference.instead), ("现在的判断", &deed.why)],
            Turn::Lost => vec![("原来的判断", &deed.why), ("现在的判断", &difference.instead)],
            Turn::Changed => vec![("判断", &deed.why)],
            Turn::Moved => Vec::new(),
        };
        for (what, why) in reasons.into_iter().filter(|(_, why)| !why.is_empty()) {
            let why = one_line(why, SHOWN * 2);
            text.push_str(&style.detail(&format!("{what} {}", style.data(&why))));
        }
        text
    }

    fn deed(&self, deed: &Deed, style: Style) -> String {
        let mut text = self.local(deed.at, "%m-%d %H:%M:%S");
        text.push_str(&format!(" {}", style.data(&deed.hand)));
        if let Some(to) = &deed.to {
            text.push_str(&format!(" → {}", named(to, style)));
        }
        if let Some(title) = &deed.title {
            text.push_str(&format!(" 待办卡「{}」", style.data(title)));
        }
        match &deed.text {
            Some(said) => text.push_str(&format!(" 「{}」", style.data(&one_line(said, SHOWN)))),
            None if deed.title.is_none() => text.push_str(&format!(" {}", deed.key.kind.chinese())),
            None => {}
        }
        text
    }

    fn local(&self, at: Timestamp, format: &str) -> String {
        at.to_zoned(self.timezone.clone()).strftime(format).to_string()
    }
}

impl Turn {
    fn chinese(self) -> &'static str {
        match self {
            Self::Gained => "多了",
            Self::Lost => "少了",
            Self::Changed => "变了",
            Self::Moved => "换了时间",
        }
    }
}

fn kind_of(difference: &Difference) -> Option<DeedKind> {
    difference.deed().map(|deed| deed.key.kind)
}

fn named(person: &Person, style: Style) -> String {
    style.data(&one_line(&person.name, SHOWN)).into_owned()
}

fn difference_json(difference: &Difference) -> Value {
    let deed = difference.deed();
    let who = deed.and_then(|deed| deed.who.as_ref());
    json!({
        "kind": kind_of(difference),
        "turn": difference.turn,
        "group": deed.and_then(|deed| deed.group.as_ref()),
        "group_name": deed.map(|deed| &deed.group_name),
        "member": who.map(|person| &person.id),
        "name": who.map(|person| &person.name),
        "said": deed.map(|deed| &deed.said),
        "before": difference.before.as_ref().map(deed_json),
        "after": difference.after.as_ref().map(deed_json),
        "instead": difference.instead,
    })
}

fn deed_json(deed: &Deed) -> Value {
    let names = |people: &[Person]| people.iter().map(|person| person.name.clone()).collect::<Vec<_>>();
    json!({
        "at": deed.at,
        "hand": deed.hand,
        "to": deed.to.as_ref().map(|person| &person.name),
        "title": deed.title,
        "text": deed.text,
        "mentions": names(&deed.mentions),
        "why": deed.why,
    })
}

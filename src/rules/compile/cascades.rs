//! Cascades: what is told, to whom, and for how long one waits.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::ids::Ids;
use super::profiles::list;
use super::{Known, Reading};
use crate::files::{At, Id, OffOr, Report, Spelled};
use crate::rules::written::CascadeTable;
use crate::rules::{CascadeOrder, CascadeRule, CascadeText, Escalation, Org, OrgLevel};
use crate::scripts::Library;
use crate::timetable::QuietHours;

const DEADLINE: SignedDuration = SignedDuration::from_hours(24);
const REMIND_AFTER: SignedDuration = SignedDuration::from_hours(4);
const QUIET: &str = "22:00-08:00";

/// By id.
pub fn check(
    reading: &Reading<'_>,
    known: &Known,
    scripts: &Library,
    org: &Org,
    report: &mut Report<'_>,
) -> BTreeMap<String, CascadeRule> {
    let mut ids = Ids::new("传达", "unknown-cascade", true);
    let mut rules = BTreeMap::new();
    for table in reading.cascades() {
        ids.define(table.id.as_ref(), report);
        let Some(rule) = rule(table, known, scripts, report) else { continue };
        // With errors about, the organisation may just not have been readable.
        if !report.has_errors() && !org.nodes().iter().any(|node| rule.takes(node, org)) {
            let hint = if org.nodes().is_empty() {
                "先写 config/org.toml：品牌下面有哪些经销商和门店"
            } else {
                "检查 levels 和 under，用 zhanggui org 看看组织"
            };
            report.error("cascade-to-nobody", table.place, "这次传达一个人也告诉不了").hint(hint);
        }
        rules.insert(rule.id.clone(), rule);
    }
    rules
}

/// `None` when something required is missing or wrong, which has been reported.
fn rule(
    table: &At<CascadeTable>,
    known: &Known,
    scripts: &Library,
    report: &mut Report<'_>,
) -> Option<CascadeRule> {
    let says = text(table, known, scripts, report);
    let under = table.under.iter().flat_map(|list| &list.value);
    for node in under {
        known.nodes.check(&node.0, node.place, report);
    }
    if let Some(levels) = table.levels.as_ref().filter(|levels| levels.value.is_empty()) {
        report.error("empty-list", levels.place, "至少要有一层").hint("每一层都要的话，删掉这一行");
    }
    let deadline = table.deadline.as_ref().map_or(DEADLINE, |deadline| deadline.value.0);
    let remind_after = match table.remind_after.as_ref().map(|after| after.value) {
        None => Some(REMIND_AFTER).filter(|after| *after < deadline),
        Some(after) => after.on().map(|after| after.0),
    };
    if let (Some(written), Some(after)) = (&table.remind_after, remind_after)
        && after >= deadline
    {
        report
            .error("bad-order", written.place, "还没提醒就已经到期了")
            .hint("remind_after 要比 deadline 短；不提醒就写 \"off\"");
    }
    Some(CascadeRule {
        id: table.id.as_ref()?.0.clone(),
        title: table.title.as_ref()?.0.clone(),
        says: says?,
        levels: list(table.levels.as_ref(), |level| *level).unwrap_or(OrgLevel::ALL.to_vec()),
        under: list(table.under.as_ref(), |node| node.0.clone()).unwrap_or_default(),
        order: table.order.as_ref().map_or(CascadeOrder::LevelByLevel, |order| order.value),
        deadline,
        remind_after,
        escalate_to: list(table.escalate_to.as_ref(), |who| *who)
            .unwrap_or(vec![Escalation::Parent, Escalation::Ops]),
        quiet: quiet(table),
    })
}

/// What is said: a script or a text, and only one of them.
fn text(
    table: &At<CascadeTable>,
    known: &Known,
    scripts: &Library,
    report: &mut Report<'_>,
) -> Option<CascadeText> {
    match (&table.script, &table.text) {
        (Some(script), None) => {
            if known.scripts.check(&script.0, script.place, report) {
                check_blanks(script, scripts, report);
            }
            Some(CascadeText::Script(script.0.clone()))
        }
        (None, Some(text)) => Some(CascadeText::Text(text.0.trim().to_owned())),
        (Some(_), Some(text)) => {
            report
                .error("two-texts", text.place, "script 和 text 都写了，不知道说哪个")
                .hint("留一个，删掉另一个");
            None
        }
        (None, None) => {
            if !report.is_broken(table.place.file()) {
                report
                    .error("missing-key", table.place, "没有写要说什么")
                    .hint("加一行 script = \"话术编号\"，或 text = \"…\"");
            }
            None
        }
    }
}

/// The bot itself says it, and fills in nothing.
fn check_blanks(script: &At<Id>, scripts: &Library, report: &mut Report<'_>) {
    let blanks =
        scripts.get(&script.0).is_some_and(|found| found.asks.iter().any(|ask| ask.default.is_none()));
    if blanks {
        report
            .error("cascade-with-blanks", script.place, format!("话术 {:?} 要人填空，不能自动传达", script.0))
            .hint("给每个填空写 default，或换一条");
    }
}

fn quiet(table: &CascadeTable) -> Option<QuietHours> {
    let hours = match &table.quiet {
        Some(At { value: OffOr::Off, .. }) => return None,
        Some(At { value: OffOr::On(hours), .. }) => *hours,
        None => crate::files::HoursOfDay::parse(QUIET).ok()?,
    };
    Some(QuietHours { start: hours.start, end: hours.end })
}

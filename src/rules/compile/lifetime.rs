//! Scripts that are over, soon over, or that nobody can get at.

use jiff::civil::Date;

use super::reading::WrittenScript;
use super::{Known, Reading};
use crate::files::Report;

/// Time enough to write and review another one.
const DAYS_AHEAD: i32 = 14;

/// Whether something leads to each script; to be asked when everything that refers to scripts was checked.
pub fn check_uses(reading: &Reading<'_>, known: &Known, report: &mut Report<'_>) {
    // References may be in what could not be read.
    if report.has_errors() {
        return;
    }
    for script in &reading.scripts {
        check_use(script, known, report);
    }
}

/// Whether its last day is near or over.
pub fn check_end(script: &WrittenScript<'_>, today: Date, report: &mut Report<'_>) {
    let entry = &script.entry;
    let last = entry.valid.as_ref().and_then(|valid| valid.to.as_ref());
    let Some(last) = last.filter(|_| entry.replaced_by.is_none()) else { return };
    let left = today.until(last.0).map_or(i32::MAX, |span| span.get_days());
    if left < 0 {
        report
            .warning("expired-script", last.place, format!("这条话术 {} 就过期了，店员取不到", last.0))
            .hint("改日期，写 replaced_by 指出接班的话术，或删掉它");
    } else if left <= DAYS_AHEAD {
        let when = if left == 0 { "今天".to_owned() } else { format!("再过 {left} 天") };
        report
            .note("expiring-script", last.place, format!("{when}是最后一天，还没有接班的话术"))
            .hint("到时候不用了就不必管；还要用就改日期，或写 replaced_by");
    }
}

fn check_use(script: &WrittenScript<'_>, known: &Known, report: &mut Report<'_>) {
    let entry = &script.entry;
    let found_by_staff = entry.triggers.as_ref().is_some_and(|triggers| !triggers.value.is_empty());
    let Some(id) = entry.id.as_ref().filter(|id| !found_by_staff && !known.scripts.is_referred_to(&id.0))
    else {
        return;
    };
    report
        .warning(
            "unused-script",
            id.place,
            format!("话术 {:?} 没有关键词，也没有哪里用到它，谁也取不到", id.0),
        )
        .hint("加上 triggers = [\"…\"]，或在群规里用它，或删掉它");
}

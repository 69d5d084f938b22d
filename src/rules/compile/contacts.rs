//! The welcome of a new customer: what can be sent within seconds.

use super::{Known, Reading};
use crate::files::{At, Id, Report};
use crate::scripts::{Library, Part};

/// The id of the script, if there is a welcome.
pub fn check(
    reading: &Reading<'_>,
    known: &Known,
    scripts: &Library,
    report: &mut Report<'_>,
) -> Option<String> {
    let table = reading.contact_welcome()?;
    let id = table.script.as_ref()?;
    if known.scripts.check(&id.0, id.place, report) {
        check_script(id, scripts, report);
    }
    let off = table.off.as_ref().is_some_and(|off| off.value);
    (!off).then(|| id.0.clone())
}

fn check_script(id: &At<Id>, scripts: &Library, report: &mut Report<'_>) {
    let Some(script) = scripts.get(&id.0) else { return };
    if script.asks.iter().any(|ask| ask.default.is_none()) {
        report
            .error("welcome-with-blanks", id.place, format!("话术 {:?} 要人填空，不能自动欢迎客户", id.0))
            .hint("给每个填空写 default，或换一条");
    }
    let quick = |part: &Part| matches!(part, Part::Text { .. } | Part::Link { picture: None, .. });
    if let Some(slow) = script.messages.iter().map(|message| &message.content).find(|part| !quick(part)) {
        let message = format!("话术 {:?} 里有{}，20 秒里发不出去", id.0, slow.kind().chinese());
        report.error("slow-welcome", id.place, message).hint("只用文字和不带图片的链接，或换一条");
    }
}

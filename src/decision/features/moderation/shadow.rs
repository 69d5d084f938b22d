//! Shadow mode: what would have been done is noted, and told to ops once a day.

use jiff::civil::Time;
use jiff::{Timestamp, ToSpan};

use super::NAME;
use crate::decision::event::TimerKind;
use crate::decision::{Case, Draft, ShadowTally, Timer};
use crate::rules::ModerationRule;
use crate::text::one_line;

/// When ops is told: the first thing in the working day.
const TOLD_AT: Time = Time::constant(9, 0, 0, 0);
/// Examples in one report; `zhanggui why` has the rest.
const EXAMPLES: usize = 5;
/// Kinds of deeds that are told apart: more than any brand has profiles times rules.
const KINDS_AT_MOST: usize = 200;
/// Characters of an example.
const SHOWN: usize = 40;

pub(super) fn note(draft: &mut Draft<'_>, rule: ModerationRule, what: &str, case: &Case) {
    draft.because(NAME, "shadow", format!("影子模式（{}）：本应「{what}」，只记录不处理", rule.chinese()));
    let profile = draft.profile().map(|profile| profile.name.clone()).unwrap_or_default();
    let kind = format!("{profile}·{}：{what}", rule.chinese());
    let group = draft.group().map(|group| group.name.clone()).unwrap_or_default();
    let example = format!("「{}」（{group}，{}）", one_line(&case.text, SHOWN), case.evidence);
    let due = next_report(draft);
    let tally = &mut draft.brand_mut().shadow;
    let first = tally.is_empty();
    if tally.counts.len() < KINDS_AT_MOST || tally.counts.contains_key(&kind) {
        *tally.counts.entry(kind).or_default() += 1;
    }
    if tally.examples.len() < EXAMPLES {
        tally.examples.push(example);
    }
    if first {
        let kind = TimerKind::ShadowReport;
        draft.set_timer(Timer { key: kind.as_str().into(), due, kind, group: None, subject: String::new() });
    }
}

/// The next moment at which ops is told.
fn next_report(draft: &Draft<'_>) -> Timestamp {
    let zone = &draft.rules.timezone;
    let local = draft.now.to_zoned(zone.clone());
    let day = if local.time() < TOLD_AT { local.date() } else { local.date().saturating_add(1.day()) };
    let due = zone.to_ambiguous_timestamp(day.to_datetime(TOLD_AT)).compatible();
    due.unwrap_or(draft.now)
}

/// Tells ops, and begins anew.
pub(super) fn report(draft: &mut Draft<'_>) {
    let ShadowTally { counts, examples } = std::mem::take(&mut draft.brand_mut().shadow);
    if counts.is_empty() {
        return;
    }
    draft.because(NAME, "shadow_report", "把影子模式下本应做的事告诉运营");
    let mut text =
        "影子模式日报：从上次到现在，规则如果正式启用，会有这些动作（实际什么也没做）：".to_owned();
    for (what, times) in counts {
        text.push_str(&format!("\n{what} {times} 次"));
    }
    text.push_str("\n例如：");
    for example in examples {
        text.push('\n');
        text.push_str(&example);
    }
    text.push_str("\n看过没有冤枉人，就可以在群规里去掉 shadow，正式启用。");
    draft.tell_ops(&text, "\n……");
}

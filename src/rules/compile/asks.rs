//! What people fill in before they send a script.

use super::messages;
use crate::files::{At, Report};
use crate::rules::written::{AskEntry, ScriptEntry};
use crate::scripts::{Ask, FACT_NAMES};

/// More choices are no list that anybody reads in a chat.
const CHOICES_AT_MOST: usize = 20;
/// More questions than anybody answers before sending one message.
const ASKS_AT_MOST: usize = 10;

pub fn check(entry: &ScriptEntry, report: &mut Report<'_>) -> Vec<Ask> {
    let mut asks: Vec<(Ask, &At<AskEntry>)> = Vec::new();
    for written in entry.ask.iter().flat_map(|list| &list.value) {
        let Some(ask) = ask(written) else { continue };
        check_name(&ask, written, &asks, report);
        check_answers(&ask, written, report);
        check_used(&ask, written, entry, report);
        asks.push((ask, written));
    }
    if let Some((_, first_too_many)) = asks.get(ASKS_AT_MOST) {
        report
            .error("too-many-asks", first_too_many.place, format!("一条话术最多填 {ASKS_AT_MOST} 个空"))
            .hint("拆成两条话术");
    }
    asks.into_iter().map(|(ask, _)| ask).collect()
}

/// `None` when something required is missing, which has been reported.
fn ask(written: &AskEntry) -> Option<Ask> {
    Some(Ask {
        name: written.name.as_ref()?.0.clone(),
        label: written.label.as_ref()?.0.clone(),
        choices: written.choices.iter().flat_map(|list| &list.value).map(|choice| choice.0.clone()).collect(),
        pattern: written.pattern.as_ref().map(|pattern| pattern.0.clone()),
        default: written.default.as_ref().map(|default| default.0.clone()),
    })
}

fn check_name(ask: &Ask, written: &AskEntry, earlier: &[(Ask, &At<AskEntry>)], report: &mut Report<'_>) {
    let Some(name) = &written.name else { return };
    let own = FACT_NAMES.iter().map(|fact| fact.split('.').next().unwrap_or(fact));
    if own.chain(["product"]).any(|taken| taken == ask.name) {
        let message = format!("{{{{ {} }}}} 已经有别的意思", ask.name);
        report.error("taken-name", name.place, message).hint("换一个名字，例如加上 _today");
    }
    if let Some((_, first)) = earlier.iter().find(|(other, _)| other.name == ask.name) {
        let message = format!("空的名字 {:?} 已经用在 {}", ask.name, report.locate(first.place));
        report.error("duplicate-id", name.place, message).hint("换一个名字，或删掉其中一处");
    }
}

fn check_answers(ask: &Ask, written: &AskEntry, report: &mut Report<'_>) {
    if let (Some(choices), Some(pattern)) = (&written.choices, &written.pattern)
        && !choices.value.is_empty()
    {
        report.error("choices-and-pattern", pattern.place, "写了 choices 就不用再写 pattern").hint("留一个");
    }
    if ask.choices.len() > CHOICES_AT_MOST {
        let place =
            written.choices.as_ref().map_or(written.label.as_ref().map(|at| at.place), |at| Some(at.place));
        if let Some(place) = place {
            report
                .error("too-many-choices", place, format!("最多写 {CHOICES_AT_MOST} 个选项"))
                .hint("选项太多就改用 pattern，让人直接填");
        }
    }
    if let Some(default) = &written.default
        && let Err(why) = ask.accepts(&default.0)
    {
        report
            .error("bad-default", default.place, format!("默认值自己就不合要求：{why}"))
            .hint("改成一个可以填的回答");
    }
}

fn check_used(ask: &Ask, written: &At<AskEntry>, entry: &ScriptEntry, report: &mut Report<'_>) {
    let messages = entry.message.iter().flat_map(|list| &list.value);
    let mut texts = messages.flat_map(|message| messages::texts(message));
    if !texts.any(|(_, text)| text.0.contains(&ask.name)) && entry.joins.is_none() {
        report
            .warning("unused-ask", written.place, format!("问了 {:?}，内容里却没有用到", ask.name))
            .hint(format!("在内容里写 {{{{ {} }}}}，或删掉这个 [[script.ask]]", ask.name));
    }
}

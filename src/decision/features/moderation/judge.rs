//! One message judged: act, ask a person, or let it pass.

use super::weigh::Weighed;
use super::{NAME, Offence, ask, flood, ladder, names, raid, spread, trust};
use crate::decision::event::{MemberId, Message};
use crate::decision::{Case, Draft};
use crate::rules::{Moderation, ModerationRule};
use crate::text::matching_key;

pub(super) fn message(draft: &mut Draft<'_>, rules: &Moderation, from: &MemberId, message: &Message) {
    let flood = flood::one_too_many(draft, rules, from);
    let mut found = Weighed::of(draft, rules, draft.signals);
    names::add_to(draft, rules, from, &mut found);
    let mut rule = ModerationRule::Ad;
    if let Some(seen) = spread::notice(draft, rules, from, &message.content.text, &found.evidence) {
        if found.weight < rules.ask_at {
            rule = ModerationRule::Spread;
        }
        found.add(spread::WEIGHT, &seen);
    }
    if found.weight < rules.ask_at && flood.is_none() {
        return pass(draft, rules, from, &found);
    }
    let Some(case) = Case::of(draft.event, &found.evidence) else { return };
    let mut offence = Offence { case, rule, message_id: &message.id, script: None };
    if conclude(draft, rules, &mut offence, &found) {
        return;
    }
    if let Some(why) = flood {
        draft.because(NAME, "flood", why.clone());
        offence.case.evidence = why;
        let script = rules.flood_script.as_deref();
        ladder::strike(draft, rules, &Offence { rule: ModerationRule::Flood, script, ..offence });
    }
}

/// Nearly every message.
fn pass(draft: &mut Draft<'_>, rules: &Moderation, from: &MemberId, found: &Weighed) {
    if !found.evidence.is_empty() {
        let Weighed { weight, evidence, .. } = found;
        draft.because(NAME, "passed", format!("放行（{weight:.2} < {:.2}）：{evidence}", rules.ask_at));
    }
    trust::grow(draft, rules, from);
}

/// Acts or asks if the signs weigh enough. Returns whether they do.
pub(super) fn conclude(
    draft: &mut Draft<'_>,
    rules: &Moderation,
    offence: &mut Offence<'_>,
    found: &Weighed,
) -> bool {
    let Weighed { weight, kinds, evidence } = found;
    if *weight < rules.ask_at {
        return false;
    }
    offence.case.evidence.clone_from(evidence);
    raid::notice(draft, rules, &offence.case);
    let act_at = if raid::stricter(draft, rules, offence.member()) { rules.ask_at } else { rules.act_at };
    if *weight < act_at {
        draft.because(NAME, "suspicious", format!("可疑（{weight:.2} ≥ {:.2}）：{evidence}", rules.ask_at));
        ask::ask(draft, rules, offence);
        return true;
    }
    draft.because(NAME, "ad", format!("判为广告（{weight:.2} ≥ {act_at:.2}）：{evidence}"));
    if let Some(word) = warning_word(rules, &offence.case.text) {
        draft.because(NAME, "warns", format!("话里有「{word}」，可能是在提醒大家，不直接处理"));
        ask::ask(draft, rules, offence);
    } else if *kinds < 2 && trust::is_established(draft, rules, offence.member()) {
        draft.because(NAME, "one_signal", "老成员只有一种迹象，不直接处理");
        ask::ask(draft, rules, offence);
    } else {
        ladder::strike(draft, rules, offence);
    }
    true
}

/// Only messages that would be acted upon are looked at, so folding them once more costs nothing.
fn warning_word<'r>(rules: &'r Moderation, text: &str) -> Option<&'r str> {
    if rules.warning_words.is_empty() {
        return None;
    }
    let said = matching_key(text);
    rules.warning_words.iter().map(String::as_str).find(|word| said.contains(&matching_key(word)))
}

//! Several suspicious newcomers within minutes: for a while, newcomers are judged more strictly.

use super::NAME;
use crate::decision::event::MemberId;
use crate::decision::{Case, Draft};
use crate::rules::{Moderation, RaidRule};

/// Remembers a suspicious message of a newcomer.
pub(super) fn notice(draft: &mut Draft<'_>, rules: &Moderation, case: &Case) {
    let Some(rule) = rules.raid.filter(|rule| is_newcomer(draft, rule, &case.member)) else { return };
    let (at, was_on) = (draft.event.at, is_on(draft));
    let Some(group) = draft.group_mut() else { return };
    let raid = &mut group.raid;
    raid.suspects.retain(|_, then| at.duration_since(*then) < rule.within);
    // So many are proof enough: no crowd can make this grow.
    if raid.suspects.len() < rule.newcomers || raid.suspects.contains_key(&case.member) {
        raid.suspects.insert(case.member.clone(), at);
    }
    if raid.suspects.len() < rule.newcomers {
        return;
    }
    raid.until = at.checked_add(rule.lasts).ok();
    if !was_on {
        let text =
            format!("{} 分钟内有 {} 个新人的消息可疑，对新人从严", rule.within.as_mins(), rule.newcomers);
        draft.because(NAME, "raid", text);
    }
}

/// Whether this member is acted upon where otherwise a person would be asked.
pub(super) fn stricter(draft: &Draft<'_>, rules: &Moderation, id: &MemberId) -> bool {
    rules.raid.is_some_and(|rule| is_on(draft) && is_newcomer(draft, &rule, id))
}

fn is_on(draft: &Draft<'_>) -> bool {
    let until = draft.group().and_then(|group| group.raid.until);
    until.is_some_and(|until| draft.event.at < until)
}

fn is_newcomer(draft: &Draft<'_>, rule: &RaidRule, id: &MemberId) -> bool {
    let joined = draft.member(id).and_then(|member| member.joined_at);
    joined.is_some_and(|joined| draft.event.at.duration_since(joined) < rule.joined_within)
}

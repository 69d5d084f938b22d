//! What is said to the group, and how somebody is taken out of it.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::NAME;
use crate::decision::event::MemberId;
use crate::decision::route::Request;
use crate::decision::{Act, Action, Case, Draft};

/// A removal that a person or the platform has not carried out yet is not asked for again so soon.
const REMOVAL_PENDING: SignedDuration = SignedDuration::from_hours(24);

/// The one short line that the group hears.
pub(super) fn line(draft: &mut Draft<'_>, script: Option<&str>, to: &[MemberId]) -> Option<Act> {
    let library = &draft.rules.scripts;
    let script = library.resolved(script?, &draft.asker(None))?;
    let variant = library.variant_for(script, crate::text::fingerprint(draft.event.key.as_str()));
    match library.fill(script, variant, &draft.facts(to, None), &BTreeMap::new()) {
        Ok(filled) => {
            let part = filled.into_iter().next()?;
            Some(Act::Post { part, mentions: to.to_vec() })
        }
        Err(error) => {
            draft.because(NAME, "not_filled", error.to_string());
            None
        }
    }
}

/// Removes where a hand can, else asks a person, whose card gets the rows `also`. Returns whether a
/// person was asked for that, or is still asked.
pub(super) fn remove(
    draft: &mut Draft<'_>,
    id: &MemberId,
    case: Option<&Case>,
    line: Option<Act>,
    why: String,
    also: Vec<(String, String)>,
) -> bool {
    let now = draft.now;
    let asked = draft.member(id).and_then(|member| member.removal_asked_at);
    if asked.is_some_and(|asked| now.duration_since(asked) < REMOVAL_PENDING) {
        draft.because(NAME, "removal_pending", format!("已经在移出 {}，不再重复", draft.name_of(id)));
        return true;
    }
    draft.member_mut(id).removal_asked_at = Some(now);
    let act = Act::Remove { member: id.clone() };
    let by_person = !draft.can(&act);
    let mut rows = rows(draft, id);
    if by_person {
        rows.extend(also);
    }
    draft.act_about(case, act, line, Request { title: "请移出这位成员", why, rows });
    by_person
}

pub(super) fn rows(draft: &Draft<'_>, id: &MemberId) -> Vec<(String, String)> {
    let group = draft.group().map(|group| group.name.clone()).unwrap_or_default();
    vec![("群".into(), group), ("成员".into(), draft.name_of(id).to_owned())]
}

/// A hand has carried something out.
pub(super) fn done(draft: &mut Draft<'_>, action: &Action) {
    if let Act::Remove { member } = &action.act {
        let now = draft.now;
        draft.member_mut(member).removed_at = Some(now);
    }
}

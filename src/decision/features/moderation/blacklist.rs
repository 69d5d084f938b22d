//! Who may not be in the group, or in any of the brand's.

use super::{NAME, hands};
use crate::decision::event::MemberId;
use crate::decision::{Blacklisting, Case, Draft};
use crate::rules::{BlacklistRule, BlacklistScope};

/// A banned person who comes in is shown the door at once.
pub(super) fn turn_away(draft: &mut Draft<'_>, id: &MemberId) {
    let Some(why) = draft.blacklisted(id).map(str::to_owned) else { return };
    draft.because(
        NAME,
        "blacklisted_joiner",
        format!("{} 在黑名单里（{why}），不欢迎，移出", draft.name_of(id)),
    );
    hands::remove(draft, id, None, None, format!("黑名单成员再次进群：{why}"), Vec::new());
}

pub(super) fn ban(draft: &mut Draft<'_>, rule: BlacklistRule, case: &Case) {
    let until = rule.lasts.and_then(|lasts| draft.now.checked_add(lasts).ok());
    let why = format!("发广告：{}", case.evidence);
    let entry = Blacklisting { since: draft.now, until, why, message: Some(case.message.clone()) };
    let id = &case.member;
    let scope = match rule.scope {
        BlacklistScope::Group => {
            draft.member_mut(id).blacklisted = Some(entry);
            "本群"
        }
        BlacklistScope::Brand => {
            draft.person_mut(id).blacklisted = Some(entry);
            "品牌所有群"
        }
    };
    draft.because(NAME, "blacklisted", format!("{} 进入{scope}黑名单", draft.name_of(id)));
}

/// Lifts what this message brought, and nothing else. Returns whether there was anything.
pub(super) fn lift(draft: &mut Draft<'_>, case: &Case) -> bool {
    let of_case = |entry: &Option<Blacklisting>| {
        entry.as_ref().is_some_and(|entry| entry.message.as_ref() == Some(&case.message))
    };
    let here = draft.member(&case.member).is_some_and(|member| of_case(&member.blacklisted));
    let everywhere = draft.person(&case.member).is_some_and(|person| of_case(&person.blacklisted));
    if here {
        draft.member_mut(&case.member).blacklisted = None;
    }
    if everywhere {
        draft.person_mut(&case.member).blacklisted = None;
    }
    here || everywhere
}

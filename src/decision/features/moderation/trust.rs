//! Trust grows by a day of honest messages at a time, and expires in silence.

use jiff::Timestamp;

use crate::decision::event::MemberId;
use crate::decision::{Draft, MemberState, Trust};
use crate::rules::{Moderation, TrustRule};

/// Whether one kind of sign is not enough against this member: here for long, or trusted.
pub(super) fn is_established(draft: &Draft<'_>, rules: &Moderation, id: &MemberId) -> bool {
    let (Some(after), Some(member)) = (rules.second_signal_after, draft.member(id)) else { return false };
    let at = draft.event.at;
    let here_for_long = member.joined_at.is_some_and(|joined| at.duration_since(joined) >= after);
    here_for_long || rules.trust.is_some_and(|rule| is_trusted(member, rule, at))
}

fn is_trusted(member: &MemberState, rule: TrustRule, at: Timestamp) -> bool {
    member
        .trust
        .as_ref()
        .is_some_and(|trust| trust.honest_days >= rule.days && at.duration_since(trust.last) < rule.expires)
}

/// Counts an honest message: the first of each of the brand's days, so that nobody earns trust in a
/// minute, and a member is written to disk once a day.
pub(super) fn grow(draft: &mut Draft<'_>, rules: &Moderation, id: &MemberId) {
    let Some(rule) = rules.trust else { return };
    let at = draft.event.at;
    let day = |moment: Timestamp| moment.to_zoned(draft.rules.timezone.clone()).date();
    let before = draft.member(id).and_then(|member| member.trust.clone());
    let honest_days = match before {
        Some(trust) if day(at) <= day(trust.last) => return,
        Some(trust) if at.duration_since(trust.last) < rule.expires => trust.honest_days + 1,
        _ => 1,
    };
    // More days than needed say nothing more.
    let trust = Trust { honest_days: honest_days.min(rule.days), last: at };
    draft.member_mut(id).trust = Some(trust);
}

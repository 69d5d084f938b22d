//! Flooding: too many messages, or the same one again and again.

use crate::decision::event::MemberId;
use crate::decision::{Draft, Said};
use crate::rules::Moderation;

/// Remembers this message in the flood window and says why it is one too many, if it is.
pub(super) fn one_too_many(draft: &mut Draft<'_>, rules: &Moderation, from: &MemberId) -> Option<String> {
    let flood = rules.flood?;
    let (at, fingerprint) = (draft.event.at, draft.signals.fingerprint);
    let member = draft.member_mut(from);
    member.recent.retain(|Said(then, _)| at.duration_since(*then) < flood.within);
    // One more than the limits is all that is ever compared.
    let keep = flood.messages.max(flood.repeats);
    let surplus = member.recent.len().saturating_sub(keep);
    member.recent.drain(..surplus);
    member.recent.push(Said(at, fingerprint));
    let same =
        member.recent.iter().filter(|Said(_, other)| fingerprint != 0 && *other == fingerprint).count();
    let all = member.recent.len();
    let seconds = flood.within.as_secs();
    if same >= flood.repeats {
        Some(format!("刷屏：{seconds} 秒内重复发送 {same} 次相同内容"))
    } else if all > flood.messages {
        Some(format!("刷屏：{seconds} 秒内发了 {all} 条消息"))
    } else {
        None
    }
}

//! What is not certain enough to act upon is shown to a person. The group hears nothing.

use jiff::SignedDuration;

use super::{NAME, Offence, hands, in_shadow, shadow, spread};
use crate::decision::route::Request;
use crate::decision::{Act, Draft};
use crate::rules::Moderation;

/// A person who has not answered is not asked about the same member again so soon.
const ASKED_LATELY: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn ask(draft: &mut Draft<'_>, rules: &Moderation, offence: &Offence<'_>) {
    let (id, now) = (offence.member(), draft.now);
    if in_shadow(rules, offence.rule) {
        return shadow::note(draft, offence.rule, "请人看", &offence.case);
    }
    spread::judged(draft, &offence.case);
    let asked = draft.member(id).and_then(|member| member.asked_at);
    if asked.is_some_and(|asked| now.duration_since(asked) < ASKED_LATELY) {
        let text = format!("已经请人看 {} 了，还没有回答，不再重复", draft.name_of(id));
        return draft.because(NAME, "ask_pending", text);
    }
    draft.because(NAME, "ask", "拿不准，请人看一眼，群里不说话");
    draft.member_mut(id).asked_at = Some(now);
    let request =
        Request { title: "请看看是不是广告", why: offence.why(), rows: hands::rows(draft, id) };
    draft.act_about(Some(&offence.case), Act::Judge { member: id.clone() }, None, request);
}

//! Asking before the first post, and once more when nobody has answered.

use jiff::Timestamp;

use super::{NAME, cards, is_on, next_post, state, words};
use crate::decision::event::{MemberId, TimerKind};
use crate::decision::{ApprovalAsked, CampaignState, Draft, Part, Timer};
use crate::rules::{Approval, Campaign};
use crate::text::whole_lines;

use crate::decision::route::TOLD_BYTES_AT_MOST;

/// Asks, reminds, or looks again when it is time to.
pub(super) fn look(draft: &mut Draft<'_>, campaign: &Campaign) {
    let Some(approval) = &campaign.approval else { return };
    let state = state(draft, campaign);
    if !is_on(draft, campaign) || state.ended.is_some() || state.answer_to(campaign).is_some() {
        return;
    }
    let Some(first) = next_post(draft, campaign) else { return };
    match state.question.clone().filter(|asked| asked.version == campaign.version) {
        None => {
            let due = first.saturating_sub(approval.ask_before).unwrap_or(first);
            if due <= draft.now {
                ask(draft, campaign, approval, state);
                look(draft, campaign);
            } else {
                look_at(draft, campaign, state, due);
            }
        }
        Some(asked) if !asked.reminded => {
            let due = half_way(asked.asked_at, first);
            if due <= draft.now {
                remind(draft, campaign, approval, first, state);
            } else {
                look_at(draft, campaign, state, due);
            }
        }
        Some(_) => {}
    }
}

fn half_way(from: Timestamp, to: Timestamp) -> Timestamp {
    from.saturating_add(to.duration_since(from) / 2).unwrap_or(to)
}

/// At that moment and at no other.
fn look_at(draft: &mut Draft<'_>, campaign: &Campaign, state: CampaignState, due: Timestamp) {
    if state.look_at == Some(due) {
        return;
    }
    draft.set_campaign(&campaign.id, CampaignState { look_at: Some(due), ..state });
    let (key, subject) = (format!("{}:{}", TimerKind::Campaign.as_str(), campaign.id), campaign.id.clone());
    draft.set_timer(Timer { key, due, kind: TimerKind::Campaign, group: None, subject });
}

/// What would be posted, and a card below it.
fn ask(draft: &mut Draft<'_>, campaign: &Campaign, approval: &Approval, state: CampaignState) {
    let text = whole_lines(&words::preview(draft, campaign), TOLD_BYTES_AT_MOST, &words::more(campaign));
    let asked = state.asked_now(campaign, draft.now);
    let state = CampaignState { question: Some(asked), ..state };
    draft.because(NAME, "asked", format!("「{}」发之前问{}同不同意", campaign.title, approval.role));
    for person in people(approval) {
        draft.tell(&person, Part::text(text.clone()));
        cards::send(draft, campaign, &state, &person);
    }
    draft.set_campaign(&campaign.id, state);
}

fn remind(
    draft: &mut Draft<'_>,
    campaign: &Campaign,
    approval: &Approval,
    first: Timestamp,
    state: CampaignState,
) {
    let text = format!(
        "提醒：活动「{}」还没有人同意，第一条 {} 发；没有同意就不会发。请在上面的卡片里点一下。",
        campaign.title,
        draft.moment(first)
    );
    draft.because(NAME, "reminded", text.clone());
    for person in people(approval) {
        draft.tell(&person, Part::text(&*text));
    }
    let question = state.question.map(|asked| ApprovalAsked { reminded: true, ..asked });
    draft.set_campaign(&campaign.id, CampaignState { question, ..state });
}

fn people(approval: &Approval) -> Vec<MemberId> {
    approval.people.iter().map(|person| MemberId::from(person.as_str())).collect()
}

//! F7 Campaigns (活动): several posts about one thing, which somebody agrees to before the first and which stop
//! together: paused, ended, sold out.
//!
//! The posts themselves are schedules and fall due like all others (`scheduled_posts`); what is remembered of a
//! campaign says whether they may go out ([`crate::decision::CampaignState::hindrance`]).

use jiff::Timestamp;

use crate::decision::event::{EventKind, MemberId, TimerKind};
use crate::decision::{CampaignState, Draft};
use crate::rules::{Campaign, Role};

mod approval;
mod cards;
mod chat;
mod orders;
#[cfg(test)]
mod tests;
mod words;

pub const NAME: &str = "campaigns";

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    match &event.kind {
        // At the start and after every change of the files; then at the moment that was set.
        EventKind::TimerDue { timer: TimerKind::Plan | TimerKind::Campaign, subject } => {
            if let Some(campaign) = draft.rules.campaigns.get(subject) {
                approval::look(draft, campaign);
            }
        }
        EventKind::CampaignOrdered(ordered) => {
            let Some(campaign) = draft.rules.campaigns.get(&ordered.campaign) else {
                return draft.because(NAME, "unknown", format!("没有编号为 {} 的活动", ordered.campaign));
            };
            let by = draft.event.from.clone().unwrap_or_else(|| MemberId::from("operator"));
            orders::obey(draft, campaign, &ordered.order, &by);
        }
        EventKind::CardTapped(tap) => cards::tapped(draft, tap),
        EventKind::Message(message) => chat::said(draft, message),
        _ => {}
    }
}

fn state(draft: &Draft<'_>, campaign: &Campaign) -> CampaignState {
    draft.campaign(&campaign.id).cloned().unwrap_or_default()
}

/// Whether it still has something to post, as far as its days go.
fn is_on(draft: &Draft<'_>, campaign: &Campaign) -> bool {
    !campaign.off && campaign.to.is_none_or(|to| to >= draft.today())
}

/// Whether this person may hold it up, end it and let it go on.
fn may_order(draft: &Draft<'_>, campaign: &Campaign, person: &MemberId) -> bool {
    draft.role(person) == Role::Ops || campaign.is_approver(person.as_str())
}

fn next_post(draft: &Draft<'_>, campaign: &Campaign) -> Option<Timestamp> {
    campaign.next_post(draft.rules, draft.now)
}

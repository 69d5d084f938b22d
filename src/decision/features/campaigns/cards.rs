//! The card of a campaign: how it stands, and what whoever holds it may do about it.

use super::{NAME, is_on, may_order, orders, state, words};
use crate::decision::campaign::is_card_of_a_campaign;
use crate::decision::event::{CardTap, MemberId};
use crate::decision::{Act, Action, CampaignOrder, CampaignState, Draft, Hand, TaskCard};
use crate::rules::Campaign;
use crate::text::one_line;

/// A card's title holds 36 characters (wecom-send.md §3.3), and says more than this one.
const TITLE_CHARACTERS: usize = 30;

/// Button keys with what they order and how they are called.
const BUTTONS: [(&str, CampaignOrder, &str); 5] = [
    ("agree", CampaignOrder::Agree, "同意"),
    ("refuse", CampaignOrder::Refuse, "不同意"),
    ("pause", CampaignOrder::Pause, "暂停"),
    ("resume", CampaignOrder::Resume, "恢复"),
    ("end", CampaignOrder::End, "结束活动"),
];

pub(super) fn send(draft: &mut Draft<'_>, campaign: &Campaign, state: &CampaignState, to: &MemberId) {
    let card = card(draft, campaign, state, to);
    let hand = Hand::StaffTask { app: draft.rules.app.clone() };
    draft.actions.push(Action::new(hand, Act::TaskCard { to: to.clone(), card }));
}

pub(super) fn tapped(draft: &mut Draft<'_>, tap: &CardTap) {
    let (Some(from), true) = (draft.event.from.clone(), is_card_of_a_campaign(&tap.task_id)) else { return };
    draft.taken = true;
    let mut campaigns = draft.rules.campaigns.values();
    let Some(campaign) = campaigns.find(|campaign| campaign.has_card(&tap.task_id)) else {
        draft.because(NAME, "unknown_card", "这张卡片说的活动已不在文件里");
        return grey_out(draft, tap, from, "活动已撤下", None);
    };
    let Some((_, order, label)) = BUTTONS.iter().find(|(key, ..)| *key == tap.button) else {
        return draft.because(NAME, "unknown_button", format!("卡片没有按钮 {}", tap.button));
    };
    let may = match order {
        CampaignOrder::Agree | CampaignOrder::Refuse => campaign.is_approver(from.as_str()),
        _ => may_order(draft, campaign, &from),
    };
    if !may {
        let why = format!("{} 不能替别人决定活动「{}」", draft.name_of(&from), campaign.title);
        return draft.because(NAME, "not_allowed", why);
    }
    orders::obey(draft, campaign, order, &from);
    let state = state(draft, campaign);
    let next = card(draft, campaign, &state, &from);
    grey_out(draft, tap, from, label, Some(next));
}

/// Puts the card as it is now in the place of the one that was tapped.
fn grey_out(draft: &mut Draft<'_>, tap: &CardTap, to: MemberId, label: &str, card: Option<TaskCard>) {
    let Some(response_code) = tap.response_code.clone() else { return };
    let hand = Hand::App { app: draft.rules.app.clone() };
    let card = card.map(Box::new);
    draft.push(hand, Act::UpdateCard { to, response_code, label: label.to_owned(), card });
}

fn card(draft: &Draft<'_>, campaign: &Campaign, state: &CampaignState, to: &MemberId) -> TaskCard {
    let buttons = offered(draft, campaign, state, to);
    let button = |key: &&str| BUTTONS.iter().find(|(known, ..)| known == key);
    TaskCard {
        task_id: campaign.card_for(to, draft.event.key.as_str()),
        title: format!("活动：{}", one_line(&campaign.title, TITLE_CHARACTERS)),
        why: words::standing(draft, campaign, state),
        rows: words::rows(draft, campaign),
        paste: None,
        buttons: buttons
            .iter()
            .filter_map(button)
            .map(|(key, _, label)| ((*key).to_owned(), (*label).to_owned()))
            .collect(),
    }
}

/// The keys of what makes sense now.
fn offered(
    draft: &Draft<'_>,
    campaign: &Campaign,
    state: &CampaignState,
    to: &MemberId,
) -> Vec<&'static str> {
    let waits = campaign.approval.is_some() && state.answer_to(campaign).is_none();
    if state.ended.is_some() {
        vec!["resume"]
    } else if waits && campaign.is_approver(to.as_str()) && is_on(draft, campaign) {
        vec!["agree", "refuse"]
    } else if state.answer_to(campaign).is_some_and(|answer| !answer.agreed) {
        vec!["agree", "end"]
    } else if state.paused.is_some() {
        vec!["resume", "end"]
    } else {
        vec!["pause", "end"]
    }
}

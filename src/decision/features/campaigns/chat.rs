//! What people tell the app in private: 售罄 and 补货 with a name behind, and 活动列表.

use super::{NAME, cards, is_on, may_order, orders, state};
use crate::decision::event::{Ear, MemberId, Message};
use crate::decision::{Act, CampaignOrder, Draft, Hand};
use crate::rules::{Campaign, Role};
use crate::scripts::{CAMPAIGNS, RESTOCKED, SOLD_OUT};
use crate::text::matching_key;

/// Cards sent for one question; whoever runs more uses `zhanggui campaign list`.
const CARDS_AT_MOST: usize = 5;

pub(super) fn said(draft: &mut Draft<'_>, message: &Message) {
    let Some(from) = draft.event.from.clone() else { return };
    if draft.taken || draft.event.ear != Ear::App || !message.private || draft.rules.campaigns.is_empty() {
        return;
    }
    let words = message.content.text.trim();
    if matching_key(words) == CAMPAIGNS {
        return list(draft, &from);
    }
    let Some((sold_out, name)) = stock(words) else { return };
    let store = draft.rules.store_of(from.as_str()).map(|store| store.id.clone());
    let is_ops = draft.role(&from) == Role::Ops;
    if store.is_none() && !is_ops {
        return;
    }
    let named = named(draft, name);
    let [campaign] = named[..] else { return which(draft, &named) };
    // Ops speak for the whole brand.
    let store = store.filter(|_| !is_ops);
    let order = if sold_out { CampaignOrder::SoldOut { store } } else { CampaignOrder::Restocked { store } };
    let told = orders::obey(draft, campaign, &order, &from);
    answer(draft, told);
}

/// Whether something was sold out or came back, and what.
fn stock(words: &str) -> Option<(bool, &str)> {
    let (sold_out, name) = match (words.strip_prefix(SOLD_OUT), words.strip_prefix(RESTOCKED)) {
        (Some(name), _) => (true, name),
        (None, Some(name)) => (false, name),
        (None, None) => return None,
    };
    Some((sold_out, name.trim_matches(|c: char| c.is_whitespace() || "：:，,「」“”".contains(c))))
}

/// The running campaigns that go by this name: wholly, else in part.
fn named<'r>(draft: &Draft<'r>, name: &str) -> Vec<&'r Campaign> {
    let wanted = matching_key(name);
    let names = |campaign: &Campaign| {
        let product = campaign.product.as_ref().and_then(|id| draft.rules.scripts.products().get(id));
        [Some(matching_key(&campaign.title)), product.map(|product| matching_key(&product.name))]
    };
    let running: Vec<&Campaign> =
        draft.rules.campaigns.values().map(AsRef::as_ref).filter(|one| is_on(draft, one)).collect();
    let fitting = |fits: &dyn Fn(&str) -> bool| -> Vec<&Campaign> {
        let fits = |one: &&&Campaign| names(one).into_iter().flatten().any(|known| fits(&known));
        running.iter().filter(fits).copied().collect()
    };
    let exactly = fitting(&|known| known == wanted);
    match (exactly.is_empty(), wanted.is_empty()) {
        (false, _) => exactly,
        (true, true) => running,
        (true, false) => fitting(&|known| known.contains(&*wanted)),
    }
}

/// Nothing is done as long as it is not clear what is meant.
fn which(draft: &mut Draft<'_>, named: &[&Campaign]) {
    let all: Vec<&Campaign> = if named.is_empty() {
        draft.rules.campaigns.values().map(AsRef::as_ref).filter(|one| is_on(draft, one)).collect()
    } else {
        named.to_vec()
    };
    let titles: Vec<String> = all.iter().map(|one| format!("「{}」", one.title)).collect();
    let told = match (all.is_empty(), named.is_empty()) {
        (true, _) => "现在没有正在进行的活动。".to_owned(),
        (false, true) => format!("没有找到这个活动。正在进行的有：{}。", titles.join("、")),
        (false, false) => format!("您说的是哪一个？{}。请把名字写全再发一次。", titles.join("、")),
    };
    draft.because(NAME, "which", told.clone());
    answer(draft, told);
}

fn list(draft: &mut Draft<'_>, from: &MemberId) {
    let ours: Vec<&Campaign> = draft
        .rules
        .campaigns
        .values()
        .map(AsRef::as_ref)
        .filter(|one| is_on(draft, one) && may_order(draft, one, from))
        .collect();
    if ours.is_empty() {
        if draft.role(from) == Role::Ops {
            draft.because(NAME, "none", "没有正在进行的活动");
            answer(draft, "现在没有正在进行的活动。".to_owned());
        }
        return;
    }
    draft.taken = true;
    draft.because(NAME, "listed", format!("有 {} 个活动", ours.len()));
    if ours.len() > CARDS_AT_MOST {
        let told =
            format!("一共 {} 个，先看前 {CARDS_AT_MOST} 个；全部的看 zhanggui campaign list。", ours.len());
        answer(draft, told);
    }
    for campaign in ours.into_iter().take(CARDS_AT_MOST) {
        let state = state(draft, campaign);
        cards::send(draft, campaign, &state, from);
    }
}

fn answer(draft: &mut Draft<'_>, text: String) {
    draft.taken = true;
    draft.push(Hand::Answer, Act::Answer { text });
}

//! Agreeing, holding up, ending, selling out: what each does, whoever says it and wherever.

use std::sync::Arc;

use super::{NAME, state, words};
use crate::decision::event::MemberId;
use crate::decision::{
    ApprovalAnswer, ApprovalAsked, CampaignEnd, CampaignOrder, CampaignState, Draft, Paused, PlaybookRun,
};
use crate::rules::{Campaign, Playbook, Role};

/// Returns one Chinese sentence that says how things are now.
pub(super) fn obey(
    draft: &mut Draft<'_>,
    campaign: &Campaign,
    order: &CampaignOrder,
    by: &MemberId,
) -> String {
    let before = state(draft, campaign);
    let by_name = draft.name_of(by).to_owned();
    let obeyed = match order {
        CampaignOrder::Agree | CampaignOrder::Refuse => {
            answered(draft, campaign, before.clone(), *order == CampaignOrder::Agree, by)
        }
        CampaignOrder::Pause => paused(campaign, before.clone(), by_name, signed(draft, by)),
        CampaignOrder::Resume => resumed(campaign, before.clone(), &by_name),
        CampaignOrder::End => ended(draft, campaign, before.clone(), by, false),
        CampaignOrder::SoldOut { store: None } => ended(draft, campaign, before.clone(), by, true),
        CampaignOrder::SoldOut { store: Some(store) } => sold_out(draft, campaign, before.clone(), store, by),
        CampaignOrder::Restocked { store } => {
            restocked(draft, campaign, before.clone(), store.as_deref(), &by_name)
        }
    };
    let Obeyed { state, code, told } = obeyed;
    if state != before {
        withdraw(draft, campaign, order, &state, &before);
        draft.set_campaign(&campaign.id, state);
        // Ops hear what others have decided.
        if draft.role(by) != Role::Ops && draft.event.from.is_some() {
            draft.tell_ops(&told, "\n……");
        }
    }
    draft.because(NAME, code, told.clone());
    told
}

struct Obeyed {
    state: CampaignState,
    code: &'static str,
    /// Chinese.
    told: String,
}

impl Obeyed {
    fn new(state: CampaignState, code: &'static str, told: String) -> Self {
        Self { state, code, told }
    }
}

/// Takes back what has not left yet: everywhere, or where the store has sold out. Whoever goes on later begins with
/// the next post.
fn withdraw(
    draft: &mut Draft<'_>,
    campaign: &Campaign,
    order: &CampaignOrder,
    after: &CampaignState,
    before: &CampaignState,
) {
    let store = match order {
        CampaignOrder::SoldOut { store: Some(store) } => Some(store.as_str()),
        _ if holds_up(after, before) => None,
        _ => return,
    };
    campaign.steps.iter().for_each(|step| draft.withdraw_posts(step, store));
    // Playbooks go on while it is paused, and where other stores have sold out.
    if after.ended.is_some() {
        let of_this = |playbook: &&Arc<Playbook>| playbook.campaign.as_ref() == Some(&campaign.id);
        let playbooks = draft.rules.playbooks.values().filter(of_this);
        playbooks.for_each(|playbook| draft.withdraw_posts(&PlaybookRun::posts_of(&playbook.id), None));
    }
}

/// What has not left yet must not leave any more.
fn holds_up(after: &CampaignState, before: &CampaignState) -> bool {
    let refused = |state: &CampaignState| {
        let answer = state.question.as_ref().and_then(|asked| asked.answer.as_ref());
        answer.is_some_and(|answer| !answer.agreed)
    };
    (after.paused.is_some() && before.paused.is_none())
        || (after.ended.is_some() && before.ended.is_none())
        || (refused(after) && !refused(before))
}

fn signed(draft: &Draft<'_>, by: &MemberId) -> Paused {
    Paused { by: by.clone(), at: draft.now }
}

fn answered(
    draft: &Draft<'_>,
    campaign: &Campaign,
    state: CampaignState,
    agreed: bool,
    by: &MemberId,
) -> Obeyed {
    let title = &campaign.title;
    if campaign.approval.is_none() {
        return Obeyed::new(state, "needs_nobody", format!("活动「{title}」不用谁同意，到时间就发"));
    }
    if let Some(answer) = state.answer_to(campaign).filter(|answer| answer.agreed == agreed) {
        let what = if agreed { "同意过了" } else { "说过不同意" };
        let told = format!("活动「{title}」{} 已经{what}", draft.name_of(&answer.by));
        return Obeyed::new(state, "answered_before", told);
    }
    let answer = Some(ApprovalAnswer { by: by.clone(), at: draft.now, agreed });
    let same = state.question.clone().filter(|asked| asked.version == campaign.version);
    let fresh = state.asked_now(campaign, draft.now);
    let question = ApprovalAsked { answer, ..same.unwrap_or(fresh) };
    let name = draft.name_of(by);
    let (code, told) = if agreed {
        let next = words::next(draft, campaign);
        ("agreed", format!("{name} 同意了活动「{title}」，{next}"))
    } else {
        ("refused", format!("{name} 没有同意活动「{title}」，不会发；改好文件以后会再问"))
    };
    Obeyed::new(CampaignState { question: Some(question), ..state }, code, told)
}

fn paused(campaign: &Campaign, state: CampaignState, by: String, signed: Paused) -> Obeyed {
    let title = &campaign.title;
    if state.paused.is_some() || state.ended.is_some() {
        return Obeyed::new(state, "stopped_before", format!("活动「{title}」已经停着了"));
    }
    let told = format!("{by} 暂停了活动「{title}」，还没发出去的也撤下");
    Obeyed::new(CampaignState { paused: Some(signed), ..state }, "paused", told)
}

fn resumed(campaign: &Campaign, state: CampaignState, by: &str) -> Obeyed {
    let title = &campaign.title;
    let running = CampaignState {
        question: state.question.clone(),
        look_at: state.look_at,
        ..CampaignState::default()
    };
    if state == running {
        return Obeyed::new(state, "running_before", format!("活动「{title}」没有停，照常发"));
    }
    Obeyed::new(running, "resumed", format!("{by} 恢复了活动「{title}」，从下一条开始照常发"))
}

fn ended(
    draft: &Draft<'_>,
    campaign: &Campaign,
    state: CampaignState,
    by: &MemberId,
    sold_out: bool,
) -> Obeyed {
    let title = &campaign.title;
    if state.ended.is_some() {
        return Obeyed::new(state, "ended_before", format!("活动「{title}」已经结束了"));
    }
    let why = if sold_out { "卖完了，" } else { "" };
    let told =
        format!("{} 结束了活动「{title}」：{why}后面的都不发了，还没发出去的也撤下", draft.name_of(by));
    let end = CampaignEnd { by: by.clone(), at: draft.now, sold_out };
    Obeyed::new(CampaignState { ended: Some(end), ..state }, "ended", told)
}

fn sold_out(
    draft: &Draft<'_>,
    campaign: &Campaign,
    mut state: CampaignState,
    store: &str,
    by: &MemberId,
) -> Obeyed {
    let (title, name) = (&campaign.title, words::store_name(draft, store));
    if state.ended.is_some() || state.sold_out.contains_key(store) {
        return Obeyed::new(state, "sold_out_before", format!("{name}的活动「{title}」已经停了"));
    }
    state.sold_out.insert(store.to_owned(), signed(draft, by));
    let told = format!(
        "{}说{name}的「{title}」卖完了，{name}的群后面不再发，群主还没点发送的也撤下",
        draft.name_of(by)
    );
    Obeyed::new(state, "sold_out", told)
}

fn restocked(
    draft: &Draft<'_>,
    campaign: &Campaign,
    mut state: CampaignState,
    store: Option<&str>,
    by: &str,
) -> Obeyed {
    let title = &campaign.title;
    let before = state.clone();
    match store {
        Some(store) => drop(state.sold_out.remove(store)),
        None => {
            state.sold_out.clear();
            state.ended = state.ended.filter(|end| !end.sold_out);
        }
    }
    let place = store.map(|store| words::store_name(draft, store)).unwrap_or_default();
    if state == before {
        let why = match &state.ended {
            Some(_) if store.is_some() => "，它整个结束了，要恢复请找运营",
            _ => "",
        };
        return Obeyed::new(state, "not_sold_out", format!("{place}「{title}」没有标过售罄{why}"));
    }
    Obeyed::new(state, "restocked", format!("{by} 说{place}「{title}」有货了，从下一条开始照常发"))
}

//! 收到: a tap on the card, or the word in the private chat; and cards that reach nobody.

use super::{NAME, RECEIVED, look_at, words};
use crate::decision::event::{CardTap, Ear, MemberId, Message};
use crate::decision::{
    Act, Action, CascadeChange, CascadeMemory, CascadeNode, CascadePerson, CascadeRun, CascadeState, Draft,
    Hand,
};
use crate::rules::CascadeOrder;

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answered {
    First,
    Again,
    NotAsked,
    Cancelled,
}

pub(super) fn tapped(draft: &mut Draft<'_>, tap: &CardTap) {
    let (Some(from), Some(_)) = (draft.event.from.clone(), CascadeRun::of_card(&tap.task_id)) else { return };
    draft.taken = true;
    let Some(memory) = draft.cascades().first() else {
        return draft.because(NAME, "unknown_card", format!("没有编号为 {} 的传达", tap.task_id));
    };
    if tap.button != RECEIVED {
        return draft.because(NAME, "unknown_button", format!("卡片没有按钮 {}", tap.button));
    }
    let label = match acknowledge(draft, memory, &from) {
        Answered::First | Answered::Again => "已收到",
        Answered::Cancelled => "这次传达已取消",
        Answered::NotAsked => return,
    };
    if let Some(response_code) = tap.response_code.clone() {
        let hand = Hand::App { app: draft.rules.app.clone() };
        draft.push(hand, Act::UpdateCard { to: from, response_code, label: label.to_owned(), card: None });
    }
}

/// The word counts for everything that waits for this person; when nothing does it is a message like
/// any other.
pub(super) fn said(draft: &mut Draft<'_>, message: &Message) {
    let Some(from) = draft.event.from.clone() else { return };
    if draft.event.ear != Ear::App || !message.private {
        return;
    }
    let mut titles = Vec::new();
    for memory in draft.cascades() {
        if acknowledge(draft, memory, &from) == Answered::First {
            titles.push(format!("「{}」", memory.run.rule.title));
        }
    }
    if !titles.is_empty() {
        draft.taken = true;
        draft.push(Hand::Answer, Act::Answer { text: words::noted(&titles) });
    }
}

fn acknowledge(draft: &mut Draft<'_>, memory: &CascadeMemory, from: &MemberId) -> Answered {
    let run = &memory.run;
    let Some(person) = memory.people.get(from) else {
        draft.because(NAME, "not_asked", format!("{from} 不在「{}」告诉过的人里", run.rule.title));
        return Answered::NotAsked;
    };
    if matches!(run.state, CascadeState::Cancelled { .. }) {
        draft.because(NAME, "cancelled_before", format!("「{}」已经取消，不再记回执", run.rule.title));
        return Answered::Cancelled;
    }
    if person.acknowledged_at.is_some() {
        draft.because(NAME, "acknowledged_before", format!("{from} 已经回执过「{}」", run.rule.title));
        return Answered::Again;
    }
    draft.because(NAME, "acknowledged", format!("{from} 收到了「{}」", run.rule.title));
    let person = CascadePerson { acknowledged_at: Some(draft.now), ..person.clone() };
    let node = memory.nodes.get(&person.node).filter(|node| node.acknowledged_at.is_none());
    draft.change_cascade(CascadeChange::Person { run: run.id.clone(), person });
    let opens = node.is_some_and(|node| opens_the_way(draft, run, node));
    if let Some(node) = node {
        let node = CascadeNode { acknowledged_at: Some(draft.now), ..node.clone() };
        draft.change_cascade(CascadeChange::Node { run: run.id.clone(), node });
    }
    if run.is_running() && (opens || !memory.others_wait) {
        look_at(draft, run, draft.now);
    }
    Answered::First
}

/// Whether somebody below may wait for this answer.
fn opens_the_way(draft: &Draft<'_>, run: &CascadeRun, node: &CascadeNode) -> bool {
    let below = || draft.rules.org.nodes().iter().any(|one| one.parent.as_deref() == Some(node.id.as_str()));
    run.rule.order == CascadeOrder::LevelByLevel && below()
}

/// A card that cannot be sent: nobody waits for this person any longer, and the report says why.
pub(super) fn failed(draft: &mut Draft<'_>, action: &Action, why: &str) {
    let Act::TaskCard { to, card } = &action.act else { return };
    if CascadeRun::of_card(&card.task_id).is_none() {
        return;
    }
    let Some(memory) = draft.cascades().first() else { return };
    let Some(person) = memory.people.get(to).filter(|person| person.waits()) else { return };
    draft.because(NAME, "unreachable", format!("「{}」发不到 {to}：{why}", memory.run.rule.title));
    let person = CascadePerson { unreachable: Some(why.to_owned()), ..person.clone() };
    draft.change_cascade(CascadeChange::Person { run: memory.run.id.clone(), person });
    if memory.run.is_running() && !memory.others_wait {
        look_at(draft, &memory.run, draft.now);
    }
}

//! F2 Join codes: each code is made once, leads to groups with room, and is deleted by order alone.
//!
//! A group notes for each of its codes whether it has room ([`seats`]); what changes there has the code looked at a
//! moment later. A look compares what the platform was told with what it should know and asks for the
//! difference, one thing at a time. What was refused, or left without an answer, is not asked for again by
//! itself: a second code would be one that no poster shows, and the platform lists none.

use crate::decision::action::{Act, Action};
use crate::decision::event::{EventKind, GroupChange, TimerKind};
use crate::decision::{
    Draft, Hand, JoinAsk, JoinCodeAct, JoinCodeDone, JoinCodeMemory, JoinCodeState, JoinOrder, JoinTold,
    JoinTrouble, JoinWay,
};
use crate::rules::JoinCode;

mod seats;
#[cfg(test)]
mod tests;
mod words;

pub const NAME: &str = "join_codes";

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    match &event.kind {
        EventKind::GroupSnapshot(_)
        | EventKind::GroupChanged(GroupChange::Dismissed)
        | EventKind::TimerDue { timer: TimerKind::Plan, .. } => seats::note(draft),
        EventKind::TimerDue { timer: TimerKind::JoinCode, subject } => change(draft, subject, look),
        EventKind::JoinCodeDone(done) => {
            change(draft, &done.act.code, |draft, state| finished(draft, state, done))
        }
        EventKind::ActionFailed { action, why, .. } => failed(draft, action, why, false),
        EventKind::ActionDoubted { action, why, .. } => failed(draft, action, why, true),
        EventKind::JoinCodeOrdered(order) => {
            change(draft, &order.code, |draft, state| ordered(draft, state, order.order));
        }
        _ => {}
    }
}

/// Lets `change` work on what we know of the code, and keeps what it makes of it.
fn change(draft: &mut Draft<'_>, code: &str, change: impl FnOnce(&mut Draft<'_>, &mut JoinCodeState)) {
    let before = draft.join_code().state.clone().unwrap_or_else(|| JoinCodeState::new(code));
    let mut state = before.clone();
    change(draft, &mut state);
    if state != before {
        draft.set_join_code(state);
    }
}

/// What the files and the groups want of the code now.
fn look(draft: &mut Draft<'_>, state: &mut JoinCodeState) {
    let Some(code) = draft.rules.join_codes.get(&state.id).cloned() else { return left(draft, state) };
    if state.told == Some(JoinTold::Gone) {
        state.told = None;
    }
    if state.asked.is_some() {
        return draft.because(NAME, "waiting", "上一件事还没有结果，等它做完再看");
    }
    let memory = JoinCodeMemory { state: Some(state.clone()), seats: draft.join_code().seats.clone() };
    let groups = memory.groups();
    if !groups.is_empty() {
        let JoinCode { remark, state: mark, new_groups, .. } = &*code;
        let (remark, mark) = (remark.clone(), mark.clone());
        let way = JoinWay { remark, state: mark, groups, new_groups: new_groups.clone() };
        bring(draft, state, way);
    }
    tell_of_room(draft, state, &code, &memory);
}

/// Asks for what the platform does not know yet.
fn bring(draft: &mut Draft<'_>, state: &mut JoinCodeState, way: JoinWay) {
    if state.way.as_ref() == Some(&way) {
        return draft.because(NAME, "in_order", "进群码不用改");
    }
    let ask = match state.config_id.clone() {
        Some(config_id) => JoinAsk::Change { config_id, way },
        None => JoinAsk::Make(way),
    };
    let blocked = |trouble: &JoinTrouble| {
        trouble.ask == ask || (trouble.doubt && matches!(trouble.ask, JoinAsk::Make(_)))
    };
    if state.trouble.as_ref().is_some_and(blocked) {
        return draft.because(NAME, "blocked", "上次没有做成，等运营处理，不自动再试");
    }
    put(draft, state, ask);
}

fn put(draft: &mut Draft<'_>, state: &mut JoinCodeState, ask: JoinAsk) {
    draft.because(NAME, "asked", words::asked(&ask, state, draft.join_code()));
    let hand = Hand::App { app: draft.rules.app.clone() };
    let act = JoinCodeAct { code: state.id.clone(), ask: ask.clone() };
    draft.push(hand, Act::JoinCode(Box::new(act)));
    state.trouble = None;
    state.asked = Some(ask);
}

/// Ops is told once that no group has room, until one has again.
fn tell_of_room(draft: &mut Draft<'_>, state: &mut JoinCodeState, code: &JoinCode, memory: &JoinCodeMemory) {
    if memory.has_room() {
        if state.told == Some(JoinTold::Full) {
            state.told = None;
            draft.because(NAME, "room_again", "又有能进的群了");
        }
        return;
    }
    // Before the first group appears there is nothing to print either.
    let is_in_use = state.config_id.is_some() || !memory.seats.is_empty();
    let platform_helps = code.new_groups.is_some() && !memory.seats.is_empty();
    if !is_in_use || platform_helps || state.told == Some(JoinTold::Full) {
        return draft.because(NAME, "no_room", "没有还有空位的群");
    }
    state.told = Some(JoinTold::Full);
    tell(draft, "no_room_told", words::no_room(code, memory));
}

/// The files do not name it any more. Posters may still hang somewhere, so it stays until somebody says so.
fn left(draft: &mut Draft<'_>, state: &mut JoinCodeState) {
    if state.config_id.is_none() || state.told == Some(JoinTold::Gone) {
        return draft.because(NAME, "left", "文件里没有这个进群码");
    }
    state.told = Some(JoinTold::Gone);
    tell(draft, "left_told", words::left(&state.id));
}

fn finished(draft: &mut Draft<'_>, state: &mut JoinCodeState, done: &JoinCodeDone) {
    (state.asked, state.trouble) = (None, None);
    match &done.act.ask {
        JoinAsk::Make(way) | JoinAsk::Change { way, .. } => {
            state.config_id = Some(done.config_id.clone());
            state.way = Some(way.clone());
            draft.because(NAME, "done", words::finished(&done.act.ask, draft.join_code()));
            // Meanwhile more may have changed.
            look(draft, state);
        }
        JoinAsk::Delete { .. } => {
            *state = JoinCodeState::new(&state.id);
            draft.because(NAME, "deleted", "进群码已从企业微信删除，海报扫不进去了");
            if draft.rules.join_codes.contains_key(&state.id) {
                look(draft, state);
            }
        }
    }
}

fn failed(draft: &mut Draft<'_>, action: &Action, why: &str, doubt: bool) {
    let Act::JoinCode(act) = &action.act else { return };
    change(draft, &act.code, |draft, state| {
        state.asked = None;
        state.trouble = Some(JoinTrouble { ask: act.ask.clone(), doubt, why: why.to_owned() });
        tell(draft, if doubt { "doubt" } else { "failed" }, words::failed(act, why, doubt));
    });
}

fn ordered(draft: &mut Draft<'_>, state: &mut JoinCodeState, order: JoinOrder) {
    match (order, state.config_id.clone()) {
        _ if state.asked.is_some() => draft.because(NAME, "waiting", "上一件事还没有结果，没有照办"),
        (JoinOrder::Retry, _) => {
            draft.because(NAME, "retry", "运营说再试一次");
            match state.trouble.take().map(|trouble| trouble.ask) {
                Some(ask @ JoinAsk::Delete { .. }) => put(draft, state, ask),
                _ => look(draft, state),
            }
        }
        (JoinOrder::Delete, _) if draft.rules.join_codes.contains_key(&state.id) => {
            draft.because(NAME, "still_written", "文件里还有这个进群码，没有删除：先从 join-codes/ 里拿掉");
        }
        (JoinOrder::Delete, None) => draft.because(NAME, "unknown", "企业微信上没有这个进群码"),
        (JoinOrder::Delete, Some(config_id)) => {
            draft.because(NAME, "delete", "运营说删除");
            put(draft, state, JoinAsk::Delete { config_id });
        }
    }
}

fn tell(draft: &mut Draft<'_>, code: &'static str, text: String) {
    draft.because(NAME, code, text.clone());
    draft.tell_ops(&text, words::MORE);
}

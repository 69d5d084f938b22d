//! Staff tasks (待办卡): buttons close them, a deadline reminds once, then escalates, then expires.

use crate::decision::event::{CardTap, EventKind, MemberId, TimerKind};
use crate::decision::route::{DONE, MISJUDGED, REFUSE, task_timer};
use crate::decision::{Act, Action, Draft, Hand, Part, StaffTask, TaskCard, TaskState};

pub const NAME: &str = "staff_tasks";

/// The number of the card that goes to ops, and of the one that a person's failed card turns into.
const ESCALATION: u8 = 2;

pub fn run(draft: &mut Draft<'_>) {
    if draft.taken {
        return;
    }
    let event = draft.event;
    let task = draft.task_mut().clone();
    match (&event.kind, task) {
        (EventKind::CardTapped(tap), Some(task)) => tapped(draft, tap, task),
        (EventKind::CardTapped(tap), None) => {
            draft.because(NAME, "unknown_card", format!("没有编号为 {} 的待办", tap.task_id));
        }
        (EventKind::TimerDue { timer, .. }, Some(task)) if task.state == TaskState::Open => match timer {
            TimerKind::TaskReminder => remind(draft, &task),
            TimerKind::TaskEscalation => escalate(draft, task),
            TimerKind::TaskExpiry => expire(draft, task),
            _ => {}
        },
        _ => {}
    }
}

fn tapped(draft: &mut Draft<'_>, tap: &CardTap, mut task: StaffTask) {
    let Some(from) = draft.event.from.clone() else { return };
    let by = draft.name_of(&from).to_owned();
    if let (TaskState::Open, Some(offer)) = (&task.state, task.offer.clone()) {
        if !super::staff_scripts::tapped(draft, tap, &from, &mut task, &offer) {
            return;
        }
        draft.clear_timer(task_timer(TimerKind::TaskExpiry, &task.id));
    } else if super::moderation::tapped(draft, &tap.button, &from, &mut task) {
        ended(draft, &task);
    } else if task.state == TaskState::Open {
        task.state = match tap.button.as_str() {
            DONE => TaskState::Done { by: by.clone(), at: draft.now },
            REFUSE => TaskState::Refused { by: by.clone(), at: draft.now },
            other => return draft.because(NAME, "unknown_button", format!("卡片没有按钮 {other}")),
        };
        if let (TaskState::Refused { .. }, Act::Remove { member }) = (&task.state, &task.act) {
            // Somebody decided that this person stays: a later offence may ask again.
            if draft.member(member).is_some() {
                draft.member_mut(member).removal_asked_at = None;
            }
        }
        ended(draft, &task);
    } else {
        draft.because(NAME, "already_closed", format!("{by} 点了卡片，但「{}」{}", task.title, label(&task)));
    }
    grey_out(draft, tap, &from, &task);
    *draft.task_mut() = Some(task);
}

fn ended(draft: &mut Draft<'_>, task: &StaffTask) {
    let code = match task.state {
        TaskState::Done { .. } => "done",
        TaskState::Pardoned { .. } => "pardoned",
        _ => "refused",
    };
    draft.because(NAME, code, format!("「{}」{}", task.title, label(task)));
    draft.clear_task_timers(&task.id);
}

/// Shows on the card how the task ended. Whoever had somebody removed may still take that back.
fn grey_out(draft: &mut Draft<'_>, tap: &CardTap, from: &MemberId, task: &StaffTask) {
    let Some(response_code) = tap.response_code.clone() else { return };
    let hand = Hand::App { app: task.app.as_str().into() };
    let card = super::moderation::offers_pardon(task).then(|| Box::new(pardon_card(task)));
    let act = Act::UpdateCard { to: from.clone(), response_code, label: label(task), card };
    draft.actions.push(Action { group: task.group.clone(), ..Action::new(hand, act) });
}

/// What stands in the place of the answered card.
fn pardon_card(task: &StaffTask) -> TaskCard {
    TaskCard {
        task_id: task.id.clone(),
        title: label(task),
        why: format!("{}。要是弄错了，点「误判」就撤销。", task.why),
        rows: task.rows.clone(),
        paste: None,
        buttons: vec![(MISJUDGED.into(), "误判".into())],
    }
}

fn label(task: &StaffTask) -> String {
    match &task.state {
        TaskState::Open => "待处理".to_owned(),
        TaskState::Done { by, .. } if task.offer.is_some() => format!("已由{by}发到群"),
        TaskState::Done { by, .. } if matches!(task.act, Act::Judge { .. }) => format!("{by}认定是广告"),
        TaskState::Done { by, .. } => format!("已由{by}处理"),
        TaskState::Pardoned { by, .. } => format!("{by}认定是误判，已撤销"),
        TaskState::Refused { by, .. } => format!("{by}选择不处理"),
        TaskState::Expired { .. } => "已过期".to_owned(),
    }
}

fn remind(draft: &mut Draft<'_>, task: &StaffTask) {
    draft.because(
        NAME,
        "reminded",
        format!("「{}」还没处理，提醒 {} 一次", task.title, draft.name_of(&task.assignee)),
    );
    let group = task.rows.first().map(|(_, group)| format!("（{group}）")).unwrap_or_default();
    let text = format!("提醒：待办「{}」{group}还没有处理，请在上面的卡片里点一下。{}", task.title, task.why);
    draft.tell(&task.assignee, Part::text(text));
}

fn escalate(draft: &mut Draft<'_>, mut task: StaffTask) {
    let ops = draft.rules.brand.ops.iter().map(|ops| MemberId::from(ops.as_str()));
    let Some(ops) = ops.into_iter().find(|ops| *ops != task.assignee) else {
        return draft.because(NAME, "nobody_above", format!("「{}」超时，但没有可以升级的运营", task.title));
    };
    draft.because(NAME, "escalated", format!("「{}」超时未处理，升级给 {}", task.title, draft.name_of(&ops)));
    task.rows.push(("原负责人".into(), draft.name_of(&task.assignee).to_owned()));
    draft.send_card(&task, &ops, ESCALATION);
    task.escalated_to = Some(ops);
    *draft.task_mut() = Some(task);
}

fn expire(draft: &mut Draft<'_>, mut task: StaffTask) {
    draft.because(NAME, "expired", format!("「{}」到期没有人处理，已关闭", task.title));
    task.state = TaskState::Expired { at: draft.now };
    *draft.task_mut() = Some(task);
}

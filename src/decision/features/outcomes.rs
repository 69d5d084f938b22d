//! What follows from how our own actions ended. A hand that failed for good is followed by the next
//! one, then by a person; nothing is dropped. What was to be said only after a success is said then.

use crate::decision::event::{EventKind, MemberId};
use crate::decision::route::Request;
use crate::decision::{Act, Action, Draft, Hand, MassSend, StaffTask, TaskState};

pub const NAME: &str = "outcomes";

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    match &event.kind {
        EventKind::ActionFailed { action, why, .. } => failed(draft, action, why),
        EventKind::ActionDone { action, .. } => done(draft, action),
        _ => {}
    }
}

fn done(draft: &mut Draft<'_>, action: &Action) {
    if let Some(then) = &action.then {
        draft.because(NAME, "then", "前一步已完成，接着说这一句");
        let request =
            Request { title: "请在群里发一段话", why: action.why.clone(), rows: group_row(draft) };
        draft.act(Act::clone(then), None, request);
    }
}

fn failed(draft: &mut Draft<'_>, action: &Action, why: &str) {
    match &action.act {
        Act::ReadGroup { customer: true } => {
            // The archive hears internal groups too; those are read by the app that made them.
            draft.because(NAME, "not_a_customer_group", format!("按客户群读取失败（{why}），改按内部群读取"));
            let app = draft.rules.app.clone();
            draft.push(Hand::Appchat { app }, Act::ReadGroup { customer: false });
        }
        Act::ReadGroup { customer: false } => {
            draft.because(NAME, "unreadable", format!("读不到群资料（{why}），按已知信息继续"));
        }
        Act::MassSend(send) => mass_send_failed(draft, action, send, why),
        // Ops hears of it with the other tasks of the moment.
        Act::Moment(task) => {
            draft.because(NAME, "moment_not_made", format!("「{}」的朋友圈任务没有建成：{why}", task.title));
        }
        // Ops hears of it once all that was asked for together has ended.
        Act::WelcomeTemplate(change) => {
            draft.because(
                NAME,
                "template_not_changed",
                format!("入群欢迎语「{}」没有改成：{why}", change.title),
            );
        }
        Act::TaskCard { to, .. } => card_failed(draft, action, to.as_str(), why),
        // Its own feature knows what to do about it.
        Act::JoinCode(_) => {}
        act => next_hand(draft, action, act.clone(), why),
    }
}

/// There is no task for the owner; the place in the group's budget is free again, and each part goes the
/// next way.
fn mass_send_failed(draft: &mut Draft<'_>, action: &Action, send: &MassSend, why: &str) {
    if let Some(group) = draft.group_mut() {
        group.mass_sent.withdraw(&send.post.id);
    }
    for part in &send.parts {
        next_hand(draft, action, Act::Post { part: part.clone(), mentions: Vec::new() }, why);
    }
}

fn next_hand(draft: &mut Draft<'_>, action: &Action, act: Act, why: &str) {
    let Some((next, rest)) = action.fallback.split_first() else {
        return draft.because(NAME, "given_up", format!("{} 失败：{why}", action.hand));
    };
    draft.because(NAME, "next_hand", format!("{} 失败（{why}），改用 {next}", action.hand));
    if next.can(&act) {
        let (hand, fallback) = (next.clone(), rest.to_vec());
        draft.actions.push(Action { hand, act, fallback, ..action.clone() });
        return;
    }
    let mut rows = group_row(draft);
    let title = match &act {
        Act::Remove { member } => {
            rows.push(("成员".to_owned(), draft.name_of(member).to_owned()));
            "请移出这位成员"
        }
        Act::Post { part, .. } if !part.is_words() => "请在群里发一条消息",
        _ => "请在群里发一段话",
    };
    let why = if action.why.is_empty() {
        format!("机器人没能完成（{why}）")
    } else {
        format!("{}。机器人没能完成（{why}）", action.why)
    };
    let (case, then) = (action.case.as_deref(), action.then.as_deref().cloned());
    draft.ask_a_person(case, act, then, Request { title, why, rows });
}

fn group_row(draft: &Draft<'_>) -> Vec<(String, String)> {
    vec![("群".to_owned(), draft.group().map(|group| group.name.clone()).unwrap_or_default())]
}

/// The card did not reach its person: ops gets it instead, once.
fn card_failed(draft: &mut Draft<'_>, action: &Action, to: &str, why: &str) {
    let ops = draft.rules.brand.ops.iter().find(|ops| *ops != to).cloned();
    let is_asked = |task: &StaffTask| {
        task.state == TaskState::Open && task.escalated_to.is_none() && task.offer.is_none()
    };
    let task = draft.task_mut().clone().filter(is_asked);
    match (ops, task) {
        (Some(ops), Some(mut task)) => {
            let ops = MemberId::from(ops.as_str());
            draft.because(NAME, "card_to_ops", format!("待办卡没能发给 {to}（{why}），改发给 {ops}"));
            draft.send_card(&task, &ops, 2);
            task.escalated_to = Some(ops);
            *draft.task_mut() = Some(task);
        }
        _ => draft.because(NAME, "given_up", format!("{} 的待办卡发送失败：{why}", action.hand)),
    }
}

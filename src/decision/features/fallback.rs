//! What happens when a hand failed for good: the next hand, then a person; nothing is dropped.

use crate::decision::event::EventKind;
use crate::decision::route::Request;
use crate::decision::{Act, Action, Draft, Hand, TaskState};

pub const NAME: &str = "fallback";

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    let EventKind::ActionFailed { action, why, .. } = &event.kind else { return };
    match &action.act {
        Act::ReadGroup { customer: true } => {
            // The archive hears internal groups too; those are read by the app that made them.
            draft.because(NAME, "not_a_customer_group", format!("按客户群读取失败（{why}），改按内部群读取"));
            let app = draft.rules.app.clone();
            draft.push(Hand::Appchat { app }, Act::ReadGroup { customer: false }, Vec::new());
        }
        Act::ReadGroup { customer: false } => {
            draft.because(NAME, "unreadable", format!("读不到群资料（{why}），按已知信息继续"));
        }
        Act::TaskCard { to, .. } => card_failed(draft, action, to.as_str(), why),
        act => next_hand(draft, action, act.clone(), why),
    }
}

fn next_hand(draft: &mut Draft<'_>, action: &Action, act: Act, why: &str) {
    let Some((next, rest)) = action.fallback.split_first() else {
        return draft.because(NAME, "given_up", format!("{} 失败：{why}", action.hand));
    };
    draft.because(NAME, "next_hand", format!("{} 失败（{why}），改用 {next}", action.hand));
    if next.can(&act) {
        draft.push(next.clone(), act, rest.to_vec());
    } else {
        let title = match act {
            Act::Remove { .. } => "请移出这位成员",
            _ => "请在群里发一段话",
        };
        let mut rows =
            vec![("群".to_owned(), draft.group().map(|group| group.name.clone()).unwrap_or_default())];
        if let Act::Remove { member } = &act {
            rows.push(("成员".to_owned(), draft.name_of(member).to_owned()));
        }
        draft.ask_a_person(act, None, Request { title, why: format!("机器人没能完成：{why}"), rows });
    }
}

/// The card did not reach its person: ops gets it instead, once.
fn card_failed(draft: &mut Draft<'_>, action: &Action, to: &str, why: &str) {
    let ops = draft.rules.brand.ops.iter().find(|ops| *ops != to).cloned();
    let task =
        draft.task_mut().clone().filter(|task| task.state == TaskState::Open && task.escalated_to.is_none());
    match (ops, task) {
        (Some(ops), Some(mut task)) => {
            let ops = crate::decision::MemberId::from(ops.as_str());
            draft.because(NAME, "card_to_ops", format!("待办卡没能发给 {to}（{why}），改发给 {ops}"));
            draft.send_card(&task, &ops, 2);
            task.escalated_to = Some(ops);
            *draft.task_mut() = Some(task);
        }
        _ => draft.because(NAME, "given_up", format!("{} 的待办卡发送失败：{why}", action.hand)),
    }
}

//! The journal in the words of the playground's page.

use std::collections::HashMap;

use crate::decision::{
    Act, ContactChange, EventKind, GroupChange, GroupId, JoinOrder, MomentRequest, Order, TaskState,
    WelcomeLibraryEvent,
};
use crate::store::{JournalAction, JournalEntry, Reader, StoreError};
use crate::text::one_line;
use crate::web::playground::{
    ActionState, JOURNAL_LIMIT, JournalAction as Shown, JournalItem, JournalSource, JournalUnavailable,
};

/// Characters of a text that the page's panel shows.
const SHOWN: usize = 120;

/// The store's journal, for the page.
#[derive(Clone, Debug)]
pub struct PageJournal(pub Reader);

impl JournalSource for PageJournal {
    async fn items_after(&self, after: i64) -> Result<Vec<JournalItem>, JournalUnavailable> {
        let reader = self.0.clone();
        let read = tokio::task::spawn_blocking(move || items(&reader, after)).await;
        let unavailable = |cause: String| JournalUnavailable { cause };
        read.map_err(|error| unavailable(error.to_string()))?.map_err(|error| unavailable(error.to_string()))
    }
}

fn items(reader: &Reader, after: i64) -> Result<Vec<JournalItem>, StoreError> {
    let entries = reader.journal_tail(after, JOURNAL_LIMIT)?;
    let mut names: HashMap<GroupId, Option<String>> = HashMap::new();
    for group in entries.iter().filter_map(|entry| entry.event.group.as_ref()) {
        if !names.contains_key(group) {
            let known = reader.group(group.as_str())?;
            names.insert(group.clone(), known.map(|group| group.name).filter(|name| !name.is_empty()));
        }
    }
    Ok(entries.into_iter().map(|entry| item(entry, &names)).collect())
}

fn item(entry: JournalEntry, names: &HashMap<GroupId, Option<String>>) -> JournalItem {
    let event = entry.event;
    JournalItem {
        n: entry.seq,
        at: event.at,
        ear: Some(event.ear),
        kind: event.kind.name().to_owned(),
        group: event.group.as_ref().map(ToString::to_string),
        group_name: event.group.as_ref().and_then(|group| names.get(group)).cloned().flatten(),
        from: event.from.as_ref().map(ToString::to_string),
        text: what_happened(&event.kind),
        repeat: false,
        reasons: entry.reasons,
        actions: entry.actions.iter().map(action).collect(),
    }
}

fn what_happened(kind: &EventKind) -> String {
    match kind {
        EventKind::Message(message) => one_line(&message.content.text, SHOWN),
        EventKind::Recalled { .. } => "撤回了一条消息".to_owned(),
        EventKind::EnteredChat => "打开了会话".to_owned(),
        // Which one is a key of ours; the reasons say in words what it meant.
        EventKind::CardTapped(_) => "点了卡片按钮".to_owned(),
        EventKind::GroupChanged(change) => change_in_words(change),
        EventKind::GroupSnapshot(snapshot) => {
            format!("读到群资料：{}，{} 人", snapshot.name, snapshot.members.len())
        }
        EventKind::ContactChanged(ContactChange { change, .. }) => format!("客户变更 {change}"),
        EventKind::Other { name, .. } | EventKind::Unknown { name } => name.clone(),
        EventKind::TimerDue { timer, .. } => format!("到时间了：{}", timer.chinese()),
        // The reasons say it in words.
        EventKind::FileNews(_) => "话术和规则文件有消息".to_owned(),
        EventKind::Ruled(ruling) if ruling.honest => "撤销一次误判".to_owned(),
        EventKind::Ruled(_) => "认定一条广告".to_owned(),
        EventKind::PostDue(due) => format!("排期 {} 到点", due.schedule),
        EventKind::PostsMissed(missed) => format!("{} 个排期错过了时间", missed.len()),
        EventKind::ScheduleOrdered(ordered) => match ordered.order {
            Order::Pause => format!("暂停排期 {}", ordered.schedule),
            Order::Resume => format!("恢复排期 {}", ordered.schedule),
        },
        EventKind::CampaignOrdered(ordered) => format!("活动 {} 有新的决定", ordered.campaign),
        EventKind::PostEnded(ending) => {
            format!("企业群发「{}」{}", ending.post.title, ending.outcome.in_words(ending.owner.as_str()))
        }
        EventKind::PostTrouble(trouble) => format!("企业群发「{}」有群没发出", trouble.post.title),
        EventKind::Cascade(request) => format!("传达 {}", request.run()),
        EventKind::JoinCodeDone(done) => format!("做成了：{}", done.act.in_words()),
        EventKind::JoinCodeOrdered(ordered) => match ordered.order {
            JoinOrder::Retry => format!("进群码 {} 再试一次", ordered.code),
            JoinOrder::Delete => format!("删除进群码 {}", ordered.code),
        },
        EventKind::ActionDoubted { action, why, .. } => format!("{} 不知道成没成：{why}", action.hand),
        EventKind::Moment(request) => match request.as_ref() {
            MomentRequest::Send(order) => format!("发朋友圈 {}", order.moment),
            MomentRequest::Cancel { moment } => format!("取消朋友圈 {moment}"),
        },
        EventKind::MomentNews(news) => format!("朋友圈「{}」有消息", news.title),
        EventKind::WelcomeLibrary(event) => match event {
            WelcomeLibraryEvent::Apply { .. } => "同步入群欢迎语".to_owned(),
            WelcomeLibraryEvent::Forget { key } => format!("忘掉入群欢迎语 {key}"),
            WelcomeLibraryEvent::Applied { .. } => "入群欢迎语同步完了".to_owned(),
        },
        EventKind::ActionDone { action, .. } => format!("{} 完成了", action.hand),
        EventKind::ActionFailed { action, why, .. } => format!("{} 没有成功：{why}", action.hand),
    }
}

fn change_in_words(change: &GroupChange) -> String {
    let people = |members: &[crate::decision::MemberId]| {
        members.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
    };
    match change {
        GroupChange::Created => "建群".to_owned(),
        GroupChange::Dismissed => "解散群".to_owned(),
        GroupChange::MembersAdded { members, .. } => format!("进群：{}", people(members)),
        GroupChange::MembersRemoved { members, scene: Some(1) } => format!("被移出：{}", people(members)),
        GroupChange::MembersRemoved { members, .. } => format!("退群：{}", people(members)),
        GroupChange::OwnerChanged => "换了群主".to_owned(),
        GroupChange::NameChanged => "改了群名".to_owned(),
        GroupChange::NoticeChanged => "改了群公告".to_owned(),
        GroupChange::RobotAdded => "机器人进群".to_owned(),
        GroupChange::Updated { detail } => format!("群变更 {detail}"),
    }
}

fn action(action: &JournalAction) -> Shown {
    let act = &action.action.act;
    let detail = match act {
        Act::Answer { text } => one_line(text, SHOWN),
        Act::Post { part, .. } => one_line(&part.in_words(), SHOWN),
        Act::Tell { to, part } => format!("{to}：{}", one_line(&part.in_words(), SHOWN)),
        Act::Remove { member }
        | Act::BringBack { member }
        | Act::Recall { member, .. }
        | Act::Mute { member, .. }
        | Act::Fine { member }
        | Act::Judge { member } => member.to_string(),
        Act::TaskCard { to, card } => format!("{to}：{}", card.title),
        Act::UpdateCard { label, .. } => label.clone(),
        Act::ReadGroup { .. } => String::new(),
        Act::MassSend(send) => format!("{}：{}", send.owner, one_line(&send.in_words(), SHOWN)),
        Act::WelcomeContact { contact, .. } => contact.to_string(),
        Act::JoinCode(act) => act.in_words(),
        Act::Moment(task) => {
            format!("{} 人：{}", task.people.len(), one_line(&task.in_words(), SHOWN))
        }
        Act::WelcomeTemplate(change) => format!("{} {}", change.step.chinese(), change.title),
    };
    let (state, result) = state(action);
    Shown { act: act.name().to_owned(), hand: action.action.hand.to_string(), detail, state, result }
}

fn state(action: &JournalAction) -> (ActionState, Option<String>) {
    let result = action.result.clone().filter(|result| !result.is_empty());
    match (action.state.as_str(), &action.task) {
        ("done", Some(task)) => match &task.state {
            TaskState::Open => (ActionState::Asked, result),
            TaskState::Done { by, .. } => (ActionState::DoneBy, Some(by.clone())),
            TaskState::Refused { by, .. } => (ActionState::RefusedBy, Some(by.clone())),
            TaskState::Pardoned { by, .. } => (ActionState::PardonedBy, Some(by.clone())),
            TaskState::Expired { .. } => (ActionState::Expired, None),
        },
        ("done", None) => (ActionState::Done, result),
        ("failed", _) => (ActionState::Failed, result),
        ("doubt", _) => {
            (ActionState::Failed, result.or_else(|| Some("不确定是否已发出，不再重复".to_owned())))
        }
        _ => (ActionState::Waiting, result),
    }
}

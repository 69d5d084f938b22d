//! What people read of moments.

use jiff::Timestamp;

use super::MomentPlan;
use crate::decision::{
    Draft, MomentFigures, MomentNews, MomentNotMade, MomentOfStore, MomentOrder, MomentPerson,
};

/// More names than this are a list for `zhanggui moment show`, not a message.
const NAMED_AT_MOST: usize = 20;
/// What is put under a message that is cut.
pub(super) const MORE: &str = "\n……";

/// What is put under the figures when they are cut.
pub(super) fn more(moment: &str) -> String {
    format!("\n……\n全部看：zhanggui moment show {moment}")
}

/// The answer to whoever sends one.
pub(super) fn asked(draft: &Draft<'_>, order: &MomentOrder, plan: &MomentPlan) -> String {
    let title = plan.tasks.first().map_or(order.script.as_str(), |task| &task.title);
    let people: usize = plan.tasks.iter().map(|task| task.people.len()).sum();
    let until = plan.tasks.first().map(|task| draft.moment(task.ends_at)).unwrap_or_default();
    let several = match plan.tasks.len() {
        1 => String::new(),
        tasks => format!("，内容有 {tasks} 种"),
    };
    let left_out = if plan.left_out.is_empty() {
        String::new()
    } else {
        format!("；这条话术今天在这些门店不能用，没有请：{}", plan.left_out.join("、"))
    };
    format!(
        "「{title}」（{}）请 {people} 人发朋友圈{several}，{until} 截止{left_out}。看谁发了：zhanggui moment show {}",
        order.moment, order.moment
    )
}

pub(super) fn reminder(draft: &Draft<'_>, title: &str, until: Timestamp) -> String {
    format!(
        "提醒：朋友圈「{title}」还没有看到您发。请打开手机上的企业微信，在「客户朋友圈」的通知里点开它，看一眼内容，点「发表」。{} 以前都可以发。",
        draft.moment(until)
    )
}

pub(super) fn not_made(news: &MomentNews, tasks: &[MomentNotMade]) -> String {
    let people: usize = tasks.iter().map(|task| task.people).sum();
    let mut lines =
        vec![format!("朋友圈「{}」有 {people} 人收不到，企业微信没有建成他们的任务：", news.title)];
    lines.extend(tasks.iter().map(not_made_line));
    lines.push("为免发两遍，不会自动再建；改好以后，请换一个名字（--name）给这些门店再发一次。".to_owned());
    lines.join("\n")
}

fn not_made_line(task: &MomentNotMade) -> String {
    format!("· {}（{} 人）：{}", listed(task.stores.iter().cloned()), task.people, task.why)
}

/// The figures, once nobody can publish it any more.
pub(super) fn over(draft: &Draft<'_>, news: &MomentNews, figures: &MomentFigures) -> String {
    let MomentOfStore { asked, published, likes, comments, .. } = figures.all();
    let ended = match &figures.cancelled_by {
        Some(by) => format!("由 {by} 取消"),
        None => "到时间了".to_owned(),
    };
    let mut lines = vec![format!(
        "朋友圈「{}」{ended}：请了 {asked} 人，{published} 人发了，收到 {likes} 个赞、{comments} 条评论。",
        news.title
    )];
    if !figures.missing.is_empty() {
        lines.push(format!("没发的：{}", people(draft, &figures.missing)));
    }
    if !figures.unable.is_empty() {
        lines.push(format!(
            "发不了的（不在企业微信里，或不在应用的可见范围内）：{}",
            people(draft, &figures.unable)
        ));
    }
    if !figures.not_made.is_empty() {
        lines.push("没有建成的：".to_owned());
        lines.extend(figures.not_made.iter().map(not_made_line));
    }
    if figures.stores.len() > 1 {
        lines.extend(figures.stores.iter().map(store_line));
    }
    lines.push(format!("赞和评论还会接着统计三天，看：zhanggui moment show {}", news.moment));
    lines.join("\n")
}

fn store_line(store: &MomentOfStore) -> String {
    let MomentOfStore { store, asked, published, likes, comments } = store;
    format!("· {store}：{asked} 人里 {published} 人发了，赞 {likes}，评论 {comments}")
}

fn people(draft: &Draft<'_>, people: &[MomentPerson]) -> String {
    listed(people.iter().map(|person| format!("{}（{}）", draft.name_of(&person.id), person.store)))
}

fn listed(names: impl ExactSizeIterator<Item = String>) -> String {
    let count = names.len();
    let shown = names.take(NAMED_AT_MOST).collect::<Vec<_>>().join("、");
    if count > NAMED_AT_MOST { format!("{shown} 等 {count} 个") } else { shown }
}

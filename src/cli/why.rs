//! `zhanggui why MESSAGE_ID`: the whole story of one event, told to a person.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::journal::state;
use crate::decision::{Act, EventKind};
use crate::store::{self, JournalAction, JournalEntry, Reader, RowState};
use crate::text::{fold, one_line};

/// Characters of a message that are shown.
const SHOWN: usize = 200;
/// Characters shown before and behind a finding.
const AROUND: usize = 12;

#[derive(Debug, clap::Args)]
pub struct WhyArgs {
    /// A message id or an event key 消息 ID 或事件键
    id: String,
    /// The bot's data folder 数据目录
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

/// Returns whether anything was found.
pub fn run(args: &WhyArgs) -> anyhow::Result<bool> {
    let reader = store::read(&args.data)?;
    let entries = reader.why(&args.id)?;
    if entries.is_empty() {
        println!(
            "没有找到 {}：机器人没有听到它，或者已过保存期。\nNot found: never heard, or past retention.",
            args.id
        );
    }
    for entry in &entries {
        tell(&reader, entry)?;
        tell_what_followed(&reader, entry)?;
    }
    Ok(!entries.is_empty())
}

/// How actions ended is an event of its own when more followed from it.
fn tell_what_followed(reader: &Reader, entry: &JournalEntry) -> anyhow::Result<()> {
    for action in &entry.actions {
        for end in [RowState::Done, RowState::Failed] {
            if let Some(followed) = reader.entry(&format!("{}:{}", end.as_str(), action.id))? {
                tell(reader, &followed)?;
                tell_what_followed(reader, &followed)?;
            }
        }
    }
    Ok(())
}

fn tell(reader: &Reader, entry: &JournalEntry) -> anyhow::Result<()> {
    let event = &entry.event;
    println!("{}", event.key);
    println!("  时间  {}（{} 收到）", local(event.at), local(entry.heard_at));
    let group = event.group.as_ref().map_or("（不在群里）", |group| group.as_str());
    let who = event.from.as_ref().map_or("（平台）", |member| member.as_str());
    println!("  来源  {} · {} · 群 {group} · {who} · {}", event.ear.as_str(), event.via, event.kind.name());
    println!("  规则  {}", rules_in_words(reader, entry)?);
    let said = match &event.kind {
        EventKind::Message(message) => message.content.text.as_str(),
        _ => "",
    };
    if !said.is_empty() {
        println!("  内容  {}", one_line(said, SHOWN));
        println!("  看作  {}", one_line(&fold(said), SHOWN));
    }
    for signal in &entry.signals.found {
        let (name, weight) = (signal.name.chinese(), signal.weight);
        println!("  信号  {name}「{}」权重 {weight:.2}：{}", signal.detail, marked(said, signal.span));
    }
    if entry.reasons.is_empty() {
        println!("  判断  没有规则对它作出反应");
    }
    for reason in &entry.reasons {
        println!("  判断  {}（{}/{}）", reason.text, reason.feature, reason.code);
    }
    for action in &entry.actions {
        println!("  动作  {}", action_in_words(action));
    }
    Ok(())
}

/// Which version of the files decided, and its commit if people were told of one.
fn rules_in_words(reader: &Reader, entry: &JournalEntry) -> anyhow::Result<String> {
    let Some(rules) = &entry.rules else { return Ok("（那时还没有记下版本）".to_owned()) };
    Ok(match reader.commit_of(rules)? {
        Some(commit) => format!("版本 {rules}，提交 {commit}，作者 {}", commit.author),
        None => format!("版本 {rules}"),
    })
}

/// What was said around a finding, with the finding between 【】. The span is in characters.
fn marked(said: &str, (start, end): (usize, usize)) -> String {
    let part =
        |from: usize, to: usize| said.chars().skip(from).take(to.saturating_sub(from)).collect::<String>();
    let from = start.saturating_sub(AROUND);
    let (before, after) = (if from > 0 { "…" } else { "" }, part(end, end + AROUND + 1));
    let cut = if after.chars().count() > AROUND { "…" } else { "" };
    let line = |text: &str| one_line(text, SHOWN);
    format!(
        "{before}{}【{}】{}{cut}",
        line(&part(from, start)),
        line(&part(start, end)),
        line(&part(end, end + AROUND))
    )
}

/// One action and how it stands, in one Chinese sentence.
pub fn action_in_words(action: &JournalAction) -> String {
    let what = match &action.action.act {
        Act::Post { part, .. } => format!("在群里发言「{}」", crate::text::one_line(&part.in_words(), 60)),
        Act::Remove { member } => format!("移出 {member}"),
        Act::BringBack { member } => format!("请回 {member}"),
        Act::Recall { member, .. } => format!("撤回 {member} 的消息"),
        Act::Mute { member, .. } => format!("禁言 {member}"),
        Act::Fine { member } => format!("请 {member} 发红包"),
        Act::Judge { member } => format!("请人判断 {member} 发的是不是广告"),
        Act::Tell { to, part } => format!("私聊 {to}「{}」", crate::text::one_line(&part.in_words(), 60)),
        Act::Answer { text } => format!("回答「{}」", crate::text::one_line(text, 60)),
        Act::TaskCard { to, card } => format!("发待办卡给 {to}「{}」", card.title),
        Act::UpdateCard { label, .. } => format!("更新卡片为「{label}」"),
        Act::ReadGroup { .. } => "读取群资料".to_owned(),
        Act::MassSend(send) => {
            format!("请 {} 确认群发「{}」", send.owner, crate::text::one_line(&send.in_words(), 60))
        }
        Act::WelcomeContact { contact, .. } => format!("欢迎新客户 {contact}"),
        Act::JoinCode(act) => act.in_words(),
        Act::Moment(task) => {
            let text = crate::text::one_line(&task.in_words(), 60);
            format!("请 {} 人发朋友圈「{text}」", task.people.len())
        }
        Act::WelcomeTemplate(change) => {
            format!("{}入群欢迎语「{}」", change.step.chinese(), change.title)
        }
    };
    let result = action.result.as_deref().filter(|result| !result.is_empty());
    let result = result.map(|result| format!("：{}", crate::text::one_line(result, 120))).unwrap_or_default();
    format!("{what} · {} · {}{result}", action.action.hand, state_in_words(&state(action)))
}

fn state_in_words(state: &str) -> String {
    match state {
        "pending" => "等待发出".to_owned(),
        "sending" => "正在发出".to_owned(),
        "done" => "已完成".to_owned(),
        "failed" => "失败".to_owned(),
        "doubt" => "不确定是否已发出，不再重复".to_owned(),
        "waiting" => "等人处理".to_owned(),
        "expired" => "已过期".to_owned(),
        other => {
            [("done by ", "完成"), ("refused by ", "选择不处理"), ("pardoned by ", "认定是误判，已撤销")]
                .iter()
                .find_map(|(state, did)| Some(format!("{} {did}", other.strip_prefix(state)?)))
                .unwrap_or_else(|| other.to_owned())
        }
    }
}

fn local(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_marked_in_what_was_said() {
        let said = "各位街坊，周末在家就能做的兼职，一单一结，想做的私我，名额不多先到先得";
        let start = said.chars().position(|c| c == '兼').expect("there");
        assert_eq!(
            marked(said, (start, start + 2)),
            "…位街坊，周末在家就能做的【兼职】，一单一结，想做的私我，…"
        );
        assert_eq!(marked("加V", (0, 2)), "【加V】");
        assert_eq!(marked("加V", (5, 9)), "加V【】", "a span of another text is no reason to fall over");
    }
}

//! F7 Send budget and proof: how posts ended that waited for the owners of customer groups.

use super::scheduled_posts;
use crate::decision::event::EventKind;
use crate::decision::{Draft, MassSend, OwnersGroups, PostEnding, PostOutcome, PostTrouble, Trouble};

pub const NAME: &str = "confirmations";

/// Owners named in one message; the command line has all.
const OWNERS_NAMED: usize = 12;
/// Groups named per owner.
const GROUPS_NAMED: usize = 5;
/// What is put under a message that is cut.
const MORE: &str = "\n……";

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    match &event.kind {
        EventKind::PostEnded(ending) => ended(draft, ending),
        EventKind::PostTrouble(trouble) => tell(draft, trouble),
        _ => {}
    }
}

fn ended(draft: &mut Draft<'_>, ending: &PostEnding) {
    let PostEnding { post, owner, outcome, again } = ending;
    if *outcome == PostOutcome::AskedAgain {
        return ask_again(draft, ending, again.as_deref());
    }
    let zone = draft.rules.timezone.clone();
    let (at, name) = (draft.event.at.to_zoned(zone), draft.name_of(owner).to_owned());
    if let Some(group) = draft.group_mut() {
        match outcome {
            PostOutcome::Sent => group.mass_sent.sent(&post.id, at.date()),
            PostOutcome::Full => group.mass_sent.full_on = Some(at.date()),
            PostOutcome::LeftOut
            | PostOutcome::TooLate
            | PostOutcome::Lost
            | PostOutcome::Withdrawn
            | PostOutcome::AskedAgain => {}
        }
        if *outcome != PostOutcome::Sent {
            group.mass_sent.withdraw(&post.id);
        }
    }
    let title = &post.title;
    let (code, text) = match outcome {
        PostOutcome::Sent => {
            ("sent", format!("「{title}」由 {name} 于 {} 确认发出", draft.moment(draft.event.at)))
        }
        PostOutcome::LeftOut => ("left_out", format!("「{title}」{name} 确认了，但没有发到这个群")),
        PostOutcome::Full => ("full", format!("「{title}」没能发出：这个群的群发额度已经用完")),
        PostOutcome::TooLate => ("too_late", format!("「{title}」{name} 一直没有确认，已取消")),
        PostOutcome::Lost => ("lost", format!("「{title}」没有建成：平台没有答复，也查不到这条群发")),
        PostOutcome::Withdrawn => ("withdrawn", format!("「{title}」撤下了，没有发到这个群")),
        PostOutcome::AskedAgain => return,
    };
    draft.because(NAME, code, text);
}

/// The task was withdrawn for the sake of other groups. It keeps its place in the budget, unless there is no time
/// left, or its own store has sold out meanwhile.
fn ask_again(draft: &mut Draft<'_>, ending: &PostEnding, again: Option<&MassSend>) {
    let PostEnding { post, .. } = ending;
    let against = match again {
        None => Some("已经过了要发的时间".to_owned()),
        Some(send) => held_up(draft, send),
    };
    match (again, against) {
        (Some(send), None) => {
            draft.because(
                NAME,
                "asked_again",
                format!("「{}」重新请群主确认：同一个任务里有别的群撤下了", post.title),
            );
            draft.mass_send_again(send.clone());
        }
        (_, why) => {
            let why = why.unwrap_or_default();
            draft.because(NAME, "withdrawn", format!("「{}」没有发到这个群：{why}", post.title));
            if let Some(group) = draft.group_mut() {
                group.mass_sent.withdraw(&post.id);
            }
        }
    }
}

/// What was decided about its campaign meanwhile.
fn held_up(draft: &Draft<'_>, send: &MassSend) -> Option<String> {
    let schedule = draft.rules.schedules.get(send.post.id.rsplit_once('@')?.0)?;
    let store = Some(send.store.as_str()).filter(|store| !store.is_empty());
    scheduled_posts::held_up(draft, schedule, store).map(|(_, why)| why)
}

fn tell(draft: &mut Draft<'_>, trouble: &PostTrouble) {
    let text = in_words(draft, trouble);
    let code = match trouble.trouble {
        Trouble::Unconfirmed => "unconfirmed",
        Trouble::Full => "full_told",
        Trouble::Lost => "lost_told",
        Trouble::TooLate => "too_late_told",
    };
    draft.because(NAME, code, text.clone());
    draft.tell_ops(&text, MORE);
}

fn in_words(draft: &Draft<'_>, trouble: &PostTrouble) -> String {
    let PostTrouble { post, owners, until, .. } = trouble;
    let groups: usize = owners.iter().map(|one| one.groups.len()).sum();
    let region = if post.region.is_empty() { String::new() } else { format!("（{}）", post.region) };
    let what = match trouble.trouble {
        Trouble::Unconfirmed => format!("还有 {groups} 个群没发出，群主还没有点“发送”："),
        Trouble::Full => format!("有 {groups} 个群没发出，它们的群发额度已经用完："),
        Trouble::Lost => format!("有 {groups} 个群没发出，企业微信没有建成这条群发："),
        Trouble::TooLate => format!("有 {groups} 个群没发出，到截止时间还连不上企业微信："),
    };
    let mut lines = vec![format!("「{}」{region}{what}", post.title)];
    lines.extend(owners.iter().take(OWNERS_NAMED).map(|one| owner_line(draft, one)));
    if let Some(rest) = owners.len().checked_sub(OWNERS_NAMED).filter(|rest| *rest > 0) {
        lines.push(format!("· 另外 {rest} 位群主"));
    }
    lines.push(match (trouble.trouble, until) {
        (Trouble::Unconfirmed, Some(until)) => {
            let until = draft.moment(*until);
            format!("请联系群主，在企业微信的「群发助手」里点发送；{until} 还没发就自动取消。")
        }
        (Trouble::Unconfirmed, None) => "请联系群主，在企业微信的「群发助手」里点发送。".into(),
        (Trouble::Full, _) => "额度什么时候恢复，用 zhanggui budget 查看；急的请群主自己在群里发。".into(),
        (Trouble::Lost, _) => "为免发两遍，不会自动重发；还要发的请群主自己在群里发。".into(),
        (Trouble::TooLate, _) => "已经过了要发的时间，不再补发；还要发的请群主自己在群里发。".into(),
    });
    lines.join("\n")
}

fn owner_line(draft: &Draft<'_>, one: &OwnersGroups) -> String {
    let mut groups = one.groups.iter().take(GROUPS_NAMED).cloned().collect::<Vec<_>>().join("、");
    if one.groups.len() > GROUPS_NAMED {
        groups.push_str(&format!(" 等 {} 个群", one.groups.len()));
    }
    let reminded =
        if one.reminded == 0 { String::new() } else { format!("（已提醒 {} 次）", one.reminded) };
    format!("· {}：{groups}{reminded}", draft.name_of(&one.owner))
}

#[cfg(test)]
mod tests;

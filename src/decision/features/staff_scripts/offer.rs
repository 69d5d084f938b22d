//! 「发到群」: the bot posts a script into one of the person's groups, at one tap and once.

use super::{NAME, give};
use crate::decision::event::{CardTap, GroupId, MemberId};
use crate::decision::route::Request;
use crate::decision::{Act, Draft, Ear, GroupState, Offer, Part, StaffTask, TaskState, UseKind};
use crate::scripts::Script;
use crate::text::cut_to_bytes;

/// Buttons of one card (wecom-send.md §3.4 allows six).
const GROUPS_AT_MOST: usize = 5;
/// Names of more groups than this are a list, not a hint.
const NAMED_AT_MOST: usize = 3;
/// A longer label is cut by the phone.
const LABEL_BYTES: usize = 30;

/// Offers to post what was just given in private. Where only a person can post, the person is told
/// into which groups it may go, if the script is made for some groups only: whoever asks for any
/// other knows for whom, and a line after each answer would use up the platform's messages per minute.
pub(super) fn to_post(
    draft: &mut Draft<'_>,
    from: &MemberId,
    script: &Script,
    variant: Option<&str>,
    parts: &[Part],
) {
    if draft.event.ear != Ear::App || draft.event.group.is_some() {
        return;
    }
    let groups = draft.person(from).map(|person| person.staff.groups.clone()).unwrap_or_default();
    let fitting: Vec<(GroupId, String)> =
        groups.into_iter().filter(|(id, name)| fits(draft, from, script, id, name)).collect();
    let (ours, others): (Vec<_>, Vec<_>) = fitting
        .into_iter()
        .partition(|(id, name)| give::is_postable(parts, |part| can_post(draft, id, name, part)));
    if !ours.is_empty() {
        card(draft, from, script, variant, parts, ours.into_iter().take(GROUPS_AT_MOST).collect());
    } else if !script.profiles.is_empty() && (1..=NAMED_AT_MOST).contains(&others.len()) {
        let names: Vec<&str> = others.iter().map(|(_, name)| name.as_str()).collect();
        draft.tell(from, Part::text(format!("上面这段请粘贴到：{}", names.join("、"))));
    }
}

fn rule<'r>(draft: &Draft<'r>, id: &GroupId, name: &str) -> Option<&'r crate::rules::GroupRule> {
    draft.rules.rule_for(id.as_str(), name, None)
}

/// Whether the script is meant for groups like this one. It was filled in for the person's store, whose name
/// and address would be wrong in another store's group.
fn fits(draft: &Draft<'_>, from: &MemberId, script: &Script, id: &GroupId, name: &str) -> bool {
    let rule = rule(draft, id, name);
    let profile = rule.map(|rule| &*rule.profile);
    let meant = script.profiles.is_empty()
        || profile.is_some_and(|profile| script.profiles.iter().any(|one| one == profile));
    let theirs = draft.store(Some(from)).map(|store| store.id.as_str());
    let of_store = rule.and_then(|rule| rule.store.as_deref());
    meant && of_store.is_none_or(|store| theirs == Some(store))
}

fn can_post(draft: &Draft<'_>, id: &GroupId, name: &str, part: &Part) -> bool {
    let post = Act::Post { part: part.clone(), mentions: Vec::new() };
    let hands = rule(draft, id, name).map(|rule| rule.hands.as_slice()).unwrap_or_default();
    hands.iter().any(|hand| hand.can(&post))
}

fn card(
    draft: &mut Draft<'_>,
    from: &MemberId,
    script: &Script,
    variant: Option<&str>,
    parts: &[Part],
    groups: Vec<(GroupId, String)>,
) {
    let label = |name: &str| match groups.len() {
        1 => "发到群".to_owned(),
        _ => format!("发到{}", cut_to_bytes(name, LABEL_BYTES)),
    };
    let buttons = (0..).zip(&groups).map(|(place, (_, name))| (Offer::button(place), label(name))).collect();
    let names: Vec<&str> = groups.iter().map(|(_, name)| name.as_str()).collect();
    let offer = Offer {
        script: script.id.clone(),
        variant: variant.map(str::to_owned),
        parts: parts.to_vec(),
        groups: groups.iter().map(|(id, _)| id.clone()).collect(),
    };
    let task = StaffTask {
        id: draft.new_task_id(),
        group: None,
        app: draft.rules.app.to_string(),
        assignee: from.clone(),
        escalated_to: None,
        title: format!("要我发到群里吗？「{}」", script.title),
        why: "点一下，我就替您发；也可以自己复制粘贴。只会发一次。".to_owned(),
        rows: vec![("群".into(), names.join("、"))],
        paste: None,
        act: Act::Post { part: parts[0].clone(), mentions: Vec::new() },
        offer: Some(offer),
        case: None,
        opened_at: draft.now,
        state: TaskState::Open,
    };
    draft.send_offer(&task, buttons);
    draft.open_task(task);
}

/// Posts the offered script into the group that the tapped button names.
pub(in crate::decision::features) fn tapped(
    draft: &mut Draft<'_>,
    tap: &CardTap,
    from: &MemberId,
    task: &mut StaffTask,
    offer: &Offer,
) -> bool {
    let known = |group: &GroupState| offer.group_of(&tap.button) == Some(&group.id);
    let Some(group) = draft.group().filter(|group| known(group)).cloned() else {
        draft.because(NAME, "unknown_button", format!("卡片没有按钮 {}", tap.button));
        return false;
    };
    draft.because(NAME, "posted", format!("替{}发到「{}」：{}", draft.name_of(from), group.name, task.title));
    for part in &offer.parts {
        let request = Request {
            title: "请在群里发一段话",
            why: format!("{}点了“发到群”", draft.name_of(from)),
            rows: vec![("群".into(), group.name.clone())],
        };
        draft.act(Act::Post { part: part.clone(), mentions: Vec::new() }, None, request);
    }
    task.state = TaskState::Done { by: draft.name_of(from).to_owned(), at: draft.now };
    draft.person_mut(from).staff.unseen.retain(|given| given.script != offer.script);
    let (script, variant) = (offer.script.clone(), offer.variant.clone());
    draft.count_use(UseKind::Posted, from, script, variant, Some(group.id));
    true
}

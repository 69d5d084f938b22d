//! What people say about our judgement. 「误判」 undoes the strike, the blacklisting and, where
//! possible, the removal, and apologises; 「移出」 and 「已移出」 say that we were right. Either is
//! kept for learning. The same verdict a second time changes nothing.

use super::{NAME, blacklist, hands};
use crate::decision::event::MemberId;
use crate::decision::route::{DONE, MISJUDGED, REFUSE, REMOVE, Request};
use crate::decision::{Act, Case, Draft, Ruling, StaffTask, TaskState, Verdict};
use crate::rules::{BlacklistRule, BlacklistScope, RungAct};

/// A button of a card about a message. Returns whether it changed anything.
pub(in crate::decision::features) fn tapped(
    draft: &mut Draft<'_>,
    button: &str,
    from: &MemberId,
    task: &mut StaffTask,
) -> bool {
    let Some(case) = task.case.clone() else { return false };
    let (by, at) = (draft.name_of(from).to_owned(), draft.now);
    let open = task.state == TaskState::Open;
    match (button, &task.act) {
        (MISJUDGED, _) if open || offers_pardon(task) => {
            let told = matches!(task.state, TaskState::Done { .. }) && !matches!(task.act, Act::Judge { .. });
            task.state = TaskState::Pardoned { by, at };
            pardon(draft, &case, from, told);
        }
        // Somebody else has said meanwhile that it was honest.
        (REMOVE | DONE, _) if open && draft.verdict().is_some_and(|verdict| verdict.honest) => {
            task.state = TaskState::Pardoned { by, at };
        }
        (REMOVE, Act::Judge { .. }) if open => {
            task.state = TaskState::Done { by, at };
            convict(draft, &case, from);
        }
        (DONE, Act::Remove { .. }) if open => {
            task.state = TaskState::Done { by, at };
            draft.member_mut(&case.member).removed_at = Some(at);
            give(draft, &case, from, false);
        }
        (DONE, _) if open => task.state = TaskState::Done { by, at },
        (REFUSE, _) if open => {
            task.state = TaskState::Refused { by, at };
            forget_requests(draft, &case.member);
        }
        _ => return false,
    }
    true
}

/// Whether a person who said that it was an advertisement may still take that back.
pub(in crate::decision::features) fn offers_pardon(task: &StaffTask) -> bool {
    let judged = matches!(task.act, Act::Remove { .. } | Act::Judge { .. });
    task.case.is_some() && judged && matches!(task.state, TaskState::Done { .. })
}

/// A verdict that did not come by a card.
pub(super) fn ruled(draft: &mut Draft<'_>, ruling: &Ruling) {
    let Some(from) = draft.event.from.clone() else { return };
    let (by, at) = (draft.name_of(&from).to_owned(), draft.now);
    if !ruling.honest {
        return convict(draft, &ruling.case, &from);
    }
    // What a person was asked to say, but has not said, nobody has heard.
    let mut told = ruling.public;
    if let Some(mut task) = draft.task_mut().clone().filter(|task| task.case.is_some()) {
        told &=
            !matches!(task.state, TaskState::Open | TaskState::Refused { .. } | TaskState::Expired { .. });
        task.state = TaskState::Pardoned { by, at };
        *draft.task_mut() = Some(task);
    }
    pardon(draft, &ruling.case, &from, told);
}

/// Keeps what was said. Returns whether it is news.
fn give(draft: &mut Draft<'_>, case: &Case, teacher: &MemberId, honest: bool) -> bool {
    if draft.verdict().is_some_and(|before| before.honest == honest) {
        let text = if honest {
            "这条已经撤销过，不再重复"
        } else {
            "这条已经认定过，不再重复"
        };
        draft.because(NAME, "same_verdict", text);
        return false;
    }
    draft.give_verdict(Verdict {
        message: case.message.clone(),
        message_text: case.text.clone(),
        honest,
        teacher: teacher.clone(),
        group: case.group.clone(),
        at: draft.now,
    });
    true
}

/// Undoes what the message brought. `told`: the group has heard of it.
fn pardon(draft: &mut Draft<'_>, case: &Case, teacher: &MemberId, told: bool) {
    if !give(draft, case, teacher, true) {
        return;
    }
    let id = &case.member;
    let known = draft.member(id).cloned().unwrap_or_default();
    let struck = known.strikes.contains(&case.at);
    if struck {
        draft.member_mut(id).strikes.retain(|strike| *strike != case.at);
    }
    let banned = blacklist::lift(draft, case);
    forget_requests(draft, id);
    let mut undone: Vec<&str> = Vec::new();
    undone.extend(struck.then_some("违规记录"));
    undone.extend(banned.then_some("黑名单"));
    let undone = if undone.is_empty() {
        "没有记过账".to_owned()
    } else {
        format!("撤销{}", undone.join("、"))
    };
    draft.because(NAME, "pardoned", format!("{} 被误判，{undone}", draft.name_of(id)));
    let gone = known.removed_at.is_some();
    let script = draft.profile().and_then(|profile| profile.moderation.apology_script.clone());
    let script = script.filter(|_| told || gone);
    let apology = hands::line(draft, script.as_deref(), std::slice::from_ref(id));
    if gone {
        draft.member_mut(id).removed_at = None;
        return bring_back(draft, case, apology);
    }
    if let Some(apology) = apology {
        let why = format!("误判了一条消息：{}", case.evidence);
        let request = Request { title: "请在群里道个歉", why, rows: hands::rows(draft, id) };
        draft.act(apology, None, request);
    }
}

/// No API puts a customer back into a group (wecom-send.md §1): then the owner is asked to.
fn bring_back(draft: &mut Draft<'_>, case: &Case, apology: Option<Act>) {
    let why = "移出是误判，请邀请对方回来；机器人不能把客户拉进客户群".to_owned();
    let request =
        Request { title: "请把这位成员请回群", why, rows: hands::rows(draft, &case.member) };
    draft.act(Act::BringBack { member: case.member.clone() }, apology, request);
}

fn forget_requests(draft: &mut Draft<'_>, id: &MemberId) {
    let pending = |member: &crate::decision::MemberState| {
        member.removal_asked_at.is_some() || member.asked_at.is_some()
    };
    if draft.member(id).is_some_and(pending) {
        let member = draft.member_mut(id);
        member.removal_asked_at = None;
        member.asked_at = None;
    }
}

/// A person says that it is an advertisement: it counts, and its sender goes.
fn convict(draft: &mut Draft<'_>, case: &Case, teacher: &MemberId) {
    if !give(draft, case, teacher, false) {
        return;
    }
    let member = draft.member_mut(&case.member);
    member.asked_at = None;
    member.trust = None;
    if !member.strikes.contains(&case.at) {
        member.strikes.push(case.at);
        member.strikes.sort_unstable();
    }
    draft.because(NAME, "convicted", format!("{} 认定是广告", draft.name_of(teacher)));
    let ladder = draft.profile().map_or(&[][..], |profile| &profile.moderation.ladder);
    let last = ladder.iter().find(|rung| rung.acts.contains(&RungAct::Remove));
    if let Some(rung) = last.filter(|rung| rung.acts.contains(&RungAct::Blacklist)) {
        let rule = rung.blacklist.unwrap_or(BlacklistRule { scope: BlacklistScope::Group, lasts: None });
        blacklist::ban(draft, rule, case);
    }
    let line = hands::line(draft, last.and_then(|rung| rung.script.as_deref()), &[]);
    let why = format!("{}认定是广告：{}", draft.name_of(teacher), case.evidence);
    hands::remove(draft, &case.member, Some(case), line, why, Vec::new());
}

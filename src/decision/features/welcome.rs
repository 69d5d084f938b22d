//! F3 Welcome: one welcome for everybody who joins within a window; quiet hours postpone it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::decision::event::{EventKind, GroupId, MemberId, TimerKind};
use crate::decision::route::Request;
use crate::decision::{Act, Draft, MemberState, Timer};
use crate::rules::{Role, Welcome};
use crate::scripts::MessageKind;

pub const NAME: &str = "welcome";

pub fn run(draft: &mut Draft<'_>) {
    let Some(rules) = draft.profile().map(|profile| &profile.welcome) else { return };
    if let EventKind::TimerDue { timer: TimerKind::Welcome, .. } = draft.event.kind {
        due(draft, rules);
    } else if !draft.joined.is_empty() && !rules.off && rules.script.is_some() {
        newcomers(draft, rules);
    }
}

fn newcomers(draft: &mut Draft<'_>, rules: &Welcome) {
    for id in std::mem::take(&mut draft.joined) {
        if !matches!(draft.role(&id), Role::Member | Role::Kol) || draft.blacklisted(&id).is_some() {
            continue;
        }
        let last = draft.member(&id).and_then(|member| member.welcomed_at);
        if last.is_some_and(|last| draft.now.duration_since(last) < rules.repeat_after) {
            let text = format!("{} 不久前欢迎过，不再重复", draft.name_of(&id));
            draft.because(NAME, "welcomed_lately", text);
            continue;
        }
        wait(draft, rules, id);
    }
}

fn wait(draft: &mut Draft<'_>, rules: &Welcome, id: MemberId) {
    let ends = draft.now.saturating_add(rules.window).unwrap_or(draft.now);
    let text = format!("{} 进群，等待一起欢迎", draft.name_of(&id));
    let Some(group) = draft.group_mut() else { return };
    if !group.welcome.waiting.contains(&id) {
        group.welcome.waiting.push(id);
    }
    let opened = group.welcome.due.is_none();
    let group = group.id.clone();
    draft.because(NAME, "waiting", text);
    if opened {
        let due = rules.quiet.map_or(ends, |quiet| quiet.next_allowed(ends, &draft.rules.timezone));
        postpone(draft, group, due);
    }
}

fn postpone(draft: &mut Draft<'_>, group: GroupId, due: Timestamp) {
    if let Some(state) = draft.group_mut() {
        state.welcome.due = Some(due);
    }
    draft.set_timer(Timer {
        key: format!("welcome:{group}"),
        due,
        kind: TimerKind::Welcome,
        group: Some(group),
        subject: String::new(),
    });
}

/// The window has ended: greet those who are still there.
fn due(draft: &mut Draft<'_>, rules: &Welcome) {
    let Some(group) = draft.group().cloned() else { return };
    let allowed = rules.quiet.map_or(draft.now, |quiet| quiet.next_allowed(draft.now, &draft.rules.timezone));
    if allowed > draft.now && !rules.off {
        draft.because(NAME, "quiet", "安静时段，欢迎语顺延");
        postpone(draft, group.id, allowed);
        return;
    }
    if let Some(state) = draft.group_mut() {
        state.welcome = Default::default();
    }
    let here = |id: &MemberId| {
        draft.member(id).is_some_and(|member| member.present() && !struck_since_joining(member))
            && draft.blacklisted(id).is_none()
    };
    let newcomers: Vec<MemberId> = group.welcome.waiting.into_iter().filter(here).collect();
    if rules.off || newcomers.is_empty() {
        draft.because(NAME, "nobody_left", "没有需要欢迎的新成员");
        return;
    }
    greet(draft, rules, newcomers);
}

/// Whoever was warned before the welcome came is not welcomed as if nothing had been.
fn struck_since_joining(member: &MemberState) -> bool {
    let joined = member.joined_at;
    member.strikes.iter().any(|strike| joined.is_none_or(|joined| joined <= *strike))
}

fn greet(draft: &mut Draft<'_>, rules: &Welcome, newcomers: Vec<MemberId>) {
    let (library, asker) = (&draft.rules.scripts, draft.asker(None));
    let Some(script) = rules.script.as_deref().and_then(|id| library.resolved(id, &asker)) else {
        draft.because(NAME, "no_script", "群画像没有可用的欢迎话术");
        return;
    };
    let mentions: Vec<MemberId> = newcomers.iter().take(rules.mention_at_most).cloned().collect();
    let mut facts = draft.facts(&mentions, None);
    facts.count = newcomers.len();
    // Each welcome draws its own variant.
    let seed = crate::text::fingerprint(draft.event.key.as_str());
    let filled = match library.fill(script, library.variant_for(script, seed), &facts, &BTreeMap::new()) {
        Ok(filled) => filled,
        Err(error) => return draft.because(NAME, "not_filled", error.to_string()),
    };
    for id in &newcomers {
        draft.member_mut(id).welcomed_at = Some(draft.now);
    }
    draft.because(NAME, "greeted", format!("欢迎 {} 位新成员（话术 {}）", newcomers.len(), script.id));
    for (number, message) in filled.into_iter().enumerate() {
        let mentions = if number == 0 { mentions.clone() } else { Vec::new() };
        let markdown = message.kind() == MessageKind::Markdown;
        let request = Request {
            title: "请欢迎新成员",
            why: format!("有 {} 位新成员进群，机器人不能在这个群里直接发言", newcomers.len()),
            rows: vec![("群".into(), facts.group.clone())],
        };
        draft.act(Act::Post { text: message.paste(), markdown, mentions }, None, request);
    }
}

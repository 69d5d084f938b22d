//! F3 Welcome: one welcome for everybody who joins within a window, then the steps after it; quiet hours
//! postpone both.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::decision::event::{EventKind, GroupId, MemberId, TimerKind};
use crate::decision::saying::Asked;
use crate::decision::{Draft, MemberState, Timer};
use crate::rules::{Role, Welcome};

mod steps;
#[cfg(test)]
mod tests;

pub const NAME: &str = "welcome";

pub fn run(draft: &mut Draft<'_>) {
    let Some(rules) = draft.profile().map(|profile| &profile.welcome) else { return };
    let event = draft.event;
    match &event.kind {
        EventKind::TimerDue { timer: TimerKind::Welcome, .. } => due(draft, rules),
        EventKind::TimerDue { timer: TimerKind::WelcomeStep, subject } => steps::due(draft, rules, subject),
        EventKind::TimerDue { timer: TimerKind::Plan, .. } => steps::plan_anew(draft, rules),
        EventKind::Message(message) if !message.private => {
            event.from.iter().for_each(|from| steps::heard(draft, from));
        }
        _ if !draft.joined.is_empty() && !rules.off && greets(rules) => newcomers(draft, rules),
        _ => {}
    }
}

fn greets(rules: &Welcome) -> bool {
    rules.script.is_some() || !rules.by_join_code.is_empty()
}

fn newcomers(draft: &mut Draft<'_>, rules: &Welcome) {
    for id in draft.joined.clone() {
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
    draft.member_mut(&id).spoke = false;
    let Some(group) = draft.group_mut() else { return };
    if !group.welcome.waiting.contains(&id) {
        group.welcome.waiting.push(id);
    }
    let opened = group.welcome.due.is_none();
    let group = group.id.clone();
    draft.because(NAME, "waiting", text);
    if opened {
        let due = awake(draft, rules, ends);
        postpone(draft, group, due);
    }
}

/// The first moment from then on that is not quiet.
fn awake(draft: &Draft<'_>, rules: &Welcome, at: Timestamp) -> Timestamp {
    rules.quiet.map_or(at, |quiet| quiet.next_allowed(at, &draft.rules.timezone))
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
    let allowed = awake(draft, rules, draft.now);
    if allowed > draft.now && !rules.off {
        draft.because(NAME, "quiet", "安静时段，欢迎语顺延");
        postpone(draft, group.id, allowed);
        return;
    }
    if let Some(state) = draft.group_mut() {
        state.welcome.waiting.clear();
        state.welcome.due = None;
    }
    let newcomers: Vec<MemberId> =
        group.welcome.waiting.into_iter().filter(|id| is_welcome(draft, id)).collect();
    if rules.off || newcomers.is_empty() {
        draft.because(NAME, "nobody_left", "没有需要欢迎的新成员");
        return;
    }
    let mut greeted = Vec::new();
    for (script, newcomers) in by_script(draft, rules, newcomers) {
        if greet(draft, rules, script, &newcomers) {
            greeted.extend(newcomers);
        }
    }
    steps::begin(draft, rules, greeted);
}

/// Still there, and nothing was held against them.
fn is_welcome(draft: &Draft<'_>, id: &MemberId) -> bool {
    draft.member(id).is_some_and(|member| member.present() && !struck_since_joining(member))
        && draft.blacklisted(id).is_none()
}

/// Whoever was warned before the welcome came is not welcomed as if nothing had been.
fn struck_since_joining(member: &MemberState) -> bool {
    let joined = member.joined_at;
    member.strikes.iter().any(|strike| joined.is_none_or(|joined| joined <= *strike))
}

/// Who hears which script: whoever came by a join code of its own hears that one's.
fn by_script<'r>(
    draft: &Draft<'_>,
    rules: &'r Welcome,
    newcomers: Vec<MemberId>,
) -> BTreeMap<Option<&'r str>, Vec<MemberId>> {
    let mut heard: BTreeMap<Option<&str>, Vec<MemberId>> = BTreeMap::new();
    for id in newcomers {
        let state = draft.member(&id).and_then(|member| member.join_state.as_deref());
        let of_code = rules.by_join_code.iter().find(|code| Some(code.state.as_str()) == state);
        let script = of_code.map(|code| code.script.as_str()).or(rules.script.as_deref());
        heard.entry(script).or_default().push(id);
    }
    heard
}

/// Whether something was said.
fn greet(draft: &mut Draft<'_>, rules: &Welcome, script: Option<&str>, newcomers: &[MemberId]) -> bool {
    let Some(script) = script else {
        draft.because(NAME, "no_script", "群画像没有可用的欢迎话术");
        return false;
    };
    let asked = Asked {
        title: "请欢迎新成员",
        why: format!("有 {} 位新成员进群，机器人不能在这个群里直接发言", newcomers.len()),
    };
    let because = ("greeted", format!("欢迎 {} 位新成员（话术 {script}）", newcomers.len()));
    let said = say_to(draft, rules, script, newcomers, because, &asked);
    for id in newcomers.iter().filter(|_| said) {
        draft.member_mut(id).welcomed_at = Some(draft.now);
    }
    said
}

/// Says a script to newcomers, as many of them by name as the rules allow. `false` when it cannot be said.
fn say_to(
    draft: &mut Draft<'_>,
    rules: &Welcome,
    script: &str,
    to: &[MemberId],
    (code, because): (&'static str, String),
    asked: &Asked,
) -> bool {
    let mentions: Vec<MemberId> = to.iter().take(rules.mention_at_most).cloned().collect();
    let mut facts = draft.facts(&mentions, None);
    facts.count = to.len();
    match draft.words_of(script, &facts) {
        Ok(parts) => {
            draft.because(NAME, code, because);
            draft.say(parts, &mentions, asked);
            true
        }
        Err(unsaid) => {
            draft.because(NAME, unsaid.code, unsaid.why);
            false
        }
    }
}

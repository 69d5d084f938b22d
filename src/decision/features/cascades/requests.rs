//! Starting and cancelling, as whoever runs the bot asks.

use super::{NAME, awake, keep, look_at, timer_key};
use crate::decision::event::MemberId;
use crate::decision::{CascadeMemory, CascadeRequest, CascadeRun, CascadeState, Draft};
use crate::rules::{CascadeRule, CascadeText};

pub(super) fn asked(draft: &mut Draft<'_>, request: &CascadeRequest) {
    let by = draft.event.from.clone().unwrap_or_else(|| MemberId::from("operator"));
    match (request, draft.cascades().first()) {
        (CascadeRequest::Start { run, cascade }, None) => start(draft, run, cascade, by),
        (CascadeRequest::Start { run, .. }, Some(_)) => {
            draft.because(NAME, "started_before", format!("{run} 已经开始过，不再重复"));
        }
        (CascadeRequest::Cancel { .. }, Some(memory)) => cancel(draft, memory, &by),
        (CascadeRequest::Cancel { run }, None) => {
            draft.because(NAME, "unknown_run", format!("没有叫 {run} 的传达"));
        }
    }
}

fn start(draft: &mut Draft<'_>, name: &str, cascade: &str, by: MemberId) {
    let rules = draft.rules;
    let Some(rule) = rules.cascades.get(cascade) else {
        let hint = crate::files::known_ids("传达", cascade, rules.cascades.keys().map(String::as_str));
        return draft.because(NAME, "unknown", format!("没有编号为 {cascade} 的传达。{hint}"));
    };
    if let Some(why) = unusable(draft, rule) {
        return draft.because(NAME, "unusable", why);
    }
    let takes = |node: &&crate::rules::OrgNode| rule.takes(node, &rules.org);
    let people: usize = rules.org.nodes().iter().filter(takes).map(|node| node.people.len()).sum();
    if people == 0 {
        return draft.because(NAME, "nobody", format!("「{}」一个人也告诉不了，没有开始", rule.title));
    }
    let run = CascadeRun {
        id: CascadeRun::id_of(name),
        name: name.to_owned(),
        rule: rule.clone(),
        by,
        started_at: draft.now,
        stepped_at: None,
        state: CascadeState::Running,
    };
    let begins = awake(draft, &run, draft.now);
    let when = match begins > draft.now {
        true => format!("现在是安静时段，{} 开始", draft.moment(begins)),
        false => "现在开始".to_owned(),
    };
    draft.because(NAME, "started", format!("传达「{}」（{name}）：{people} 人，{when}", rule.title));
    keep(draft, &run);
    look_at(draft, &run, draft.now);
}

/// Why its script cannot be said today.
fn unusable(draft: &Draft<'_>, rule: &CascadeRule) -> Option<String> {
    let CascadeText::Script(id) = &rule.says else { return None };
    let script = draft.rules.scripts.get(id);
    let usable = script.is_some_and(|script| script.usable_on(draft.today()));
    (!usable).then(|| format!("「{}」要说的话术 {id} 今天不能用，没有开始", rule.title))
}

fn cancel(draft: &mut Draft<'_>, memory: &CascadeMemory, by: &MemberId) {
    let name = &memory.run.name;
    if !memory.run.is_running() {
        return draft.because(NAME, "over", format!("{name} 已经结束，没有什么可取消的"));
    }
    let state = CascadeState::Cancelled { by: by.to_string(), at: draft.now };
    let run = CascadeRun { state, ..memory.run.clone() };
    let told = memory.people.len();
    draft.because(NAME, "cancelled", format!("{name} 已取消，不再往下传；之前已经告诉了 {told} 人"));
    draft.clear_timer(timer_key(&run));
    keep(draft, &run);
}

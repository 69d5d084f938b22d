//! Public answers: what members, not staff, may ask in a group, as far as its profile allows.

use jiff::SignedDuration;

use crate::decision::event::{Ear, EventKind};
use crate::decision::route::Request;
use crate::decision::{Act, ContentKind, Draft, Part};
use crate::rules::Role;
use crate::scripts::{Asker, Script};

pub const NAME: &str = "answers";

/// An archive is heard late. Nobody waits for an answer that long, and the talk has moved on.
const STALE_AFTER: SignedDuration = SignedDuration::from_mins(10);

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    let (EventKind::Message(message), Some(from)) = (&event.kind, &event.from) else { return };
    let heard = matches!(event.ear, Ear::GroupRobot | Ear::Archive) && !message.private && !message.to_bot;
    let asked = heard && message.content.kind == ContentKind::Text && message.quote.is_none();
    if !asked || !matches!(draft.role(from), Role::Member | Role::Kol) {
        return;
    }
    if draft.now.duration_since(event.at) > STALE_AFTER {
        return;
    }
    let Some(parts) = answer(draft, &message.content.text) else { return };
    for part in parts {
        let group = draft.group().map(|group| group.name.clone()).unwrap_or_default();
        let request = Request {
            title: "请回答群里的提问",
            why: "有成员问了可以公开回答的问题".to_owned(),
            rows: vec![("群".into(), group)],
        };
        draft.act(Act::Post { part, mentions: Vec::new() }, None, request);
    }
}

/// What the group is told when somebody asks exactly this; `None` when it is no public question, or
/// was answered a moment ago.
pub(super) fn answer(draft: &mut Draft<'_>, words: &str) -> Option<Vec<Part>> {
    let rules = &draft.profile()?.answers;
    if rules.scripts.is_empty() {
        return None;
    }
    let script = public(draft, words).filter(|script| rules.scripts.contains(&script.id))?;
    let last = draft.group()?.answered.get(&script.id).copied();
    if last.is_some_and(|last| draft.now.duration_since(last) < rules.cooldown) {
        draft.because(NAME, "cooling_down", format!("「{}」刚回答过，不重复", script.title));
        return None;
    }
    let parts = match draft.rules.scripts.fill(script, None, &draft.facts(&[], None), &Default::default()) {
        Ok(parts) => parts,
        Err(error) => {
            draft.because(NAME, "not_filled", error.to_string());
            return None;
        }
    };
    draft.because(NAME, "answered", format!("成员问“{}”，公开回答「{}」", words.trim(), script.title));
    let now = draft.now;
    if let Some(group) = draft.group_mut() {
        group.answered.retain(|id, _| rules.scripts.contains(id));
        group.answered.insert(script.id.clone(), now);
    }
    Some(parts)
}

/// The script of this keyword, if it may be sent here today.
fn public<'r>(draft: &Draft<'r>, words: &str) -> Option<&'r Script> {
    let asker: Asker<'r> = draft.asker(None);
    let script = draft.rules.scripts.triggered(words, &asker)?;
    script.usable_on(asker.today).then_some(script)
}

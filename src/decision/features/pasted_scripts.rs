//! Recognises a script that a person has pasted into a group, also edited a little, and ticks it off.

use crate::decision::event::{Ear, EventKind};
use crate::decision::{ContentKind, Draft, UseKind};
use crate::rules::Role;

pub const NAME: &str = "pasted_scripts";

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    let (EventKind::Message(message), Some(from)) = (&event.kind, &event.from) else { return };
    let heard = matches!(event.ear, Ear::GroupRobot | Ear::Archive | Ear::Aibot) && !message.private;
    if !heard || message.content.kind != ContentKind::Text || draft.role(from) == Role::Member {
        return;
    }
    let Some((script, found)) = draft.rules.scripts.recognise(&message.content.text) else { return };
    let alike = (found.similarity * 100.0).round();
    draft.because(NAME, "pasted", format!("群里出现了话术「{}」（相似度 {alike}%）", script.title));
    let variant = script.messages.get(found.message).and_then(|message| message.variant.clone());
    let group = draft.group().map(|group| group.id.clone());
    draft.person_mut(from).staff.unseen.retain(|given| given.script != script.id);
    draft.count_use(UseKind::Pasted, from, script.id.clone(), variant, group);
}

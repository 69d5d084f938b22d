//! Recognises a script that a person has pasted into a group, also edited a little, and ticks it off: among what the
//! person was given, and as the post that the group waited for, whose card nobody needs to tap any more.

use crate::decision::event::{Ear, EventKind};
use crate::decision::{ContentKind, Draft, HandedAs, PostSeen, UseKind};
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
    let variant = script.messages.get(found.messages.start).and_then(|message| message.variant.clone());
    let group = draft.group().map(|group| group.id.clone());
    draft.person_mut(from).staff.unseen.retain(|given| given.script != script.id);
    draft.count_use(UseKind::Pasted, from, script.id.clone(), variant, group);
    for seen in draft.hears_script(&script.id, found.messages, from) {
        tick_off(draft, seen, &script.title);
    }
}

/// The post is where it was to be: nobody is reminded of it.
fn tick_off(draft: &mut Draft<'_>, seen: PostSeen, title: &str) {
    draft.because(NAME, "post_seen", format!("等着发的「{title}」，{} 已经发到群里", seen.name));
    if let HandedAs::Task(task) = &seen.handed {
        draft.clear_task_timers(task);
    }
    draft.post_seen(seen);
}

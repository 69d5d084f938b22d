//! How lively a group is: when members last wrote (to the minute) and asked, and when somebody of the store
//! last spoke of their own accord. Kept only where playbooks or nudges ask for it: a group's state must not be
//! written for every message.

use jiff::{SignedDuration, Timestamp};

use crate::decision::event::EventKind;
use crate::decision::{ContentKind, Draft};
use crate::rules::Role;
use crate::text::asks_something;

pub const NAME: &str = "activity";

/// What is noted is not noted anew sooner.
const PRECISION: SignedDuration = SignedDuration::from_mins(1);

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    let (EventKind::Message(message), Some(from)) = (&event.kind, &event.from) else { return };
    let (nudged, runs) = (is_nudged(draft), has_runs(draft));
    // An advertisement is no sign of life.
    if message.private || !(nudged || runs) || draft.reasons_say("moderation", "strike") {
        return;
    }
    let text = match message.content.kind {
        ContentKind::Text => message.content.text.as_str(),
        _ => "",
    };
    let at = event.at.min(draft.now);
    match draft.role(from) {
        Role::Member | Role::Kol => {
            let asked = runs && asks_something(text);
            let Some(group) = draft.group_mut() else { return };
            note(&mut group.activity.spoke, at);
            if asked {
                group.activity.asked = group.activity.asked.max(Some(at));
            }
        }
        // A picture may be the one that a card has asked for, and the robot is not the group.
        Role::Owner | Role::Staff | Role::Ops if runs && !text.is_empty() && !message.to_bot => {
            let pasted = draft.rules.scripts.recognise(text).is_some();
            if let Some(group) = draft.group_mut().as_mut().filter(|_| !pasted) {
                note(&mut group.activity.staff_spoke, at);
            }
        }
        _ => {}
    }
}

fn is_nudged(draft: &Draft<'_>) -> bool {
    draft.profile().is_some_and(|profile| !profile.nudge.scripts.is_empty())
}

fn has_runs(draft: &Draft<'_>) -> bool {
    draft.group().is_some_and(|group| group.playbooks.values().any(|run| run.next.is_some()))
}

/// What an archive tells late does not take the place of what came after it.
fn note(noted: &mut Option<Timestamp>, at: Timestamp) {
    if noted.is_none_or(|noted| at.duration_since(noted) >= PRECISION) {
        *noted = Some(at);
    }
}

//! Giving a script: filled in for the person's store, remembered, and offered for posting.

use std::collections::BTreeMap;

use super::{NAME, Said, dialogue, memory, offer, say};
use crate::decision::event::MemberId;
use crate::decision::{Draft, Given, Part, ScriptUse, UseKind};
use crate::scripts::Script;
use crate::text::fingerprint;

/// Scripts of one's own that are found again by 最近.
const RECENT: usize = 20;
/// Scripts that wait to be seen in a group; who pastes elsewhere never empties this.
const UNSEEN: usize = 20;

/// Gives the script, or asks for its blanks first, or says why it cannot be had.
pub(super) fn start(draft: &mut Draft<'_>, from: &MemberId, script: &Script) -> Said {
    if script.usable_on(draft.today()) {
        dialogue::go_on(draft, from, script, BTreeMap::new())
    } else {
        not_today(draft, from, script)
    }
}

fn not_today(draft: &mut Draft<'_>, from: &MemberId, script: &Script) -> Said {
    let title = &script.title;
    let today = draft.today();
    if let Some(begins) = script.valid_from.filter(|from| today < *from) {
        draft.because(NAME, "too_early", format!("话术「{title}」还没到日子"));
        return say(format!("「{title}」要到{}月{}日才能用。", begins.month(), begins.day()));
    }
    draft.because(NAME, "expired", format!("话术「{title}」不在有效期内"));
    let asker = draft.asker(Some(from));
    let advice = match draft.rules.scripts.successor(script, &asker) {
        Some(successor) => {
            format!("请改用「{}」，发送“{}”就能拿到。", successor.title, super::opener(successor))
        }
        None => "需要新的话术请联系运营。".to_owned(),
    };
    say(format!("「{title}」不在有效期内，不能再发。{advice}"))
}

/// Gives the script with all its blanks filled in.
pub(super) fn filled(
    draft: &mut Draft<'_>,
    from: &MemberId,
    script: &Script,
    answers: &BTreeMap<String, String>,
) -> Said {
    let library = &draft.rules.scripts;
    // The same person gets the same variant all day long.
    let seed = fingerprint(&format!("{from} {} {}", script.id, draft.today()));
    let variant = library.variant_for(script, seed);
    let parts = match library.fill(script, variant, &draft.facts(&[], Some(from)), answers) {
        Ok(parts) => parts,
        Err(error) => {
            draft.because(NAME, "not_filled", error.to_string());
            return say(format!("话术「{}」暂时填不完整，已经记录，请先联系运营。", script.title));
        }
    };
    draft.because(NAME, "given", format!("给出话术「{}」（{}）", script.title, script.place));
    remember(draft, from, script, variant);
    offer::to_post(draft, from, script, variant, &parts);
    parts
}

fn remember(draft: &mut Draft<'_>, from: &MemberId, script: &Script, variant: Option<&str>) {
    let (id, at) = (script.id.clone(), draft.now);
    let variant = variant.map(str::to_owned);
    let staff = memory(draft, from);
    staff.recent.retain(|recent| *recent != id);
    staff.recent.insert(0, id.clone());
    staff.recent.truncate(RECENT);
    staff.unseen.retain(|given| given.script != id);
    staff.unseen.insert(0, Given { script: id.clone(), variant: variant.clone(), at });
    staff.unseen.truncate(UNSEEN);
    let group = draft.event.group.clone();
    draft.count_use(UseKind::Given, from, id, variant, group);
}

impl Draft<'_> {
    pub(in crate::decision::features) fn count_use(
        &mut self,
        how: UseKind,
        person: &MemberId,
        script: String,
        variant: Option<String>,
        group: Option<crate::decision::GroupId>,
    ) {
        let store = self.store(Some(person)).map(|store| store.id.clone());
        self.used(ScriptUse { at: self.now, how, script, variant, store, person: person.clone(), group });
    }
}

/// What the bot posts when it is asked to: a person pastes the rest.
pub(super) fn is_postable(parts: &[Part], can: impl Fn(&Part) -> bool) -> bool {
    !parts.is_empty() && parts.iter().all(can)
}

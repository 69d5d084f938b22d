//! Names that are advertisements themselves. A name is looked at when it is new, so that the lane
//! looks at few, and short ones; perception is pure and its tables are part of the rules.

use super::weigh::Weighed;
use super::{NAME, Offence, ask};
use crate::decision::event::{EventKey, MemberId};
use crate::decision::{Case, Draft};
use crate::rules::{Moderation, ModerationRule};

/// Looks at the names of those who have just joined or have a new name. A person is asked: nobody is
/// removed for a name alone.
pub(super) fn look(draft: &mut Draft<'_>, rules: &Moderation) {
    if !rules.names {
        return;
    }
    let mut fresh: Vec<MemberId> = draft.joined.iter().chain(&draft.renamed).cloned().collect();
    fresh.sort();
    fresh.dedup();
    for id in fresh {
        let of_interest = !rules.exempt.contains(&draft.role(&id)) && draft.blacklisted(&id).is_none();
        let Some(found) = of_interest.then(|| weigh(draft, rules, &id)).flatten() else { continue };
        if found.weight < rules.act_at {
            continue;
        }
        let text = draft.name_of(&id).to_owned();
        draft.because(NAME, "name", format!("名字「{text}」像广告：{}", found.evidence));
        let Some(group) = draft.group().map(|group| group.id.clone()) else { return };
        let case = Case {
            // One event may bring many people.
            message: EventKey::new(format!("{}#{id}", draft.event.key)),
            at: draft.event.at,
            group,
            member: id,
            text,
            evidence: format!("名字就是广告：{}", found.evidence),
        };
        let offence = Offence { case, rule: ModerationRule::Name, message_id: "", script: None };
        ask::ask(draft, rules, &offence);
    }
}

/// What the sender's name adds to a message that is suspicious but not enough so (看我名字).
pub(super) fn add_to(draft: &Draft<'_>, rules: &Moderation, from: &MemberId, found: &mut Weighed) {
    if !rules.names || found.weight <= 0.0 || found.weight >= rules.act_at {
        return;
    }
    if let Some(name) = weigh(draft, rules, from).filter(|name| name.weight >= rules.ask_at) {
        found.add(name.weight, &format!("名字里有{}", name.evidence));
    }
}

/// `None` when nobody told us a name.
fn weigh(draft: &Draft<'_>, rules: &Moderation, id: &MemberId) -> Option<Weighed> {
    let name = Some(draft.name_of(id)).filter(|name| *name != id.as_str())?;
    Some(Weighed::of(draft, rules, &draft.rules.perceiver.perceive_with(name, draft.learned())))
}

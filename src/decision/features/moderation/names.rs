//! Names that are advertisements themselves. A name is looked at when it is new, so that the lane
//! looks at few, and short ones; perception is pure and its tables are part of the rules.

use super::weigh::Weighed;
use super::{NAME, Offence, ask};
use crate::decision::event::{EventKey, MemberId};
use crate::decision::{Case, Draft};
use crate::perception::SignalName;
use crate::rules::{Moderation, ModerationRule};

/// Letters of a name, digits aside, from which the classifier has something to say: it has learned messages, and takes
/// two letters of one for anything.
const CLASSIFIED_FROM: usize = 6;

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
    let mut signals = draft.rules.perceiver.perceive_with(name, draft.learned());
    if name.chars().filter(|letter| letter.is_alphabetic()).count() < CLASSIFIED_FROM {
        signals.found.retain(|signal| signal.name != SignalName::Classifier);
    }
    Some(Weighed::of(draft, rules, &signals))
}

#[cfg(test)]
mod tests {
    use crate::decision::rehearsal::{GROUP, Rehearsal};
    use crate::decision::{MemberId, MemberState};

    /// The model takes some of these for advertisements, as two letters of a message.
    const ORDINARY: [&str; 8] =
        ["街坊0", "街坊12", "郑洁", "新客人3", "用户1024", "小红", "番茄炒蛋", "小王88"];
    const GROUPS: &str = "[[group]]\nmatch = { name = \"*\" }\nprofile = \"shop\"\n\
                          ears = [\"group-robot\"]\nhands = [\"appchat\", \"staff-task\"]\n";
    const PROFILE: &str = "name = \"店\"\n[moderation]\nact_at = 1.0\nask_at = 0.5\ncategories = [\"ad\", \"contact\"]\nnames = true\n";

    #[test]
    fn a_short_name_is_no_sign() {
        let files = [("config/profiles/shop.toml", PROFILE), ("config/groups/a.toml", GROUPS)];
        let mut group = Rehearsal::new(&files, "2026-11-22 09:00");
        let members = group.memory.members.entry(GROUP.into()).or_default();
        for (nth, name) in ORDINARY.iter().enumerate() {
            let state = MemberState { name: Some((*name).into()), ..MemberState::default() };
            members.insert(MemberId::new(format!("wm-{nth}")), state);
        }
        for (nth, name) in ORDINARY.iter().enumerate() {
            group.reasons.clear();
            group.says(&format!("wm-{nth}"), "群里有人一起拼一箱牛奶吗？我家两个人喝不完。（1795377417794）");
            let asked = group.reasons.iter().any(|reason| reason == "moderation/ask");
            assert!(!asked, "{name}: {:?}", group.reasons);
        }
    }
}

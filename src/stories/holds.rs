//! Whether something that was said is what a story expects.

use std::collections::BTreeMap;

use crate::decision::{Act, MemberId, facts};
use crate::rules::Rulebook;
use crate::scripts::{Facts, Script};

use super::compare::hand;
use super::people::id_in_stories;
use super::story::{Expectation, Subject, Words};
use super::teller::Deed;

/// A welcome counts everybody who came, but names only some: how many it was about cannot be seen
/// from outside. Groups of this size are good ones (product.md §F2).
const COUNTED_AT_MOST: usize = 200;

/// Whether the deed is what was expected, in every detail that is written.
pub fn holds(expected: &Expectation, deed: &Deed, rules: &Rulebook) -> bool {
    let id = |name: &String| id_in_stories(name, Some(rules));
    let is_subject = match (&expected.subject, &deed.action.act) {
        (Subject::Post(words), act @ (Act::Post { .. } | Act::MassSend(_)))
        | (Subject::Tell(words), act @ Act::Tell { .. })
        | (Subject::Answer(words), act @ Act::Answer { .. }) => {
            says(words, act.text().as_deref(), deed, rules)
        }
        (Subject::Remove(name), Act::Remove { member }) => *member == id(name),
        (Subject::Card(title), Act::TaskCard { card, .. }) => card.title.contains(title),
        (Subject::CardSays(wanted), Act::UpdateCard { label, .. }) => label.contains(wanted),
        (Subject::Moment(Words::Script(id)), Act::Moment(task)) => task.script == *id,
        (Subject::Moment(Words::Text(text)), Act::Moment(task)) => task.text().contains(text),
        _ => false,
    };
    let mentions =
        |names: &Vec<String>| *deed.action.act.mentions() == names.iter().map(id).collect::<Vec<_>>();
    let to = |name: &String| match &deed.action.act {
        Act::Tell { to, .. } | Act::TaskCard { to, .. } | Act::UpdateCard { to, .. } => *to == id(name),
        _ => false,
    };
    let why = |why: &String| match &deed.action.act {
        Act::TaskCard { card, .. } => card.why.contains(why),
        _ => false,
    };
    let people = |names: &Vec<String>| match &deed.action.act {
        Act::Moment(task) => task.people.iter().map(|person| person.id.clone()).eq(names.iter().map(id)),
        _ => false,
    };
    is_subject
        && expected.mentions.as_ref().is_none_or(mentions)
        && expected.to.as_ref().is_none_or(to)
        && expected.why.as_ref().is_none_or(why)
        && expected.people.as_ref().is_none_or(people)
        && expected
            .paste
            .as_ref()
            .is_none_or(|words| says(words, deed.action.act.text().as_deref(), deed, rules))
        && expected.by.is_none_or(|by| deed.action.hand.to_string().starts_with(hand(by)))
}

fn says(words: &Words, said: Option<&str>, deed: &Deed, rules: &Rulebook) -> bool {
    match (words, said) {
        (_, None) => false,
        (Words::Text(text), Some(said)) => said.contains(text),
        (Words::Script(id), Some(said)) => is_script(id, said, deed, rules),
    }
}

/// The script that somebody who reads what was said would name.
pub fn script_of<'r>(deed: &Deed, rules: &'r Rulebook) -> Option<&'r str> {
    let said = deed.action.act.text()?;
    let facts = facts_of(deed, rules);
    rules
        .scripts
        .all()
        .iter()
        .find(|script| reads(script, deed, &said, &facts, rules))
        .map(|script| script.id.as_str())
}

/// Whether this is one of the script's messages, filled in as it would have been at that moment.
fn is_script(id: &str, said: &str, deed: &Deed, rules: &Rulebook) -> bool {
    let Some(script) = rules.scripts.get(id) else { return false };
    let facts = facts_of(deed, rules);
    let counts = std::iter::once(facts.count).chain(0..=COUNTED_AT_MOST);
    counts.into_iter().any(|count| reads(script, deed, said, &Facts { count, ..facts.clone() }, rules))
}

/// Whether one of the script's messages, in any variant, reads like this with these facts. A mass send is all of
/// them at once.
fn reads(script: &Script, deed: &Deed, said: &str, facts: &Facts, rules: &Rulebook) -> bool {
    let variants = script.variants.iter().map(|variant| Some(variant.name.as_str()));
    variants.chain([None]).any(|variant| {
        let filled = rules.scripts.fill(script, variant, facts, &BTreeMap::new());
        filled.is_ok_and(|parts| match &deed.action.act {
            Act::MassSend(send) => send.parts == parts,
            _ => parts.iter().any(|part| part.paste_or_kind() == said),
        })
    })
}

fn facts_of(deed: &Deed, rules: &Rulebook) -> Facts {
    let person: Option<&MemberId> = match &deed.action.act {
        Act::Tell { to, .. } => Some(to),
        Act::Answer { .. } => deed.event.from.as_ref(),
        _ => None,
    };
    facts(&deed.state, &deed.event, rules, deed.at, &deed.spoken_to, person)
}

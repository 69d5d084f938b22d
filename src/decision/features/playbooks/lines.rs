//! Who says a step's line: the bot, somebody of the store, or a key person, who get it as a card.

use crate::decision::event::{GroupKind, MemberId};
use crate::decision::route::Request;
use crate::decision::saying::posts;
use crate::decision::{Act, Draft, LaterPost, PlaybookRun, PostedBy, Skip, StepEnd};
use crate::rules::{Playbook, PlaybookStep, StepRole};

use super::{NAME, is_newcomer};

/// What the card is called that asks a person for a line.
const ASKED: &str = "请在群里发这一句";

/// Says the step's line, or hands it to the person whose line it is.
pub fn say(
    draft: &mut Draft<'_>,
    playbook: &Playbook,
    step: &PlaybookStep,
    run: &str,
    state: &PlaybookRun,
) -> Result<StepEnd, Skip> {
    let newcomers = PlaybookRun::is_of_newcomers(run).then(|| newcomers(draft, playbook, state));
    if newcomers.as_ref().is_some_and(Vec::is_empty) {
        return Err(Skip::NobodyLeft);
    }
    let to = newcomers.unwrap_or_default();
    let at_most = draft.profile().map_or(0, |profile| profile.welcome.mention_at_most);
    let mentions: Vec<MemberId> = to.iter().take(at_most).cloned().collect();
    let mut facts = draft.facts(&mentions, None);
    facts.count = to.len();
    let parts = draft.words_of(&step.script, &facts).map_err(|unsaid| {
        draft.because(NAME, unsaid.code, unsaid.why);
        Skip::NoScript
    })?;
    let which = format!("剧本「{}」{}的一句", playbook.title, playbook.when_in_words(step));
    draft.because(
        NAME,
        "step",
        format!("{which}（{}）：{}说话术 {}", step.id, step.role.chinese(), step.script),
    );
    let why = format!("{which}到时间了");
    let line = PlaybookRun::post_of(playbook, state.since, step);
    Ok(draft.saying(&line, |draft| match step.role {
        StepRole::Bot => by_the_best_hand(
            draft,
            LaterPost {
                id: line.clone(),
                title: format!("{}·{}", playbook.title, playbook.when_in_words(step)),
                why,
                parts,
                until: draft.end_of_today(),
                mentions,
                card: Some(ASKED),
                makes_way: false,
            },
        ),
        StepRole::Staff => by_a_person(draft, posts(parts, &mentions), &why, None),
        StepRole::Kol => {
            let kol = key_person(draft);
            by_a_person(draft, posts(parts, &mentions), &why, kol)
        }
    }))
}

/// Those who joined on the run's day and are still welcome.
fn newcomers(draft: &Draft<'_>, playbook: &Playbook, state: &PlaybookRun) -> Vec<MemberId> {
    let zone = &draft.rules.timezone;
    let of_day = |id: &&MemberId| {
        let joined = draft.member(id).filter(|member| member.present()).and_then(|member| member.joined_at);
        joined.is_some_and(|joined| playbook.first_day(joined, zone) == state.since)
    };
    draft.members().keys().filter(of_day).filter(|id| is_newcomer(draft, id)).cloned().collect()
}

fn by_the_best_hand(draft: &mut Draft<'_>, line: LaterPost) -> StepEnd {
    let post = line.id.clone();
    match draft.post_later(line) {
        PostedBy::Hands => StepEnd::Posted,
        PostedBy::Owner => StepEnd::ToOwner { post },
        PostedBy::People(tasks) => StepEnd::Asked { tasks },
    }
}

/// A card to this key person, or to whoever looks after the group.
fn by_a_person(draft: &mut Draft<'_>, acts: Vec<Act>, why: &str, kol: Option<KeyPerson>) -> StepEnd {
    let mut tasks = Vec::new();
    for act in acts {
        tasks.push(draft.new_task_id());
        let request = request(draft, why, kol.as_ref().filter(|kol| !kol.gets_cards));
        match kol.as_ref().filter(|kol| kol.gets_cards) {
            Some(kol) => draft.ask_this_person(kol.id.clone(), act, request),
            None => draft.ask_a_person(None, act, None, request),
        }
    }
    StepEnd::Asked { tasks }
}

/// `speaker` is whoever shall say it when the card goes to somebody else.
fn request(draft: &Draft<'_>, why: &str, speaker: Option<&KeyPerson>) -> Request {
    let group = draft.group().map(|group| group.name.clone()).unwrap_or_default();
    let mut rows = vec![("群".to_owned(), group)];
    let mut why = why.to_owned();
    if let Some(speaker) = speaker {
        let name = draft.name_of(&speaker.id).to_owned();
        why.push_str(&format!("，请转给 {name}，由 TA 在群里说；转不到就您来说"));
        rows.push(("谁来说".to_owned(), name));
    }
    Request { title: ASKED, why, rows }
}

struct KeyPerson {
    id: MemberId,
    /// Cards reach members of the corp alone (wecom-send.md §3).
    gets_cards: bool,
}

/// The first key person of the group whom a card reaches, else the first one.
fn key_person(draft: &Draft<'_>) -> Option<KeyPerson> {
    let internal = draft.group().is_some_and(|group| group.kind == GroupKind::Internal);
    let key_persons = draft.rule()?.kol.iter().map(|id| MemberId::from(id.as_str()));
    let mut key_persons: Vec<KeyPerson> = key_persons
        .map(|id| {
            let of_corp = draft.member(&id).is_some_and(|member| member.corp_member == Some(true));
            let gets_cards = internal || of_corp || draft.rules.store_of(id.as_str()).is_some();
            KeyPerson { id, gets_cards }
        })
        .collect();
    key_persons.sort_by_key(|kol| !kol.gets_cards);
    key_persons.into_iter().next()
}

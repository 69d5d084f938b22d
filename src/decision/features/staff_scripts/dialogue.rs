//! Questions and their answers: which one of several, and what to fill in.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use unicode_normalization::UnicodeNormalization;

use super::{NAME, Said, give, memory, say};
use crate::decision::event::MemberId;
use crate::decision::{Dialogue, Draft, Question};
use crate::scripts::{self, Ask, Script};

/// Whoever has not answered by then was called away; a later message is meant otherwise.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// What takes the default of a blank.
const DEFAULT: &str = "默认";

/// Takes the question that waits in this chat, and whether one has waited too long.
pub(super) fn take(draft: &mut Draft<'_>, from: &MemberId) -> (Option<Question>, bool) {
    let here = draft.event.group.as_ref();
    let waits = draft.person(from).and_then(|person| person.staff.dialogue.as_ref());
    let Some(waits) = waits.filter(|waits| waits.group.as_ref() == here).cloned() else {
        return (None, false);
    };
    memory(draft, from).dialogue = None;
    let filling = matches!(waits.question, Question::Blank { .. });
    if draft.now < waits.until { (Some(waits.question), false) } else { (None, filling) }
}

pub(super) fn ask(draft: &mut Draft<'_>, from: &MemberId, question: Question) {
    let until = draft.now.saturating_add(PATIENCE).unwrap_or(draft.now);
    let dialogue = Dialogue { group: draft.event.group.clone(), until, question };
    memory(draft, from).dialogue = Some(dialogue);
}

/// `None` when the words are no answer to the question.
pub(super) fn answer(
    draft: &mut Draft<'_>,
    from: &MemberId,
    question: Question,
    words: &str,
) -> Option<Said> {
    match question {
        Question::Which { scripts } => choose(draft, from, &scripts, words),
        Question::Blank { .. } if words == scripts::CANCEL => None,
        Question::Blank { script, answers } => fill_in(draft, from, &script, answers, words),
    }
}

fn choose(draft: &mut Draft<'_>, from: &MemberId, scripts: &[String], words: &str) -> Option<Said> {
    let number: usize = words.nfkc().collect::<String>().trim_end_matches(['.', '、', '号']).parse().ok()?;
    let Some(id) = number.checked_sub(1).and_then(|place| scripts.get(place)) else {
        draft.because(NAME, "no_such_number", format!("没有第 {number} 条"));
        ask(draft, from, Question::Which { scripts: scripts.to_vec() });
        return Some(say(format!("没有第 {number} 条，请回复 1 到 {} 之间的数字。", scripts.len())));
    };
    let asker = draft.asker(Some(from));
    let library = &draft.rules.scripts;
    Some(match library.resolved(id, &asker) {
        Some(script) => give::start(draft, from, script),
        None => gone(draft, id),
    })
}

/// The files have changed since we asked.
fn gone(draft: &mut Draft<'_>, id: &str) -> Said {
    draft.because(NAME, "gone", format!("话术 {id} 现在不能用了"));
    say("这条话术刚刚下线了，请重新发关键词。")
}

fn fill_in(
    draft: &mut Draft<'_>,
    from: &MemberId,
    id: &str,
    mut answers: BTreeMap<String, String>,
    words: &str,
) -> Option<Said> {
    let asker = draft.asker(Some(from));
    let library = &draft.rules.scripts;
    let Some(script) = library.resolved(id, &asker) else { return Some(gone(draft, id)) };
    let blank = next_blank(&library.asks(script, &asker), &answers)?;
    let answer = if words == DEFAULT && blank.default.is_some() { "" } else { words };
    match blank.accepts(answer) {
        Ok(answer) => {
            answers.insert(blank.name.clone(), answer);
            Some(go_on(draft, from, script, answers))
        }
        Err(wanted) => {
            draft.because(NAME, "refused", format!("填的内容不符合要求：{wanted}"));
            ask(draft, from, Question::Blank { script: id.to_owned(), answers });
            Some(say(format!("{wanted}\n（不想填了就发“{}”）", scripts::CANCEL)))
        }
    }
}

/// Asks for the next blank, or gives the script when there is none left.
pub(super) fn go_on(
    draft: &mut Draft<'_>,
    from: &MemberId,
    script: &Script,
    answers: BTreeMap<String, String>,
) -> Said {
    let asker = draft.asker(Some(from));
    let blanks = draft.rules.scripts.asks(script, &asker);
    let Some(blank) = next_blank(&blanks, &answers) else {
        return give::filled(draft, from, script, &answers);
    };
    draft.because(NAME, "asked", format!("填「{}」：{}", script.title, blank.label));
    let (number, count) = (answers.len() + 1, blanks.len());
    let text = question(blank, number, count);
    ask(draft, from, Question::Blank { script: script.id.clone(), answers });
    say(text)
}

fn next_blank<'a>(blanks: &[&'a Ask], answers: &BTreeMap<String, String>) -> Option<&'a Ask> {
    blanks.iter().find(|blank| !answers.contains_key(&blank.name)).copied()
}

fn question(blank: &Ask, number: usize, count: usize) -> String {
    let mut text =
        if count > 1 { format!("（{number}/{count}）{}", blank.label) } else { blank.label.clone() };
    if !blank.choices.is_empty() {
        text.push_str(&format!("\n{}", blank.listed()));
    }
    if let Some(default) = &blank.default {
        text.push_str(&format!("\n发“{DEFAULT}”就填：{default}"));
    }
    text + &format!("\n发“{}”不填了", scripts::CANCEL)
}

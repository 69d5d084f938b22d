//! From a keyword to one script, or to a list to choose from.

use super::{NAME, Said, dialogue, give, opener, say};
use crate::decision::event::MemberId;
use crate::decision::{Draft, Question};
use crate::scripts::{self, Extent, Hit, Preference, Script};
use crate::text::one_line;

/// More to choose from than fits on a phone's screen helps nobody.
const CHOICES_AT_MOST: usize = 8;
/// Enough of an unknown keyword for the journal.
const KEYWORD_SHOWN: usize = 20;

pub(super) fn keyword(draft: &mut Draft<'_>, from: &MemberId, keyword: &str) -> Said {
    // Whoever pastes a script wants no other one for a word in it.
    if let Some((script, _)) = draft.rules.scripts.recognise(keyword) {
        draft.because(NAME, "own_script", format!("发来的就是话术「{}」，不当作关键词", script.title));
        return say(format!("这就是话术「{}」，直接粘贴到群里就行。", script.title));
    }
    let asker = draft.asker(Some(from));
    let library = &draft.rules.scripts;
    if let Some(script) = library.triggered(keyword, &asker) {
        return give::start(draft, from, script);
    }
    let recent = draft.person(from).map(|person| person.staff.recent.clone()).unwrap_or_default();
    let recent: Vec<&str> = recent.iter().map(String::as_str).collect();
    let preference = Preference { scene: None, recent: &recent };
    let hits = library.search(keyword, CHOICES_AT_MOST, &preference, &asker);
    match hits.as_slice() {
        [] => nothing(draft, keyword),
        [one, others @ ..] if is_plain(one, others) => give::start(draft, from, one.script),
        several => choose(draft, from, keyword, several),
    }
}

/// Whether nobody needs to choose: there is one alone, or one whose whole keyword or title was typed,
/// where the others only begin like it or hold it.
fn is_plain(one: &Hit<'_>, others: &[Hit<'_>]) -> bool {
    let whole = |hit: &Hit<'_>| hit.how.is_sure() && hit.how.extent == Extent::Whole;
    one.how.is_sure() && (others.is_empty() || (whole(one) && !others.iter().any(whole)))
}

fn nothing(draft: &mut Draft<'_>, keyword: &str) -> Said {
    draft.because(NAME, "miss", format!("没有找到“{}”的话术", one_line(keyword, KEYWORD_SHOWN)));
    say(format!("没有找到这个关键词的话术。发“{}”看看有哪些。", scripts::HELP))
}

fn choose(draft: &mut Draft<'_>, from: &MemberId, keyword: &str, hits: &[Hit<'_>]) -> Said {
    let sure = hits.iter().any(|hit| hit.how.is_sure());
    let keyword = one_line(keyword, KEYWORD_SHOWN);
    let opening = if sure {
        draft.because(NAME, "several", format!("“{keyword}”找到 {} 条，请店员选", hits.len()));
        format!("找到 {} 条，回复数字就发给您：", hits.len())
    } else {
        draft.because(NAME, "miss", format!("没有找到“{keyword}”的话术，给出相近的 {} 条", hits.len()));
        "没有找到这个关键词，您要的是不是（回复数字）：".to_owned()
    };
    let scripts: Vec<&Script> = hits.iter().map(|hit| hit.script).collect();
    numbered(draft, from, &opening, &scripts)
}

/// A list that is answered with a number.
pub(super) fn numbered(draft: &mut Draft<'_>, from: &MemberId, opening: &str, scripts: &[&Script]) -> Said {
    let lines = scripts
        .iter()
        .zip(1..)
        .map(|(script, number)| format!("\n{number}. {}（{}）", script.title, opener(script)));
    let text = lines.fold(opening.to_owned(), |text, line| text + &line);
    let scripts = scripts.iter().map(|script| script.id.clone()).collect();
    dialogue::ask(draft, from, Question::Which { scripts });
    say(text)
}

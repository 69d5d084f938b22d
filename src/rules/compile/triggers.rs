//! Which keyword brings which script: no two may want the same one, and where each is written.

use std::collections::HashMap;

use jiff::civil::Date;

use super::Reading;
use super::scripts::Made;
use super::tables::Tables;
use crate::files::{Place, Report, Sources};
use crate::rules::written::ScriptEntry;
use crate::scripts::{Library, RESERVED, Script, is_reserved};
use crate::text::matching_key;

/// What brings a script: one of its keywords, or its title.
#[derive(Clone, Copy, Debug)]
struct Word<'w> {
    text: &'w str,
    is_title: bool,
    place: Place,
}

/// Without keywords a script is the bot's own, and its title brings nothing.
fn words(entry: &ScriptEntry) -> impl Iterator<Item = Word<'_>> {
    let triggers = entry.triggers.iter().flat_map(|list| &list.value);
    let triggers = triggers.map(|trigger| Word { text: &trigger.0, is_title: false, place: trigger.place });
    let findable = entry.triggers.as_ref().is_some_and(|list| !list.value.is_empty());
    let title = entry.title.iter().filter(move |_| findable);
    triggers.chain(title.map(|title| Word { text: &title.0, is_title: true, place: title.place }))
}

/// What a script's words are compared by, in their order; `None` for those that are commands, which is told.
pub fn keys(entry: &ScriptEntry, report: &mut Report<'_>) -> Vec<Option<String>> {
    let key = |word: Word<'_>| {
        if is_reserved(word.text) {
            tell_of_reserved(word, report);
            return None;
        }
        Some(matching_key(word.text))
    };
    words(entry).map(key).collect()
}

/// One word that several scripts want at the same place and time brings only one of them.
pub fn check(made: &[Made<'_>], report: &mut Report<'_>) {
    let mut taken: HashMap<&str, Vec<(Word<'_>, &Script)>> = HashMap::new();
    for made in made {
        for (word, key) in words(made.written.entry).zip(&made.judged.keys) {
            let Some(key) = key else { continue };
            let others = taken.entry(key).or_default();
            let clash = others.iter().find(|(_, owner)| meet(made.script, owner));
            if let Some((other, owner)) = clash {
                tell_of_conflict(word, *other, std::ptr::eq(*owner, &**made.script), report);
            }
            others.push((word, &**made.script));
        }
    }
}

fn tell_of_reserved(word: Word<'_>, report: &mut Report<'_>) {
    let what = if word.is_title { "标题" } else { "关键词" };
    let message = format!("{what} {:?} 是店员给机器人的指令，得不到话术", word.text);
    let hint = format!("换一个词；{}和一两位的数字都留给指令", RESERVED.join("、"));
    report.error("reserved-trigger", word.place, message).hint(hint);
}

fn tell_of_conflict(word: Word<'_>, other: Word<'_>, same_script: bool, report: &mut Report<'_>) {
    let there = report.locate(other.place);
    match (word.is_title, other.is_title, same_script) {
        // A keyword that is also the title does no harm.
        (true, _, true) => {}
        (_, _, true) => {
            let message = format!("关键词 {:?} 在 {there} 已经写过，写法不同也算同一个", word.text);
            report.warning("repeated-trigger", word.place, message).hint("删掉一个");
        }
        (true, true, false) => {
            let message = format!("标题和 {there} 的一样，店员在列表里分不出是哪一条");
            report.warning("duplicate-title", word.place, message).hint("换一个说得出区别的标题");
        }
        (is_title, other_is_title, false) => {
            let what = |is_title: bool| if is_title { "标题" } else { "关键词" };
            let (own, others) = (what(is_title), what(other_is_title));
            // A keyword goes before a title, else the earlier one.
            let winner = if other_is_title { "这" } else { "那" };
            let message =
                format!("{own} {:?} 和 {there} 的{others}一样，店员只会得到{winner}一条", word.text);
            report
                .error("duplicate-trigger", word.place, message)
                .hint("换一个关键词，或用 profiles 把两条分开");
        }
    }
}

/// Whether one person may ask for both in one group on one day. Ops may ask for everything, but know where
/// to look.
fn meet(one: &Script, other: &Script) -> bool {
    overlap(&one.profiles, &other.profiles)
        && overlap(&one.regions, &other.regions)
        && overlap(&one.stores, &other.stores)
        && one.roles.iter().any(|role| other.roles.contains(role))
        && days_overlap(one, other)
}

/// Whether two audiences have somebody in common; an empty list is everybody.
fn overlap<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.is_empty() || other.is_empty() || other.iter().any(|name| one.contains(name))
}

/// What is not usable any more steps back for a successor with the same keyword.
fn days_overlap(one: &Script, other: &Script) -> bool {
    let days = |script: &Script| {
        let over = script.valid_to.is_none() && script.replaced_by.is_some();
        let to = script.valid_to.unwrap_or(Date::MAX);
        (!over).then_some((script.valid_from.unwrap_or(Date::MIN), to))
    };
    match (days(one), days(other)) {
        (Some((from, to)), Some((other_from, other_to))) => from <= other_to && other_from <= to,
        _ => false,
    }
}

/// Every keyword and title of the files, and what each brings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TriggerMap {
    triggers: Vec<Trigger>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// As it is written.
    pub keyword: String,
    pub is_title: bool,
    /// Where the keyword itself stands: `bot-scripts/promotion/mooncake.toml:6`.
    pub place: String,
    /// Id of the script.
    pub script: String,
}

/// What a keyword brings in some group.
#[derive(Clone, Debug)]
pub struct Answer<'m> {
    pub trigger: &'m Trigger,
    pub script: &'m Script,
    /// Others with the same keyword that it keeps from answering.
    pub shadows: Vec<&'m Trigger>,
}

impl TriggerMap {
    /// In the order of the files.
    pub fn of(sources: &Sources) -> Self {
        let mut tables = Tables::default();
        tables.take(sources);
        let (mut report, files) = tables.read();
        let reading = Reading::of(files, sources, &mut report);
        let mut triggers = Vec::new();
        for written in &reading.scripts {
            let Some(id) = &written.entry.id else { continue };
            triggers.extend(words(written.entry).map(|word| Trigger {
                keyword: word.text.to_owned(),
                is_title: word.is_title,
                place: report.locate(word.place),
                script: id.0.clone(),
            }));
        }
        Self { triggers }
    }

    /// What every keyword brings among the scripts that fit: usable ones before others, keywords before titles,
    /// then as the files stand. By scenes in the order of the files.
    pub fn answers<'m>(
        &'m self,
        library: &'m Library,
        fits: impl Fn(&Script) -> bool,
        today: Date,
    ) -> Vec<Answer<'m>> {
        let mut same: HashMap<String, Vec<(&Trigger, &Script)>> = HashMap::new();
        let mut keys = Vec::new();
        for trigger in &self.triggers {
            let Some(script) = library.get(&trigger.script).filter(|script| fits(script)) else { continue };
            let key = matching_key(&trigger.keyword);
            let wanting = same.entry(key.clone()).or_default();
            if wanting.is_empty() {
                keys.push(key);
            }
            if wanting.iter().all(|(_, other)| other.id != script.id) {
                wanting.push((trigger, script));
            }
        }
        let mut answers: Vec<Answer<'m>> =
            keys.iter().filter_map(|key| answer(same.remove(key).unwrap_or_default(), today)).collect();
        let mut scenes: HashMap<&str, usize> = HashMap::new();
        for (nth, script) in library.all().iter().enumerate() {
            scenes.entry(&script.scene).or_insert(nth);
        }
        answers.sort_by_key(|answer| scenes.get(answer.script.scene.as_str()));
        answers
    }
}

fn answer<'m>(mut wanting: Vec<(&'m Trigger, &'m Script)>, today: Date) -> Option<Answer<'m>> {
    wanting.sort_by_key(|(trigger, script)| (!script.usable_on(today), trigger.is_title));
    let mut wanting = wanting.into_iter();
    let (trigger, script) = wanting.next()?;
    Some(Answer { trigger, script, shadows: wanting.map(|(trigger, _)| trigger).collect() })
}

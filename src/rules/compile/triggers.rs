//! Which keyword brings which script: no two may want the same one.

use std::collections::HashMap;

use jiff::civil::Date;

use super::scripts::Made;
use crate::files::{Place, Report};
use crate::rules::written::ScriptEntry;
use crate::scripts::{RESERVED, Script, is_reserved};
use crate::text::matching_key;

/// What brings a script: one of its keywords, or its title.
#[derive(Clone, Copy, Debug)]
pub struct Word<'w> {
    pub text: &'w str,
    pub is_title: bool,
    pub place: Place,
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
    let mut taken = Taken::of_at_most(made.iter().map(|made| made.judged.keys.len()).sum());
    for made in made {
        let script = &**made.script;
        for (word, key) in words(made.written.entry).zip(&made.judged.keys) {
            let Some(key) = key else { continue };
            let clash = taken.by(key).find(|(_, owner)| meet(script, owner));
            if let Some((other, owner)) = clash {
                tell_of_conflict(word, other, std::ptr::eq(owner, script), report);
            }
            taken.take(key, word, script);
        }
    }
}

/// Who wants which word. Almost every word is wanted once, and there are tens of thousands: none has a list of
/// its own.
struct Taken<'m> {
    all: Vec<(Word<'m>, &'m Script)>,
    /// Behind each of `all`, the next with the same key.
    next: Vec<Option<usize>>,
    /// The first and the last with a key.
    ends: HashMap<&'m str, (usize, usize)>,
}

impl<'m> Taken<'m> {
    fn of_at_most(words: usize) -> Self {
        let (all, next) = (Vec::with_capacity(words), Vec::with_capacity(words));
        Self { all, next, ends: HashMap::with_capacity(words) }
    }

    /// The first first.
    fn by(&self, key: &str) -> impl Iterator<Item = (Word<'m>, &'m Script)> {
        let first = self.ends.get(key).map(|(first, _)| *first);
        std::iter::successors(first, |&nth| self.next[nth]).map(|nth| self.all[nth])
    }

    fn take(&mut self, key: &'m str, word: Word<'m>, script: &'m Script) {
        let nth = self.all.len();
        self.all.push((word, script));
        self.next.push(None);
        let (_, last) = self.ends.entry(key).or_insert((nth, nth));
        if *last != nth {
            self.next[*last] = Some(nth);
            *last = nth;
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

//! What scripts literally say: every way in which a message can read, without what is filled in.

use std::borrow::Borrow;
use std::ops::Range;

use super::postings::{Postings, pair};
use super::{Part, Script, ScriptMessage};
use crate::text::Folded;

/// Stands in a wording where something is filled in. Folding removes it from every text, so no text holds it.
pub(super) const BLANK: char = '\0';

/// A message with more `{% if %}` reads in more ways; the others are left out.
const WORDINGS_AT_MOST: usize = 8;
/// `{% if %}` inside `{% if %}` more often than this is no script that a person wrote.
const NESTED_AT_MOST: usize = 16;

/// The wordings of all scripts, found by any two neighbouring letters.
#[derive(Debug, Default)]
pub(super) struct Wordings {
    wordings: Vec<Wording>,
    /// All of them, one behind the other.
    letters: String,
    pairs: Postings,
}

/// One way in which a message can read.
#[derive(Debug)]
pub(super) struct Wording {
    /// Which script of the library.
    pub script: usize,
    /// Which message of the script.
    pub message: usize,
    /// In bytes of all letters.
    span: Range<usize>,
}

impl Wordings {
    pub(super) fn new(scripts: &[impl Borrow<Script>]) -> Self {
        let scripts = || scripts.iter().map(Borrow::borrow);
        let bytes = scripts()
            .flat_map(|script: &Script| &script.messages)
            .map(|message| template(message).len())
            .sum();
        let mut made = Self { letters: String::with_capacity(bytes), ..Self::default() };
        // Most letters are Chinese, three bytes each.
        let mut pairs = Vec::with_capacity(bytes / 3);
        for (nth, script) in scripts().enumerate() {
            for (message, text) in script.messages.iter().enumerate() {
                for wording in wordings(template(text)) {
                    made.add(nth, message, &wording, &mut pairs);
                }
            }
        }
        made.letters.shrink_to_fit();
        made.pairs = Postings::new(&pairs);
        made
    }

    fn add(&mut self, script: usize, message: usize, wording: &str, pairs: &mut Vec<(u32, u32)>) {
        let at = u32::try_from(self.wordings.len()).unwrap_or(u32::MAX);
        pairs.extend(neighbours(wording).map(|pair| (pair, at)));
        let start = self.letters.len();
        self.letters.push_str(wording);
        self.wordings.push(Wording { script, message, span: start..self.letters.len() });
    }

    /// Those that may hold the pair of neighbours with this hash.
    pub(super) fn holding(&self, pair: u32) -> &[u32] {
        self.pairs.of(pair)
    }

    /// The wording of this number, and its letters with a [`BLANK`] for each thing filled in.
    pub(super) fn get(&self, nth: u32) -> (&Wording, &str) {
        let wording = &self.wordings[nth as usize];
        (wording, &self.letters[wording.span.clone()])
    }

    /// All messages of a script as one text, each in its first wording, and how many they are.
    pub(super) fn whole(&self, script: usize) -> (String, usize) {
        let first = self.wordings.partition_point(|wording| wording.script < script);
        let own = self.wordings[first..].iter().take_while(|wording| wording.script == script);
        let mut message = None;
        let letters = own
            .filter(|wording| message.replace(wording.message) != Some(wording.message))
            .map(|wording| &self.letters[wording.span.clone()])
            .collect();
        (letters, message.map_or(0, |last| last + 1))
    }

    pub(super) fn len(&self) -> usize {
        self.wordings.len()
    }
}

/// The hashes of all pairs of neighbouring letters.
pub(super) fn neighbours(letters: &str) -> impl Iterator<Item = u32> {
    let pairs = letters.chars().zip(letters.chars().skip(1));
    pairs
        .filter(|&(one, other)| one != BLANK && other != BLANK)
        .map(|(one, other)| pair(one.into(), other.into()))
}

/// The template that makes up a message's words; media have none that a person could paste.
fn template(message: &ScriptMessage) -> &str {
    match &message.content {
        Part::Text { text } | Part::Markdown { text } => text,
        _ => "",
    }
}

/// A part of a template.
#[derive(Debug, PartialEq)]
enum Piece {
    /// Letters.
    Text(String),
    Blank,
    /// One of these.
    Choice(Vec<Vec<Piece>>),
}

fn wordings(template: &str) -> Vec<String> {
    let mut reader = Reader { rest: template, depth: 0 };
    let mut pieces = Vec::new();
    // A stray `{% endif %}` ends a reading; the files' check has told of it.
    while !reader.rest.is_empty() {
        pieces.extend(reader.pieces().0);
    }
    let mut ways = ways(&pieces);
    ways.retain(|way| way.chars().any(|letter| letter != BLANK));
    ways
}

fn ways(pieces: &[Piece]) -> Vec<String> {
    let mut ways = vec![String::new()];
    for piece in pieces {
        match piece {
            Piece::Text(letters) => ways.iter_mut().for_each(|way| way.push_str(letters)),
            Piece::Blank => ways.iter_mut().for_each(|way| way.push(BLANK)),
            Piece::Choice(arms) => {
                let arms: Vec<String> = arms.iter().flat_map(|arm| self::ways(arm)).collect();
                let all = arms.iter().flat_map(|arm| ways.iter().map(move |way| format!("{way}{arm}")));
                ways = all.take(WORDINGS_AT_MOST).collect();
            }
        }
    }
    ways
}

/// Reads a template as far as it matters here; what is not well formed is told by the files' check.
struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Reader<'t> {
    /// Everything up to the statement that ends it (`else`, `endif` …), which is given, too.
    fn pieces(&mut self) -> (Vec<Piece>, &'t str) {
        let mut pieces = Vec::new();
        loop {
            let (text, rest) = self.rest.split_at(brace(self.rest));
            let letters = Folded::new(text).letters.text();
            if !letters.is_empty() {
                pieces.push(Piece::Text(letters));
            }
            self.rest = rest;
            match rest.get(..2) {
                Some("{{") => {
                    self.inside("}}");
                    pieces.push(Piece::Blank);
                }
                Some("{%") => match statement(self.inside("%}")) {
                    "if" => pieces.push(self.choice()),
                    "for" => pieces.push(self.choice()),
                    end @ ("elif" | "else" | "endif" | "endfor") => return (pieces, end),
                    _ => pieces.push(Piece::Blank),
                },
                Some(_) => drop(self.inside("#}")),
                None => return (pieces, ""),
            }
        }
    }

    /// What stands between here and the closing braces.
    fn inside(&mut self, close: &str) -> &'t str {
        let body = &self.rest[2..];
        let (inside, rest) = body.split_once(close).unwrap_or((body, ""));
        self.rest = rest;
        inside
    }

    /// The arms of an `if`, or a loop's body, which may be left out.
    fn choice(&mut self) -> Piece {
        if self.depth == NESTED_AT_MOST {
            return Piece::Blank;
        }
        self.depth += 1;
        let mut arms = Vec::new();
        let mut exhaustive = false;
        loop {
            let (arm, end) = self.pieces();
            arms.push(arm);
            match end {
                "elif" => {}
                "else" => exhaustive = true,
                _ => break,
            }
        }
        if !exhaustive {
            arms.push(Vec::new());
        }
        self.depth -= 1;
        Piece::Choice(arms)
    }
}

/// Where the next `{{`, `{%` or `{#` begins.
fn brace(text: &str) -> usize {
    let is_open = |at: &usize| matches!(text.as_bytes().get(at + 1), Some(b'{' | b'%' | b'#'));
    text.match_indices('{').map(|(at, _)| at).find(is_open).unwrap_or(text.len())
}

fn statement(inside: &str) -> &str {
    inside.trim_start_matches(['-', '+']).split_whitespace().next().unwrap_or_default().trim_end_matches('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_template_reads_in_several_ways() {
        for (template, expected) in [
            ("早上好，{{ store.name }}开门了。\n", &["早上好\0开门了"][..]),
            ("{% if members %}{{ members }}，{% endif %}生日快乐！", &["\0生日快乐", "生日快乐"]),
            ("{%- if a -%}甲{% elif b %}乙{% else %}丙{% endif %}好", &["甲好", "乙好", "丙好"]),
            ("{% if a %}甲{% if b %}乙{% endif %}{% endif %}好", &["甲乙好", "甲好", "好"]),
            ("{% for a in b %}{{ a }}一件{% endfor %}", &["\0一件"]),
            ("{# 说明 #}{好} 100%", &["好100"]),
            ("{{ brand }}", &[]),
            ("", &[]),
            ("没写完 {{ store", &["没写完\0"]),
            ("多{% endif %}余", &["多余"]),
        ] {
            assert_eq!(wordings(template), expected, "{template:?}");
        }
    }

    #[test]
    fn many_branches_do_not_multiply_for_ever() {
        let choices = "{% if a %}甲{% else %}乙{% endif %}".repeat(40);
        assert_eq!(wordings(&choices).len(), WORDINGS_AT_MOST);
        let nested = "{% if a %}甲".repeat(100_000);
        assert!(!wordings(&nested).is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_read(template in "(\\{\\{|\\}\\}|\\{%|%\\}|\\{#|#\\}| if a | else | endif |\\PC){0,30}") {
            prop_assert!(wordings(&template).len() <= WORDINGS_AT_MOST);
        }
    }
}

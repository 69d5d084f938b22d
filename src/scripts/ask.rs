//! What the person who sends a script fills in.

use regex::{Regex, RegexBuilder};
use unicode_normalization::UnicodeNormalization;

/// An answer goes into the middle of a sentence; whoever writes more writes a text of their own.
pub const ANSWER_CHARACTERS_AT_MOST: usize = 40;
/// A pattern for a number or a date compiles to a few KiB; one of more than this is a mistake.
const PATTERN_BYTES_AT_MOST: usize = 256 * 1024;

/// One thing to fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// `{{ left }}` in the messages.
    pub name: String,
    /// What the person is asked: `今天还剩多少盒？`
    pub label: String,
    /// The only answers there are; empty = any that fits the pattern.
    pub choices: Vec<String>,
    pub pattern: Option<Pattern>,
    /// What holds when nothing is answered; without one the script cannot be sent unanswered.
    pub default: Option<String>,
}

impl Ask {
    /// The answer as it is filled in, or a Chinese sentence that says what is wanted instead. A choice may
    /// be given by its number, digits in any width.
    pub fn accepts(&self, answer: &str) -> Result<String, String> {
        let answer = crate::text::one_line(answer, usize::MAX);
        let plain: String = answer.nfkc().collect();
        if answer.is_empty() {
            return self.default.clone().ok_or_else(|| format!("还没有填：{}", self.label));
        }
        if !self.choices.is_empty() {
            return self
                .choose(&answer, &plain)
                .ok_or_else(|| format!("{}请从这些里选：{}", self.label, self.listed()));
        }
        if answer.chars().count() > ANSWER_CHARACTERS_AT_MOST {
            return Err(format!("写得太长了，最多 {ANSWER_CHARACTERS_AT_MOST} 个字：{}", self.label));
        }
        let Some(pattern) = &self.pattern else { return Ok(answer) };
        let fitting = [answer, plain].into_iter().find(|text| pattern.fits(text));
        fitting.ok_or_else(|| match &self.default {
            Some(example) => format!("这样写不对，例如“{example}”：{}", self.label),
            None => format!("这样写不对：{}", self.label),
        })
    }

    fn choose(&self, answer: &str, plain: &str) -> Option<String> {
        let same = |choice: &&String| crate::text::matching_key(choice) == crate::text::matching_key(answer);
        let by_number = || self.choices.get(plain.parse::<usize>().ok()?.checked_sub(1)?);
        self.choices.iter().find(same).or_else(by_number).cloned()
    }

    /// `1 上午、2 下午`
    pub fn listed(&self) -> String {
        let numbered = self.choices.iter().zip(1..).map(|(choice, number)| format!("{number} {choice}"));
        numbered.collect::<Vec<_>>().join("、")
    }
}

/// A regular expression that a whole answer must fit.
#[derive(Clone, Debug)]
pub struct Pattern {
    source: String,
    regex: Regex,
}

impl Pattern {
    /// The error is the engine's own sentence, English.
    pub fn new(source: &str) -> Result<Self, String> {
        let whole = format!("^(?:{source})$");
        let regex = RegexBuilder::new(&whole).size_limit(PATTERN_BYTES_AT_MOST).build();
        // An unbalanced `)` would only be seen inside our own brackets.
        Regex::new(source)
            .and(regex)
            .map(|regex| Self { source: source.to_owned(), regex })
            .map_err(|error| error.to_string())
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    /// The longest answer that fits; `None` when there is no end to it.
    pub fn bytes_at_most(&self) -> Option<usize> {
        regex_syntax::parse(&self.source).ok()?.properties().maximum_len()
    }

    pub fn fits(&self, answer: &str) -> bool {
        self.regex.is_match(answer)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(choices: &[&str], pattern: Option<&str>, default: Option<&str>) -> Ask {
        Ask {
            name: "left".to_owned(),
            label: "还剩多少盒？".to_owned(),
            choices: choices.iter().map(ToString::to_string).collect(),
            pattern: pattern.map(|pattern| Pattern::new(pattern).expect("a pattern")),
            default: default.map(str::to_owned),
        }
    }

    #[test]
    fn patterns_hold_for_the_whole_answer() {
        let left = ask(&[], Some("[0-9]{1,4}|没有"), Some("50"));
        assert_eq!(left.accepts(" ５０ "), Ok("50".to_owned()));
        assert_eq!(left.accepts("没有"), Ok("没有".to_owned()));
        assert_eq!(left.accepts(""), Ok("50".to_owned()));
        assert_eq!(left.accepts("50盒"), Err("这样写不对，例如“50”：还剩多少盒？".to_owned()));
        assert!(left.accepts("12345").is_err());
        assert_eq!(ask(&[], None, None).accepts("  "), Err("还没有填：还剩多少盒？".to_owned()));
    }

    #[test]
    fn choices_are_taken_by_word_or_number() {
        let when = ask(&["上午", "下午 3 点"], None, None);
        assert_eq!(when.accepts("２"), Ok("下午 3 点".to_owned()));
        assert_eq!(when.accepts("下午3点！"), Ok("下午 3 点".to_owned()));
        for wrong in ["0", "3", "晚上"] {
            assert_eq!(when.accepts(wrong), Err("还剩多少盒？请从这些里选：1 上午、2 下午 3 点".to_owned()));
        }
    }

    #[test]
    fn an_answer_is_one_short_line() {
        let free = ask(&[], None, None);
        assert_eq!(free.accepts("山楂汁\n{{ brand }}"), Ok("山楂汁 {{ brand }}".to_owned()));
        assert!(free.accepts(&"长".repeat(ANSWER_CHARACTERS_AT_MOST)).is_ok());
        assert!(free.accepts(&"长".repeat(ANSWER_CHARACTERS_AT_MOST + 1)).is_err());
    }

    #[test]
    fn bad_patterns_are_refused() {
        for bad in ["(", "a)(b", "[", "(a{1000}){1000}"] {
            assert!(Pattern::new(bad).is_err(), "{bad}");
        }
    }
}

//! Tricks that need a table: other characters of the same sound, older forms, parts of characters.

use std::collections::HashMap;

use crate::text::{fold, readings};
use crate::training::random::Random;

/// A character that occurs less often is not what somebody would type for another.
const COMMON_FROM: usize = 20;

/// Chinese characters that people use.
const HAN: std::ops::RangeInclusive<char> = '\u{4e00}'..='\u{9fff}';

#[derive(Debug)]
pub(super) struct Tables {
    /// The common characters of each syllable.
    alike: HashMap<&'static str, Vec<char>>,
    /// The older forms and variants of a character.
    traditional: HashMap<char, Vec<char>>,
    /// A character as its parts.
    parts: HashMap<char, String>,
}

/// What advertisers write for the words of contact; the longest first.
const CONTACT_WORDS: &[(&str, &[&str])] = &[
    (
        "微信",
        &[
            "薇信",
            "威芯",
            "微芯",
            "V信",
            "v芯",
            "徽信",
            "卫星",
            "薇",
            "威",
            "vx",
            "wx",
            "❤",
            "绿泡泡",
            "崴",
            "嶶",
        ],
    ),
    ("加我", &["佳我", "嘉我", "伽我", "佳窝", "+我", "➕我", "家我", "茄我"]),
    ("私我", &["丝我", "思我", "斯我", "厶我", "si我", "丝窝", "滴我", "d我"]),
    ("主页", &["煮页", "煮叶", "主叶", "猪页", "zhu页"]),
    ("兼职", &["兼值", "煎职", "蒹职", "兼只", "jian职", "间职"]),
    ("日结", &["日洁", "日杰", "曰结", "日节", "rj"]),
    ("刷单", &["涮单", "刷丹", "shua单", "sd", "补单"]),
    ("QQ", &["扣扣", "抠抠", "企鹅", "🐧", "秋秋", "Q", "扣"]),
    ("赚钱", &["赚米", "搞米", "赚💰", "zhuan钱", "赚q"]),
    ("私聊", &["丝聊", "斯聊", "私撩", "sl", "滴滴"]),
    ("抖音", &["dy", "斗音", "逗音", "抖阴", "🫘音"]),
    ("小红书", &["xhs", "小红薯", "🍠"]),
    ("群", &["裙", "羣", "君羊", "峮", "Q裙"]),
    ("加", &["佳", "嘉", "伽", "+", "➕", "茄"]),
    ("钱", &["米", "💰", "q", "乾"]),
];

impl Tables {
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        Self { alike: alike(texts), traditional: traditional(), parts: parts() }
    }

    pub(super) fn traditional(&self, c: char, random: &mut Random) -> char {
        self.traditional.get(&c).and_then(|forms| random.choose(forms)).copied().unwrap_or(c)
    }

    /// So many of 100 Chinese characters by another of their sound.
    pub(super) fn homophones(&self, text: &str, percent: usize, random: &mut Random) -> String {
        let other = |c: char, random: &mut Random| {
            let alike = self.alike.get(readings(c).first()?)?;
            let others: Vec<char> = alike.iter().copied().filter(|&other| other != c).collect();
            random.choose(&others).copied()
        };
        text.chars()
            .map(|c| if random.percent(percent) { other(c, random).unwrap_or(c) } else { c })
            .collect()
    }

    /// So many of 100 Chinese characters by a part of their syllable.
    pub(super) fn spelt(
        &self,
        text: &str,
        percent: usize,
        random: &mut Random,
        part: impl Fn(&'static str) -> &'static str,
    ) -> String {
        let mut spelt = String::with_capacity(text.len() * 2);
        for c in text.chars() {
            let syllable = if random.percent(percent) { readings(c).first().copied() } else { None };
            match syllable {
                Some(syllable) => spelt.push_str(part(syllable)),
                None => spelt.push(c),
            }
        }
        spelt
    }

    /// Every character of the table as its parts, or, in half of the draws, most of them.
    pub(super) fn split(&self, text: &str, random: &mut Random) -> String {
        let percent = if random.percent(50) { 100 } else { 70 };
        let mut split = String::with_capacity(text.len() * 2);
        for c in text.chars() {
            match self.parts.get(&c).filter(|_| random.percent(percent)) {
                Some(parts) => split.push_str(parts),
                None => split.push(c),
            }
        }
        split
    }

    pub(super) fn contact_words(&self, text: &str, random: &mut Random) -> String {
        let mut rest = text;
        let mut written = String::with_capacity(text.len());
        while let Some(c) = rest.chars().next() {
            let word = CONTACT_WORDS.iter().find(|(word, _)| rest.starts_with(word));
            match word.and_then(|(word, others)| Some((word, random.choose(others)?))) {
                Some((word, other)) => {
                    written.push_str(other);
                    rest = &rest[word.len()..];
                }
                None => {
                    written.push(c);
                    rest = &rest[c.len_utf8()..];
                }
            }
        }
        written
    }
}

fn alike<'a>(texts: impl Iterator<Item = &'a str>) -> HashMap<&'static str, Vec<char>> {
    let mut counts: HashMap<char, usize> = HashMap::new();
    for c in texts.flat_map(str::chars).filter(|c| HAN.contains(c)) {
        *counts.entry(c).or_default() += 1;
    }
    let mut common: Vec<char> =
        counts.into_iter().filter(|&(_, count)| count >= COMMON_FROM).map(|(c, _)| c).collect();
    common.sort_unstable();
    let mut alike: HashMap<&'static str, Vec<char>> = HashMap::new();
    for c in common {
        if let Some(&syllable) = readings(c).first() {
            alike.entry(syllable).or_default().push(c);
        }
    }
    alike
}

/// All characters that fold to another one.
fn traditional() -> HashMap<char, Vec<char>> {
    let mut forms: HashMap<char, Vec<char>> = HashMap::new();
    for c in HAN {
        let folded = fold(c.encode_utf8(&mut [0; 4]));
        let mut characters = folded.chars();
        if let (Some(simple), None) = (characters.next(), characters.next())
            && simple != c
        {
            forms.entry(simple).or_default().push(c);
        }
    }
    forms
}

fn parts() -> HashMap<char, String> {
    let mut parts = HashMap::new();
    for line in include_str!("split.tsv").lines().filter(|line| !line.starts_with('#')) {
        let Some((left, whole)) = line.split_once('\t') else { continue };
        for word in whole.split(' ') {
            let mut characters = word.chars();
            if let (Some(c), Some(right)) = (characters.next(), characters.next()) {
                parts.insert(c, format!("{left}{right}"));
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_split_table_is_read() {
        let words: usize = include_str!("split.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                let (left, words) = line.split_once('\t').expect("a tab");
                assert_eq!(left.chars().count(), 1, "{line}");
                assert!(words.split(' ').all(|word| word.chars().count() == 2), "{line}");
                words.split(' ').count()
            })
            .sum();
        assert!(parts().len() + 20 > words && words > 380, "{} of {words}", parts().len());
    }

    #[test]
    fn older_forms_fold_back() {
        let forms = traditional();
        assert!(forms.len() > 2_000);
        assert!(forms[&'职'].contains(&'職'));
    }
}

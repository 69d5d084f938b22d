//! Which script a heard text is: pasted as it was given, or lightly edited.
//!
//! What was filled in does not count, and neither do signs, blanks, emoji and a mention at the start. Short
//! messages (`收到，谢谢！`) are anybody's and never recognised.

use std::borrow::{Borrow, Cow};
use std::ops::Range;
use std::sync::Arc;

mod blanks;

use super::Script;
use super::postings::Tally;
use super::wordings::{BLANK, Wordings, neighbours};
use crate::text::{Folded, Subsequences, strip_mention};
use blanks::{FILLED_AT_MOST, least_left};

/// A script that was found in a heard text.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognised {
    /// Which script, in the order of the library.
    pub script: usize,
    /// Which of its messages, from 0: one, or all when they were pasted as one text. A variant is found as the variant
    /// of its message.
    pub messages: Range<usize>,
    /// [`SIMILAR_AT_LEAST`] to 1.
    pub similarity: f32,
}

/// The share of letters in common (twice the common ones, of those of both texts) from which a text counts
/// as an edited script rather than one that somebody wrote.
pub const SIMILAR_AT_LEAST: f32 = 0.8;
/// Wordings with fewer letters than this are said by people of their own accord.
const LETTERS_AT_LEAST: usize = 12;
/// Of a longer text only the beginning is looked at. The platform cuts texts at 2 048 bytes, some 680 letters
/// (wecom-send.md §3.2), and a script has a few of those.
const LETTERS_AT_MOST: usize = 2_000;
/// Pairs of neighbours that must be in common, so that a long chat does not match letter by letter. One letter
/// in five changed at random leaves 64 of 100 pairs.
const PAIRS_AT_LEAST: f32 = 0.5;
/// Blanks take almost anything, so of what is written around them so much must be there.
const WRITTEN_AT_LEAST: f32 = 0.75;
/// How many entries of the index are read for one text, the rarest pairs first: the common ones tell nothing.
const READ_AT_MOST: usize = 10_000;
/// How many wordings are compared letter by letter.
const COMPARED_AT_MOST: usize = 8;

/// Recognises the scripts of one library.
#[derive(Debug)]
pub struct Recogniser {
    wordings: Arc<Wordings>,
}

impl Recogniser {
    pub fn new(scripts: &[impl Borrow<Script>]) -> Self {
        Self::over(Arc::new(Wordings::new(scripts)))
    }

    pub(super) fn over(wordings: Arc<Wordings>) -> Self {
        Self { wordings }
    }

    /// The script that the text is, the most similar one.
    pub fn recognise(&self, text: &str) -> Option<Recognised> {
        let heard = Heard::new(text)?;
        let candidates = self.most_shared(&heard);
        let mut candidates: Vec<Candidate<'_>> =
            candidates.into_iter().filter_map(|nth| self.candidate(nth, &heard)).collect();
        candidates.sort_by(|one, other| other.at_best.total_cmp(&one.at_best));
        let mut best: Option<Recognised> = None;
        for Candidate { script, messages, letters, at_best } in candidates {
            if best.as_ref().is_some_and(|best| best.similarity >= at_best) {
                break;
            }
            let similarity = heard.similarity(&letters, at_best);
            let better = best.as_ref().is_none_or(|best| best.similarity < similarity);
            if similarity >= SIMILAR_AT_LEAST && better {
                best = Some(Recognised { script, messages, similarity });
            }
        }
        best
    }

    /// The wordings that share most rare pairs with the text, most first.
    fn most_shared(&self, heard: &Heard) -> Vec<u32> {
        let lists = heard.pairs.iter().map(|&pair| self.wordings.holding(pair)).collect();
        let tally = Tally::of(lists, self.wordings.len(), READ_AT_MOST, |_| true);
        tally.highest(COMPARED_AT_MOST, |_, count| count.into())
    }

    /// As this one message, or else as all messages of the script, pasted as one text.
    fn candidate(&self, nth: u32, heard: &Heard) -> Option<Candidate<'_>> {
        let (wording, letters) = self.wordings.get(nth);
        let script = wording.script;
        if let Some(at_best) = heard.similarity_at_best(letters) {
            let messages = wording.message..wording.message + 1;
            return Some(Candidate { script, messages, letters: letters.into(), at_best });
        }
        let (letters, messages) = self.wordings.whole(script);
        let at_best = heard.similarity_at_best(&letters)?;
        Some(Candidate { script, messages: 0..messages, letters: letters.into(), at_best })
    }
}

/// What the text may be.
struct Candidate<'w> {
    script: usize,
    messages: Range<usize>,
    letters: Cow<'w, str>,
    /// It is not more similar than this.
    at_best: f32,
}

/// A text that was heard, ready to be compared.
struct Heard {
    letters: Vec<char>,
    /// Sorted.
    pairs: Vec<u32>,
    subsequences: Subsequences,
}

impl Heard {
    /// `None` for what is too short to be a script.
    fn new(text: &str) -> Option<Self> {
        let folded = Folded::new(strip_mention(text)).letters.text();
        let letters: Vec<char> = folded.chars().take(LETTERS_AT_MOST).collect();
        if !may_be_similar(LETTERS_AT_LEAST, letters.len()) {
            return None;
        }
        let mut pairs: Vec<u32> = neighbours(&folded).take(LETTERS_AT_MOST).collect();
        pairs.sort_unstable();
        pairs.dedup();
        Some(Self { subsequences: Subsequences::of(&letters), letters, pairs })
    }

    /// The similarity if whatever is not in common may have been filled in; `None` when that is too little.
    fn similarity_at_best(&self, wording: &str) -> Option<f32> {
        let blanks = wording.chars().filter(|&letter| letter == BLANK).count();
        let written = wording.chars().count() - blanks;
        let heard = self.letters.len();
        let unfilled = heard.saturating_sub(blanks * FILLED_AT_MOST);
        if written < LETTERS_AT_LEAST || !may_be_similar(written, heard) || !may_be_similar(unfilled, written)
        {
            return None;
        }
        let pairs = neighbours(wording).count();
        let shared = neighbours(wording).filter(|pair| self.pairs.binary_search(pair).is_ok()).count();
        if (shared as f32) < PAIRS_AT_LEAST * pairs as f32 {
            return None;
        }
        let common = self.subsequences.longest_with(wording.chars());
        let filled = (heard - common).min(blanks * FILLED_AT_MOST);
        Some(dice(common, written + heard - filled)).filter(|similarity| *similarity >= SIMILAR_AT_LEAST)
    }

    /// The similarity itself: it takes longer to tell what was filled in.
    fn similarity(&self, wording: &str, at_best: f32) -> f32 {
        if !wording.contains(BLANK) {
            return at_best;
        }
        let wording: Vec<char> = wording.chars().collect();
        let left = least_left(&wording, &self.letters);
        let written = wording.iter().filter(|&&letter| letter != BLANK).count();
        let common = written - left.missing;
        if (common as f32) < WRITTEN_AT_LEAST * written as f32 {
            return 0.0;
        }
        dice(common, written + common + left.added)
    }
}

/// Whether a text of `at_least` letters or more may be similar enough to one of `letters`.
fn may_be_similar(at_least: usize, letters: usize) -> bool {
    at_least <= letters || dice(letters, at_least + letters) >= SIMILAR_AT_LEAST
}

/// The share of common letters among those of both texts, where each common one counts twice.
fn dice(common: usize, both: usize) -> f32 {
    (2 * common) as f32 / both as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scripts::ScriptMessage;

    const MORNING: &str = "早上好，{{ store.name }}开门了。\n卷帘门刚拉上去，先把昨天剩的纸箱收了，地拖了，等着今天的货车。\n\
                           大家早饭吃了吗？再赶时间也垫两口再出门。";
    const BIRTHDAY: &str = "{% if members %}{{ members }}，{% endif %}生日快乐！\n今天您什么都别做，让家里人下碗面，卧个蛋。\
                            {% if count > 1 %}几位寿星都有份。{% else %}就等您来。{% endif %}";
    const ORDER: &str =
        "{{ product }}预订价{{ price }}，今天还剩{{ left }}盒，先到先得，到{{ store.name }}自提。";
    const RULES: &str = "进群先看三条规矩：不发广告，不刷屏，有事先问群主。";
    const THANKS: &str = "收到，谢谢您！";

    fn script(texts: &[&str]) -> Script {
        Script {
            messages: texts.iter().map(|text| ScriptMessage::text(*text)).collect(),
            ..Script::default()
        }
    }

    fn recogniser() -> Recogniser {
        Recogniser::new(&[script(&[MORNING]), script(&[BIRTHDAY]), script(&[THANKS, ORDER, RULES])])
    }

    /// The script and its messages.
    fn heard(text: &str) -> Option<(usize, Range<usize>)> {
        recogniser().recognise(text).map(|found| (found.script, found.messages))
    }

    fn filled(template: &str) -> String {
        [
            ("{% if members %}{{ members }}，{% endif %}", "小王、张阿姨，"),
            ("{% if count > 1 %}几位寿星都有份。{% else %}", ""),
            ("{% endif %}", ""),
            ("{{ store.name }}", "山谷小铺朝阳路一店"),
            ("{{ product }}", "莲蓉蛋黄月饼礼盒"),
            ("{{ price }}", "168元"),
            ("{{ left }}", "50"),
        ]
        .into_iter()
        .fold(template.to_owned(), |text, (blank, with)| text.replace(blank, with))
    }

    #[test]
    fn a_pasted_script_is_recognised() {
        let expected = [(MORNING, (0, 0..1)), (BIRTHDAY, (1, 0..1)), (ORDER, (2, 1..2)), (RULES, (2, 2..3))];
        for (template, place) in expected {
            let text = filled(template);
            assert!(!text.contains('{'), "{text}");
            let found = recogniser().recognise(&text).expect(&text);
            assert_eq!((found.script, found.messages.clone()), place, "{text}");
            assert!(found.similarity > 0.97, "{found:?} {text}");
        }
        assert_eq!(
            heard("生日快乐！今天您什么都别做，让家里人下碗面，卧个蛋。几位寿星都有份。"),
            Some((1, 0..1))
        );
    }

    #[test]
    fn an_edited_script_is_recognised() {
        for text in [
            "@小掌柜 早上好，朝阳店开门了。卷帘门刚拉上去，先把昨天剩的纸箱收了，地拖了，等着今天的货车。大家早饭吃了吗？再赶时间也垫两口再出门。😊🌞",
            "各位邻居早上好！朝阳店开门啦。卷帘门刚拉上去，先把昨天的纸箱收了，拖了地，等着今天的货车。大家早饭吃了吗？再忙也垫两口再出门哦",
            "早上好開門了 卷簾門剛拉上去 先把昨天剩的紙箱收了 地拖了 等著今天的貨車 大家早飯吃了嗎",
            "卷帘门刚拉上去，先把昨天剩的纸箱收了，地拖了，等着今天的货车。大家早饭吃了吗？再赶时间也垫两口再出门。",
        ] {
            let found = recogniser().recognise(text);
            assert_eq!(found.as_ref().map(|found| found.script), Some(0), "{text}");
            let alike = found.map(|found| found.similarity);
            assert!(alike.is_some_and(|alike| alike >= SIMILAR_AT_LEAST), "{alike:?} {text}");
        }
    }

    #[test]
    fn several_messages_pasted_as_one_are_recognised() {
        let text = [THANKS, ORDER, RULES].map(filled).join("\n");
        assert_eq!(heard(&text), Some((2, 0..3)));
    }

    #[test]
    fn ordinary_chat_is_not_recognised() {
        for text in [
            "",
            "收到，谢谢您！",
            "早上好",
            "大家早饭吃了吗？",
            "老板，这个月饼还有货吗？我想要两盒，下班过来自提，谢谢！",
            "月饼预订价多少，今天还剩几盒？到店自提的话先到先得吗",
            "今天生日，家里人给我下了碗面，还卧了个蛋，谢谢大家的祝福，晚上请大家吃蛋糕",
            "群里不要发广告，也不要刷屏，有事可以问群主，谢谢配合，另外明天停水，大家记得提前接好",
            "早上出门看到你们卷帘门已经拉上去了，货车也到了，今天这么早啊，我早饭还没吃呢，给我留两个鸡蛋",
            &"今天天气真不错我们去公园走走吧".repeat(60),
        ] {
            assert_eq!(heard(text), None, "{text}");
        }
    }

    #[test]
    fn the_most_similar_of_many_is_taken() {
        let many: Vec<Script> = (0..300)
            .map(|nth| script(&[&format!("第{nth}号通知：今天下午三点开始到货，请到前台取。")]))
            .collect();
        let recogniser = Recogniser::new(&many);
        for nth in [7, 70, 170, 299] {
            let text = format!("第{nth}号通知：今天下午三点开始到货，请到前台取。");
            let found = recogniser.recognise(&text);
            assert_eq!(found, Some(Recognised { script: nth, messages: 0..1, similarity: 1.0 }), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_seventh_letter_may_be_another(start in 0_usize..7) {
            let edited: String = filled(MORNING)
                .chars()
                .enumerate()
                .map(|(at, letter)| if at % 7 == start { '某' } else { letter })
                .collect();
            prop_assert_eq!(heard(&edited), Some((0, 0..1)), "{}", edited);
        }

        #[test]
        fn any_text_is_heard(template in "(早|上|好|\\{\\{ a \\}\\}|\\{% if a %\\}|\\{% endif %\\}|\\PC){0,60}", text in "(早|上|好|\\PC){0,80}") {
            let recogniser = Recogniser::new(&[script(&[&template, MORNING]), script(&[])]);
            let found = recogniser.recognise(&text);
            prop_assert!(found.is_none_or(|found| (SIMILAR_AT_LEAST..=1.0).contains(&found.similarity)));
            prop_assert_eq!(recogniser.recognise(&template.replace(['{', '}', '%'], "")).is_some_and(|found| found.script > 0), false);
        }
    }
}

//! The project's own corpus (`data/corpus/README.md` tells its format): lines with slots, family by family.

use std::collections::BTreeMap;

use super::random::Random;
use super::rows::unescaped;

/// Slots within slots deeper than this are a circle.
const DEPTH_AT_MOST: usize = 16;

/// Both parts and the slots that their lines use.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    pub ads: Vec<Line>,
    pub chat: Vec<Line>,
    slots: BTreeMap<String, Vec<String>>,
}

/// One line as it is written, with slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The file's name without its ending.
    pub family: String,
    pub text: String,
}

impl Line {
    pub fn has_slots(&self) -> bool {
        self.text.contains(OPEN)
    }
}

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// The parts of the corpus, by folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Ads,
    Chat,
}

impl Corpus {
    /// Takes `slots.txt`; every line that is neither comment, blank nor slot is a mistake.
    pub fn read_slots(&mut self, file: &str, content: &str) -> Result<(), String> {
        for (nth, line) in content.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, options) = line
                .split_once(':')
                .ok_or_else(|| format!("{file} 第 {} 行：应当是“名字: 选项 | 选项”", nth + 1))?;
            let options = options.split('|').map(|option| option.trim().to_owned()).collect();
            self.slots.insert(name.trim().to_owned(), options);
        }
        Ok(())
    }

    /// Takes one file of a part; call [`Corpus::check`] when all are read.
    pub fn read_family(&mut self, part: Part, family: &str, content: &str) {
        let lines = content.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let lines = lines.map(|line| Line { family: family.to_owned(), text: line.to_owned() });
        match part {
            Part::Ads => self.ads.extend(lines),
            Part::Chat => self.chat.extend(lines),
        }
    }

    /// Every slot that a line names exists and none holds itself.
    pub fn check(&self) -> Result<(), String> {
        for line in self.ads.iter().chain(&self.chat) {
            self.check_text(&line.text, 0)
                .map_err(|what| format!("语料 {} 的“{}”：{what}", line.family, line.text))?;
        }
        Ok(())
    }

    fn check_text(&self, text: &str, depth: usize) -> Result<(), String> {
        if depth > DEPTH_AT_MOST {
            return Err("空位互相包含，没有尽头".to_owned());
        }
        for rest in text.split(OPEN).skip(1) {
            let (name, _) = rest.split_once(CLOSE).ok_or("花括号没有合上")?;
            let options = self.slots.get(name).ok_or_else(|| format!("slots.txt 里没有“{name}”"))?;
            options.iter().try_for_each(|option| self.check_text(option, depth + 1))?;
        }
        Ok(())
    }

    /// One message of a line: every slot replaced by one of its options, each draw for itself.
    pub fn draw(&self, line: &Line, random: &mut Random) -> String {
        let mut text = String::with_capacity(line.text.len());
        self.draw_into(&line.text, random, 0, &mut text);
        unescaped(&text)
    }

    fn draw_into(&self, pattern: &str, random: &mut Random, depth: usize, text: &mut String) {
        let mut parts = pattern.split(OPEN);
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let (name, after) = part.split_once(CLOSE).unwrap_or((part, ""));
            let option = self.slots.get(name).and_then(|options| random.choose(options));
            if let Some(option) = option.filter(|_| depth <= DEPTH_AT_MOST) {
                self.draw_into(option, random, depth + 1, text);
            }
            text.push_str(after);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corpus(slots: &str, ads: &str) -> Corpus {
        let mut corpus = Corpus::default();
        corpus.read_slots("slots.txt", slots).expect("good slots");
        corpus.read_family(Part::Ads, "test", ads);
        corpus
    }

    #[test]
    fn slots_are_drawn_until_none_is_left() {
        let corpus = corpus("# digits\nd: 1 | 2\nid: v{{d}}{{d}}\n", "# comment\n加{{id}}\\n快\n\n不用填\n");
        assert_eq!(corpus.check(), Ok(()));
        assert_eq!(corpus.ads.len(), 2);
        let mut drawn: Vec<String> =
            (0..50).map(|seed| corpus.draw(&corpus.ads[0], &mut Random::new(seed))).collect();
        drawn.sort();
        drawn.dedup();
        assert_eq!(drawn, ["加v11\n快", "加v12\n快", "加v21\n快", "加v22\n快"]);
        assert_eq!(corpus.draw(&corpus.ads[1], &mut Random::new(0)), "不用填");
        assert!(corpus.ads[0].has_slots() && !corpus.ads[1].has_slots());
    }

    #[test]
    fn mistakes_are_told() {
        let told = |slots, ads| corpus(slots, ads).check().expect_err("a mistake");
        assert_eq!(told("", "加{{id}}"), "语料 test 的“加{{id}}”：slots.txt 里没有“id”");
        assert_eq!(told("id: {{id}}", "加{{id}}"), "语料 test 的“加{{id}}”：空位互相包含，没有尽头");
        assert_eq!(told("", "加{{id"), "语料 test 的“加{{id”：花括号没有合上");
        let bad = Corpus::default().read_slots("slots.txt", "\nnonsense\n");
        assert_eq!(bad, Err("slots.txt 第 2 行：应当是“名字: 选项 | 选项”".to_owned()));
    }
}

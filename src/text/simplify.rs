//! Traditional characters and rare variants → simplified ones, one at a time, from two tables of facts.

use std::sync::LazyLock;

/// The characters that a direct table holds: CJK extension A and the unified ideographs.
const FIRST: char = '\u{3400}';
const LAST: char = '\u{9fff}';

struct Table {
    /// For `FIRST..=LAST`, by offset; 110 kB, built in well under a millisecond.
    direct: Box<[char]>,
    /// The rest (extension B and later), by code point.
    rare: Vec<(char, char)>,
}

const SOURCES: [&str; 2] = [include_str!("traditional.tsv"), include_str!("variants.tsv")];

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(&SOURCES));

impl Table {
    fn read(sources: &[&str]) -> Self {
        let mut direct: Box<[char]> = (FIRST..=LAST).collect();
        let mut rare = Vec::new();
        for (traditional, simplified) in sources.iter().flat_map(|tsv| tsv.lines()).filter_map(pair) {
            match offset(traditional) {
                Some(at) => direct[at] = simplified,
                None => rare.push((traditional, simplified)),
            }
        }
        rare.sort_unstable();
        Self { direct, rare }
    }
}

/// `None` for comments; a test sees to it that every other line is a pair.
fn pair(line: &str) -> Option<(char, char)> {
    let (traditional, simplified) = line.split_once('\t')?;
    let mut characters = traditional.chars().chain(simplified.chars());
    match (characters.next(), characters.next(), characters.next()) {
        (Some(traditional), Some(simplified), None) => Some((traditional, simplified)),
        _ => None,
    }
}

fn offset(c: char) -> Option<usize> {
    (FIRST..=LAST).contains(&c).then(|| (c as usize) - (FIRST as usize))
}

/// The simplified form, or the character itself.
pub(super) fn simplified(c: char) -> char {
    if let Some(at) = offset(c) {
        return TABLE.direct[at];
    }
    if c < '\u{20000}' {
        return c;
    }
    TABLE.rare.binary_search_by_key(&c, |&(from, _)| from).map_or(c, |at| TABLE.rare[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_pair_and_no_result_changes_again() {
        let lines = SOURCES.iter().flat_map(|tsv| tsv.lines()).filter(|line| !line.starts_with('#'));
        let mut pairs = 0;
        for line in lines {
            let (traditional, to) = pair(line).unwrap_or_else(|| panic!("not a pair: {line:?}"));
            assert_ne!(traditional, to, "{line:?}");
            assert_eq!(simplified(traditional), to, "{line:?}");
            assert_eq!(simplified(to), to, "{line:?}");
            pairs += 1;
        }
        assert!(pairs > 5000, "only {pairs} pairs");
    }

    #[test]
    fn simplifies_character_by_character() {
        let text: String = "誠招代理，日結傭金，臺灣裡裏後麵 abc 𫒡".chars().map(simplified).collect();
        assert_eq!(text, "诚招代理，日结佣金，台湾里里后面 abc 𫓷");
    }
}

//! Setting text: where lines break, how large they can be, and their letters in place.

use super::letters::Letters;
use super::path::Path;

/// No line begins with these …
const CLOSING: &str = "，。！？、；：”’）》】〉…—·,.!?;:)]%";
/// … and none ends with these.
const OPENING: &str = "“‘（《【〈([";
/// From line to line, in parts of the size.
const LEADING: f32 = 1.32;
/// Where letters stand in their line: the middle of a Chinese character is the middle of the line.
const BASELINE: f32 = 0.88;
/// How much smaller letters may be for lines that end where a clause does.
const FOR_CLAUSES: f32 = 0.85;
/// How much smaller each try is.
const STEP: f32 = 0.96;
/// Halvings by which lines are made equally long.
const HALVINGS: usize = 12;

/// Lines of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub lines: Vec<String>,
    pub size: f32,
    /// Between letters, in parts of the size.
    spacing: f32,
}

impl Block {
    pub fn height(&self) -> f32 {
        // Above the first line and below the last there is nothing to lead to.
        let between = self.lines.len().saturating_sub(1) as f32;
        if self.lines.is_empty() { 0.0 } else { self.size * (1.0 + between * LEADING) }
    }

    /// The letters, centred on `middle`, below `top`.
    pub fn path(&self, letters: &dyn Letters, middle: f32, top: f32) -> Path {
        let mut path = Path::default();
        for (nth, line) in self.lines.iter().enumerate() {
            let mut x = middle - self.size * width(line, letters, self.spacing) / 2.0;
            let y = top + self.size * (nth as f32 * LEADING + BASELINE);
            for letter in line.chars() {
                path.add(letters.outline(letter).placed([x, y], self.size));
                x += self.size * (letters.advance(letter) + self.spacing);
            }
        }
        path
    }
}

/// How a text is to be set.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// In pixels; it is smaller when the text does not fit otherwise.
    pub size: f32,
    pub width: f32,
    pub lines: usize,
    /// Between letters, in parts of the size.
    pub spacing: f32,
}

/// How a paragraph falls into parts that stay in one line.
type Parts = fn(&str) -> Vec<String>;

/// The text in lines as large as can be, but not larger than wanted. Lines end where clauses do, if that costs
/// little.
pub fn set(text: &str, letters: &dyn Letters, wanted: Wanted) -> Block {
    let by_clauses = fitted(text, letters, wanted, clauses);
    let by_pieces = fitted(text, letters, wanted, pieces);
    if by_clauses.size >= by_pieces.size * FOR_CLAUSES { by_clauses } else { by_pieces }
}

fn fitted(text: &str, letters: &dyn Letters, wanted: Wanted, parts: Parts) -> Block {
    let Wanted { width, spacing, .. } = wanted;
    let mut size = wanted.size;
    loop {
        let lines = broken(text, letters, spacing, width / size, parts);
        let longest = lines.iter().map(|line| self::width(line, letters, spacing)).fold(0.0, f32::max);
        // As small as nothing, anything fits: the loop ends.
        if (lines.len() <= wanted.lines.max(1) && longest * size <= width) || size < 1.0 {
            let lines = balanced(lines, letters, spacing, width / size, |narrower| {
                broken(text, letters, spacing, narrower, parts)
            });
            return Block { lines, size, spacing };
        }
        size *= STEP;
    }
}

/// In parts of the size.
fn width(line: &str, letters: &dyn Letters, spacing: f32) -> f32 {
    let letters: f32 = line.chars().map(|letter| letters.advance(letter) + spacing).sum();
    (letters - spacing).max(0.0)
}

/// Lines at most so wide, as few as possible. A line break in the text stays one.
fn broken(text: &str, letters: &dyn Letters, spacing: f32, at_most: f32, parts: Parts) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines().map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        let mut line = String::new();
        for piece in parts(paragraph) {
            let longer = format!("{line}{piece}");
            if !line.is_empty() && width(longer.trim_end(), letters, spacing) > at_most {
                lines.push(line.trim_end().to_owned());
                line = piece.trim_start().to_owned();
            } else {
                line = longer;
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// The same number of lines, but about equally long: no last line of one lonely character.
fn balanced(
    lines: Vec<String>,
    letters: &dyn Letters,
    spacing: f32,
    at_most: f32,
    broken: impl Fn(f32) -> Vec<String>,
) -> Vec<String> {
    let longest =
        |lines: &[String]| lines.iter().map(|line| width(line, letters, spacing)).fold(0.0, f32::max);
    let (mut narrow, mut wide, mut best) = (0.0, at_most, lines);
    for _ in 0..HALVINGS {
        let middle = (narrow + wide) / 2.0;
        let tried = broken(middle);
        if tried.len() <= best.len() && longest(&tried) <= at_most {
            (wide, best) = (middle, tried);
        } else {
            narrow = middle;
        }
    }
    best
}

/// Up to and with each mark that ends a clause.
fn clauses(text: &str) -> Vec<String> {
    text.split_inclusive(['，', '。', '！', '？', '、', '；', '：', ' ']).map(str::to_owned).collect()
}

/// What must stay in one line: words and numbers, and each Chinese character with the marks that belong to it.
fn pieces(text: &str) -> Vec<String> {
    let in_word = |letter: char| letter.is_ascii() && !letter.is_whitespace();
    let mut pieces: Vec<String> = Vec::new();
    let mut last: Option<char> = None;
    for letter in text.chars() {
        let joins = last.is_some_and(|last| {
            (in_word(last) && in_word(letter))
                || CLOSING.contains(letter)
                || OPENING.contains(last)
                || letter.is_whitespace()
        });
        match pieces.last_mut().filter(|_| joins) {
            Some(piece) => piece.push(letter),
            None => pieces.push(letter.to_string()),
        }
        last = Some(letter);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::Squares;
    use super::*;

    fn wanted(width: f32, lines: usize) -> Wanted {
        Wanted { size: 100.0, width, lines, spacing: 0.0 }
    }

    fn lines(text: &str, em: f32) -> Vec<String> {
        broken(text, &Squares, 0.0, em, pieces)
    }

    #[test]
    fn marks_stay_with_their_characters_and_words_stay_whole() {
        assert_eq!(lines("山谷小铺，街坊们", 4.0), ["山谷小", "铺，街坊", "们"]);
        assert_eq!(lines("去（朝阳店）买", 2.0), ["去", "（朝", "阳", "店）", "买"]);
        assert_eq!(lines("买 iPhone 送", 4.0), ["买", "iPhone", "送"]);
        assert_eq!(lines("上\n下", 9.0), ["上", "下"]);
    }

    #[test]
    fn it_shrinks_until_it_fits_and_its_lines_are_about_equal() {
        let block = set("山谷小铺朝阳店街坊福利群", &Squares, wanted(700.0, 2));
        assert_eq!((block.lines.len(), block.size), (2, 100.0));
        assert_eq!(block.lines, ["山谷小铺朝阳", "店街坊福利群"]);
        let clauses = set("街坊们快来扫码，新品先尝，早上八点半开抢", &Squares, wanted(800.0, 3));
        assert_eq!(clauses.lines, ["街坊们快来扫码，", "新品先尝，", "早上八点半开抢"]);
        let long = set(&"长".repeat(60), &Squares, wanted(700.0, 2));
        assert_eq!(long.lines.len(), 2);
        assert!(long.size < 24.0 && long.size > 20.0, "{}", long.size);
        assert!(set("", &Squares, wanted(700.0, 2)).lines.is_empty());
    }

    proptest! {
        #[test]
        fn nothing_runs_out_and_nothing_is_lost(text in "[一-龥，。（）a-z0-9 ]{1,80}", width in 50.0_f32..2000.0, most in 1_usize..4) {
            let block = set(&text, &Squares, wanted(width, most));
            let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&block.lines.concat()), letters(&text));
            prop_assert!(block.lines.len() <= most || block.size < 1.0);
            for line in &block.lines {
                prop_assert!(super::width(line, &Squares, 0.0) * block.size <= width + 0.01 || block.size < 1.0);
            }
        }
    }
}

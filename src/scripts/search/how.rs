//! How a hit matches, and which match is better.

/// How a script was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    pub way: Way,
    pub field: Field,
    pub extent: Extent,
}

/// What had to be forgiven, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Nothing but width, case, traditional characters and signs.
    Written,
    /// Some of it was typed as pinyin.
    Pinyin,
    /// Some of it was typed as first letters of the pinyin.
    Initials,
    /// Other characters of the same sound, whatever the tone.
    SameSound,
    /// One letter too many, too few, wrong, or swapped with its neighbour; also in the pinyin of a keyword.
    Typo,
    /// Some letters in common: a guess, made only when nothing else was found.
    Near,
}

/// Where it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Keyword,
    Title,
    Body,
}

/// How much of it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    Whole,
    Start,
    Inside,
}

impl How {
    /// Whether the words were meant: what was typed is spelled as it should be, in one way or the other.
    /// Otherwise it is fair to ask back.
    pub fn is_sure(self) -> bool {
        self.way <= Way::Initials
    }

    /// For the staff's list.
    pub fn chinese(self) -> &'static str {
        match (self.way, self.field) {
            (Way::Written, Field::Keyword) => "关键词",
            (Way::Written, Field::Title) => "标题",
            (Way::Written, Field::Body) => "正文",
            (Way::Pinyin, _) => "拼音",
            (Way::Initials, _) => "拼音首字母",
            (Way::SameSound, _) => "同音字",
            (Way::Typo, _) => "差一个字",
            (Way::Near, _) => "相近",
        }
    }

    /// Smaller is better.
    pub(super) fn rank(self) -> Rank {
        let part = self.extent != Extent::Whole;
        match (self.way, self.field) {
            (Way::Written, Field::Body) => Rank(BODY),
            // A whole title is a keyword, too.
            (Way::Written, Field::Title) => Rank(if part { 4 } else { 1 }),
            (Way::Written, Field::Keyword) => Rank([0, 2, 3][self.extent as usize]),
            (way, field) => {
                let within = if part { 2 + self.extent as u8 } else { 0 } + field as u8;
                Rank(10 * way as u8 + within)
            }
        }
    }
}

/// After everything that was found in keywords and titles, before mere guesses.
const BODY: u8 = 80;
const NEAR: u8 = 100;

/// The order of hits by their match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(u8);

impl Rank {
    /// Of a typo: a wrong letter is worse than one too many, too few or swapped, as it leaves less in common.
    pub(super) fn of_typo(field: Field, wrong_letter: bool) -> Self {
        Self(10 * Way::Typo as u8 + 2 * u8::from(wrong_letter) + field as u8)
    }

    /// Of a guess, by how near it comes: 0 to 1.
    pub(super) fn of_guess(nearness: f32) -> Self {
        Self(NEAR + ((1.0 - nearness.clamp(0.0, 1.0)) * 100.0) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_matches_come_first() {
        use {Extent::*, Field::*, Way::*};
        let how = |way, field, extent| How { way, field, extent }.rank();
        let ranks = [
            how(Written, Keyword, Whole),
            how(Written, Title, Whole),
            how(Written, Keyword, Start),
            how(Written, Keyword, Inside),
            how(Written, Title, Inside),
            how(Pinyin, Keyword, Whole),
            how(Pinyin, Title, Whole),
            how(Pinyin, Keyword, Start),
            how(Pinyin, Title, Inside),
            how(Initials, Keyword, Whole),
            how(SameSound, Keyword, Whole),
            Rank::of_typo(Keyword, false),
            Rank::of_typo(Keyword, true),
            how(Written, Body, Inside),
            Rank::of_guess(0.9),
            Rank::of_guess(0.1),
        ];
        assert!(ranks.is_sorted() && ranks.windows(2).all(|pair| pair[0] != pair[1]), "{ranks:?}");
        assert_eq!(how(Written, Title, Start), how(Written, Title, Inside));
    }
}

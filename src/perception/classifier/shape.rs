//! What a message looks like, whatever it says: a few flags, each with a weight of its own.

/// How many flags there are; [`of`] sets bits below it.
pub const FLAGS: usize = 12;

/// A contact's number has at least this many digits in a row, a phone number at least the second figure.
const LONG_RUN: usize = 5;
const PHONE_RUN: usize = 10;

/// So many letters with a symbol behind each are written on purpose.
const LACED_AT_LEAST: usize = 3;

/// The flags of a message as bits.
pub fn of(symbols: &[char], letters: &[char]) -> u32 {
    let counts = Counts::of(symbols);
    let flags = [
        letters.is_empty(),
        counts.digits > 0,
        counts.longest_run >= LONG_RUN,
        counts.longest_run >= PHONE_RUN,
        counts.latin > 0,
        counts.latin > 0 && counts.han > 0,
        counts.digits > 0 && counts.latin > 0 && counts.han > 0,
        counts.laced >= LACED_AT_LEAST,
        counts.pictures > 0,
        counts.pictures > 2,
        counts.rare > 0,
        counts.han == 0,
    ];
    flags.iter().enumerate().map(|(nth, &set)| u32::from(set) << nth).sum()
}

#[derive(Default)]
struct Counts {
    digits: usize,
    longest_run: usize,
    latin: usize,
    han: usize,
    /// The longest row of letters with one symbol between any two.
    laced: usize,
    pictures: usize,
    /// Chinese characters outside the block that people use, and letters of scripts that few here can type.
    rare: usize,
}

impl Counts {
    fn of(symbols: &[char]) -> Self {
        let mut counts = Self::default();
        let (mut run, mut row, mut gap) = (0, 0, 2);
        for &c in symbols {
            let digit = c.is_ascii_digit();
            run = if digit { run + 1 } else { 0 };
            counts.longest_run = counts.longest_run.max(run);
            let han = matches!(c, '\u{4e00}'..='\u{9fff}');
            let latin = c.is_ascii_lowercase();
            counts.digits += usize::from(digit);
            counts.han += usize::from(han);
            counts.latin += usize::from(latin);
            if han || latin || digit {
                row = if gap == 1 { row + 1 } else { 0 };
                counts.laced = counts.laced.max(row);
                gap = 0;
                continue;
            }
            gap += 1;
            match c {
                '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}' => counts.pictures += 1,
                '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{3ffff}' => counts.rare += 1,
                '\u{a000}'..='\u{abff}' | '\u{16a0}'..='\u{16ff}' => counts.rare += 1,
                _ => {}
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(text: &str) -> u32 {
        let symbols: Vec<char> = text.chars().collect();
        let letters: Vec<char> = symbols.iter().copied().filter(|&c| crate::text::is_letter(c)).collect();
        of(&symbols, &letters)
    }

    #[test]
    fn each_shape_sets_its_flag() {
        assert_eq!(flags("买苹果"), 0);
        for (text, flag) in [
            ("", 0),
            ("第1页", 1),
            ("加10020", 2),
            ("1002003004", 3),
            ("a店", 5),
            ("兼-职-日-结", 7),
            ("😀", 8),
        ] {
            assert_ne!(flags(text) & 1 << flag, 0, "{text}");
        }
        assert_eq!(flags("兼职，日结") & 1 << 7, 0);
    }

    #[test]
    fn all_flags_fit() {
        for text in ["", "a1b😀😀😀", "㐀ꀀ"] {
            assert_eq!(flags(text) >> FLAGS, 0);
        }
    }
}

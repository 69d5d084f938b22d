//! Fitting text into limits: bytes for platforms, one line for logs.

/// The longest beginning of at most `limit` bytes; never half a character.
pub fn cut_to_bytes(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

/// The text if it has at most `limit` bytes; else as many whole lines of it as leave room for `more`, and that.
pub fn whole_lines(text: &str, limit: usize, more: &str) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let cut = cut_to_bytes(text, limit.saturating_sub(more.len()));
    let whole = cut.rfind('\n').filter(|at| *at > 0).map_or(cut, |at| &cut[..at]);
    format!("{whole}{more}")
}

/// One line for logs and tables: blanks and line breaks as one blank, nothing that controls a terminal or
/// the writing direction, and at most `max_chars` characters, the last of them `…` when text is missing.
pub fn one_line(text: &str, max_chars: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    let visible = text.split_whitespace().map(|word| word.chars().filter(|&c| !hides(c)));
    for word in visible {
        let mut word = word.peekable();
        let gap = (word.peek().is_some() && length > 0).then_some(' ');
        for c in gap.into_iter().chain(word) {
            if length == max_chars {
                line.pop();
                line.extend((max_chars > 0).then_some('…'));
                return line;
            }
            line.push(c);
            length += 1;
        }
    }
    line
}

/// Control characters and changes of the writing direction.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_left_whole_and_what_is_missing_is_told() {
        assert_eq!(whole_lines("一\n二\n三", 11, "\n…"), "一\n二\n三");
        assert_eq!(whole_lines("一\n二\n三", 10, "\n…"), "一\n…");
        assert_eq!(whole_lines("一二三", 8, "…"), "一…", "one line too long is cut between characters");
    }

    #[test]
    fn cuts_between_characters() {
        assert_eq!(cut_to_bytes("掌柜", 6), "掌柜");
        assert_eq!(cut_to_bytes("掌柜", 5), "掌");
        assert_eq!(cut_to_bytes("掌柜", 2), "");
    }

    #[test]
    fn one_line_is_safe_to_log() {
        assert_eq!(one_line("a\r\nERROR fake\t\u{1b}[31m\u{202e}b", 40), "a ERROR fake [31mb");
        assert_eq!(one_line("月饼多少钱", 5), "月饼多少钱");
        assert_eq!(one_line("月饼多少钱啊", 5), "月饼多少…");
        assert_eq!(one_line("月饼", 0), "");
    }

    proptest! {
        #[test]
        fn a_cut_is_the_longest_beginning(text in any::<String>(), limit in 0usize..40) {
            let cut = cut_to_bytes(&text, limit);
            prop_assert!(text.starts_with(cut) && cut.len() <= limit);
            let next = text[cut.len()..].chars().next();
            prop_assert!(next.is_none_or(|c| cut.len() + c.len_utf8() > limit));
        }

        #[test]
        fn one_line_keeps_its_promise(text in any::<String>(), max in 0usize..20) {
            let line = one_line(&text, max);
            prop_assert!(line.chars().count() <= max);
            prop_assert!(!line.chars().any(char::is_control));
        }
    }
}

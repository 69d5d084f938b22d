//! Fitting text into limits: bytes for platforms, one line for logs.

/// The smallest limit that any one character fits into.
const LONGEST_CHARACTER: usize = 4;

/// The longest beginning of at most `limit` bytes; never half a character.
pub fn cut_to_bytes(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

/// Pieces of at most `limit` bytes each, in order; together they hold the whole text but the blanks and
/// line breaks at the cuts. Cuts come at the end of a line, else of a sentence, else of a character. A
/// limit too small for one character is taken as that of the longest character.
pub fn split_to_bytes(text: &str, limit: usize) -> Vec<&str> {
    let limit = limit.max(LONGEST_CHARACTER);
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while rest.len() > limit {
        let (piece, after) = rest.split_at(cut_place(rest, limit));
        pieces.push(piece.trim_end());
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Where to cut a trimmed text that is longer than the limit; never 0.
fn cut_place(text: &str, limit: usize) -> usize {
    // The line break itself falls away, so a line may fill the limit.
    let line = text[..text.floor_char_boundary(limit + 1)].rfind('\n').filter(|&at| at <= limit);
    let window = cut_to_bytes(text, limit);
    line.or_else(|| last_sentence_end(window)).unwrap_or(window.len())
}

/// Behind the last full stop and the closing marks that belong to it.
fn last_sentence_end(window: &str) -> Option<usize> {
    let (at, mark) = window
        .char_indices()
        .rfind(|&(_, c)| matches!(c, '。' | '！' | '？' | '；' | '…' | '!' | '?' | ';'))?;
    let behind = &window[at + mark.len_utf8()..];
    let closing =
        behind.find(|c| !matches!(c, '”' | '’' | '」' | '』' | '）' | ')' | '"')).unwrap_or(behind.len());
    Some(at + mark.len_utf8() + closing)
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
    fn cuts_between_characters() {
        assert_eq!(cut_to_bytes("掌柜", 6), "掌柜");
        assert_eq!(cut_to_bytes("掌柜", 5), "掌");
        assert_eq!(cut_to_bytes("掌柜", 2), "");
    }

    #[test]
    fn prefers_lines_then_sentences_then_characters() {
        assert_eq!(split_to_bytes("第一行\n第二行\n第三行", 19), ["第一行\n第二行", "第三行"]);
        assert_eq!(split_to_bytes("你好！“来。”再见再见", 27), ["你好！“来。”", "再见再见"]);
        assert_eq!(split_to_bytes("一二三四五", 7), ["一二", "三四", "五"]);
        assert_eq!(split_to_bytes("一二", 1), ["一", "二"]);
        assert_eq!(split_to_bytes(" \n ", 10), Vec::<&str>::new());
    }

    #[test]
    fn one_line_is_safe_to_log() {
        assert_eq!(one_line("a\r\nERROR fake\t\u{1b}[31m\u{202e}b", 40), "a ERROR fake [31mb");
        assert_eq!(one_line("月饼多少钱", 5), "月饼多少钱");
        assert_eq!(one_line("月饼多少钱啊", 5), "月饼多少…");
        assert_eq!(one_line("月饼", 0), "");
    }

    fn visible(text: &str) -> String {
        text.chars().filter(|c| !c.is_whitespace()).collect()
    }

    proptest! {
        #[test]
        fn pieces_fit_and_lose_nothing(text in "[一二。！”\\n a😀]{0,60}", limit in 0usize..40) {
            let pieces = split_to_bytes(&text, limit);
            prop_assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= limit.max(LONGEST_CHARACTER)));
            prop_assert_eq!(visible(&pieces.concat()), visible(&text));
        }

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

//! A text that is too long for one message, as several: nothing is ever cut off.

/// A cut that leaves less than this part of the limit is not worth a clean boundary.
const WORTHWHILE: usize = 2;

/// Ends of sentences, where a line is too long to stay whole.
const SENTENCE_ENDS: &[char] = &['。', '！', '？', '；', '…', '!', '?', ';'];

/// The largest Unicode character in UTF-8; no limit can be smaller.
const LONGEST_CHARACTER: usize = 4;

/// Pieces of at most `limit` bytes (at least 4) that joined give `text`.
///
/// Cuts at the end of a line if there is one in the second half of a piece, else at the end of a sentence,
/// else between two characters; never inside a character, and not before what belongs to the character
/// before it (a skin tone, a variation selector, the parts of a joined emoji).
pub fn split_to_bytes(text: &str, limit: usize) -> Vec<&str> {
    let limit = limit.max(LONGEST_CHARACTER);
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > limit {
        let (piece, left) = rest.split_at(cut(rest, limit));
        pieces.push(piece);
        rest = left;
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Where to cut a text that is longer than `limit` bytes.
fn cut(text: &str, limit: usize) -> usize {
    let window = &text[..text.floor_char_boundary(limit)];
    let worthwhile = |end: &usize| *end > limit / WORTHWHILE;
    let line = window.rfind('\n').map(|at| at + '\n'.len_utf8()).filter(worthwhile);
    let sentence = || {
        let at = window.rfind(SENTENCE_ENDS)?;
        Some(at + window[at..].chars().next()?.len_utf8()).filter(worthwhile)
    };
    line.or_else(sentence).or_else(|| before_cluster(text, window.len())).unwrap_or(window.len())
}

/// The last place up to `end` where a new visible character begins.
fn before_cluster(text: &str, end: usize) -> Option<usize> {
    let mut starts = text[..end].char_indices().rev().map(|(at, _)| at);
    std::iter::once(end)
        .chain(&mut starts)
        .take(LONGEST_CLUSTER)
        .find(|at| *at > 0 && begins_cluster(text, *at))
}

/// Characters in the longest joined emoji that is in use (a family with skin tones has 10).
const LONGEST_CLUSTER: usize = 16;
const ZERO_WIDTH_JOINER: char = '\u{200d}';

fn begins_cluster(text: &str, at: usize) -> bool {
    let belongs_to_the_one_before = |c: char| matches!(c, ZERO_WIDTH_JOINER | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{300}'..='\u{36f}' | '\u{20e3}');
    !text[at..].starts_with(belongs_to_the_one_before) && !text[..at].ends_with(ZERO_WIDTH_JOINER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn joined_pieces_are_the_text_and_none_is_too_long(
            text in "([a-z \n]|[一-龥]|[。！？]|[😀👍🏽\u{200d}\u{fe0f}]){0,400}",
            limit in 0usize..120,
        ) {
            let pieces = split_to_bytes(&text, limit);
            prop_assert_eq!(pieces.concat(), text.as_str());
            prop_assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= limit.max(4)));
        }

        #[test]
        fn any_text_survives(text in ".{0,300}", limit in 4usize..64) {
            prop_assert_eq!(split_to_bytes(&text, limit).concat(), text);
        }
    }

    #[test]
    fn a_short_text_stays_whole() {
        assert_eq!(split_to_bytes("你好", 6), ["你好"]);
        assert!(split_to_bytes("", 6).is_empty());
    }

    #[test]
    fn lines_come_before_sentences_and_sentences_before_characters() {
        assert_eq!(split_to_bytes("第一行\n第二行", 12), ["第一行\n", "第二行"]);
        assert_eq!(split_to_bytes("今天打折。明天也打折", 24), ["今天打折。", "明天也打折"]);
        assert_eq!(split_to_bytes("今天打折明天", 10), ["今天打", "折明天"]);
    }

    #[test]
    fn a_joined_emoji_is_not_torn() {
        let family = "👨\u{200d}👩\u{200d}👧";
        let text = format!("一家{family}");
        assert_eq!(split_to_bytes(&text, family.len() + 3), ["一家", family]);
    }
}

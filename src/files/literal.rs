//! A TOML string as it stands in its file: from bytes of the value back to bytes of the source.

use std::ops::Range;

/// What was written between the quotes, piece by piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    value: String,
    pieces: Vec<Piece>,
}

/// A stretch of the source and what became of it: copied as it is, or one escape that became one character.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    value: Range<usize>,
    source: Range<usize>,
}

impl Literal {
    /// Reads a string with its quotes, of any of TOML's four kinds. `None` when it is no such string.
    pub fn of(source: &str) -> Option<Self> {
        let (quotes, escapes) = [("\"\"\"", true), ("'''", false), ("\"", true), ("'", false)]
            .into_iter()
            .find(|(quotes, _)| {
                source.starts_with(quotes) && source.len() >= 2 * quotes.len() && source.ends_with(quotes)
            })?;
        let many_lines = quotes.len() > 1;
        let end = source.len() - quotes.len();
        let mut start = quotes.len();
        if many_lines {
            // A line break right after the opening quotes is left out.
            let first = ["\r\n", "\n"].into_iter().find(|first| source[start..end].starts_with(first));
            start += first.map_or(0, str::len);
        }
        let mut literal = Self { value: String::new(), pieces: Vec::new() };
        literal.read(source, start..end, escapes)?;
        Some(literal)
    }

    pub fn value(&self) -> &str {
        &self.value
    }

    /// The bytes of the source that gave these bytes of the value.
    pub fn span(&self, value: Range<usize>) -> Range<usize> {
        let start = self.piece(value.start).map_or(0, |piece| {
            if piece.is_copy() {
                piece.source.start + (value.start - piece.value.start)
            } else {
                piece.source.start
            }
        });
        let Some(last) = value.end.checked_sub(1).filter(|last| *last >= value.start) else {
            return start..start;
        };
        let end = self.piece(last).map_or(start, |piece| {
            if piece.is_copy() {
                piece.source.start + (value.end - piece.value.start)
            } else {
                piece.source.end
            }
        });
        start..end.max(start)
    }

    fn piece(&self, offset: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.value.start <= offset);
        self.pieces.get(after.checked_sub(1)?)
    }

    fn read(&mut self, source: &str, inside: Range<usize>, escapes: bool) -> Option<()> {
        let mut at = inside.start;
        while at < inside.end {
            let rest = &source[at..inside.end];
            let escape = if escapes { rest.find('\\') } else { None };
            let plain = escape.unwrap_or(rest.len());
            self.copy(&rest[..plain], at);
            at += plain;
            if escape.is_some() {
                at += self.escape(&source[at..inside.end], at)?;
            }
        }
        Some(())
    }

    fn copy(&mut self, text: &str, at: usize) {
        if !text.is_empty() {
            let start = self.value.len();
            self.value.push_str(text);
            self.pieces.push(Piece { value: start..self.value.len(), source: at..at + text.len() });
        }
    }

    /// Reads what begins with a backslash and returns its length.
    fn escape(&mut self, rest: &str, at: usize) -> Option<usize> {
        let letter = rest[1..].chars().next()?;
        let digits = match letter {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            ' ' | '\t' | '\r' | '\n' => return Some(1 + line_end(&rest[1..])?),
            _ => 0,
        };
        let c = match letter {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            'e' => '\u{1b}',
            '"' | '\\' => letter,
            'x' | 'u' | 'U' => char::from_u32(u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?)?,
            _ => return None,
        };
        let start = self.value.len();
        self.value.push(c);
        self.pieces.push(Piece { value: start..self.value.len(), source: at..at + 2 + digits });
        Some(2 + digits)
    }
}

impl Piece {
    /// An escape is always longer than what it stands for.
    fn is_copy(&self) -> bool {
        self.value.len() == self.source.len()
    }
}

/// The blanks and line breaks that a backslash at the end of a line takes away; `None` when no line ends there.
fn line_end(rest: &str) -> Option<usize> {
    let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    rest[..blank].contains('\n').then_some(blank)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use toml::de::{DeTable, DeValue};

    use super::*;

    fn seen<'s>(source: &'s str, part: &str) -> &'s str {
        let literal = Literal::of(source).expect("a string");
        let start = literal.value().find(part).expect("in the value");
        &source[literal.span(start..start + part.len())]
    }

    #[test]
    fn finds_the_way_back_in_every_kind_of_string() {
        assert_eq!(seen("\"全网最低价\"", "最低"), "最低");
        assert_eq!(seen("'全网\\最低价'", "\\最"), "\\最");
        assert_eq!(seen("\"全\\u7f51\\t最低\"", "网\t最"), "\\u7f51\\t最");
        assert_eq!(seen("\"\"\"\n好\n最低\n\"\"\"", "最低"), "最低");
        assert_eq!(seen("\"\"\"\r\n好\r\n最低\"\"\"", "最低"), "最低");
        assert_eq!(seen("\"\"\"好 \\\n   \n  最低\"\"\"", "好 最低"), "好 \\\n   \n  最低");
        assert_eq!(seen("'''\n最'低''''", "低'"), "低'");
    }

    #[test]
    fn what_is_no_string_is_none() {
        for source in ["", "\"", "12", "[\"a\"]", "\"\\q\"", "\"\\u12\""] {
            assert_eq!(Literal::of(source), None, "{source:?}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_the_parser_reads(
            kind in 0_usize..4,
            inside in "([a好 \t\u{1f600}]|\\\\[btnfr\"\\\\]|\\\\u00e9|\\\\U0001f600|\\\\\n  |\r\n|\n|'|\"){0,30}",
            from in 0_usize..40, length in 0_usize..40,
        ) {
            let quotes = ["\"", "'", "\"\"\"", "'''"][kind];
            let source = format!("{quotes}{inside}{quotes}");
            let document = format!("a = {source}\n");
            let (table, errors) = DeTable::parse_recoverable(&document);
            prop_assume!(errors.is_empty());
            let value = table.get_ref().get("a").expect("the key");
            let DeValue::String(text) = value.get_ref() else { panic!("a string") };
            let written = &document[value.span()];
            let literal = Literal::of(written).expect("a string");
            prop_assert_eq!(literal.value(), &**text);
            let start = text.floor_char_boundary(from);
            let end = text.floor_char_boundary(start + length).max(start);
            let span = literal.span(start..end);
            prop_assert!(written.get(span.clone()).is_some(), "{:?}", span);
            prop_assert_eq!(start == end, span.is_empty());
        }
    }
}

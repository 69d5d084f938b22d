//! Turns the text into nodes.
//!
//! A callback is some thirty tiny pieces, read twice (envelope and message); a general reader spends
//! more time on them than decryption takes. The tests hold this one against `quick-xml`: it accepts
//! nothing that is refused there, and what both accept reads the same.

use std::borrow::Cow;

use super::{MAX_DEPTH, MAX_ELEMENTS, Node, XmlError};

/// Enough for every documented message, so that reading one allocates once.
const USUAL_ELEMENTS: usize = 16;

/// The elements of `text` in document order: exactly one of depth 0, which is first.
pub(super) fn scan(text: &str) -> Result<Vec<Node<'_>>, XmlError> {
    let mut building = Building::default();
    let mut rest = text;
    while !rest.is_empty() {
        let read = match rest.strip_prefix('<') {
            Some(markup) => building.markup(markup),
            None => building.text(rest),
        };
        rest = read.map_err(|wrong| wrong.at(text.len() - rest.len()))?;
    }
    building.finish()
}

/// An [`XmlError`] whose place is not known yet.
enum Wrong {
    Broken,
    Entity,
    Other(XmlError),
}

impl Wrong {
    fn at(self, at: usize) -> XmlError {
        match self {
            Self::Broken => XmlError::Broken { at },
            Self::Entity => XmlError::UnknownEntity { at },
            Self::Other(error) => error,
        }
    }
}

struct Building<'a> {
    nodes: Vec<Node<'a>>,
    /// Indexes of the elements that are open, each at its depth.
    open: [usize; MAX_DEPTH],
    /// How many are open.
    depth: usize,
}

impl Default for Building<'_> {
    fn default() -> Self {
        Self { nodes: Vec::with_capacity(USUAL_ELEMENTS), open: [0; MAX_DEPTH], depth: 0 }
    }
}

/// Each method reads one piece and returns what follows it.
impl<'a> Building<'a> {
    /// What comes after a `<`.
    fn markup(&mut self, markup: &'a str) -> Result<&'a str, Wrong> {
        match markup.as_bytes().first() {
            Some(b'/') => {
                let (name, rest) = split_at_byte(&markup[1..], b'>').ok_or(Wrong::Broken)?;
                self.end(name.trim_ascii_end())?;
                Ok(&rest[1..])
            }
            Some(b'!') => self.declaration(&markup[1..]),
            Some(b'?') => Ok(split_at_mark(markup, "?>")?.1),
            _ => self.tag(markup),
        }
    }

    /// What comes after a `<!`.
    fn declaration(&mut self, declaration: &'a str) -> Result<&'a str, Wrong> {
        if let Some(rest) = declaration.strip_prefix("[CDATA[") {
            let (text, rest) = split_at_mark(rest, "]]>")?;
            append(&mut self.innermost()?.text, Cow::Borrowed(text));
            Ok(rest)
        } else if let Some(rest) = declaration.strip_prefix("--") {
            Ok(split_at_mark(rest, "-->")?.1)
        } else {
            Err(Wrong::Other(XmlError::Doctype))
        }
    }

    /// A start tag or an empty element.
    fn tag(&mut self, markup: &'a str) -> Result<&'a str, Wrong> {
        let length = markup.bytes().position(|byte| !is_name_byte(byte)).ok_or(Wrong::Broken)?;
        let (name, after) = markup.split_at(length);
        if name.is_empty() {
            return Err(Wrong::Broken);
        }
        self.start(name)?;
        if let Some(rest) = after.strip_prefix('>') {
            return Ok(rest);
        }
        let (inside, rest) = split_tag(after).ok_or(Wrong::Broken)?;
        if inside.ends_with('/') {
            self.close()?;
        }
        if inside == "/" || inside.starts_with([' ', '\t', '\r', '\n']) {
            Ok(rest)
        } else {
            Err(Wrong::Broken)
        }
    }

    fn start(&mut self, name: &'a str) -> Result<(), Wrong> {
        let depth = self.depth;
        if depth == 0 && !self.nodes.is_empty() {
            return Err(Wrong::Other(XmlError::NotOneRoot));
        }
        *self.open.get_mut(depth).ok_or(Wrong::Other(XmlError::TooDeep))? = self.nodes.len();
        if self.nodes.len() >= MAX_ELEMENTS {
            return Err(Wrong::Other(XmlError::TooManyElements));
        }
        self.depth += 1;
        self.nodes.push(Node { depth, name, text: Cow::Borrowed("") });
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), Wrong> {
        if self.close()?.name == name { Ok(()) } else { Err(Wrong::Broken) }
    }

    fn close(&mut self) -> Result<&Node<'a>, Wrong> {
        self.depth = self.depth.checked_sub(1).ok_or(Wrong::Broken)?;
        Ok(&self.nodes[self.open[self.depth]])
    }

    fn innermost(&mut self) -> Result<&mut Node<'a>, Wrong> {
        let depth = self.depth.checked_sub(1).ok_or(Wrong::Other(XmlError::NotOneRoot))?;
        Ok(&mut self.nodes[self.open[depth]])
    }

    /// Bare text up to the next `<`. White space alone is layout, not content.
    fn text(&mut self, text: &'a str) -> Result<&'a str, Wrong> {
        let (text, rest) = split_at_byte(text, b'<').unwrap_or((text, ""));
        if !text.trim_ascii_start().is_empty() {
            let text = resolved(text)?;
            append(&mut self.innermost()?.text, text);
        }
        Ok(rest)
    }

    fn finish(self) -> Result<Vec<Node<'a>>, XmlError> {
        if self.nodes.is_empty() || self.depth > 0 {
            return Err(XmlError::NotOneRoot);
        }
        Ok(self.nodes)
    }
}

/// What is before an ASCII `byte`, and the rest with it. For pieces of a few bytes, where setting up a
/// search costs more than searching.
fn split_at_byte(text: &str, byte: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|other| other == byte)?;
    Some(text.split_at(place))
}

/// What is before `mark`, which is ASCII, and what is after it.
fn split_at_mark<'a>(text: &'a str, mark: &str) -> Result<(&'a str, &'a str), Wrong> {
    // A mark begins with a character that is rare in text, so looking for that one first is fastest.
    let first = *mark.as_bytes().first().ok_or(Wrong::Broken)?;
    let mut places = memchr::memchr_iter(first, text.as_bytes()).map(|place| text.split_at(place));
    places.find_map(|(before, found)| Some((before, found.strip_prefix(mark)?))).ok_or(Wrong::Broken)
}

/// More than XML takes as a name, but nothing that ends one.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | 0x80..)
}

/// What follows a tag's name, and what follows its `>`. An attribute's value may have a `>` in it.
fn split_tag(markup: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (place, byte) in markup.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some((&markup[..place], &markup[place + 1..])),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// Bare text with its references replaced.
fn resolved(text: &str) -> Result<Cow<'_, str>, Wrong> {
    let Some((before, mut rest)) = text.split_once('&') else { return Ok(Cow::Borrowed(text)) };
    let mut whole = before.to_owned();
    loop {
        let (name, after) = rest.split_once(';').ok_or(Wrong::Broken)?;
        whole.push(referred(name).ok_or(Wrong::Entity)?);
        let Some((before, after)) = after.split_once('&') else {
            whole.push_str(after);
            return Ok(Cow::Owned(whole));
        };
        whole.push_str(before);
        rest = after;
    }
}

/// The character that `&name;` stands for. Nothing but digits is a number: no sign, no NUL.
fn referred(name: &str) -> Option<char> {
    let number = |digits: &str, radix| {
        let valid = digits.chars().all(|digit| digit.is_digit(radix));
        let code = u32::from_str_radix(digits, radix).ok().filter(|&code| valid && code > 0);
        code.and_then(char::from_u32)
    };
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match name.strip_prefix("#x") {
            Some(digits) => number(digits, 16),
            None => number(name.strip_prefix('#')?, 10),
        },
    }
}

fn append<'a>(whole: &mut Cow<'a, str>, piece: Cow<'a, str>) {
    if whole.is_empty() {
        *whole = piece;
    } else {
        whole.to_mut().push_str(&piece);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::escape::resolve_predefined_entity;
    use quick_xml::events::Event;

    use crate::channels::wecom::xml::Document;

    /// The leaves as a general reader sees them; `None` where it finds anything wrong.
    fn leaves_by_quick_xml(text: &str) -> Option<Vec<(String, String)>> {
        let mut reader = Reader::from_str(text);
        let mut leaves: Vec<(String, String)> = Vec::new();
        let mut in_leaf = false;
        loop {
            let piece = match reader.read_event().ok()? {
                Event::Start(tag) => {
                    leaves.push((tag.name().0.to_owned(), String::new()));
                    in_leaf = true;
                    continue;
                }
                Event::End(_) => {
                    in_leaf = false;
                    continue;
                }
                Event::Text(text) if text.trim_ascii().is_empty() => continue,
                Event::Text(text) => text.into_inner().into_owned(),
                Event::CData(text) => text.into_inner().into_owned(),
                Event::GeneralRef(name) => match name.resolve_char_ref().ok()? {
                    Some(character) => character.to_string(),
                    None => resolve_predefined_entity(&name)?.to_owned(),
                },
                Event::Eof => return Some(leaves),
                _ => continue,
            };
            if let Some((_, text)) = leaves.last_mut().filter(|_| in_leaf) {
                text.push_str(&piece);
            }
        }
    }

    /// A leaf's text in one of its spellings.
    fn spelled() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[^<&\\]\\s]{1,8}",
            "[^\\]]{1,8}".prop_map(|text| format!("<![CDATA[{text}]]>")),
            "&(amp|lt|gt|quot|apos|#[1-9][0-9]{0,3}|#x[1-9A-F][0-9a-f]{0,2});",
        ];
        prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn a_general_reader_reads_the_same(leaves in prop::collection::vec(("[A-Za-z_]{1,9}", spelled()), 1..20)) {
            let leaves: Vec<_> =
                leaves.iter().map(|(name, text)| format!("<{name} a='>'>{text}</{name} >")).collect();
            let text = format!("<?xml version='1.0'?><xml><!-- - -->{}</xml>", leaves.concat());
            let document = Document::parse(&text).unwrap();
            let read = document.root().children().map(|leaf| (leaf.name().to_owned(), leaf.text().to_owned()));
            let read = std::iter::once(("xml".to_owned(), String::new())).chain(read).collect();
            prop_assert_eq!(Some(read), leaves_by_quick_xml(&text));
        }

        #[test]
        fn what_a_general_reader_refuses_is_refused(
            text in "<a>(<[a-c]( x='[<>]?')?/?>|</[a-c] ?>|<!\\[CDATA\\[|\\]\\]>|&[a-z#0-9]{0,4};?|[<>a\\]! ?-]){0,9}</a>"
        ) {
            if Document::parse(&text).is_ok() {
                prop_assert!(leaves_by_quick_xml(&text).is_some(), "{}", text);
            }
        }
    }
}

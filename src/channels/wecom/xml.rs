//! Reads a callback's XML in one pass, safely.
//!
//! The grammar is smaller than XML, on purpose: elements, text, CDATA, character references and the
//! five predefined entities. A DOCTYPE is refused, so there is nothing to expand or fetch; size, depth
//! and number of elements are limited; attributes, comments and processing instructions are passed
//! over. A value may be CDATA, bare text or both (§2.2, §9).
//!
//! It has a scanner of its own because a callback is some thirty tiny events, read twice (envelope
//! and message): a general reader spends more time on them than decryption takes. The tests hold the
//! scanner against `quick-xml`.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Far above a real callback (a few KiB); the web edge limits bodies before.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The deepest documented element is at depth 5 (SelectedItems … OptionId).
pub const MAX_DEPTH: usize = 16;
/// A member list of the largest group (2000) fits several times.
pub const MAX_ELEMENTS: usize = 10_000;

/// Enough for every documented message, so that reading one allocates once.
const USUAL_ELEMENTS: usize = 16;

/// Why a text is not taken as XML. Positions only: the content may be a member's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    #[error("the XML is longer than {MAX_BYTES} bytes")]
    TooLong,
    #[error("the XML is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("the XML has more than {MAX_ELEMENTS} elements")]
    TooManyElements,
    #[error("the XML has a DOCTYPE, which is refused")]
    Doctype,
    #[error("the XML has an unknown entity after byte {at}")]
    UnknownEntity { at: usize },
    #[error("the XML does not have exactly one root element")]
    NotOneRoot,
    #[error("the XML is broken at byte {at}")]
    Broken { at: usize },
}

/// A document that was read whole.
#[derive(Debug)]
pub struct Document<'a> {
    /// In document order; the root is first and the only one of depth 0.
    nodes: Vec<Node<'a>>,
}

#[derive(Debug)]
struct Node<'a> {
    depth: usize,
    name: &'a str,
    text: Cow<'a, str>,
}

impl<'a> Document<'a> {
    pub fn parse(text: &'a str) -> Result<Self, XmlError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.len() > MAX_BYTES {
            return Err(XmlError::TooLong);
        }
        let mut building = Building { nodes: Vec::with_capacity(USUAL_ELEMENTS), open: Vec::new() };
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

    pub fn root(&self) -> Element<'_> {
        Element { nodes: &self.nodes }
    }
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
    /// Indexes of the open elements, the innermost last.
    open: Vec<usize>,
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
        let (tag, rest) = split_tag(markup)?;
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let name = tag.split_ascii_whitespace().next().filter(|name| tag.starts_with(name));
        let name = name.filter(|name| !name.contains(['<', '/', '&', '=', '"', '\'']));
        self.start(name.ok_or(Wrong::Broken)?)?;
        if empty {
            self.open.pop();
        }
        Ok(rest)
    }

    fn start(&mut self, name: &'a str) -> Result<(), Wrong> {
        let depth = self.open.len();
        if depth == 0 && !self.nodes.is_empty() {
            return Err(Wrong::Other(XmlError::NotOneRoot));
        }
        if depth >= MAX_DEPTH {
            return Err(Wrong::Other(XmlError::TooDeep));
        }
        if self.nodes.len() >= MAX_ELEMENTS {
            return Err(Wrong::Other(XmlError::TooManyElements));
        }
        self.open.push(self.nodes.len());
        self.nodes.push(Node { depth, name, text: Cow::Borrowed("") });
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), Wrong> {
        let index = self.open.pop().ok_or(Wrong::Broken)?;
        if self.nodes[index].name == name { Ok(()) } else { Err(Wrong::Broken) }
    }

    fn innermost(&mut self) -> Result<&mut Node<'a>, Wrong> {
        let index = *self.open.last().ok_or(Wrong::Other(XmlError::NotOneRoot))?;
        Ok(&mut self.nodes[index])
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

    fn finish(self) -> Result<Document<'a>, XmlError> {
        if self.nodes.is_empty() || !self.open.is_empty() {
            return Err(XmlError::NotOneRoot);
        }
        Ok(Document { nodes: self.nodes })
    }
}

/// What is before an ASCII `byte`, and the rest with it. For pieces of a few bytes, where setting up a
/// search costs more than searching.
fn split_at_byte(text: &str, byte: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|other| other == byte)?;
    Some(text.split_at(place))
}

/// What is before `mark`, and what is after it.
fn split_at_mark<'a>(text: &'a str, mark: &str) -> Result<(&'a str, &'a str), Wrong> {
    // A mark begins with a character that is rare in text, so looking for that one first is fastest.
    let first = mark.chars().next().ok_or(Wrong::Broken)?;
    let mut places = text.match_indices(first).map(|(place, _)| text.split_at(place));
    places.find_map(|(before, found)| Some((before, found.strip_prefix(mark)?))).ok_or(Wrong::Broken)
}

/// The inside of a tag, and what is after its `>`. An attribute's value may have a `>` in it.
fn split_tag(markup: &str) -> Result<(&str, &str), Wrong> {
    let mut quote = None;
    for (place, byte) in markup.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Ok((&markup[..place], &markup[place + 1..])),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    Err(Wrong::Broken)
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

/// One element with everything inside it.
#[derive(Clone, Copy, Debug)]
pub struct Element<'d> {
    /// The element itself, then its descendants; never empty.
    nodes: &'d [Node<'d>],
}

impl<'d> Element<'d> {
    pub fn name(self) -> &'d str {
        self.nodes[0].name
    }

    /// The element's own text; empty for one that holds elements.
    pub fn text(self) -> &'d str {
        if self.is_leaf() { &self.nodes[0].text } else { "" }
    }

    pub fn is_leaf(self) -> bool {
        self.nodes.len() == 1
    }

    pub fn children(self) -> impl Iterator<Item = Element<'d>> {
        let depth = self.nodes[0].depth + 1;
        let inner = self.nodes.iter().enumerate().skip(1);
        inner.filter(move |(_, node)| node.depth == depth).map(move |(index, _)| self.inside(index))
    }

    /// The element whose own node is at `index`, with its descendants.
    fn inside(self, index: usize) -> Element<'d> {
        let nodes = &self.nodes[index..];
        let depth = nodes[0].depth;
        let end = nodes[1..].iter().position(|node| node.depth <= depth);
        Element { nodes: end.map_or(nodes, |end| &nodes[..=end]) }
    }

    /// The first child of that name.
    pub fn child(self, name: &str) -> Option<Element<'d>> {
        let depth = self.nodes[0].depth + 1;
        let index = self.nodes.iter().position(|node| node.depth == depth && node.name == name);
        index.map(|index| self.inside(index))
    }

    /// The text of the first child of that name; `None` when it is missing or empty.
    pub fn value(self, name: &str) -> Option<&'d str> {
        self.child(name).map(Element::text).filter(|text| !text.is_empty())
    }

    /// The whole number in the first child of that name.
    pub fn integer(self, name: &str) -> Option<i64> {
        self.value(name)?.trim().parse().ok()
    }

    /// Every element inside, in document order: depth, name, text.
    pub fn descendants(self) -> impl Iterator<Item = (usize, &'d str, &'d str)> {
        self.nodes[1..].iter().map(|node| (node.depth, node.name, &*node.text))
    }

    /// Every text inside with its path: `ScanCodeInfo.ScanResult`, and for a repeated element
    /// `SelectedItems.SelectedItem`, `SelectedItems.SelectedItem[2]`, …
    pub fn leaves(self) -> Vec<(String, &'d str)> {
        let mut leaves = Vec::new();
        self.collect_leaves("", &mut leaves);
        leaves
    }

    fn collect_leaves(self, prefix: &str, leaves: &mut Vec<(String, &'d str)>) {
        let mut seen = BTreeMap::new();
        for child in self.children() {
            let count = seen.entry(child.name()).and_modify(|count| *count += 1).or_insert(1_usize);
            let path = path(prefix, child.name(), *count);
            if child.is_leaf() {
                leaves.push((path, child.text()));
            } else {
                child.collect_leaves(&path, leaves);
            }
        }
    }
}

/// The name of the `count`-th (from 1) `name` under `prefix`; the first carries no number.
pub(super) fn path(prefix: &str, name: &str, count: usize) -> String {
    let dot = if prefix.is_empty() || name.is_empty() { "" } else { "." };
    if count == 1 { format!("{prefix}{dot}{name}") } else { format!("{prefix}{dot}{name}[{count}]") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::escape::resolve_predefined_entity;
    use quick_xml::events::Event;

    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, XmlError> {
        let document = Document::parse(text)?;
        Ok(document.root().leaves().into_iter().map(|(path, text)| (path, text.to_owned())).collect())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn cdata_bare_text_and_both_are_values() {
        let text = "\u{feff}<?xml version=\"1.0\"?>\n<xml><!-- c --><A><![CDATA[ a<b ]]></A><B>1</B>\
                    <C> <![CDATA[x]]>\n<![CDATA[y]]> </C><D/><E></E></xml>\n";
        let expected = pairs(&[("A", " a<b "), ("B", "1"), ("C", "xy"), ("D", ""), ("E", "")]);
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn references_are_resolved_and_entities_refused() {
        let text = "<xml><A>a &amp; b&#x4f60;&#22909; &lt;&gt;&quot;&apos;</A></xml>";
        assert_eq!(read(text), Ok(pairs(&[("A", "a & b你好 <>\"'")])));
        assert!(matches!(read("<xml><A>&boom;</A></xml>"), Err(XmlError::UnknownEntity { .. })));
        assert!(matches!(read("<xml><A>&#0;</A></xml>"), Err(XmlError::UnknownEntity { .. })));
    }

    #[test]
    fn nested_and_repeated_elements_have_paths() {
        let text = "<xml a='1'>\n <P b=\"2\">\n <I><N>1</N></I>\n <I><N>2</N><N>3</N></I> </P> <Q/> </xml>";
        let expected = pairs(&[("P.I.N", "1"), ("P.I[2].N", "2"), ("P.I[2].N[2]", "3"), ("Q", "")]);
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn what_is_not_one_well_formed_element_is_refused() {
        assert_eq!(read("<!DOCTYPE x [<!ENTITY a 'b'>]><xml/>"), Err(XmlError::Doctype));
        for text in ["", "  ", "hello", "<a/><b/>", "<a>", "<a/>x", "x<a/>"] {
            assert_eq!(read(text), Err(XmlError::NotOneRoot), "{text}");
        }
        for text in ["<a></b>", "</a>", "<a><b></a>", "<a>&amp</a>", "<a", "<a><![CDATA[x</a>"] {
            assert!(matches!(read(text), Err(XmlError::Broken { .. })), "{text}: {:?}", read(text));
        }
    }

    #[test]
    fn depth_size_and_number_are_limited() {
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(read(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(read(&nested(MAX_DEPTH + 1)), Err(XmlError::TooDeep));
        let many = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
        assert!(read(&many(MAX_ELEMENTS - 1)).is_ok());
        assert_eq!(read(&many(MAX_ELEMENTS)), Err(XmlError::TooManyElements));
        assert_eq!(read(&format!("<a>{}</a>", "x".repeat(MAX_BYTES))), Err(XmlError::TooLong));
    }

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
            if read(&text).is_ok() {
                prop_assert!(leaves_by_quick_xml(&text).is_some(), "{}", text);
            }
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let _ = read(&text);
        }
    }
}

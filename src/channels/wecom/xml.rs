//! Reads a callback's XML in one pass, safely.
//!
//! No DOCTYPE and so no entities but the five of XML and character references; size, depth and
//! number of elements are limited; attributes, comments and processing instructions are passed
//! over. A value may be CDATA, bare text or both (§2.2, §9). The result is one flat list in document
//! order that borrows from the input; [`Element`] walks it like a tree.

use std::borrow::Cow;
use std::collections::BTreeMap;

use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::Reader;

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
    #[error("the XML has an unknown entity before byte {at}")]
    UnknownEntity { at: u64 },
    #[error("the XML does not have exactly one root element")]
    NotOneRoot,
    #[error("the XML is broken at byte {at}")]
    Broken { at: u64 },
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
    /// White space around a CDATA section is layout, not content.
    has_cdata: bool,
}

impl<'a> Document<'a> {
    pub fn parse(text: &'a str) -> Result<Self, XmlError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.len() > MAX_BYTES {
            return Err(XmlError::TooLong);
        }
        let mut reader = Reader::from_str(text);
        let mut building = Building { nodes: Vec::with_capacity(USUAL_ELEMENTS), open: Vec::new() };
        loop {
            let at = reader.buffer_position();
            let event = reader.read_event().map_err(|_| XmlError::Broken { at: reader.error_position() })?;
            match event {
                Event::Start(tag) => building.start(name_at(text, at, tag.name().0.len())?)?,
                Event::Empty(tag) => {
                    building.start(name_at(text, at, tag.name().0.len())?)?;
                    building.open.pop();
                }
                Event::End(_) => drop(building.open.pop()),
                Event::Text(text) => building.text(text.into_inner())?,
                Event::CData(text) => building.cdata(text.into_inner())?,
                Event::GeneralRef(reference) => {
                    building.character(resolve(&reference).ok_or(XmlError::UnknownEntity { at })?)?;
                }
                Event::DocType(_) => return Err(XmlError::Doctype),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::Eof => break,
            }
        }
        building.finish()
    }

    pub fn root(&self) -> Element<'_> {
        Element { nodes: &self.nodes }
    }
}

/// The tag's name as a slice of the input: a tag begins where the event before it ended.
fn name_at(text: &str, at: u64, length: usize) -> Result<&str, XmlError> {
    let begin = usize::try_from(at).ok().and_then(|at| at.checked_add(1));
    begin.and_then(|begin| text.get(begin..begin + length)).ok_or(XmlError::Broken { at })
}

fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    match &**reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    }
}

struct Building<'a> {
    nodes: Vec<Node<'a>>,
    /// Indexes of the open elements, the innermost last.
    open: Vec<usize>,
}

impl<'a> Building<'a> {
    fn start(&mut self, name: &'a str) -> Result<(), XmlError> {
        let depth = self.open.len();
        if depth == 0 && !self.nodes.is_empty() {
            return Err(XmlError::NotOneRoot);
        }
        if depth >= MAX_DEPTH {
            return Err(XmlError::TooDeep);
        }
        if self.nodes.len() >= MAX_ELEMENTS {
            return Err(XmlError::TooManyElements);
        }
        self.open.push(self.nodes.len());
        self.nodes.push(Node { depth, name, text: Cow::Borrowed(""), has_cdata: false });
        Ok(())
    }

    fn innermost(&mut self) -> Result<&mut Node<'a>, XmlError> {
        let index = *self.open.last().ok_or(XmlError::NotOneRoot)?;
        self.nodes.get_mut(index).ok_or(XmlError::NotOneRoot)
    }

    fn text(&mut self, text: Cow<'a, str>) -> Result<(), XmlError> {
        let blank = text.trim_ascii().is_empty();
        if blank && self.open.is_empty() {
            return Ok(());
        }
        let node = self.innermost()?;
        if !(blank && node.has_cdata) {
            append(&mut node.text, text);
        }
        Ok(())
    }

    fn cdata(&mut self, text: Cow<'a, str>) -> Result<(), XmlError> {
        let node = self.innermost()?;
        if !node.has_cdata && node.text.trim_ascii().is_empty() {
            node.text = Cow::Borrowed("");
        }
        node.has_cdata = true;
        append(&mut node.text, text);
        Ok(())
    }

    fn character(&mut self, character: char) -> Result<(), XmlError> {
        self.innermost()?.text.to_mut().push(character);
        Ok(())
    }

    fn finish(self) -> Result<Document<'a>, XmlError> {
        if self.nodes.is_empty() || !self.open.is_empty() {
            return Err(XmlError::NotOneRoot);
        }
        Ok(Document { nodes: self.nodes })
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
        let inner = &self.nodes[1..];
        let mut begin = 0;
        std::iter::from_fn(move || {
            let rest = inner.get(begin..).filter(|rest| !rest.is_empty())?;
            let length = 1 + rest[1..].iter().take_while(|node| node.depth > depth).count();
            begin += length;
            Some(Element { nodes: &rest[..length] })
        })
    }

    /// The first child of that name.
    pub fn child(self, name: &str) -> Option<Element<'d>> {
        self.children().find(|child| child.name() == name)
    }

    /// The text of the first child of that name; `None` when it is missing or empty.
    pub fn value(self, name: &str) -> Option<&'d str> {
        self.child(name).map(Element::text).filter(|text| !text.is_empty())
    }

    /// The whole number in the first child of that name.
    pub fn integer(self, name: &str) -> Option<i64> {
        self.value(name)?.trim().parse().ok()
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

    proptest! {
        #[test]
        fn never_panics(text in "(<[a-c]>|</[a-c]>|<!\\[CDATA\\[|\\]\\]>|&amp;|&|<|>|\\PC){0,40}") {
            let _ = read(&text);
        }

        #[test]
        fn any_text_survives_cdata(text in "[^\\]]*") {
            let document = format!("<xml><A><![CDATA[{text}]]></A></xml>");
            prop_assert_eq!(read(&document), Ok(vec![("A".to_owned(), text)]));
        }
    }
}

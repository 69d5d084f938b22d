//! Reads a callback's XML in one pass, safely.
//!
//! The grammar is smaller than XML, on purpose: elements, text, CDATA, character references and the
//! five predefined entities. A DOCTYPE is refused, so there is nothing to expand or fetch; size, depth
//! and number of elements are limited; attributes, comments and processing instructions are passed
//! over. A value may be CDATA, bare text or both (§2.2, §9). The result is one flat list in document
//! order that borrows from the input; [`Element`] walks it like a tree.

mod scanner;

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Far above a real callback (a few KiB); the web edge limits bodies before.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The deepest documented element is at depth 5 (SelectedItems … OptionId).
pub const MAX_DEPTH: usize = 16;
/// A member list of the largest group (2000) fits several times.
pub const MAX_ELEMENTS: usize = 10_000;

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
    /// Reads a whole document; a byte order mark before it is passed over.
    pub fn parse(text: &'a str) -> Result<Self, XmlError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.len() > MAX_BYTES {
            return Err(XmlError::TooLong);
        }
        Ok(Self { nodes: scanner::scan(text)? })
    }

    pub fn root(&self) -> Element<'_> {
        Element { nodes: &self.nodes }
    }

    /// The text of the root's first child of that name, without a copy where the input has it whole.
    pub fn into_value(self, name: &str) -> Option<Cow<'a, str>> {
        self.nodes.into_iter().find(|node| node.depth == 1 && node.name == name).map(|node| node.text)
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
        self.leaves_without(&[])
    }

    /// The same without the children of these names.
    pub fn leaves_without(self, names: &[&str]) -> Vec<(String, &'d str)> {
        let mut leaves = Vec::new();
        self.collect_leaves("", names, &mut leaves);
        leaves
    }

    fn collect_leaves(self, prefix: &str, without: &[&str], leaves: &mut Vec<(String, &'d str)>) {
        let mut seen = BTreeMap::new();
        for child in self.children().filter(|child| !without.contains(&child.name())) {
            let count = seen.entry(child.name()).and_modify(|count| *count += 1).or_insert(1_usize);
            let path = path(prefix, child.name(), *count);
            if child.is_leaf() {
                leaves.push((path, child.text()));
            } else {
                child.collect_leaves(&path, &[], leaves);
            }
        }
    }
}

/// The name of the `count`-th (from 1) `name` under `prefix`; the first carries no number.
pub(super) fn path(prefix: &str, name: &str, count: usize) -> String {
    let dot = if prefix.is_empty() || name.is_empty() { "" } else { "." };
    let path = [prefix, dot, name].concat();
    if count == 1 { path } else { format!("{path}[{count}]") }
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
        for text in [
            "<a></b>",
            "</a>",
            "<>",
            "< a/>",
            "<a/b></a>",
            "<a'>'></a>",
            "<a&/>",
            "<a><b></a>",
            "<a>&amp</a>",
            "<a",
            "<a><![CDATA[x</a>",
        ] {
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
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let _ = read(&text);
        }
    }
}

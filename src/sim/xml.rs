//! The little XML that callbacks and passive replies need.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::XmlVersion::Implicit1_0;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

/// Passive replies are three levels deep at most (wecom-receive.md §2.3); more is not a reply.
const DEPTH: usize = 8;

/// Member text inside an element: CDATA, with its end mark split and what XML 1.0 forbids left out.
pub fn cdata(text: &str) -> String {
    let allowed = |letter: &char| matches!(letter, '\t' | '\n' | '\r') || !letter.is_control();
    let clean: String = text.chars().filter(allowed).collect();
    format!("<![CDATA[{}]]>", clean.replace("]]>", "]]]]><![CDATA[>"))
}

/// `<name><![CDATA[text]]></name>`
pub fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", cdata(text))
}

/// The text of every element by its path below the root: `Text/Content` → `你好`.
///
/// # Errors
/// A sentence for the callback log when the text is not one XML element without a DTD.
pub fn texts(document: &str) -> Result<BTreeMap<String, String>, String> {
    let mut reader = Reader::from_str(document);
    let mut path: Vec<String> = Vec::new();
    let mut texts = BTreeMap::new();
    loop {
        let piece = match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) if path.len() < DEPTH => {
                path.push(start.name().into_inner().to_owned());
                continue;
            }
            Event::Start(_) => return Err("nested too deeply".into()),
            Event::End(_) => {
                path.pop();
                continue;
            }
            Event::DocType(_) => return Err("a DTD is not allowed".into()),
            Event::Eof if path.is_empty() => return Ok(texts),
            Event::Eof => return Err("the last element is not closed".into()),
            Event::Text(text) if text.trim().is_empty() && text.contains('\n') => continue, // layout
            Event::Text(text) => text.xml_content(Implicit1_0).into_owned(),
            Event::CData(text) => text.xml_content(Implicit1_0).into_owned(),
            Event::GeneralRef(reference) => resolve(&reference)?,
            _ => continue,
        };
        if let Some((_root, inner)) = path.split_first() {
            texts.entry(inner.join("/")).or_insert_with(String::new).push_str(&piece);
        }
    }
}

fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, String> {
    if let Some(letter) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(letter.to_string());
    }
    let entity = resolve_xml_entity(reference).map(str::to_owned);
    entity.ok_or_else(|| format!("the entity &{}; is not known", &**reference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_paths_cdata_and_entities() {
        let document = "<xml><MsgType><![CDATA[text]]></MsgType>\n <Text><Content>a &amp; <![CDATA[<b>]]></Content></Text></xml>";
        let texts = texts(document).unwrap();
        assert_eq!(texts["MsgType"], "text");
        assert_eq!(texts["Text/Content"], "a & <b>");
    }

    #[test]
    fn member_text_stays_text() {
        let hostile = "a]]><Event>x</Event>\u{0}&<";
        let texts = texts(&format!("<xml>{}</xml>", element("Content", hostile))).unwrap();
        assert_eq!(texts["Content"], "a]]><Event>x</Event>&<");
        assert!(!texts.contains_key("Event"));
    }

    #[test]
    fn refuses_what_is_not_a_reply() {
        for document in ["<xml><a>", "<!DOCTYPE x><xml/>", "<xml><a>&nbsp;</a></xml>"] {
            assert!(super::texts(document).is_err(), "{document}");
        }
    }
}

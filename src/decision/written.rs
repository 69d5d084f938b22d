//! PURE. Acts as earlier versions wrote them to disk: they must stay readable for as long as they are kept.
//!
//! Until parts came, a message was `text` and a `markdown` flag, and what a person had to paste was a
//! string.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::Part;
use super::event::MemberId;

/// A message, by its part or the old way.
#[derive(Deserialize)]
struct Written {
    part: Option<Part>,
    text: Option<String>,
    #[serde(default)]
    markdown: bool,
    to: Option<MemberId>,
    #[serde(default)]
    mentions: Vec<MemberId>,
}

impl Written {
    fn part<E: Error>(part: Option<Part>, text: Option<String>, markdown: bool) -> Result<Part, E> {
        let words = |text| if markdown { Part::Markdown { text } } else { Part::Text { text } };
        part.or_else(|| text.map(words)).ok_or_else(|| E::missing_field("part"))
    }
}

/// The fields of [`super::Act::Post`].
pub(super) fn post<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(Part, Vec<MemberId>), D::Error> {
    let Written { part, text, markdown, mentions, .. } = Written::deserialize(deserializer)?;
    Ok((Written::part(part, text, markdown)?, mentions))
}

/// The fields of [`super::Act::Tell`].
pub(super) fn tell<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(MemberId, Part), D::Error> {
    let Written { part, text, markdown, to, .. } = Written::deserialize(deserializer)?;
    let to = to.ok_or_else(|| D::Error::missing_field("to"))?;
    Ok((to, Written::part(part, text, markdown)?))
}

/// What a task asks to post.
pub(super) fn paste<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<Part>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Paste {
        Text(String),
        Part(Box<Part>),
    }
    let paste = Option::<Paste>::deserialize(deserializer)?;
    Ok(paste.map(|paste| match paste {
        Paste::Text(text) => Box::new(Part::Text { text }),
        Paste::Part(part) => part,
    }))
}

//! What a message holds, whatever ear heard it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a message holds: its kind, everything in it that can be read, and the kind's own fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Content {
    pub kind: ContentKind,
    /// All readable text, in order: the text itself, a link's title, description and address, a
    /// file's name, the lines of a chat record. Perception reads this and nothing else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The payload's own fields by the platform's names (`media_id`, `sdkfileid`, `link_url` …).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Value>,
}

impl Content {
    pub fn text(text: impl Into<String>) -> Self {
        Self { kind: ContentKind::Text, text: text.into(), fields: BTreeMap::new() }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContentKind {
    #[default]
    Text,
    Markdown,
    Image,
    Voice,
    Video,
    File,
    Location,
    Link,
    MiniProgram,
    /// A person's or a company's card.
    Card,
    Emotion,
    ChatRecord,
    Mixed,
    RedPacket,
    Todo,
    Vote,
    Form,
    Meeting,
    Document,
    News,
    Calendar,
    Call,
    /// A post of a video account (视频号).
    ChannelsPost,
    /// A button or attachment of an old group robot was tapped.
    Attachment,
    /// 同意 or 不同意 of conversation archiving.
    Consent,
    /// A kind the protocol page does not describe.
    Other,
}

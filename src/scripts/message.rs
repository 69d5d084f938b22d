//! What one message of a script holds, of every kind that the platform sends.

use super::Part;

/// A message as the brand wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptMessage {
    /// The variant that it belongs to; `None` = it is sent with every one.
    pub variant: Option<String>,
    /// Its texts are templates: `{{ store.name }}` and the like.
    pub content: Part,
}

impl ScriptMessage {
    /// A plain text of every variant.
    pub fn text(text: impl Into<String>) -> Self {
        Self { variant: None, content: Part::Text { text: text.into() } }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    Text,
    Markdown,
    Image,
    Link,
    MiniProgram,
    Video,
    File,
}

impl MessageKind {
    /// What staff call it.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Text => "文字",
            Self::Markdown => "带格式的文字",
            Self::Image => "图片",
            Self::Link => "链接",
            Self::MiniProgram => "小程序",
            Self::Video => "视频",
            Self::File => "文件",
        }
    }
}

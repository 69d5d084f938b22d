//! What one message of a script holds, of every kind that the platform sends.

use serde::{Deserialize, Serialize};

/// A message as the brand wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptMessage {
    /// The variant that it belongs to; `None` = it is sent with every one.
    pub variant: Option<String>,
    /// Its texts are templates: `{{ store.name }}` and the like.
    pub content: Content,
}

impl ScriptMessage {
    /// A plain text of every variant.
    pub fn text(text: impl Into<String>) -> Self {
        Self { variant: None, content: Content::Text { text: text.into() } }
    }
}

/// A message of a script, ready to be sent or pasted: its texts are final.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filled {
    pub content: Content,
}

/// One platform message (wecom-send.md §3.2, §5.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    Text {
        text: String,
    },
    Markdown {
        text: String,
    },
    Image {
        file: MediaFile,
    },
    Video {
        file: MediaFile,
        title: String,
        /// May be empty.
        description: String,
    },
    File {
        file: MediaFile,
    },
    Link {
        title: String,
        /// May be empty.
        description: String,
        url: String,
        picture: Option<MediaFile>,
    },
    MiniProgram {
        title: String,
        /// May be empty.
        description: String,
        appid: String,
        page: String,
        picture: Option<MediaFile>,
    },
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

/// A file beside the scripts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MediaFile {
    /// Where it stands in the tree: `bot-scripts/promotion/media/月饼.png`.
    pub name: String,
    /// Of its content, lower-case hex: what is sent is what was reviewed.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

impl MediaFile {
    /// The name without its folders, as the receiver of a file sees it.
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

impl Content {
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Text { .. } => MessageKind::Text,
            Self::Markdown { .. } => MessageKind::Markdown,
            Self::Image { .. } => MessageKind::Image,
            Self::Video { .. } => MessageKind::Video,
            Self::File { .. } => MessageKind::File,
            Self::Link { .. } => MessageKind::Link,
            Self::MiniProgram { .. } => MessageKind::MiniProgram,
        }
    }

    /// Its texts, each with the key under which it is written.
    pub fn texts(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Text { text } | Self::Markdown { text } => vec![("text", text)],
            Self::Image { .. } | Self::File { .. } => Vec::new(),
            Self::Video { title, description, .. } => vec![("title", title), ("description", description)],
            Self::Link { title, description, url, .. } => {
                vec![("title", title), ("description", description), ("url", url)]
            }
            Self::MiniProgram { title, description, appid, page, .. } => {
                vec![("title", title), ("description", description), ("appid", appid), ("page", page)]
            }
        }
    }

    /// The file that goes with it.
    pub fn file(&self) -> Option<&MediaFile> {
        match self {
            Self::Text { .. } | Self::Markdown { .. } => None,
            Self::Image { file } | Self::Video { file, .. } | Self::File { file } => Some(file),
            Self::Link { picture, .. } | Self::MiniProgram { picture, .. } => picture.as_ref(),
        }
    }

    /// The same with every text replaced; stops at the first error.
    pub fn try_map<E>(&self, mut text_of: impl FnMut(&str) -> Result<String, E>) -> Result<Self, E> {
        let mut made = self.clone();
        for text in made.texts_mut() {
            *text = text_of(text)?;
        }
        Ok(made)
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            Self::Text { text } | Self::Markdown { text } => vec![text],
            Self::Image { .. } | Self::File { .. } => Vec::new(),
            Self::Video { title, description, .. } => vec![title, description],
            Self::Link { title, description, url, .. } => vec![title, description, url],
            Self::MiniProgram { title, description, appid, page, .. } => {
                vec![title, description, appid, page]
            }
        }
    }

    /// Nothing to say: a text whose every part was left out.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Text { text } | Self::Markdown { text } if text.is_empty())
    }
}

impl Filled {
    pub fn kind(&self) -> MessageKind {
        self.content.kind()
    }

    /// What a person pastes or, for media, what tells the person which message belongs here.
    pub fn paste(&self) -> String {
        let kind = self.kind().chinese();
        match &self.content {
            Content::Text { text } | Content::Markdown { text } => text.clone(),
            Content::Image { file } | Content::File { file } => format!("〔{kind}：{}〕", file.file_name()),
            Content::Video { file, title, .. } => format!("〔{kind}：{title}（{}）〕", file.file_name()),
            Content::Link { title, description, url, .. } => [title, description, url]
                .into_iter()
                .filter(|line| !line.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join("\n"),
            Content::MiniProgram { title, .. } => format!("〔{kind}：{title}〕"),
        }
    }
}

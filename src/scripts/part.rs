//! PURE. One platform message of any kind, as data: what is said, and which file goes with it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::MessageKind;

/// One platform message (wecom-send.md §3.2, §4.4, §5.2). Which hand can send which kind is said by
/// `decision::Hand::can`; sizes and lengths are checked by the hands, whose limits differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Text {
        text: String,
    },
    /// The platform's subset of markdown (§3.5).
    Markdown {
        text: String,
    },
    /// JPG or PNG.
    Image {
        file: MediaFile,
    },
    /// MP4.
    Video {
        file: MediaFile,
        /// May be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        title: String,
        /// May be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        description: String,
    },
    /// Shown under the file's own name.
    File {
        file: MediaFile,
    },
    /// Sent as `news` with one article.
    Link {
        title: String,
        /// May be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        description: String,
        url: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picture: Option<MediaFile>,
    },
    /// Sent as `news` whose article opens a mini-program: unlike `miniprogram_notice` it has a
    /// picture and takes titles of any length.
    MiniProgram {
        title: String,
        /// May be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        description: String,
        /// It must be linked to the app.
        appid: String,
        page: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picture: Option<MediaFile>,
    },
}

/// A file of the script library, by name and content. What is sent is what was reviewed: a file whose
/// content has changed since is not the same one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MediaFile {
    /// Below the scripts folder: `bot-scripts/promotion/media/mooncake.jpg`.
    pub name: String,
    /// Of the content, lower-case hex.
    pub sha256: String,
}

impl MediaFile {
    /// The name without its folders, as people know it.
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

impl Part {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

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

    /// The file that goes with it, also a link's picture.
    pub fn file(&self) -> Option<&MediaFile> {
        match self {
            Self::Text { .. } | Self::Markdown { .. } => None,
            Self::Image { file } | Self::Video { file, .. } | Self::File { file } => Some(file),
            Self::Link { picture, .. } | Self::MiniProgram { picture, .. } => picture.as_ref(),
        }
    }

    /// It is nothing but words: a person can write it as well as we.
    pub fn is_words(&self) -> bool {
        matches!(self, Self::Text { .. } | Self::Markdown { .. })
    }

    /// What a person can copy and paste into a chat; nothing of a picture, a file or a mini-program.
    pub fn paste(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text { text } | Self::Markdown { text } => Some(Cow::Borrowed(text)),
            Self::Link { title, description, url, .. } => {
                let lines = [title, description, url].map(String::as_str);
                let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
                Some(Cow::Owned(lines.join("\n")))
            }
            _ => None,
        }
    }

    /// What a person pastes, or what tells the person which message belongs here.
    pub fn paste_or_kind(&self) -> Cow<'_, str> {
        self.paste().unwrap_or_else(|| self.in_words())
    }

    /// The message in one expression, for the journal: the words, or the kind and what tells one from
    /// another.
    pub fn in_words(&self) -> Cow<'_, str> {
        let kind = self.kind().chinese();
        match self {
            Self::Text { text } | Self::Markdown { text } => Cow::Borrowed(text),
            Self::Image { file } | Self::Video { file, .. } | Self::File { file } => {
                Cow::Owned(format!("[{kind}] {}", file.file_name()))
            }
            Self::Link { title, .. } | Self::MiniProgram { title, .. } => {
                Cow::Owned(format!("[{kind}] {title}"))
            }
        }
    }

    /// Label and value rows that tell a person what to send; none for words, which are pasted.
    pub fn rows(&self) -> Vec<(String, String)> {
        let row = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        match self {
            Self::Text { .. } | Self::Markdown { .. } => Vec::new(),
            Self::Image { file } | Self::Video { file, .. } | Self::File { file } => {
                vec![row(self.kind().chinese(), file.file_name())]
            }
            Self::Link { title, .. } => vec![row(self.kind().chinese(), title)],
            Self::MiniProgram { title, page, .. } => {
                vec![row(self.kind().chinese(), title), row("页面", page)]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> MediaFile {
        MediaFile { name: format!("bot-scripts/promotion/media/{name}"), sha256: "ab".repeat(32) }
    }

    fn link() -> Part {
        Part::Link {
            title: "中秋预售".into(),
            description: String::new(),
            url: "https://shop.example.com/m".into(),
            picture: Some(file("mooncake.jpg")),
        }
    }

    #[test]
    fn every_kind_comes_back_from_json() {
        let parts = [
            Part::text("早安"),
            Part::Markdown { text: "**早安**".into() },
            Part::Image { file: file("a.jpg") },
            Part::Video { file: file("a.mp4"), title: "开箱".into(), description: String::new() },
            Part::File { file: file("价目表.pdf") },
            link(),
            Part::MiniProgram {
                title: "山谷小铺".into(),
                description: String::new(),
                appid: "wx1".into(),
                page: "pages/index".into(),
                picture: None,
            },
        ];
        for part in parts {
            let json = serde_json::to_string(&part).unwrap();
            assert_eq!(serde_json::from_str::<Part>(&json).unwrap(), part, "{json}");
        }
    }

    #[test]
    fn a_person_is_told_what_to_paste_or_what_to_send() {
        assert_eq!(Part::text("早安").paste().as_deref(), Some("早安"));
        assert_eq!(link().paste().as_deref(), Some("中秋预售\nhttps://shop.example.com/m"));
        let image = Part::Image { file: file("月饼.jpg") };
        assert_eq!((image.paste(), image.in_words().as_ref()), (None, "[图片] 月饼.jpg"));
        assert_eq!(image.rows(), [("图片".to_owned(), "月饼.jpg".to_owned())]);
        assert!(Part::text("早安").rows().is_empty());
    }
}

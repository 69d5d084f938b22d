//! PURE. One platform message of any kind, as data: what is said, and which file goes with it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// One platform message (wecom-send.md §3.2, §4.4, §5.2). Which hand can send which kind is said by
/// [`super::Hand::can`]; sizes and lengths are checked by the hands, whose limits differ.
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
        file: MediaRef,
    },
    /// MP4.
    Video {
        file: MediaRef,
        /// May be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        title: String,
        /// May be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        description: String,
    },
    /// Shown under the file's own name.
    File {
        file: MediaRef,
    },
    /// Sent as `news` with one article.
    Link {
        title: String,
        /// May be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        description: String,
        url: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picture: Option<MediaRef>,
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
        picture: Option<MediaRef>,
    },
}

/// A file of the script library, by name and content. What is sent is what was reviewed: a file whose
/// content has changed since is not the same one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MediaRef {
    /// Below the scripts folder: `bot-scripts/promotion/media/mooncake.jpg`.
    pub name: String,
    /// Of the content, lower-case hex.
    pub sha256: String,
}

impl MediaRef {
    /// The name without its folders, as people know it.
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

impl Part {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// What people call this kind of message.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "文字",
            Self::Markdown { .. } => "带格式的文字",
            Self::Image { .. } => "图片",
            Self::Video { .. } => "视频",
            Self::File { .. } => "文件",
            Self::Link { .. } => "链接",
            Self::MiniProgram { .. } => "小程序",
        }
    }

    /// The file that goes with it, also a link's picture.
    pub fn file(&self) -> Option<&MediaRef> {
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

    /// The message in one expression, for the journal: the words, or the kind and what tells one from
    /// another.
    pub fn in_words(&self) -> Cow<'_, str> {
        let kind = self.kind();
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
                vec![row(self.kind(), file.file_name())]
            }
            Self::Link { title, .. } => vec![row(self.kind(), title)],
            Self::MiniProgram { title, page, .. } => vec![row(self.kind(), title), row("页面", page)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> MediaRef {
        MediaRef { name: format!("bot-scripts/promotion/media/{name}"), sha256: "ab".repeat(32) }
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

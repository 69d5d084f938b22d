//! What a message to a chat or to staff holds, and the platform's limits for it (wecom-send.md §3.2, §4.4, §5.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::error::CallError;
use crate::decision::MemberId;

/// Of `news` and `video`.
const TITLE_BYTES: usize = 128;
const DESCRIPTION_BYTES: usize = 512;
/// Of a link and of its picture.
const URL_BYTES: usize = 2048;
/// Of the page that a mini-program opens with.
const PAGE_BYTES: usize = 128;
/// Of a webhook's image, before base64.
pub const WEBHOOK_IMAGE_BYTES: usize = 2 << 20;

/// The content of one message. Which call takes which kind is said by the three pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    Text(&'a str),
    /// The platform's subset of markdown (§3.5).
    Markdown(&'a str),
    /// An uploaded image.
    Image {
        media_id: &'a str,
    },
    /// An image inside the message itself, JPG or PNG: only for webhooks, which take no uploaded one.
    InlineImage {
        bytes: &'a [u8],
    },
    Video {
        media_id: &'a str,
        title: &'a str,
        description: &'a str,
    },
    File {
        media_id: &'a str,
    },
    /// `news` with one article.
    News(Article<'a>),
}

/// A link or a mini-program with a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Article<'a> {
    pub title: &'a str,
    /// May be empty.
    pub description: &'a str,
    pub opens: Opens<'a>,
    /// The address of its picture: any public one, or one of `media/uploadimg`.
    pub picture: Option<&'a str>,
}

/// What a tap on an article opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens<'a> {
    Url(&'a str),
    /// Only in messages of an app; it must be linked to the app.
    MiniProgram {
        appid: &'a str,
        page: &'a str,
    },
}

/// Limits of text and markdown, which differ from call to call; both in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct WordLimits {
    pub text: usize,
    pub markdown: usize,
}

impl<'a> Content<'a> {
    /// The platform's `msgtype`, which is also the name of the field that holds the content.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Markdown(_) => "markdown",
            Self::Image { .. } | Self::InlineImage { .. } => "image",
            Self::Video { .. } => "video",
            Self::File { .. } => "file",
            Self::News(_) => "news",
        }
    }

    /// `msgtype` and the object of that name. `mentions` (userids or `@all`) only go with text.
    pub(super) fn body(self, mentions: &[MemberId]) -> Value {
        let mut body = json!({ "msgtype": self.kind() });
        body[self.kind()] = match self {
            Self::Text(text) if !mentions.is_empty() => {
                json!({ "content": text, "mentioned_list": mentions })
            }
            Self::Text(text) | Self::Markdown(text) => json!({ "content": text }),
            Self::Image { media_id } | Self::File { media_id } => json!({ "media_id": media_id }),
            Self::InlineImage { bytes } => json!({ "base64": STANDARD.encode(bytes), "md5": md5(bytes) }),
            Self::Video { media_id, title, description } => {
                let mut video = json!({ "media_id": media_id });
                fill(&mut video, &[("title", title), ("description", description)]);
                video
            }
            Self::News(article) => json!({ "articles": [article.body()] }),
        };
        body
    }

    /// What the platform would cut or refuse.
    pub(super) fn check(self, path: &'static str, words: WordLimits) -> Result<(), CallError> {
        let within = |what: &str, text: &str, limit| check_bytes(path, what, text, limit);
        match self {
            Self::Text(text) => within("消息内容", text, words.text),
            Self::Markdown(text) => within("消息内容", text, words.markdown),
            Self::Image { .. } | Self::File { .. } => Ok(()),
            Self::InlineImage { bytes } if bytes.len() > WEBHOOK_IMAGE_BYTES => {
                Err(CallError::over_limit(path, "图片", bytes.len(), WEBHOOK_IMAGE_BYTES, "字节"))
            }
            Self::InlineImage { .. } => Ok(()),
            Self::Video { title, description, .. } => {
                within("视频标题", title, TITLE_BYTES)?;
                within("视频简介", description, DESCRIPTION_BYTES)
            }
            Self::News(article) => article.check(path),
        }
    }
}

impl Article<'_> {
    fn body(&self) -> Value {
        let mut body = json!({ "title": self.title });
        fill(&mut body, &[("description", self.description), ("picurl", self.picture.unwrap_or_default())]);
        match self.opens {
            Opens::Url(url) => fill(&mut body, &[("url", url)]),
            Opens::MiniProgram { appid, page } => fill(&mut body, &[("appid", appid), ("pagepath", page)]),
        }
        body
    }

    fn check(&self, path: &'static str) -> Result<(), CallError> {
        if self.title.trim().is_empty() {
            return Err(invalid(path, "an article without a title", "链接没有标题，企业微信不收"));
        }
        check_bytes(path, "链接标题", self.title, TITLE_BYTES)?;
        check_bytes(path, "链接简介", self.description, DESCRIPTION_BYTES)?;
        check_bytes(path, "链接图片的网址", self.picture.unwrap_or_default(), URL_BYTES)?;
        match self.opens {
            Opens::Url(url) => {
                if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
                    let person = format!("链接 {url:?} 不是 http:// 或 https:// 开头的网址");
                    return Err(invalid(path, &format!("url {url:?}"), &person));
                }
                check_bytes(path, "链接网址", url, URL_BYTES)
            }
            Opens::MiniProgram { appid, page } => {
                if appid.is_empty() || page.is_empty() {
                    let person = "小程序要同时写 appid 和页面，缺一个都打不开";
                    return Err(invalid(path, "a mini-program without appid or page", person));
                }
                check_bytes(path, "小程序页面路径", page, PAGE_BYTES)
            }
        }
    }
}

/// Sets what is not empty: the platform reads an empty field as a wrong one.
fn fill(body: &mut Value, fields: &[(&str, &str)]) {
    for (name, text) in fields.iter().filter(|(_, text)| !text.is_empty()) {
        body[*name] = json!(text);
    }
}

fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn invalid(path: &'static str, cause: &str, person: &str) -> CallError {
    CallError::Invalid { path, cause: cause.to_owned(), person: person.to_owned() }
}

pub(super) fn check_bytes(path: &'static str, what: &str, text: &str, limit: usize) -> Result<(), CallError> {
    if text.len() > limit {
        return Err(CallError::over_limit(path, what, text.len(), limit, "字节"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: WordLimits = WordLimits { text: 2048, markdown: 4096 };

    fn article() -> Article<'static> {
        let opens = Opens::Url("https://shop.example.com/m");
        Article { title: "中秋预售", description: "", opens, picture: None }
    }

    fn page() -> Opens<'static> {
        Opens::MiniProgram { appid: "wx123", page: "pages/index" }
    }

    #[test]
    fn each_kind_has_the_shape_of_the_page() {
        let mentions = [MemberId::from("u1")];
        let body = |content: Content<'_>| content.body(&mentions);
        assert_eq!(
            body(Content::Text("早")),
            json!({ "msgtype": "text", "text": { "content": "早", "mentioned_list": ["u1"] } })
        );
        assert_eq!(
            body(Content::Markdown("早")),
            json!({ "msgtype": "markdown", "markdown": { "content": "早" } })
        );
        let media_id = "M1";
        assert_eq!(
            body(Content::Image { media_id }),
            json!({ "msgtype": "image", "image": { "media_id": "M1" } })
        );
        assert_eq!(
            body(Content::InlineImage { bytes: b"abc" }),
            json!({ "msgtype": "image",
                    "image": { "base64": "YWJj", "md5": "900150983cd24fb0d6963f7d28e17f72" } })
        );
        assert_eq!(
            body(Content::Video { media_id, title: "开箱", description: "" }),
            json!({ "msgtype": "video", "video": { "media_id": "M1", "title": "开箱" } })
        );
        assert_eq!(
            body(Content::File { media_id }),
            json!({ "msgtype": "file", "file": { "media_id": "M1" } })
        );
        let news = Article { description: "限量", picture: Some("https://p.example/1"), ..article() };
        assert_eq!(
            body(Content::News(news)),
            json!({ "msgtype": "news", "news": { "articles": [{ "title": "中秋预售", "description": "限量",
                    "url": "https://shop.example.com/m", "picurl": "https://p.example/1" }] } })
        );
        assert_eq!(
            body(Content::News(Article { opens: page(), ..article() })),
            json!({ "msgtype": "news", "news": { "articles": [
                    { "title": "中秋预售", "appid": "wx123", "pagepath": "pages/index" }] } })
        );
    }

    #[test]
    fn limits_are_those_of_the_page() {
        let long = |bytes: usize| "长".repeat(bytes / 3) + &"x".repeat(bytes % 3);
        let check = |content: Content<'_>| content.check("/p", WORDS);
        let news = |article: Article<'_>| check(Content::News(article));
        let bytes = vec![0; WEBHOOK_IMAGE_BYTES + 1];
        let (title, url) = (long(129), format!("https://a.example/{}", "x".repeat(2048)));
        let wrong = [
            check(Content::Text(&long(2049))),
            check(Content::Markdown(&long(4097))),
            check(Content::InlineImage { bytes: &bytes }),
            check(Content::Video { media_id: "M", title: &title, description: "" }),
            check(Content::Video { media_id: "M", title: "", description: &long(513) }),
            news(Article { title: &title, ..article() }),
            news(Article { title: " ", ..article() }),
            news(Article { description: &long(513), ..article() }),
            news(Article { opens: Opens::Url("shop.example.com"), ..article() }),
            news(Article { opens: Opens::Url(&url), ..article() }),
            news(Article { opens: Opens::MiniProgram { appid: "", page: "p" }, ..article() }),
            news(Article { opens: Opens::MiniProgram { appid: "wx1", page: &title }, ..article() }),
        ];
        for (number, result) in wrong.into_iter().enumerate() {
            assert!(matches!(result, Err(CallError::Invalid { .. })), "{number}");
        }
        assert_eq!(check(Content::Text(&long(2048))), Ok(()));
        assert_eq!(check(Content::InlineImage { bytes: &bytes[1..] }), Ok(()));
        assert_eq!(news(Article { title: &long(128), opens: page(), ..article() }), Ok(()));
    }
}

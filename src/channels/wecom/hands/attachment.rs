//! PURE. Which file a message needs, as what it travels, and the message with it in its place.

use crate::channels::wecom::client::{
    AppConnection, Article, Attachment as MassSendAttachment, Content, MediaKind, Opens, PICTURE_BYTES,
    PersonAndLog, UPLOAD, UPLOAD_ATTACHMENT, UPLOAD_PICTURE, WEBHOOK_IMAGE_BYTES, WebhookConnection,
};
use crate::decision::{MediaFile, Part};

use super::media::{MediaKey, Uploaded};
use super::pace::{PaceKey, Toll};

/// As what a file is uploaded: an id of one use is no good for another (wecom-send.md §12.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Use {
    Image,
    Video,
    File,
    /// The picture of a link or mini-program.
    ArticlePicture,
    /// An image in a moment, or the cover of its link.
    MomentImage,
    MomentVideo,
}

impl Use {
    pub const ALL: [Self; 6] =
        [Self::Image, Self::Video, Self::File, Self::ArticlePicture, Self::MomentImage, Self::MomentVideo];

    /// Its name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::File => "file",
            Self::ArticlePicture => "article-picture",
            Self::MomentImage => "moment-image",
            Self::MomentVideo => "moment-video",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|used_as| used_as.as_str() == name)
    }

    /// Addresses of `uploadimg` are for ever (§12.2).
    pub(super) fn expires(self) -> bool {
        self != Self::ArticlePicture
    }

    fn max_bytes(self) -> usize {
        match self {
            Self::Image | Self::MomentImage => MediaKind::Image.max_bytes(),
            Self::Video | Self::MomentVideo => MediaKind::Video.max_bytes(),
            Self::File => MediaKind::File.max_bytes(),
            Self::ArticlePicture => PICTURE_BYTES,
        }
    }
}

/// Whose upload it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Uploader<'a> {
    App(&'a AppConnection),
    Robot(&'a WebhookConnection),
}

impl Uploader<'_> {
    /// Who may use the id: all apps of a corp (§12.1), but one webhook (§5.3).
    pub fn owner(&self) -> String {
        match self {
            Self::App(app) => format!("corp:{}", app.corp_id),
            Self::Robot(robot) => format!("webhook:{}", robot.id),
        }
    }
}

/// How a file gets to the platform.
#[derive(Clone, Copy, Debug)]
pub(super) enum Carriage<'a> {
    Upload {
        by: Uploader<'a>,
        used_as: Use,
    },
    /// Inside the message: a webhook's image.
    Inline,
}

impl Carriage<'_> {
    pub fn max_bytes(&self) -> usize {
        match self {
            Self::Upload { used_as, .. } => used_as.max_bytes(),
            Self::Inline => WEBHOOK_IMAGE_BYTES,
        }
    }
}

/// A file that a message needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need<'a> {
    /// What people call it.
    pub what: &'static str,
    pub file: &'a MediaFile,
    pub carriage: Carriage<'a>,
}

impl<'a> Need<'a> {
    /// What a part needs that goes out by an app, to a person or a chat.
    pub fn by_app(part: &'a Part, app: &'a AppConnection) -> Option<Self> {
        let used_as = match part {
            Part::Image { .. } => Use::Image,
            Part::Video { .. } => Use::Video,
            Part::File { .. } => Use::File,
            Part::Text { .. } | Part::Markdown { .. } | Part::Link { .. } | Part::MiniProgram { .. } => {
                Use::ArticlePicture
            }
        };
        Some(Self::uploaded(part, Uploader::App(app), used_as, part.file()?))
    }

    /// What a part needs that goes out in a mass send: a mini-program shows an uploaded cover there.
    pub fn by_mass_send(part: &'a Part, app: &'a AppConnection) -> Option<Self> {
        let used_as = match part {
            Part::MiniProgram { .. } => Use::Image,
            _ => return Self::by_app(part, app),
        };
        Some(Self::uploaded(part, Uploader::App(app), used_as, part.file()?))
    }

    /// What a part of a moment needs: its uploads are good for nothing else (§12.5).
    pub fn by_moment(part: &'a Part, app: &'a AppConnection) -> Option<Self> {
        let used_as = match part {
            Part::Video { .. } => Use::MomentVideo,
            _ => Use::MomentImage,
        };
        Some(Self::uploaded(part, Uploader::App(app), used_as, part.file()?))
    }

    /// What a part needs that goes out by a push robot. It has no upload for pictures: an image travels
    /// inside its message, an article's picture by an app.
    pub fn by_robot(
        part: &'a Part,
        robot: &'a WebhookConnection,
        app: Option<&'a AppConnection>,
    ) -> Result<Option<Self>, PersonAndLog> {
        let Some(file) = part.file() else { return Ok(None) };
        Ok(Some(match part {
            Part::Image { .. } => Self { what: part.kind().chinese(), file, carriage: Carriage::Inline },
            Part::File { .. } => Self::uploaded(part, Uploader::Robot(robot), Use::File, file),
            _ => {
                let app = app.ok_or_else(|| {
                    let person = "链接的图片要由应用上传，但服务器配置里没有应用";
                    PersonAndLog::new(person, "no app to upload an article's picture")
                })?;
                Self::uploaded(part, Uploader::App(app), Use::ArticlePicture, file)
            }
        }))
    }

    fn uploaded(part: &Part, by: Uploader<'a>, used_as: Use, file: &'a MediaFile) -> Self {
        let what = if used_as == Use::ArticlePicture { "图片" } else { part.kind().chinese() };
        Self { what, file, carriage: Carriage::Upload { by, used_as } }
    }

    /// What an upload costs, if the platform counts it.
    pub fn toll(&self) -> Option<Toll> {
        let Carriage::Upload { by: Uploader::App(app), used_as } = self.carriage else { return None };
        let path = match used_as {
            Use::ArticlePicture => UPLOAD_PICTURE,
            Use::MomentImage | Use::MomentVideo => UPLOAD_ATTACHMENT,
            Use::Image | Use::Video | Use::File => UPLOAD,
        };
        Some(Toll { key: PaceKey::Calls { corp: app.corp_id.clone(), path }, cost: 1 })
    }
}

/// A file where its message needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Attachment {
    /// The message needs none.
    #[default]
    None,
    /// A `media_id`, or the address of an article's picture.
    Id {
        id: String,
        key: MediaKey,
    },
    Bytes(Vec<u8>),
    /// It cannot be sent; only a task's card goes out all the same.
    Missing(PersonAndLog),
}

impl Attachment {
    /// The part in its place among the attachments of a mass send or a group welcome, with its file.
    pub fn in_mass_send(&self, part: &Part) -> Result<MassSendAttachment, PersonAndLog> {
        let id = match self {
            Self::Id { id, .. } => Some(id.clone()),
            Self::None | Self::Bytes(_) | Self::Missing(_) => None,
        };
        let needed = || id.clone().ok_or_else(|| unprepared(part));
        Ok(match part {
            Part::Image { .. } => MassSendAttachment::Image { media_id: needed()? },
            Part::Video { .. } => MassSendAttachment::Video { media_id: needed()? },
            Part::File { .. } => MassSendAttachment::File { media_id: needed()? },
            Part::Link { title, description, url, .. } => MassSendAttachment::Link {
                title: title.clone(),
                picurl: id.unwrap_or_default(),
                desc: description.clone(),
                url: url.clone(),
            },
            Part::MiniProgram { title, appid, page, .. } => MassSendAttachment::Miniprogram {
                title: title.clone(),
                pic_media_id: needed()?,
                appid: appid.clone(),
                page: page.clone(),
            },
            Part::Text { .. } | Part::Markdown { .. } => {
                let person = "文字不是附件（程序错误，请联系开发）";
                return Err(PersonAndLog::new(person, "words as an attachment"));
            }
        })
    }
}

fn unprepared(part: &Part) -> PersonAndLog {
    let person = format!("{}没有准备好（程序错误，请联系开发）", part.kind().chinese());
    PersonAndLog::new(person, "sent without being prepared")
}

/// What [`super::Hands::prepare`] found: all that an action needs before its first message.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    pub(super) attachment: Attachment,
    /// A new upload, to be kept in the store.
    pub uploaded: Option<Uploaded>,
}

impl Prepared {
    /// For actions that need no file.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The part as the platform's content, with its file.
    pub(super) fn content<'a>(&'a self, part: &'a Part) -> Result<Content<'a>, PersonAndLog> {
        let id = match &self.attachment {
            Attachment::Missing(why) => return Err(why.clone()),
            Attachment::Id { id, .. } => Some(id.as_str()),
            Attachment::None | Attachment::Bytes(_) => None,
        };
        Ok(match (part, &self.attachment, id) {
            (Part::Text { text }, ..) => Content::Text(text),
            (Part::Markdown { text }, ..) => Content::Markdown(text),
            (Part::Image { .. }, Attachment::Bytes(bytes), _) => Content::InlineImage { bytes },
            (Part::Image { .. }, _, Some(media_id)) => Content::Image { media_id },
            (Part::File { .. }, _, Some(media_id)) => Content::File { media_id },
            (Part::Video { title, description, .. }, _, Some(media_id)) => {
                Content::Video { media_id, title, description }
            }
            (Part::Link { title, description, url, .. }, _, picture) => {
                Content::News(Article { title, description, opens: Opens::Url(url), picture })
            }
            (Part::MiniProgram { title, description, appid, page, .. }, _, picture) => {
                let opens = Opens::MiniProgram { appid, page };
                Content::News(Article { title, description, opens, picture })
            }
            (part, ..) => return Err(unprepared(part)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_are_found_by_their_names() {
        for used_as in Use::ALL {
            assert_eq!(Use::named(used_as.as_str()), Some(used_as));
        }
        assert_eq!(Use::named("voice"), None);
    }

    #[test]
    fn an_image_that_was_not_prepared_is_not_sent_without_its_picture() {
        let file = MediaFile { name: "bot-scripts/a.jpg".into(), sha256: String::new() };
        assert!(Prepared::nothing().content(&Part::Image { file }).is_err());
    }
}

//! Uploads (wecom-send.md §12, §5.3). A `media_id` lives three days, so the source bytes must be kept.

use serde::Deserialize;

use super::Api;
use super::connection::{AppConnection, WebhookConnection};
use super::error::CallError;
use super::transport::{Call, Credential};

/// Paths, also for the limits that the platform counts by.
pub(in super::super) const UPLOAD: &str = "/cgi-bin/media/upload";
pub(in super::super) const UPLOAD_PICTURE: &str = "/cgi-bin/media/uploadimg";
const UPLOAD_TO_WEBHOOK: &str = "/cgi-bin/webhook/upload_media";
pub(in super::super) const UPLOAD_ATTACHMENT: &str = "/cgi-bin/media/upload_attachment";

/// `attachment_type` of what is uploaded for moments (§12.4).
const FOR_MOMENTS: &str = "1";
/// Every file must be larger than this.
const MIN_BYTES: usize = 5;
const MEGABYTE: usize = 1 << 20;
/// Of a picture with an address of its own (§12.2).
pub const PICTURE_BYTES: usize = 2 * MEGABYTE;
/// Shown to people; longer ones are not documented to work (§12.3 gives this for `upload_by_url`).
const FILENAME_BYTES: usize = 128;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// JPG or PNG, at most 10 MB.
    Image,
    /// AMR, at most 2 MB and 60 s.
    Voice,
    /// MP4, at most 10 MB.
    Video,
    /// Anything, at most 20 MB.
    File,
}

impl MediaKind {
    fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::File => "file",
        }
    }

    /// What people call it, with the formats that the platform takes.
    fn chinese(self) -> &'static str {
        match self {
            Self::Image => "JPG 或 PNG 图片",
            Self::Voice => "AMR 语音",
            Self::Video => "MP4 视频",
            Self::File => "文件",
        }
    }

    pub fn max_bytes(self) -> usize {
        match self {
            Self::Image | Self::Video => 10 * MEGABYTE,
            Self::Voice => 2 * MEGABYTE,
            Self::File => 20 * MEGABYTE,
        }
    }

    /// By content, not by the file's name: the platform refuses the rest with 40004 after the upload.
    fn accepts(self, bytes: &[u8]) -> bool {
        match self {
            Self::Image => bytes.starts_with(b"\xff\xd8\xff") || bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
            Self::Voice => bytes.starts_with(b"#!AMR"),
            Self::Video => bytes.get(4..8) == Some(b"ftyp"),
            Self::File => true,
        }
    }
}

/// A file to upload.
#[derive(Clone, Copy, Debug)]
pub struct Upload<'a> {
    pub kind: MediaKind,
    /// Shown to whoever receives the file.
    pub filename: &'a str,
    pub bytes: &'a [u8],
}

#[derive(Deserialize)]
struct Uploaded {
    media_id: String,
}

#[derive(Deserialize)]
struct UploadedPicture {
    url: String,
}

impl Api {
    /// Uploads a file and gives its `media_id`, good for three days and all apps of the corp.
    pub async fn upload_media(&self, app: &AppConnection, upload: Upload<'_>) -> Result<String, CallError> {
        check(UPLOAD, &upload, upload.kind.max_bytes())?;
        let query = [("type", upload.kind.name())];
        let call = Call::upload(UPLOAD, &query, upload.filename, upload.bytes);
        self.call::<Uploaded>(app, call).await.map(|uploaded| uploaded.media_id)
    }

    /// Uploads a picture and gives its address, which never expires but shows inside WeCom only
    /// (§12.2): for articles. At most 1000 a day and 3000 a month per corp.
    pub async fn upload_picture(
        &self,
        app: &AppConnection,
        filename: &str,
        bytes: &[u8],
    ) -> Result<String, CallError> {
        check(UPLOAD_PICTURE, &Upload { kind: MediaKind::Image, filename, bytes }, PICTURE_BYTES)?;
        let call = Call::upload(UPLOAD_PICTURE, &[], filename, bytes);
        self.call::<UploadedPicture>(app, call).await.map(|uploaded| uploaded.url)
    }

    /// Uploads an image or a video for a moment and gives its `media_id`, good for three days and moments alone
    /// (§12.4, §12.5).
    pub async fn upload_for_moment(
        &self,
        app: &AppConnection,
        upload: Upload<'_>,
    ) -> Result<String, CallError> {
        check(UPLOAD_ATTACHMENT, &upload, upload.kind.max_bytes())?;
        let query = [("media_type", upload.kind.name()), ("attachment_type", FOR_MOMENTS)];
        let call = Call::upload(UPLOAD_ATTACHMENT, &query, upload.filename, upload.bytes);
        self.call::<Uploaded>(app, call).await.map(|uploaded| uploaded.media_id)
    }

    /// Uploads a file for a push robot; the `media_id` is good for three days and this robot alone
    /// (§5.3).
    pub async fn upload_to_webhook(
        &self,
        robot: &WebhookConnection,
        filename: &str,
        bytes: &[u8],
    ) -> Result<String, CallError> {
        let kind = MediaKind::File;
        check(UPLOAD_TO_WEBHOOK, &Upload { kind, filename, bytes }, kind.max_bytes())?;
        let query = [("type", kind.name())];
        let call = Call::upload(UPLOAD_TO_WEBHOOK, &query, filename, bytes);
        let credential = Credential { name: "key", value: &robot.key };
        self.transport.exchange::<Uploaded>(&call, &credential).await.map(|uploaded| uploaded.media_id)
    }
}

fn check(path: &'static str, upload: &Upload<'_>, limit: usize) -> Result<(), CallError> {
    let Upload { kind, filename: name, bytes } = *upload;
    let (cause, person) = if bytes.len() > limit {
        (format!("{} bytes, limit {limit}", bytes.len()), too_large(name, bytes.len(), limit))
    } else if bytes.len() <= MIN_BYTES {
        let person = format!("文件「{name}」太小：企业微信要求大于 {MIN_BYTES} 字节，它可能是空的");
        (format!("{} bytes", bytes.len()), person)
    } else if !kind.accepts(bytes) {
        let person = format!("文件「{name}」的内容不是{}，企业微信不收（只改文件名没有用）", kind.chinese());
        (format!("content is not {}", kind.name()), person)
    } else if name.is_empty() || name.len() > FILENAME_BYTES || name.contains(['"', '\\']) {
        let person = format!("文件名「{name}」里有引号或反斜杠，或者超过 {FILENAME_BYTES} 字节，请改个名字");
        (format!("filename {name:?}"), person)
    } else if name.contains(char::is_control) {
        (format!("filename {name:?}"), format!("文件名 {name:?} 含有控制字符，请改个名字"))
    } else {
        return Ok(());
    };
    Err(CallError::Invalid { path, cause, person })
}

/// The sentence for a file over a limit; both in bytes.
pub fn too_large(name: &str, bytes: usize, limit: usize) -> String {
    // The first decimal is enough to see by how much; rounded up, so that it never equals the limit.
    let tenths = bytes.saturating_mul(10).div_ceil(MEGABYTE);
    format!(
        "文件「{name}」有 {}.{} MB，企业微信最多收 {} MB，请压缩后再发",
        tenths / 10,
        tenths % 10,
        limit / MEGABYTE
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::scripted::{Answer, KEY, Platform, app, errcode, robot};
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n....";

    #[tokio::test]
    async fn an_upload_gives_its_id_also_after_a_token_was_renewed() {
        let platform = Platform::start().await;
        let done = json!({ "errcode": 0, "type": "image", "media_id": "MEDIA", "created_at": "1380000000" });
        platform.script(UPLOAD, [errcode(42001), Answer::Json(done)]);
        let upload = Upload { kind: MediaKind::Image, filename: "海报.png", bytes: PNG };
        assert_eq!(platform.api().upload_media(&app(), upload).await.unwrap(), "MEDIA");
        let asked = platform.asked(UPLOAD);
        assert!(asked[1].query.contains("type=image"));
        assert_eq!(asked[0].bytes, asked[1].bytes);
    }

    #[test]
    fn what_the_platform_refuses_is_not_uploaded() {
        let big = vec![0; 20 * MEGABYTE + 1];
        let good = Upload { kind: MediaKind::File, filename: "价目表.pdf", bytes: b"%PDF-1.7" };
        assert!(check(UPLOAD, &good, MediaKind::File.max_bytes()).is_ok());
        for wrong in [
            Upload { bytes: &big, ..good },
            Upload { bytes: b"12345", ..good },
            Upload { filename: "a\"b", ..good },
            Upload { filename: "a\r\nb", ..good },
            Upload { filename: "", ..good },
            Upload { kind: MediaKind::Image, ..good },
            Upload { kind: MediaKind::Voice, ..good },
            Upload { kind: MediaKind::Video, ..good },
        ] {
            assert!(
                check(UPLOAD, &wrong, wrong.kind.max_bytes()).is_err(),
                "{} {:?}",
                wrong.filename,
                wrong.kind
            );
        }
    }

    #[tokio::test]
    async fn pictures_and_webhooks_have_uploads_of_their_own() {
        let platform = Platform::start().await;
        let api = platform.api();
        let url = "http://p.qpic.cn/pic_wework/1/0";
        platform.script(UPLOAD_PICTURE, [Answer::Json(json!({ "errcode": 0, "errmsg": "", "url": url }))]);
        assert_eq!(api.upload_picture(&app(), "海报.png", PNG).await.unwrap(), url);
        let done = json!({ "errcode": 0, "type": "file", "media_id": "M2", "created_at": "1380000000" });
        platform.script(UPLOAD_TO_WEBHOOK, [Answer::Json(done)]);
        assert_eq!(api.upload_to_webhook(&robot(), "价目表.pdf", b"%PDF-1.7").await.unwrap(), "M2");
        let asked = platform.asked(UPLOAD_TO_WEBHOOK);
        assert!(asked[0].query.contains("type=file") && asked[0].query.contains(KEY));
        let large = [PNG, &vec![0; PICTURE_BYTES]].concat();
        assert!(api.upload_picture(&app(), "海报.png", &large).await.is_err());
        assert_eq!(platform.asked(UPLOAD_PICTURE).len(), 1);
    }

    #[tokio::test]
    async fn moments_have_an_upload_of_their_own() {
        let platform = Platform::start().await;
        let done = json!({ "errcode": 0, "type": "image", "media_id": "M3", "created_at": 1_380_000_000 });
        platform.script(UPLOAD_ATTACHMENT, [Answer::Json(done)]);
        let upload = Upload { kind: MediaKind::Image, filename: "卸货.png", bytes: PNG };
        assert_eq!(platform.api().upload_for_moment(&app(), upload).await.unwrap(), "M3");
        let asked = platform.asked(UPLOAD_ATTACHMENT);
        assert!(asked[0].query.starts_with("media_type=image&attachment_type=1"), "{}", asked[0].query);
    }

    #[test]
    fn a_person_is_told_how_large_is_too_large() {
        let (limit, just_over) = (10 * MEGABYTE, 10 * MEGABYTE + 1);
        let told = too_large("开箱.mp4", just_over, limit);
        assert_eq!(told, "文件「开箱.mp4」有 10.1 MB，企业微信最多收 10 MB，请压缩后再发");
    }
}

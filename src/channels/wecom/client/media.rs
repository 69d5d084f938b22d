//! Temporary media (wecom-send.md §12.1): a `media_id` lives three days, so the source bytes must be kept.

use serde::Deserialize;

use super::Api;
use super::connection::AppConnection;
use super::error::CallError;
use super::transport::Call;

const UPLOAD: &str = "/cgi-bin/media/upload";

/// Every file must be larger than this.
const MIN_BYTES: usize = 5;
const MEGABYTE: usize = 1 << 20;
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

    fn max_bytes(self) -> usize {
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

impl Api {
    /// Uploads a file and gives its `media_id`, good for three days and all apps of the corp.
    pub async fn upload_media(&self, app: &AppConnection, upload: Upload<'_>) -> Result<String, CallError> {
        check(&upload)?;
        let query = [("type", upload.kind.name())];
        let call = Call::upload(UPLOAD, &query, upload.filename, upload.bytes);
        self.call::<Uploaded>(app, call).await.map(|uploaded| uploaded.media_id)
    }
}

fn check(upload: &Upload<'_>) -> Result<(), CallError> {
    let size = upload.bytes.len();
    let limit = upload.kind.max_bytes();
    if size > limit {
        return Err(CallError::over_limit(UPLOAD, "素材文件", size, limit, "字节"));
    }
    let name = upload.filename;
    let (cause, person) = if size <= MIN_BYTES {
        (format!("{size} bytes"), format!("素材文件太小：企业微信要求大于 {MIN_BYTES} 字节"))
    } else if !upload.kind.accepts(upload.bytes) {
        let kind = upload.kind.name();
        (format!("content is not {kind}"), format!("文件 {name:?} 的内容与类型 {kind} 不符"))
    } else if name.is_empty() || name.len() > FILENAME_BYTES || name.contains(['"', '\\']) {
        (format!("filename {name:?}"), format!("文件名 {name:?} 不合法或太长"))
    } else if name.contains(char::is_control) {
        (format!("filename {name:?}"), format!("文件名 {name:?} 含有控制字符"))
    } else {
        return Ok(());
    };
    Err(CallError::Invalid { path: UPLOAD, cause, person })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::scripted::{Answer, Platform, app, errcode};
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
        assert!(check(&good).is_ok());
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
            assert!(check(&wrong).is_err(), "{} {:?}", wrong.filename, wrong.kind);
        }
    }
}

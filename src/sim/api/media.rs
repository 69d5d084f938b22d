//! Uploads: `media/upload`, `media/uploadimg`, `media/upload_attachment` and `webhook/upload_media`
//! (wecom-send.md §12.1, §12.2, §12.4, §5.3, §5.4).
//!
//! Of images the content is kept, too, for the page to show; of other files name, kind and size.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;

use super::error::{ApiError, Checked};
use super::fields::fields;
use super::{Outcome, Request};
use crate::sim::random::random_text;
use crate::sim::world::{Change, Limit, Media, Step};

const LIVES: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Everything must be larger than this.
const BYTES_AT_LEAST: usize = 6;
const MEGABYTE: usize = 1024 * 1024;

/// Where the control API shows an image.
pub const PICTURES: &str = "/sim/media/";
/// The kind of what `uploadimg` took: it has an address, and its id is no `media_id`.
const PICTURE: &str = "picture";
const PICTURE_AT_MOST: usize = 2 * MEGABYTE;
/// The page's 3000 a month are not counted.
const PICTURES_A_DAY: [Limit; 1] = [Limit::per_day(1_000)];
const PICTURES_BUDGET: &str = "media/uploadimg";
/// Kinds of what `upload_attachment` took.
pub const MOMENT_IMAGE: &str = "moment-image";
pub const MOMENT_VIDEO: &str = "moment-video";
const ATTACHMENT_AT_MOST: usize = 10 * MEGABYTE;
const LONG_SIDE_AT_MOST: u32 = 10_800;
const SHORT_SIDE_AT_MOST: u32 = 1_080;

pub fn upload(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    store(step, request, None)
}

/// `media/uploadimg`: an address instead of an id, and no end.
pub fn upload_picture(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let part = file_part(&request.call.content_type, &request.call.body)?;
    check_part("image", &part, PICTURE_AT_MOST)?;
    let at = step.now();
    if step.state().budgets.exhausted(PICTURES_BUDGET, &PICTURES_A_DAY, at, 1) {
        return Err(ApiError::new(45009));
    }
    step.make(Change::Booked { budget: PICTURES_BUDGET.into(), at, weight: 1 });
    let id = keep(step, PICTURE, &part, None);
    let url = format!("{}{PICTURES}{id}", step.state().addresses.api);
    Ok(Outcome { answer: fields([("url", url.into())]), ..Outcome::default() })
}

/// `media/upload_attachment`: for moments, and good for nothing else (§12.5). Product albums are not played.
pub fn upload_attachment(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let media_type = request.query("media_type");
    let kind = match (request.query("attachment_type"), media_type) {
        ("1", "image") => MOMENT_IMAGE,
        ("1", "video") => MOMENT_VIDEO,
        (purpose, media_type) => {
            return Err(ApiError::because(41072, format!("{media_type} for attachment_type {purpose:?}")));
        }
    };
    let part = file_part(&request.call.content_type, &request.call.body)?;
    if part.bytes.len() > ATTACHMENT_AT_MOST {
        return Err(ApiError::new(41080));
    }
    check_part(media_type, &part, ATTACHMENT_AT_MOST)?;
    if png_size(part.bytes).is_some_and(|(width, height)| {
        width.max(height) > LONG_SIDE_AT_MOST || width.min(height) > SHORT_SIDE_AT_MOST
    }) {
        return Err(ApiError::new(41081));
    }
    let media_id = keep(step, kind, &part, None);
    let answer = fields([
        ("type", media_type.into()),
        ("media_id", media_id.into()),
        ("created_at", step.now().as_second().into()),
    ]);
    Ok(Outcome { answer, ..Outcome::default() })
}

/// Width and height of a PNG with a header; of other files nobody looks at them.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.get(12..16) != Some(b"IHDR") {
        return None;
    }
    let number = |from: usize| Some(u32::from_be_bytes(bytes.get(from..from + 4)?.try_into().ok()?));
    Some((number(16)?, number(20)?))
}

/// Takes an upload; `webhook` is set for files that only this webhook may send.
pub fn store(step: &mut Step<'_>, request: &Request<'_>, webhook: Option<String>) -> Checked<Outcome> {
    let kind = request.query("type");
    let at_most = size_limit(kind, webhook.is_some()).ok_or(ApiError::because(40005, kind))?;
    let part = file_part(&request.call.content_type, &request.call.body)?;
    check_part(kind, &part, at_most)?;
    let media_id = keep(step, kind, &part, webhook.clone());
    let answer = fields([
        ("type", kind.into()),
        ("media_id", media_id.into()),
        ("created_at", step.now().as_second().to_string().into()),
    ]);
    Ok(Outcome { answer, by: webhook.map(|id| format!("webhook:{id}")), ..Outcome::default() })
}

/// Keeps an image that came inside a webhook's message, for the page to show.
pub fn keep_inline(step: &mut Step<'_>, webhook: &str, base64: &str) -> Checked<String> {
    let bytes = STANDARD.decode(base64).map_err(|_| ApiError::new(40123))?;
    let part = FilePart { filename: String::new(), bytes: &bytes };
    Ok(keep(step, PICTURE, &part, Some(webhook.to_owned())))
}

fn keep(step: &mut Step<'_>, kind: &str, part: &FilePart<'_>, webhook: Option<String>) -> String {
    let media_id = format!("3{}", random_text(63));
    let is_picture = matches!(kind, "image" | PICTURE | MOMENT_IMAGE);
    step.make(Change::MediaUploaded(Media {
        media_id: media_id.clone(),
        kind: kind.to_owned(),
        filename: part.filename.clone(),
        bytes: part.bytes.len(),
        uploaded_at: step.now(),
        webhook,
        picture: is_picture.then(|| STANDARD.encode(part.bytes)),
    }));
    media_id
}

fn check_part(kind: &str, part: &FilePart<'_>, at_most: usize) -> Checked<()> {
    if part.bytes.is_empty() {
        return Err(ApiError::new(44001));
    }
    if part.bytes.len() < BYTES_AT_LEAST {
        return Err(ApiError::new(40006));
    }
    if part.bytes.len() > at_most {
        return Err(ApiError::new(45001));
    }
    if !right_format(kind, part.bytes) {
        return Err(ApiError::because(40004, kind));
    }
    Ok(())
}

fn size_limit(kind: &str, webhook: bool) -> Option<usize> {
    match kind {
        "file" => Some(20 * MEGABYTE),
        "voice" => Some(2 * MEGABYTE),
        "image" | "video" if !webhook => Some(10 * MEGABYTE),
        _ => None,
    }
}

fn right_format(kind: &str, bytes: &[u8]) -> bool {
    match kind {
        "image" => bytes.starts_with(b"\x89PNG") || bytes.starts_with(b"\xff\xd8\xff"),
        "voice" => bytes.starts_with(b"#!AMR"),
        "video" => bytes.get(4..8) == Some(b"ftyp"),
        _ => true,
    }
}

/// A medium that may be sent now: unknown, expired or another webhook's is 40007.
pub fn find<'a>(step: &'a Step<'_>, media_id: &str, webhook: Option<&str>) -> Checked<&'a Media> {
    alive(step, media_id, webhook).and_then(|media| match media.kind.as_str() {
        MOMENT_IMAGE | MOMENT_VIDEO => Err(ApiError::because(40007, "uploaded for moments")),
        _ => Ok(media),
    })
}

/// The same for moments, which take their own uploads alone; `kind` is [`MOMENT_IMAGE`] or [`MOMENT_VIDEO`].
pub fn find_for_moment<'a>(step: &'a Step<'_>, media_id: &str, kind: &str) -> Checked<&'a Media> {
    let media = alive(step, media_id, None)?;
    if media.kind == kind { Ok(media) } else { Err(ApiError::because(40007, kind)) }
}

fn alive<'a>(step: &'a Step<'_>, media_id: &str, webhook: Option<&str>) -> Checked<&'a Media> {
    let media = step.state().media.get(media_id).ok_or(ApiError::new(40007))?;
    let expired = step.now().duration_since(media.uploaded_at) > LIVES;
    if expired || media.webhook.as_deref() != webhook {
        return Err(ApiError::new(40007));
    }
    Ok(media)
}

struct FilePart<'a> {
    filename: String,
    bytes: &'a [u8],
}

/// The part named `media` of a multipart body (wecom-send.md §5.4).
fn file_part<'a>(content_type: &str, body: &'a [u8]) -> Checked<FilePart<'a>> {
    let wrong = |why: &str| ApiError::because(40035, why);
    let boundary = content_type.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
    let boundary = boundary.ok_or(wrong("no boundary"))?.trim_matches('"');
    let mut rest = body;
    let delimiter = format!("--{boundary}");
    let start = find_bytes(rest, delimiter.as_bytes()).ok_or(wrong("no part"))?;
    rest = &rest[start + delimiter.len()..];
    while !rest.starts_with(b"--") {
        let end =
            find_bytes(rest, format!("\r\n{delimiter}").as_bytes()).ok_or(wrong("a part has no end"))?;
        let (part, after) = rest.split_at(end);
        let blank = find_bytes(part, b"\r\n\r\n").ok_or(wrong("a part has no header"))?;
        let header = String::from_utf8_lossy(&part[..blank]);
        if quoted(&header, "name").as_deref() == Some("media") {
            let filename = quoted(&header, "filename").ok_or(wrong("no filename"))?;
            return Ok(FilePart { filename, bytes: &part[blank + 4..] });
        }
        rest = &after[delimiter.len() + 2..];
    }
    Err(wrong("no part named media"))
}

fn quoted(header: &str, name: &str) -> Option<String> {
    let parameter = header.split([';', '\r', '\n']).map(str::trim);
    let prefix = format!("{name}=");
    parameter
        .filter_map(|part| part.strip_prefix(&prefix))
        .map(|value| value.trim_matches('"').to_owned())
        .next()
}

fn find_bytes(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_page_sample() {
        let body = b"-----b\r\nContent-Disposition: form-data; name=\"media\";filename=\"wework.txt\"; filelength=6\r\nContent-Type: application/octet-stream\r\n\r\nmytext\r\n-----b--\r\n";
        let part = file_part("multipart/form-data; boundary=---b", body).unwrap();
        assert_eq!((part.filename.as_str(), part.bytes), ("wework.txt", &b"mytext"[..]));
    }

    #[test]
    fn refuses_what_is_no_upload() {
        for (content_type, body) in [
            ("application/json", "{}"),
            ("multipart/form-data; boundary=b", "--b"),
            ("multipart/form-data; boundary=b", "--b\r\nx\r\n--b--"),
            (
                "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--",
            ),
        ] {
            assert!(file_part(content_type, body.as_bytes()).is_err(), "{body}");
        }
    }
}

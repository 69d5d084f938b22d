//! Attachments of welcomes and mass sends (wecom-send.md §8.1): their shapes, limits and faces.

use serde_json::Value;

use super::error::{ApiError, Checked};
use super::fields::{fitting, list, needed, object, text};
use super::{media, payload};
use crate::sim::world::mass_send::Shown;
use crate::sim::world::{Attached, Step};

const AT_MOST: usize = 9;

/// All attachments of a request, as the screen shows them.
pub fn check(step: &Step<'_>, body: &Value) -> Checked<Vec<Shown>> {
    let attachments = list(body, "attachments")?;
    if attachments.len() > AT_MOST {
        return Err(ApiError::new(41064));
    }
    attachments.iter().map(|attachment| check_one(step, attachment)).collect()
}

fn check_one(step: &Step<'_>, attachment: &Value) -> Checked<Shown> {
    let kind = text(attachment, "msgtype")?;
    if !matches!(kind, "image" | "link" | "miniprogram" | "video" | "file") {
        return Err(ApiError::because(41065, kind));
    }
    let part = object(attachment, kind)?;
    let (content, attached) = match kind {
        "link" => {
            let (picture, about) = (fitting(part, "picurl", 2_048)?, fitting(part, "desc", 512)?);
            let (title, url) = (needed(part, "title", 128, 40058)?, needed(part, "url", 2_048, 40058)?);
            let attached = Attached {
                title: title.to_owned(),
                description: about.to_owned(),
                picture: (!picture.is_empty()).then(|| payload::picture_path(picture)),
                opens: url.to_owned(),
                appid: None,
            };
            (format!("{title}\n{url}"), Some(attached))
        }
        "miniprogram" => {
            let cover = text(part, "pic_media_id")?;
            media::find(step, cover, None)?;
            let (appid, page) = (needed(part, "appid", 64, 40058)?, needed(part, "page", 1_024, 40058)?);
            let title = needed(part, "title", 64, 40058)?;
            let attached = Attached {
                title: title.to_owned(),
                opens: page.to_owned(),
                appid: Some(appid.to_owned()),
                ..payload::picture_of(cover)
            };
            (title.to_owned(), Some(attached))
        }
        "image" if text(part, "media_id")?.is_empty() => {
            let url = needed(part, "pic_url", 2_048, 40058)?;
            (
                url.to_owned(),
                Some(Attached { picture: Some(payload::picture_path(url)), ..Attached::default() }),
            )
        }
        _ => {
            let id = text(part, "media_id")?;
            let name = media::find(step, id, None)?.filename.clone();
            (name, (kind == "image").then(|| payload::picture_of(id)))
        }
    };
    Ok(Shown { kind: kind.to_owned(), content, attached })
}

//! The message types and their limits, shared by `message/send`, `appchat/send` and
//! `webhook/send` (wecom-send.md §3.2, §4.4, §5.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::Value;

use super::card;
use super::error::{ApiError, Checked};
use super::fields::{cut, fitting, list, needed, number, object, text, texts};
use super::media::{self, PICTURES};
use crate::sim::random::hex;
use crate::sim::world::{Attached, Step};

/// Text beyond it is cut off (or refused at a webhook, whose page says nothing of cutting).
const TEXT_AT_MOST: usize = 2_048;
const URL_AT_MOST: usize = 2_048;
const TITLE_AT_MOST: usize = 128;
const DESCRIPTION_AT_MOST: usize = 512;
const PAGE_AT_MOST: usize = 128;
const ARTICLES_AT_MOST: usize = 8;
const WEBHOOK_MARKDOWN_AT_MOST: usize = 4_096;
const WEBHOOK_IMAGE_AT_MOST: usize = 2 * 1024 * 1024;
const MPNEWS_CONTENT_AT_MOST: usize = 666 * 1024;

/// Which call the message came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface<'a> {
    Message,
    Appchat,
    /// With the webhook's id.
    Webhook(&'a str),
}

/// A message that passed: what the screen shows.
#[derive(Debug, PartialEq)]
pub struct Payload {
    pub kind: String,
    pub content: String,
    pub mentions: Vec<String>,
    pub attached: Option<Attached>,
    /// An image that came inside the message, base64.
    pub inline: Option<String>,
}

/// Checks the message in a request.
pub fn check(step: &Step<'_>, surface: Surface<'_>, body: &Value) -> Checked<Payload> {
    let kind = text(body, "msgtype")?;
    if !kinds(surface).contains(&kind) {
        return Err(ApiError::because(40008, kind));
    }
    let payload = object(body, kind)?;
    let content = match kind {
        "text" => check_text(surface, payload)?,
        "markdown" | "markdown_v2" => check_markdown(surface, payload)?,
        "image" if matches!(surface, Surface::Webhook(_)) => check_image(payload)?,
        "image" | "voice" | "video" | "file" => check_media(step, surface, kind, payload)?,
        "textcard" => check_textcard(surface, payload)?,
        "news" => check_news(step, surface, body, payload)?,
        "mpnews" => check_mpnews(step, payload)?,
        "miniprogram_notice" => check_notice(step, body, payload)?,
        _ => {
            card::check(payload, surface)?;
            payload["main_title"]["title"].as_str().unwrap_or_default().to_owned()
        }
    };
    let mut mentions = texts(payload, "mentioned_list")?;
    if matches!(kind, "text" | "markdown") && surface != Surface::Message {
        mentions.extend(inline_mentions(&content));
    }
    let attached = match kind {
        "image" => text(payload, "media_id").ok().filter(|id| !id.is_empty()).map(picture_of),
        "news" => Some(first_article(payload)?),
        _ => None,
    };
    let inline = text(payload, "base64").ok().filter(|base64| !base64.is_empty()).map(str::to_owned);
    Ok(Payload { kind: kind.to_owned(), content, mentions, attached, inline })
}

/// A bubble that shows this image.
pub fn picture_of(media_id: &str) -> Attached {
    Attached { picture: Some(format!("{PICTURES}{media_id}")), ..Attached::default() }
}

/// The address of a picture, without the simulator's own host, which differs from start to start.
pub fn picture_path(address: &str) -> String {
    address.find(PICTURES).map_or(address, |start| &address[start..]).to_owned()
}

fn first_article(payload: &Value) -> Checked<Attached> {
    let Some(article) = articles(payload)?.first() else { return Ok(Attached::default()) };
    let own = |name: &str| text(article, name).map(str::to_owned);
    let (url, appid, picture) = (own("url")?, own("appid")?, own("picurl")?);
    Ok(Attached {
        title: own("title")?,
        description: own("description")?,
        picture: (!picture.is_empty()).then(|| picture_path(&picture)),
        opens: if appid.is_empty() { url } else { own("pagepath")? },
        appid: (!appid.is_empty()).then_some(appid),
    })
}

fn kinds(surface: Surface<'_>) -> &'static [&'static str] {
    match surface {
        Surface::Message => &[
            "text",
            "image",
            "voice",
            "video",
            "file",
            "textcard",
            "news",
            "mpnews",
            "markdown",
            "miniprogram_notice",
            "template_card",
        ],
        Surface::Appchat => {
            &["text", "image", "voice", "video", "file", "textcard", "news", "mpnews", "markdown"]
        }
        Surface::Webhook(_) => {
            &["text", "markdown", "markdown_v2", "image", "news", "file", "voice", "template_card"]
        }
    }
}

fn check_text(surface: Surface<'_>, payload: &Value) -> Checked<String> {
    let content = text(payload, "content")?;
    if content.is_empty() {
        return Err(ApiError::new(44004));
    }
    if matches!(surface, Surface::Webhook(_)) {
        return fitting(payload, "content", TEXT_AT_MOST).map(str::to_owned);
    }
    Ok(cut(content, TEXT_AT_MOST).to_owned())
}

fn check_markdown(surface: Surface<'_>, payload: &Value) -> Checked<String> {
    let webhook = matches!(surface, Surface::Webhook(_));
    let at_most = if webhook { WEBHOOK_MARKDOWN_AT_MOST } else { TEXT_AT_MOST };
    let content = fitting(payload, "content", at_most)?;
    if content.is_empty() { Err(ApiError::new(44004)) } else { Ok(content.to_owned()) }
}

fn check_image(payload: &Value) -> Checked<String> {
    let bytes = STANDARD.decode(text(payload, "base64")?).map_err(|_| ApiError::new(40123))?;
    if bytes.len() > WEBHOOK_IMAGE_AT_MOST {
        return Err(ApiError::new(40009));
    }
    if !(bytes.starts_with(b"\x89PNG") || bytes.starts_with(b"\xff\xd8\xff")) {
        return Err(ApiError::because(40123, "neither JPG nor PNG"));
    }
    let md5 = text(payload, "md5")?;
    // The case of the digits is not stated (wecom-send.md §5.5).
    if !md5.eq_ignore_ascii_case(&hex(&Md5::digest(&bytes))) {
        return Err(ApiError::new(301_019));
    }
    Ok("[图片]".into())
}

fn check_media(step: &Step<'_>, surface: Surface<'_>, kind: &str, payload: &Value) -> Checked<String> {
    let webhook = if let Surface::Webhook(id) = surface { Some(id) } else { None };
    let media = media::find(step, text(payload, "media_id")?, webhook)?;
    if media.kind != kind {
        return Err(ApiError::because(40004, format!("{} is not {kind}", media.kind)));
    }
    if kind == "video" {
        fitting(payload, "title", TITLE_AT_MOST)?;
        fitting(payload, "description", DESCRIPTION_AT_MOST)?;
    }
    Ok(media.filename.clone())
}

/// `message/send` counts characters, `appchat/send` bytes (wecom-send.md §4.4).
fn check_textcard(surface: Surface<'_>, payload: &Value) -> Checked<String> {
    let length = |text: &str| if surface == Surface::Appchat { text.len() } else { text.chars().count() };
    let (title, description) = (text(payload, "title")?, text(payload, "description")?);
    for (name, value, at_most) in
        [("title", title, TITLE_AT_MOST), ("description", description, DESCRIPTION_AT_MOST)]
    {
        if value.is_empty() {
            return Err(ApiError::because(40058, format!("{name} is missing")));
        }
        if length(value) > at_most {
            return Err(ApiError::because(45002, format!("{name} takes {at_most}")));
        }
    }
    let url = needed(payload, "url", URL_AT_MOST, 40058)?;
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(ApiError::because(40058, "url needs http(s)"));
    }
    Ok(format!("{title}\n{description}\n{url}"))
}

/// A mini-program opens from an app's message (wecom-send.md §3.2); the page names no errcode for one that
/// is not linked, so it is the notice's. A webhook needs an address (§5.2).
fn check_news(step: &Step<'_>, surface: Surface<'_>, body: &Value, payload: &Value) -> Checked<String> {
    if number(body, "safe")?.is_some_and(|safe| safe != 0) {
        return Err(ApiError::new(40074));
    }
    let articles = articles(payload)?;
    let mut shown = Vec::new();
    for article in articles {
        shown.push(needed(article, "title", TITLE_AT_MOST, 45002)?);
        fitting(article, "description", DESCRIPTION_AT_MOST)?;
        fitting(article, "picurl", URL_AT_MOST)?;
        let appid = text(article, "appid")?;
        if appid.is_empty() || matches!(surface, Surface::Webhook(_)) {
            shown.push(needed(article, "url", URL_AT_MOST, 40058)?);
        } else {
            needed(article, "pagepath", PAGE_AT_MOST, 40058)?;
            check_linked(step, appid)?;
        }
    }
    Ok(shown.join("\n"))
}

fn check_mpnews(step: &Step<'_>, payload: &Value) -> Checked<String> {
    let mut titles = Vec::new();
    for article in articles(payload)? {
        titles.push(needed(article, "title", TITLE_AT_MOST, 45002)?);
        media::find(step, text(article, "thumb_media_id")?, None)?;
        needed(article, "content", MPNEWS_CONTENT_AT_MOST, 45002)?;
        fitting(article, "author", 64)?;
        fitting(article, "digest", DESCRIPTION_AT_MOST)?;
    }
    Ok(titles.join("\n"))
}

fn articles(payload: &Value) -> Checked<&[Value]> {
    match list(payload, "articles")? {
        [] => Err(ApiError::because(40058, "articles is missing")),
        articles if articles.len() > ARTICLES_AT_MOST => Err(ApiError::new(45008)),
        articles => Ok(articles),
    }
}

fn check_notice(step: &Step<'_>, body: &Value, payload: &Value) -> Checked<String> {
    if text(body, "touser")? == "@all" {
        return Err(ApiError::because(40035, "miniprogram_notice takes no @all"));
    }
    let appid = needed(payload, "appid", 64, 90207)?;
    check_linked(step, appid)?;
    if text(payload, "page")?.len() > 1_024 {
        return Err(ApiError::because(90204, "page"));
    }
    let title = text(payload, "title")?;
    if !(4..=12).contains(&title.chars().count()) {
        return Err(ApiError::because(40058, "title needs 4 to 12 characters"));
    }
    let items = list(payload, "content_item")?;
    if items.len() > 10 {
        return Err(ApiError::because(90201, "content_item"));
    }
    for item in items {
        for (name, at_most, code) in [("key", 10, 90202), ("value", 30, 90203)] {
            if !(1..=at_most).contains(&text(item, name)?.chars().count()) {
                return Err(ApiError::because(code, name));
            }
        }
    }
    Ok(title.to_owned())
}

fn check_linked(step: &Step<'_>, appid: &str) -> Checked<()> {
    let linked = step.state().corp.mini_programs.iter().any(|linked| linked == appid);
    if linked { Ok(()) } else { Err(ApiError::because(90206, "not linked to the corp")) }
}

/// `<@userid>` inside the text.
fn inline_mentions(content: &str) -> Vec<String> {
    let names = content.split("<@").skip(1).filter_map(|rest| rest.split_once('>'));
    names.map(|(name, _)| name.to_owned()).filter(|name| !name.contains(char::is_whitespace)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_found_in_the_text() {
        assert_eq!(inline_mentions("<@zhao.lei> 请看 <@sun.qian>"), ["zhao.lei", "sun.qian"]);
        assert!(inline_mentions("1 <@ 2 > 3").is_empty());
    }
}

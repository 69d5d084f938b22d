//! `externalcontact/send_welcome_msg`: one welcome to a new customer (wecom-send.md §7.1).

use jiff::SignedDuration;
use serde_json::Value;

use super::error::{ApiError, Checked};
use super::fields::{fitting, list, needed, object, text};
use super::{Outcome, Request, media};
use crate::sim::world::{Change, PrivateMessage, Step, WelcomeCode};

const VALID: SignedDuration = SignedDuration::from_secs(20);
const TEXT_AT_MOST: usize = 4_000;
const ATTACHMENTS_AT_MOST: usize = 9;

pub fn send(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    if !request.app()?.customer_contact {
        return Err(ApiError::new(48002));
    }
    let body = &request.body;
    let code = valid_code(step, text(body, "welcome_code")?)?;
    let content = fitting(&body["text"], "content", TEXT_AT_MOST)?;
    let attachments = list(body, "attachments")?;
    if content.is_empty() && attachments.is_empty() {
        return Err(ApiError::because(40058, "text and attachments are both empty"));
    }
    if attachments.len() > ATTACHMENTS_AT_MOST {
        return Err(ApiError::new(41064));
    }
    let attached: Vec<(String, String)> =
        attachments.iter().map(|attachment| check_attachment(step, attachment)).collect::<Checked<_>>()?;
    step.make(Change::WelcomeCodeUsed { code: code.code.clone() });
    let text = (!content.is_empty()).then(|| ("text".to_owned(), content.to_owned()));
    for (kind, content) in text.into_iter().chain(attached) {
        tell(step, &code, kind, content);
    }
    Ok(Outcome { seen_by: vec![code.customer], ..Outcome::default() })
}

fn valid_code(step: &Step<'_>, code: &str) -> Checked<WelcomeCode> {
    if code.is_empty() {
        return Err(ApiError::new(41049));
    }
    let code = step.state().welcome_codes.get(code).ok_or(ApiError::new(41050))?;
    if code.used {
        return Err(ApiError::new(41051));
    }
    if step.now().duration_since(code.issued_at) > VALID {
        return Err(ApiError::new(41050));
    }
    Ok(code.clone())
}

/// The shapes of wecom-send.md §8.1. Answers the kind and what the screen shows.
fn check_attachment(step: &Step<'_>, attachment: &Value) -> Checked<(String, String)> {
    let kind = text(attachment, "msgtype")?;
    if !matches!(kind, "image" | "link" | "miniprogram" | "video" | "file") {
        return Err(ApiError::because(41065, kind));
    }
    let part = object(attachment, kind)?;
    let shown = match kind {
        "link" => {
            fitting(part, "picurl", 2_048)?;
            fitting(part, "desc", 512)?;
            format!("{}\n{}", needed(part, "title", 128, 40058)?, needed(part, "url", 2_048, 40058)?)
        }
        "miniprogram" => {
            media::find(step, text(part, "pic_media_id")?, None)?;
            needed(part, "appid", 64, 40058)?;
            needed(part, "page", 1_024, 40058)?;
            needed(part, "title", 64, 40058)?.to_owned()
        }
        "image" if text(part, "media_id")?.is_empty() => needed(part, "pic_url", 2_048, 40058)?.to_owned(),
        _ => media::find(step, text(part, "media_id")?, None)?.filename.clone(),
    };
    Ok((kind.to_owned(), shown))
}

/// The customer sees it in the 1:1 chat with the member who was added.
fn tell(step: &mut Step<'_>, code: &WelcomeCode, kind: String, content: String) {
    let message = PrivateMessage {
        msgid: step.message_id(),
        at: step.now(),
        window: format!("contact:{}", code.member),
        from: code.member.clone(),
        kind,
        content,
        attached: None,
        card: None,
        recalled: false,
    };
    step.make(Change::Told { person: code.customer.clone(), message: Box::new(message) });
}

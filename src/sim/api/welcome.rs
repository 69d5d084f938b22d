//! `externalcontact/send_welcome_msg`: one welcome to a new customer (wecom-send.md §7.1).

use super::error::{ApiError, Checked};
use super::fields::{fitting, text};
use super::{Outcome, Request, attachments};
use crate::sim::world::mass_send::Shown;
use crate::sim::world::{Change, PrivateMessage, Step, WelcomeCode};
use jiff::SignedDuration;

const VALID: SignedDuration = SignedDuration::from_secs(20);
const TEXT_AT_MOST: usize = 4_000;

pub fn send(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    if !request.app()?.customer_contact {
        return Err(ApiError::new(48002));
    }
    let body = &request.body;
    let code = valid_code(step, text(body, "welcome_code")?)?;
    let content = fitting(&body["text"], "content", TEXT_AT_MOST)?;
    let attachments = attachments::check(step, body)?;
    if content.is_empty() && attachments.is_empty() {
        return Err(ApiError::because(40058, "text and attachments are both empty"));
    }
    step.make(Change::WelcomeCodeUsed { code: code.code.clone() });
    let text = (!content.is_empty()).then(|| Shown::text(content));
    for shown in text.into_iter().chain(attachments) {
        tell(step, &code, shown);
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

/// The customer sees it in the 1:1 chat with the member who was added.
fn tell(step: &mut Step<'_>, code: &WelcomeCode, shown: Shown) {
    let Shown { kind, content, attached } = shown;
    let message = PrivateMessage {
        msgid: step.message_id(),
        at: step.now(),
        window: format!("contact:{}", code.member),
        from: code.member.clone(),
        kind,
        content,
        attached,
        card: None,
        recalled: false,
    };
    step.make(Change::Told { person: code.customer.clone(), message: Box::new(message) });
}

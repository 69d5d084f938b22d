//! `aibot/response`: the one active reply that a smart robot's `response_url` allows
//! (wecom-receive.md §4.8).

use jiff::SignedDuration;

use super::error::{ApiError, Checked};
use super::fields::{needed, object, text};
use super::payload::Surface;
use super::{Outcome, Request, card};
use crate::sim::replies::{BotAnswer, bot_says};
use crate::sim::world::callback::Regarding;
use crate::sim::world::{Change, ResponseCode, Step};

const VALID: SignedDuration = SignedDuration::from_hours(1);
const CONTENT_AT_MOST: usize = 20_480;

pub fn respond(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let code = valid_code(step, request.query("response_code"))?;
    let body = &request.body;
    let answer = match text(body, "msgtype")? {
        "markdown" => {
            let content = needed(object(body, "markdown")?, "content", CONTENT_AT_MOST, 45002)?;
            BotAnswer::Markdown(content.to_owned())
        }
        "template_card" => {
            let content = object(body, "template_card")?;
            card::check(content, Surface::Message)?;
            BotAnswer::Card(content.clone())
        }
        other => return Err(ApiError::because(40008, other)),
    };
    step.make(Change::ResponseCodeUsed { code: code.code });
    let regarding =
        Regarding { person: Some(code.person), chat: code.chat, msgid: code.msgid, ..Regarding::default() };
    let (_, seen_by) = bot_says(step, &code.bot, &regarding, answer);
    Ok(Outcome { by: Some(format!("bot:{}", code.bot)), seen_by, ..Outcome::default() })
}

/// The page names no errcode for a bad code; 60140 is the one of the other response code.
fn valid_code(step: &Step<'_>, code: &str) -> Checked<ResponseCode> {
    let code = step.state().response_codes.get(code).ok_or(ApiError::new(60140))?;
    if code.used || step.now().duration_since(code.issued_at) > VALID {
        return Err(ApiError::new(60140));
    }
    Ok(code.clone())
}

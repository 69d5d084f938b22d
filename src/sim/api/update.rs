//! `message/update_template_card` and `message/recall` (wecom-send.md §3.4).

use std::collections::VecDeque;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::card;
use super::error::{ApiError, Checked};
use super::fields::{list, number, text, texts};
use super::payload::Surface;
use super::{Outcome, Request};
use crate::sim::world::card::{CARD_LIVES, Card};
use crate::sim::world::{Change, PrivateMessage, Step};

const RECALL_WITHIN: SignedDuration = SignedDuration::from_hours(24);

pub fn card(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let (app, body) = (request.app()?, &request.body);
    let agent = number(body, "agentid")?.ok_or(ApiError::new(40056))?;
    if agent != i64::from(app.agent_id) {
        return Err(ApiError::new(301_002));
    }
    let code = text(body, "response_code")?;
    let card = with_code(step, code)?;
    if card.sender != format!("app:{}", app.id) {
        return Err(ApiError::new(42015));
    }
    let (people, invalid) = targets(&card, body)?;
    let (label, replaced) = new_face(body)?;
    step.make(Change::CardCodeUsed { card: card.id.clone(), code: code.to_owned() });
    step.make(Change::CardUpdated { card: card.id, people: people.clone(), label, replaced });
    let answer = json!({"invaliduser": invalid});
    Ok(Outcome { seen_by: people, ..Outcome::answering(answer) })
}

/// The card of a response code that is valid and unused.
fn with_code(step: &Step<'_>, code: &str) -> Checked<Card> {
    let card = step.state().cards.values().find(|card| card.codes.contains_key(code));
    let card = card.ok_or(ApiError::new(60140))?;
    let found = &card.codes[code];
    if found.used || step.now().duration_since(found.issued_at) > CARD_LIVES {
        return Err(ApiError::new(60140));
    }
    Ok(card.clone())
}

fn targets(card: &Card, body: &Value) -> Checked<(Vec<String>, Vec<String>)> {
    let users = texts(body, "userids")?;
    let everybody = number(body, "atall")? == Some(1) || !list(body, "partyids")?.is_empty();
    if everybody {
        return Ok((card.faces.keys().cloned().collect(), Vec::new()));
    }
    if users.is_empty() && list(body, "tagids")?.is_empty() {
        return Err(ApiError::new(82101));
    }
    let (people, others): (Vec<_>, Vec<_>) =
        users.into_iter().partition(|user| card.faces.contains_key(user));
    if people.is_empty() {
        return Err(ApiError::new(82102));
    }
    Ok((people, others.iter().map(|user| user.to_lowercase()).collect()))
}

/// Variant A greys the buttons out with a text, variant B brings a whole new card.
fn new_face(body: &Value) -> Checked<(Option<String>, Option<Value>)> {
    if body["template_card"].is_object() {
        let replacement = &body["template_card"];
        let mut checked = replacement.clone();
        // The samples of new cards carry no task_id; the card keeps the one it has.
        checked["task_id"] = "kept".into();
        card::check(&checked, Surface::Message)?;
        let label = text(replacement, "replace_text")?;
        return Ok((Some(label.to_owned()).filter(|label| !label.is_empty()), Some(replacement.clone())));
    }
    let label = text(&body["button"], "replace_name")?;
    if label.is_empty() {
        return Err(ApiError::because(40058, "button.replace_name or template_card is needed"));
    }
    Ok((Some(label.to_owned()), None))
}

/// Only the app's own messages, within 24 hours.
pub fn recall(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let msgid = text(&request.body, "msgid")?;
    let sent = step.state().sent.iter().rev().find(|sent| sent.msgid == msgid);
    let sent = sent.filter(|sent| Some(&sent.app) == request.app.as_ref().map(|app| &app.id));
    let sent = sent.ok_or(ApiError::because(40058, "msgid"))?;
    if step.now().duration_since(sent.at) > RECALL_WITHIN {
        return Err(ApiError::new(42052));
    }
    let holds = |messages: &VecDeque<PrivateMessage>| messages.iter().any(|message| message.msgid == msgid);
    let windows = step.state().private.iter();
    let people: Vec<String> =
        windows.filter(|(_, messages)| holds(messages)).map(|(person, _)| person.clone()).collect();
    for person in people {
        step.make(Change::ToldRecalled { person, msgid: msgid.to_owned() });
    }
    Ok(Outcome::default())
}

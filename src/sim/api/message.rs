//! `message/send`: the app to members of the corp (wecom-send.md §3).

use std::collections::BTreeMap;

use serde_json::Value;
use sha1::{Digest, Sha1};

use super::error::{ApiError, Checked};
use super::fields::{fields, number, text};
use super::payload::{self, Payload, Surface};
use super::recipients::Recipients;
use super::{Outcome, Request, card};
use crate::sim::random::{hex, random_text};
use crate::sim::world::card::{Card, CardCode, Face};
use crate::sim::world::{App, Change, Limit, PrivateMessage, SentMessage, Step};

/// What goes beyond is dropped without an error (wecom-send.md §2.3).
const PER_MEMBER: [Limit; 2] = [Limit::per_minute(30), Limit::per_hour(1_000)];
const DUPLICATE_CHECK_DEFAULT: i64 = 1_800;
const DUPLICATE_CHECK_AT_MOST: i64 = 14_400;

pub fn send(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let (app, body) = (request.app()?.clone(), &request.body);
    check_agent(&app, body)?;
    let recipients = Recipients::of(step.state(), body)?;
    let payload = payload::check(step, Surface::Message, body)?;
    let fingerprint = fingerprint(body, &request.call.body)?;
    if let Some(earlier) = earlier_twin(step, &app, body, fingerprint.as_deref())? {
        let answer = fields([("msgid", earlier.into())]);
        return Ok(Outcome { answer, dropped: Some("duplicate".into()), ..Outcome::default() });
    }
    // Unverified: that a repeated card is dropped as a duplicate before its task_id counts as used.
    let is_card = payload.kind == "template_card";
    if is_card {
        check_card(step, &app, &body["template_card"])?;
    }
    let msgid = format!("msg{}", random_text(60));
    let (reached, over_limit) = within_limits(step, &app, recipients.people);
    let card = is_card.then(|| send_card(step, &app, &body["template_card"], &reached));
    for person in &reached {
        tell(step, &app, person, &msgid, &payload, card.as_ref());
    }
    let sent = SentMessage { msgid: msgid.clone(), app: app.id, at: step.now(), fingerprint };
    step.make(Change::MessageSent(sent));
    let mut answer = fields([
        ("invaliduser", recipients.invalid_users.join("|").into()),
        ("invalidparty", recipients.invalid_parties.join("|").into()),
        ("invalidtag", recipients.invalid_tags.join("|").into()),
        ("unlicenseduser", "".into()),
        ("msgid", msgid.into()),
    ]);
    if let Some(code) = card.and_then(|card| card.codes.into_keys().next()) {
        answer.insert("response_code".into(), code.into());
    }
    let dropped =
        (!over_limit.is_empty()).then(|| format!("over 30/min or 1000/h: {}", over_limit.join("|")));
    Ok(Outcome { answer, seen_by: reached, dropped, ..Outcome::default() })
}

/// `miniprogram_notice` carries an appid instead of an agentid.
fn check_agent(app: &App, body: &Value) -> Checked<()> {
    match number(body, "agentid")? {
        None if text(body, "msgtype")? == "miniprogram_notice" => Ok(()),
        None => Err(ApiError::new(40056)),
        Some(agent) if agent == i64::from(app.agent_id) => Ok(()),
        Some(_) => Err(ApiError::new(301_002)),
    }
}

fn check_card(step: &Step<'_>, app: &App, card: &Value) -> Checked<()> {
    if card::answers_taps(card) && !app.has_callback {
        return Err(ApiError::new(43012));
    }
    let task_id = text(card, "task_id")?;
    let sender = format!("app:{}", app.id);
    let taken = |card: &Card| card.sender == sender && card.task_id.as_deref() == Some(task_id);
    if !task_id.is_empty() && step.state().cards.values().any(taken) {
        return Err(ApiError::because(40035, "task_id was used before"));
    }
    Ok(())
}

/// The duplicate check compares the whole request JSON (wecom-send.md §3.7).
fn fingerprint(body: &Value, bytes: &[u8]) -> Checked<Option<String>> {
    let wanted = number(body, "enable_duplicate_check")? == Some(1);
    Ok(wanted.then(|| hex(&Sha1::digest(bytes))))
}

fn earlier_twin(
    step: &Step<'_>,
    app: &App,
    body: &Value,
    fingerprint: Option<&str>,
) -> Checked<Option<String>> {
    let interval = number(body, "duplicate_check_interval")?.unwrap_or(DUPLICATE_CHECK_DEFAULT);
    if !(0..=DUPLICATE_CHECK_AT_MOST).contains(&interval) {
        return Err(ApiError::because(40035, "duplicate_check_interval"));
    }
    let Some(fingerprint) = fingerprint else { return Ok(None) };
    let now = step.now();
    let twin = |sent: &&SentMessage| {
        sent.app == app.id
            && sent.fingerprint.as_deref() == Some(fingerprint)
            && now.duration_since(sent.at).as_secs() < interval
    };
    Ok(step.state().sent.iter().rev().find(twin).map(|sent| sent.msgid.clone()))
}

/// Splits the people into those the message reaches and those who had too many already.
fn within_limits(step: &mut Step<'_>, app: &App, people: Vec<String>) -> (Vec<String>, Vec<String>) {
    let now = step.now();
    let (reached, over): (Vec<String>, Vec<String>) = people.into_iter().partition(|person| {
        let budget = budget(app, person);
        !step.state().budgets.exhausted(&budget, &PER_MEMBER, now, 1)
    });
    for person in &reached {
        step.make(Change::Booked { budget: budget(app, person), at: now, weight: 1 });
    }
    (reached, over)
}

fn budget(app: &App, person: &str) -> String {
    format!("message:{}>{person}", app.id)
}

fn send_card(step: &mut Step<'_>, app: &App, content: &Value, to: &[String]) -> Card {
    let task_id = content["task_id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    let free = |id: &String| !step.state().cards.contains_key(id);
    let id = task_id.clone().filter(free).unwrap_or_else(|| format!("card-{}", step.number()));
    let now = step.now();
    let code = || (random_text(64), CardCode { issued_at: now, used: false });
    let card = Card {
        id,
        sender: format!("app:{}", app.id),
        task_id,
        chat: None,
        sent_at: now,
        content: content.clone(),
        faces: to.iter().map(|person| (person.clone(), Face::default())).collect(),
        codes: BTreeMap::from_iter(card::answers_taps(content).then(code)),
    };
    step.make(Change::CardSent(Box::new(card.clone())));
    card
}

fn tell(step: &mut Step<'_>, app: &App, person: &str, msgid: &str, payload: &Payload, card: Option<&Card>) {
    let window = format!("app:{}", app.id);
    let message = PrivateMessage {
        msgid: msgid.to_owned(),
        at: step.now(),
        window: window.clone(),
        from: window,
        kind: if card.is_some() { "card".into() } else { payload.kind.clone() },
        content: payload.content.clone(),
        attached: payload.attached.clone(),
        card: card.map(|card| card.id.clone()),
        recalled: false,
    };
    step.make(Change::Told { person: person.to_owned(), message: Box::new(message) });
}

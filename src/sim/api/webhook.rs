//! `webhook/send`: a group's push robot, known by its key alone (wecom-send.md §5).

use super::error::{ApiError, Checked};
use super::payload::{self, Surface};
use super::{Outcome, Request, media};
use crate::sim::wire::same;
use crate::sim::world::group::{Author, GroupMessage};
use crate::sim::world::{Change, Limit, Step, Webhook};

/// The errcode beyond it is the general one; the webhook's own is unverified.
const MESSAGES: [Limit; 1] = [Limit::per_minute(20)];

pub fn send(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let webhook = find(step, request)?;
    let members = step.state().groups.get(&webhook.chat).map(|group| group.member_ids());
    let seen_by = members.ok_or(ApiError::because(93000, "the group is gone"))?;
    let budget = format!("webhook:{}", webhook.id);
    let now = step.now();
    if step.state().budgets.exhausted(&budget, &MESSAGES, now, 1) {
        return Err(ApiError::new(45009));
    }
    let payload = payload::check(step, Surface::Webhook(&webhook.id), &request.body)?;
    step.make(Change::Booked { budget: budget.clone(), at: now, weight: 1 });
    let attached = match &payload.inline {
        Some(base64) => Some(payload::picture_of(&media::keep_inline(step, &webhook.id, base64)?)),
        None => payload.attached,
    };
    let message = GroupMessage {
        msgid: step.message_id(),
        at: now,
        from: budget.clone(),
        by: Author::Bot,
        kind: payload.kind,
        content: payload.content,
        mentions: payload.mentions,
        quotes: None,
        attached,
        card: None,
        visible_to: Vec::new(),
        recalled: false,
    };
    step.make(Change::Said { chat: webhook.chat, message: Box::new(message) });
    Ok(Outcome { by: Some(budget), seen_by, ..Outcome::default() })
}

/// `webhook/upload_media`: files for this webhook alone.
pub fn upload(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let webhook = find(step, request)?;
    media::store(step, request, Some(webhook.id))
}

fn find(step: &Step<'_>, request: &Request<'_>) -> Checked<Webhook> {
    let key = request.query("key");
    let webhook = step.state().webhooks.iter().find(|webhook| same(webhook.key.expose(), key));
    webhook.cloned().ok_or(ApiError::new(93000))
}

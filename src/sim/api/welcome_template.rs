//! `group_welcome_template/*`: the corp's library of group welcomes (wecom-send.md §7.2).
//!
//! Where the page is silent the simulator is strict: an id that nobody gave out is 40058.

use serde_json::{Value, json};

use super::error::{ApiError, Checked};
use super::fields::{fitting, text};
use super::mass_send::check_permission;
use super::{Outcome, Request, attachments};
use crate::sim::random::random_text;
use crate::sim::world::welcome_template::{TEMPLATES_AT_MOST, WelcomeTemplate};
use crate::sim::world::{Change, Step};

const TEXT_AT_MOST: usize = 3_000;
/// Only one counts besides the text, the first of these that is there.
const KINDS: [&str; 5] = ["image", "link", "miniprogram", "file", "video"];

pub fn add(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    check_permission(request)?;
    let (text, attachment) = content(step, &request.body)?;
    if step.state().welcome_templates.len() >= TEMPLATES_AT_MOST {
        return Err(ApiError::new(41055));
    }
    let app = request.app()?.id.clone();
    let template = WelcomeTemplate { id: format!("msg{}", random_text(25)), app, text, attachment };
    let answer = json!({"template_id": template.id});
    step.make(Change::TemplatePut(template));
    Ok(Outcome::answering(answer))
}

pub fn edit(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let before = own(step, request)?;
    let (text, attachment) = content(step, &request.body)?;
    step.make(Change::TemplatePut(WelcomeTemplate { text, attachment, ..before }));
    Ok(Outcome::default())
}

pub fn get(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let template = find(step, request)?;
    let mut answer = json!({"text": {"content": template.text}});
    if let Some((kind, part)) = template.attachment {
        answer[kind] = part;
    }
    Ok(Outcome::answering(answer))
}

pub fn delete(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let template = own(step, request)?;
    step.make(Change::TemplateDeleted { id: template.id });
    Ok(Outcome::default())
}

/// What a template says; its attachment as it was sent.
fn content(step: &Step<'_>, body: &Value) -> Checked<(String, Option<(String, Value)>)> {
    let text = fitting(&body["text"], "content", TEXT_AT_MOST)?.to_owned();
    let kind = KINDS.into_iter().find(|kind| body[kind].is_object());
    let attachment = kind.map(|kind| (kind.to_owned(), body[kind].clone()));
    if let Some((kind, part)) = &attachment {
        let attached = json!({"attachments": [{"msgtype": kind, kind.as_str(): part}]});
        attachments::check(step, &attached)?;
    }
    if text.is_empty() && attachment.is_none() {
        return Err(ApiError::because(40058, "text and attachment are both empty"));
    }
    Ok((text, attachment))
}

fn find(step: &Step<'_>, request: &Request<'_>) -> Checked<WelcomeTemplate> {
    check_permission(request)?;
    let id = text(&request.body, "template_id")?;
    let template = step.state().welcome_templates.get(id).cloned();
    template.ok_or_else(|| ApiError::because(40058, "template_id"))
}

/// Only the app that made it may change it.
fn own(step: &Step<'_>, request: &Request<'_>) -> Checked<WelcomeTemplate> {
    let template = find(step, request)?;
    if template.app == request.app()?.id { Ok(template) } else { Err(ApiError::new(41058)) }
}

//! What a tester can look at.

use axum::extract::{Path, Query, State as Shared};
use axum::http::header;
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{AfterQuery, Answer, ok};
use crate::sim::refusal::Refusal;
use crate::sim::world::group::{Group, GroupMessage};
use crate::sim::world::mass_send::MassSend;
use crate::sim::world::moment::Moment;
use crate::sim::world::{PrivateMessage, State, World};

pub async fn state(Shared(world): Shared<World>) -> Answer {
    let offset_seconds = world.clock().offset().as_secs();
    let now = world.clock().now();
    let playing = world.playing().borrow().is_on();
    world.read(|state| {
        let groups: Vec<Value> = state.groups.values().map(|group| summary(state, group)).collect();
        let robots = state
            .robots
            .iter()
            .map(|robot| json!({"id": robot.id, "name": robot.name, "kind": "group-robot"}));
        let aibots =
            state.aibots.iter().map(|robot| json!({"id": robot.id, "name": robot.name, "kind": "aibot"}));
        let apps =
            state.apps.iter().map(|app| json!({"id": app.id, "name": app.name, "agent_id": app.agent_id}));
        ok(json!({
            "corp_id": state.corp.id,
            "corp_name": state.corp.name,
            "now": now,
            "offset_seconds": offset_seconds,
            "groups": groups,
            "people": state.people.values().collect::<Vec<_>>(),
            "bots": robots.chain(aibots).collect::<Vec<_>>(),
            "apps": apps.collect::<Vec<_>>(),
            "week": state.week.as_ref().map(|week| {
                json!({"chat_id": week.chat, "from": week.from, "until": week.until, "playing": playing})
            }),
        }))
    })
}

fn summary(state: &State, group: &Group) -> Value {
    json!({
        "chat_id": group.chat_id,
        "name": group.name,
        "kind": group.kind,
        "owner": group.owner,
        "about": group.about,
        "heard_by": heard_by(state, group),
        "members": group.members.len(),
    })
}

/// The ears that reach this group, by the names of the configuration.
fn heard_by(state: &State, group: &Group) -> Vec<&'static str> {
    let ears = [
        ("group-robot", state.robots_in(&group.chat_id).next().is_some()),
        ("aibot", state.aibot_in(&group.chat_id).is_some()),
        ("archive", group.archived),
        ("events", group.is_customer()),
    ];
    ears.into_iter().filter_map(|(ear, hears)| hears.then_some(ear)).collect()
}

pub async fn group(Shared(world): Shared<World>, Path(chat): Path<String>) -> Answer {
    world.read(|state| {
        let group = state.groups.get(&chat).ok_or_else(|| Refusal::no_group(&chat))?;
        let members: Vec<Value> = group
            .members
            .iter()
            .map(|member| {
                let person = state.people.get(&member.id);
                json!({
                    "id": member.id,
                    "name": state.name_of(&member.id),
                    "title": person.map_or("", |person| &person.title),
                    "corp_member": person.is_some_and(|person| person.corp_member),
                    "joined_at": member.joined_at,
                })
            })
            .collect();
        let said = state.said.get(&chat).into_iter().flatten();
        let messages: Vec<Value> = said.map(|message| group_message(state, message)).collect();
        ok(json!({
            "chat_id": group.chat_id,
            "name": group.name,
            "kind": group.kind,
            "owner": group.owner,
            "notice": group.notice,
            "about": group.about,
            "heard_by": heard_by(state, group),
            "members": members,
            "messages": messages,
        }))
    })
}

fn group_message(state: &State, message: &GroupMessage) -> Value {
    let mut view = json!({
        "msgid": message.msgid,
        "from": message.from,
        "name": speaker(state, &message.from),
        "at": message.at,
        "kind": message.kind,
        "content": message.content,
        "by": message.by,
        "mentions": message.mentions,
        "recalled": message.recalled,
    });
    if let Some(attached) = &message.attached {
        view["attached"] = json!(attached);
    }
    if let Some(quoted) = &message.quotes {
        let said = state.said.values().flatten().find(|other| &other.msgid == quoted);
        view["quotes"] = json!({"msgid": quoted, "content": said.map(|other| &other.content)});
    }
    if let Some(card) = message.card.as_ref().and_then(|card| state.cards.get(card)) {
        view["card"] = card.view("");
    }
    if !message.visible_to.is_empty() {
        view["visible_to"] = json!(message.visible_to);
    }
    view
}

/// The name above a message: a person's, an app's or a robot's.
fn speaker(state: &State, from: &str) -> String {
    let named = match from.split_once(':') {
        Some(("app", id)) => state.app(id).map(|app| app.name.as_str()),
        Some(("bot", id)) => state.aibot(id).map(|robot| robot.name.as_str()),
        Some(("robot", id)) => state.robot(id).map(|robot| robot.name.as_str()),
        Some(("webhook", _)) => Some("群机器人"),
        _ => Some(state.name_of(from)),
    };
    named.unwrap_or(from).to_owned()
}

pub async fn private(Shared(world): Shared<World>, Path(user): Path<String>) -> Answer {
    world.read(|state| {
        if !state.people.contains_key(&user) {
            return Err(Refusal::no_person(&user));
        }
        let told = state.private.get(&user).into_iter().flatten();
        let messages: Vec<Value> = told.map(|message| private_message(state, &user, message)).collect();
        ok(json!({"messages": messages}))
    })
}

fn private_message(state: &State, user: &str, message: &PrivateMessage) -> Value {
    let mut view = json!({
        "msgid": message.msgid,
        "at": message.at,
        "window": message.window,
        "from": message.from,
        "name": speaker(state, &message.from),
        "kind": message.kind,
        "content": message.content,
        "recalled": message.recalled,
    });
    if let Some(attached) = &message.attached {
        view["attached"] = json!(attached);
    }
    if let Some(card) = message.card.as_ref().and_then(|card| state.cards.get(card)) {
        view["card"] = card.view(user);
    }
    if let Some(send) = state.mass_sends.get(&message.msgid) {
        view["mass_send"] = mass_send(state, send);
    }
    if let Some(moment) = state.moments.get(&message.msgid) {
        view["moment"] = task_of(moment, user);
    }
    view
}

pub async fn mass_sends(Shared(world): Shared<World>) -> Answer {
    world.read(|state| {
        let mut sends: Vec<&MassSend> = state.mass_sends.values().collect();
        sends.sort_by_key(|send| std::cmp::Reverse((send.made_at, &send.msgid)));
        let items: Vec<Value> = sends.into_iter().map(|send| mass_send(state, send)).collect();
        ok(json!({"items": items}))
    })
}

fn mass_send(state: &State, send: &MassSend) -> Value {
    let stage = match (send.sent_at, send.cancelled_at) {
        (Some(_), _) => "sent",
        (None, Some(_)) => "cancelled",
        (None, None) => "waiting",
    };
    let name = |chat: &String| state.groups.get(chat).map_or(chat, |group| &group.name).clone();
    json!({
        "msgid": send.msgid,
        "sender": send.sender,
        "groups": send.chats.iter().map(name).collect::<Vec<_>>(),
        "state": stage,
        "results": send.results,
    })
}

pub async fn welcome_templates(Shared(world): Shared<World>) -> Answer {
    world.read(|state| ok(json!({"items": state.welcome_templates.values().collect::<Vec<_>>()})))
}

pub async fn moments(Shared(world): Shared<World>) -> Answer {
    world.read(|state| {
        let mut moments: Vec<&Moment> = state.moments.values().collect();
        moments.sort_by_key(|moment| std::cmp::Reverse((moment.asked_at, &moment.id)));
        let view = |moment: &&Moment| {
            json!({"id": moment.id, "people": moment.people, "text": moment.text,
                   "cancelled": moment.cancelled_at.is_some(), "published": moment.published})
        };
        ok(json!({"items": moments.iter().map(view).collect::<Vec<_>>()}))
    })
}

/// A moment as one of its people sees it.
fn task_of(moment: &Moment, person: &str) -> Value {
    let published = moment.published.get(person);
    let stage = match (published, moment.cancelled_at) {
        (Some(_), _) => "published",
        (None, Some(_)) => "cancelled",
        (None, None) => "waiting",
    };
    json!({
        "id": moment.id,
        "state": stage,
        "likes": published.map_or(0, |published| published.likes.len()),
        "comments": published.map_or(0, |published| published.comments.len()),
    })
}

/// The type is told by the content, whatever the file was called; nothing else than an image is kept.
pub async fn picture(
    Shared(world): Shared<World>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let picture = world.read(|state| state.media.get(&id).and_then(|media| media.picture.clone()));
    let bytes = picture.and_then(|base64| STANDARD.decode(base64).ok());
    let bytes = bytes.ok_or_else(|| Refusal::Missing(format!("没有图片 {id}")))?;
    let kind = if bytes.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" };
    Ok(([(header::CONTENT_TYPE, kind), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], bytes))
}

pub async fn outbound(Shared(world): Shared<World>, Query(query): Query<AfterQuery>) -> Answer {
    world.read(|state| {
        let items: Vec<_> = state.outbound.iter().filter(|call| call.n > query.after).collect();
        ok(json!({"items": items}))
    })
}

pub async fn callbacks(Shared(world): Shared<World>, Query(query): Query<AfterQuery>) -> Answer {
    world.read(|state| {
        let items: Vec<_> = state.reports.iter().filter(|report| report.n > query.after).collect();
        ok(json!({"items": items, "waiting": state.waiting_callbacks()}))
    })
}

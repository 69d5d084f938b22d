//! `add_join_way`, `get_join_way`, `update_join_way` and `del_join_way` (wecom-send.md §6.5).
//!
//! **Unverified**: the code of an unknown `config_id` (40058 here), and of a text that is too long (40058 here, but
//! `remark`, which the page says is cut).

use serde_json::{Value, json};

use super::error::{ApiError, Checked};
use super::fields::{number, text, texts};
use super::{Outcome, Request};
use crate::sim::random::{hex, random_bytes};
use crate::sim::world::join_way::JoinWay;
use crate::sim::world::{Change, Step};

const CHATS_AT_MOST: usize = 5;
/// In characters.
const REMARK_AT_MOST: usize = 30;
const STATE_AT_MOST: usize = 30;
const ROOM_BASE_NAME_AT_MOST: usize = 40;

pub fn add(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let way = read(step, request, hex(&random_bytes::<16>()))?;
    let answer = json!({"config_id": way.config_id});
    step.make(Change::JoinWaySet(Box::new(way)));
    Ok(Outcome::answering(answer))
}

pub fn get(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let way = find(step, request)?;
    let base = &step.state().addresses.api;
    let qr_code = format!("{base}/sim/join-codes/{}/qr.png", way.config_id);
    let mut told = json!({
        "config_id": way.config_id,
        "scene": way.scene,
        "remark": way.remark,
        "auto_create_room": i64::from(way.auto_create_room),
        "chat_id_list": way.chats,
        "qr_code": qr_code,
        "state": way.state,
        "mark_source": way.mark_source,
    });
    if way.auto_create_room {
        told["room_base_name"] = way.room_base_name.into();
        told["room_base_id"] = way.room_base_id.into();
    }
    Ok(Outcome::answering(json!({"join_way": told})))
}

/// Overwrites everything that the code had.
pub fn update(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let before = find(step, request)?;
    let way = JoinWay { made: before.made, ..read(step, request, before.config_id)? };
    step.make(Change::JoinWaySet(Box::new(way)));
    Ok(Outcome::default())
}

pub fn delete(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let config_id = find(step, request)?.config_id;
    step.make(Change::JoinWayDeleted { config_id });
    Ok(Outcome::default())
}

fn find(step: &Step<'_>, request: &Request<'_>) -> Checked<JoinWay> {
    check_permission(request)?;
    let (config_id, app) = (text(&request.body, "config_id")?, &request.app()?.id);
    let way = step.state().join_ways.get(config_id).filter(|way| way.app == *app);
    way.cloned().ok_or_else(|| ApiError::because(40058, "config_id is unknown"))
}

fn read(step: &Step<'_>, request: &Request<'_>, config_id: String) -> Checked<JoinWay> {
    check_permission(request)?;
    let body = &request.body;
    let scene = number(body, "scene")?.filter(|scene| [1, 2].contains(scene));
    let chats = texts(body, "chat_id_list")?;
    if chats.is_empty() {
        return Err(ApiError::because(40058, "chat_id_list is missing"));
    }
    if chats.len() > CHATS_AT_MOST {
        return Err(ApiError::new(41091));
    }
    let is_ours = |chat: &&String| step.state().groups.get(*chat).is_some_and(|group| group.is_customer());
    if let Some(stranger) = chats.iter().find(|chat| !is_ours(chat)) {
        return Err(ApiError::because(90501, stranger.clone()));
    }
    let auto_create_room = match number(body, "auto_create_room")? {
        None | Some(1) => true,
        Some(0) => false,
        Some(_) => return Err(ApiError::because(40058, "auto_create_room is 0 or 1")),
    };
    Ok(JoinWay {
        config_id,
        app: request.app()?.id.clone(),
        scene: scene.ok_or_else(|| ApiError::because(40058, "scene is 1 or 2"))?,
        remark: text(body, "remark")?.chars().take(REMARK_AT_MOST).collect(),
        auto_create_room,
        room_base_name: short(body, "room_base_name", ROOM_BASE_NAME_AT_MOST)?,
        room_base_id: number(body, "room_base_id")?.unwrap_or(1),
        chats,
        state: short(body, "state", STATE_AT_MOST)?,
        mark_source: body.get("mark_source").and_then(Value::as_bool).unwrap_or(true),
        made: Vec::new(),
    })
}

fn short(body: &Value, name: &str, at_most: usize) -> Checked<String> {
    let value = text(body, name)?;
    if value.chars().count() > at_most {
        return Err(ApiError::because(40058, format!("{name} takes {at_most} characters")));
    }
    Ok(value.to_owned())
}

/// Needs an app in the 可调用接口的应用 list.
fn check_permission(request: &Request<'_>) -> Checked<()> {
    if request.app()?.customer_contact { Ok(()) } else { Err(ApiError::new(48002)) }
}

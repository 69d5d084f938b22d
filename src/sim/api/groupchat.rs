//! `externalcontact/groupchat/list` and `get`: customer groups (wecom-send.md §6.1, §6.2).

use serde_json::{Value, json};

use super::error::{ApiError, Checked};
use super::fields::{number, text, texts};
use super::{Outcome, Request};
use crate::sim::world::group::{Group, Membership};
use crate::sim::world::{State, Step};

const OWNERS_AT_MOST: usize = 100;
const PAGE_AT_MOST: i64 = 1_000;
/// Cursors are opaque; this makes an invented one recognisable.
const CURSOR: &str = "after-";

pub fn list(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    check_permission(request)?;
    let body = &request.body;
    let owners = texts(&body["owner_filter"], "userid_list")?;
    if owners.len() > OWNERS_AT_MOST {
        return Err(ApiError::new(40032));
    }
    let limit = number(body, "limit")?.filter(|limit| (1..=PAGE_AT_MOST).contains(limit));
    let limit = limit.ok_or(ApiError::because(40058, "limit needs 1 to 1000"))?;
    let after = match text(body, "cursor")? {
        "" => "",
        cursor => cursor.strip_prefix(CURSOR).ok_or(ApiError::new(50100))?,
    };
    // Everybody in the example corp is at work: the filters for resigned owners find nothing.
    let resigned_only = number(body, "status_filter")?.is_some_and(|status| status != 0);
    let mut groups = (step.state().groups.values())
        .filter(|group| group.is_customer() && !resigned_only && group.chat_id.as_str() > after)
        .filter(|group| owners.is_empty() || owners.contains(&group.owner));
    let page: Vec<&Group> = groups.by_ref().take(usize::try_from(limit).unwrap_or_default()).collect();
    let next = page.last().filter(|_| groups.next().is_some());
    let next = next.map_or_else(String::new, |last| format!("{CURSOR}{}", last.chat_id));
    let page: Vec<Value> = page.iter().map(|group| json!({"chat_id": group.chat_id, "status": 0})).collect();
    Ok(Outcome::answering(json!({"group_chat_list": page, "next_cursor": next})))
}

pub fn get(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    check_permission(request)?;
    let chat = text(&request.body, "chat_id")?;
    let with_names = number(&request.body, "need_name")? == Some(1);
    let state = step.state();
    let group = state.groups.get(chat).filter(|group| group.is_customer());
    let group = group.ok_or(ApiError::new(90501))?;
    let members: Vec<Value> = group.members.iter().map(|member| item(state, member, with_names)).collect();
    Ok(Outcome::answering(json!({"group_chat": {
        "chat_id": group.chat_id,
        "name": group.name,
        "owner": group.owner,
        "create_time": group.created_at.as_second(),
        "notice": group.notice,
        "member_list": members,
        "admin_list": [],
        "member_version": group.member_version,
    }})))
}

fn item(state: &State, member: &Membership, with_name: bool) -> Value {
    let mut item = json!({
        "userid": member.id,
        "type": if state.is_corp_member(&member.id) { 1 } else { 2 },
        "join_time": member.joined_at.as_second(),
        "join_scene": member.scene.in_list(),
        "group_nickname": "",
    });
    if let Some(state) = &member.state {
        item["state"] = state.clone().into();
    }
    // Only an inviter who is a member of the corp is named.
    if let Some(invitor) = member.invitor.as_ref().filter(|id| state.is_corp_member(id)) {
        item["invitor"] = json!({"userid": invitor});
    }
    if with_name {
        item["name"] = state.name_of(&member.id).into();
    }
    item
}

/// Needs an app in the 可调用接口的应用 list.
fn check_permission(request: &Request<'_>) -> Checked<()> {
    if request.app()?.customer_contact { Ok(()) } else { Err(ApiError::new(48002)) }
}

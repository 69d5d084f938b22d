//! `appchat/*`: internal groups that the app makes and manages (wecom-send.md §4).
//!
//! Nothing here produces a callback (wecom-receive.md §2). What the platform answers to the removal
//! of somebody who is not in the group is unverified; here it is a success that changes nothing,
//! and `/sim/outbound` says so.

use serde_json::json;

use super::error::{ApiError, Checked};
use super::fields::{cut, fields, text, texts};
use super::payload::{self, Surface};
use super::{Outcome, Request};
use crate::sim::people::notice_line;
use crate::sim::random::random_text;
use crate::sim::world::group::{Author, Group, GroupKind, GroupMessage, JoinScene, Membership};
use crate::sim::world::{App, Change, Limit, Step};

const NAME_AT_MOST: usize = 50;
const MEMBERS: std::ops::RangeInclusive<usize> = 2..=2_000;
const CHAT_ID_AT_MOST: usize = 32;
const CREATIONS: [Limit; 1] = [Limit::per_day(1_000)];
const UPDATES: [Limit; 1] = [Limit::per_hour(1_000)];
/// Person-messages of the whole corp; the hourly figure is that of an unverified or small one.
const PERSON_MESSAGES: [Limit; 2] = [Limit::per_minute(20_000), Limit::per_hour(150_000)];
/// What goes beyond is dropped for that member without an error.
const PER_MEMBER: [Limit; 2] = [Limit::per_minute(200), Limit::per_day(10_000)];

pub fn create(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let (app, body) = (permitted(request)?, &request.body);
    take(step, "appchat/create", &CREATIONS, 1)?;
    let mut members = texts(body, "userlist")?;
    members.sort_unstable();
    members.dedup();
    check_people(step, &members)?;
    check_size(members.len())?;
    let owner = match text(body, "owner")? {
        "" => members[0].clone(),
        owner if members.iter().any(|id| id == owner) => owner.to_owned(),
        _ => return Err(ApiError::new(86207)),
    };
    let chat_id = match text(body, "chatid")? {
        "" => random_text(CHAT_ID_AT_MOST),
        id if !valid_chat_id(id) => return Err(ApiError::new(86001)),
        id if step.state().groups.contains_key(id) => return Err(ApiError::new(86215)),
        id => id.to_owned(),
    };
    let now = step.now();
    let founding =
        |id: String| Membership { id, joined_at: now, scene: JoinScene::Invited, invitor: None, state: None };
    let name: String = text(body, "name")?.chars().take(NAME_AT_MOST).collect();
    let group = Group {
        chat_id: chat_id.clone(),
        name,
        kind: GroupKind::Internal,
        owner,
        about: String::new(),
        notice: String::new(),
        created_at: now,
        made_by_app: Some(app.id.clone()),
        archived: false,
        members: members.into_iter().map(founding).collect(),
        member_version: step.member_version(),
    };
    step.make(Change::GroupAdded(Box::new(group)));
    Ok(Outcome { answer: fields([("chatid", chat_id.into())]), ..Outcome::default() })
}

pub fn update(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let (app, body) = (permitted(request)?, &request.body);
    let group = own_group(step, app, text(body, "chatid")?)?;
    take(step, "appchat/update", &UPDATES, 1)?;
    let (add, remove) = (texts(body, "add_user_list")?, texts(body, "del_user_list")?);
    check_people(step, &add)?;
    let mut stay = group.member_ids();
    stay.retain(|id| !remove.contains(id));
    let added: Vec<String> = add.into_iter().filter(|id| !stay.contains(id)).collect();
    stay.extend(added.iter().cloned());
    check_size(stay.len())?;
    let owner = text(body, "owner")?;
    if owner.is_empty() && remove.contains(&group.owner) {
        return Err(ApiError::new(86203));
    }
    if !owner.is_empty() && !stay.iter().any(|id| id == owner) {
        return Err(ApiError::new(86207));
    }
    let (gone, strangers): (Vec<String>, Vec<String>) = remove.into_iter().partition(|id| group.has(id));
    let chat = group.chat_id.clone();
    if !owner.is_empty() {
        step.make(Change::OwnerChanged { chat: chat.clone(), owner: owner.to_owned() });
    }
    let name = text(body, "name")?;
    if !name.is_empty() {
        let name = name.chars().take(NAME_AT_MOST).collect();
        step.make(Change::GroupRenamed { chat: chat.clone(), name });
    }
    gone.iter().for_each(|id| remove_member(step, app, &chat, id));
    added.into_iter().for_each(|id| add_member(step, app, &chat, id));
    let dropped = (!strangers.is_empty()).then(|| format!("not a member: {}", strangers.join("|")));
    Ok(Outcome { dropped, ..Outcome::default() })
}

fn remove_member(step: &mut Step<'_>, app: &App, chat: &str, id: &str) {
    let line = format!("{}将{}移出了群聊", app.name, step.state().name_of(id));
    let version = step.member_version();
    step.make(Change::Left { chat: chat.to_owned(), id: id.to_owned(), version });
    notice_line(step, chat, line);
}

fn add_member(step: &mut Step<'_>, app: &App, chat: &str, id: String) {
    let line = format!("{}邀请{}加入了群聊", app.name, step.state().name_of(&id));
    let member =
        Membership { id, joined_at: step.now(), scene: JoinScene::Invited, invitor: None, state: None };
    let version = step.member_version();
    step.make(Change::Joined { chat: chat.to_owned(), member, version });
    notice_line(step, chat, line);
}

pub fn get(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let group = own_group(step, permitted(request)?, request.query("chatid"))?;
    Ok(Outcome::answering(json!({"chat_info": {
        "chatid": group.chat_id,
        "name": group.name,
        "owner": group.owner,
        "userlist": group.member_ids(),
        "chat_type": 0,
    }})))
}

pub fn send(step: &mut Step<'_>, request: &Request<'_>) -> Checked<Outcome> {
    let (app, body) = (permitted(request)?, &request.body);
    let group = own_group(step, app, text(body, "chatid")?)?;
    let payload = payload::check(step, Surface::Appchat, body)?;
    let members = group.member_ids();
    take(step, "appchat/send", &PERSON_MESSAGES, u64::try_from(members.len()).unwrap_or(u64::MAX))?;
    let now = step.now();
    let budget = |person: &String| format!("appchat:{}>{person}", app.id);
    let (seen_by, over): (Vec<String>, Vec<String>) = (members.into_iter())
        .partition(|person| !step.state().budgets.exhausted(&budget(person), &PER_MEMBER, now, 1));
    for person in &seen_by {
        step.make(Change::Booked { budget: budget(person), at: now, weight: 1 });
    }
    let message = GroupMessage {
        msgid: step.message_id(),
        at: now,
        from: format!("app:{}", app.id),
        by: Author::Bot,
        kind: payload.kind,
        content: payload.content,
        mentions: payload.mentions,
        quotes: None,
        attached: payload.attached,
        card: None,
        visible_to: if over.is_empty() { Vec::new() } else { seen_by.clone() },
        recalled: false,
    };
    step.make(Change::Said { chat: group.chat_id, message: Box::new(message) });
    let dropped = (!over.is_empty()).then(|| format!("over 200/min or 10000/day: {}", over.join("|")));
    Ok(Outcome { seen_by, dropped, ..Outcome::default() })
}

/// Appchat needs the root department as visible range.
fn permitted<'a>(request: &'a Request<'_>) -> Checked<&'a App> {
    let app = request.app()?;
    if app.sees_root { Ok(app) } else { Err(ApiError::new(48002)) }
}

fn own_group(step: &Step<'_>, app: &App, chat: &str) -> Checked<Group> {
    if chat.is_empty() {
        return Err(ApiError::new(86003));
    }
    if !valid_chat_id(chat) {
        return Err(ApiError::new(86001));
    }
    let group = step.state().groups.get(chat).ok_or(ApiError::new(40050))?;
    if group.made_by_app.as_ref() != Some(&app.id) {
        return Err(ApiError::new(86008));
    }
    Ok(group.clone())
}

fn valid_chat_id(id: &str) -> bool {
    id.len() <= CHAT_ID_AT_MOST && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn check_people(step: &Step<'_>, ids: &[String]) -> Checked<()> {
    match ids.iter().find(|id| !step.state().is_corp_member(id)) {
        Some(stranger) => Err(ApiError::because(86007, cut(stranger, 64))),
        None => Ok(()),
    }
}

fn check_size(members: usize) -> Checked<()> {
    if MEMBERS.contains(&members) { Ok(()) } else { Err(ApiError::because(86006, members.to_string())) }
}

/// Uses up a corp-wide budget, or answers 45009.
fn take(step: &mut Step<'_>, budget: &str, limits: &[Limit], weight: u64) -> Checked<()> {
    let at = step.now();
    if step.state().budgets.exhausted(budget, limits, at, weight) {
        return Err(ApiError::new(45009));
    }
    step.make(Change::Booked { budget: budget.to_owned(), at, weight });
    Ok(())
}

//! People in groups: talking, joining, leaving, and what owners change.

use jiff::Timestamp;
use serde::Deserialize;

use super::{Said, archive, check_room, find_group, notice_line, queue, response_url};
use crate::sim::content::Content;
use crate::sim::events::{self, BotChat, ChatChange};
use crate::sim::refusal::Refusal;
use crate::sim::world::callback::{Regarding, Target};
use crate::sim::world::group::{Author, Group, GroupKind, GroupMessage, JoinScene, Membership};
use crate::sim::world::{Change, Person, Step};

/// A member speaks in a group.
///
/// The group robots hear texts, images and both mixed; the smart robot hears what mentions it; the
/// archive hears everything.
pub fn say(
    step: &mut Step<'_>,
    chat: &str,
    from: &str,
    content: Content,
    mention: bool,
) -> Result<Said, Refusal> {
    check_room(step)?;
    let group = find_group(step, chat)?;
    let person = step.state().people.get(from).cloned().ok_or_else(|| Refusal::no_person(from))?;
    if !group.has(from) {
        return Err(Refusal::Conflict(format!("{}不在“{}”里，不能发言", person.name, group.name)));
    }
    let (content, mentions) =
        if mention { mentioning(step, &group, content)? } else { (content, Vec::new()) };
    let at = step.now();
    let mut msgid = format!("{}_{}", step.message_id(), at.as_second());
    if group.is_customer() {
        msgid.push_str("_external");
    }
    let message = GroupMessage {
        msgid: msgid.clone(),
        at,
        from: from.to_owned(),
        by: Author::Person,
        kind: content.kind.clone(),
        content: content.shown(),
        mentions,
        quotes: None,
        attached: None,
        card: None,
        visible_to: Vec::new(),
        recalled: false,
    };
    step.make(Change::Said { chat: chat.to_owned(), message: Box::new(message) });
    to_robots(step, chat, &person, &msgid, &content);
    if mention {
        to_aibot(step, chat, from, &msgid, &content);
    }
    let receivers = others(&group, from);
    archive(step, &group, at, events::archived(&msgid, from, &receivers, chat, at, &content));
    Ok(Said { msgid, at })
}

/// Puts the robot's name before the text, as the client does, and names who is mentioned.
fn mentioning(step: &Step<'_>, group: &Group, content: Content) -> Result<(Content, Vec<String>), Refusal> {
    let state = step.state();
    let aibot = state.aibot_in(&group.chat_id).map(|bot| (format!("bot:{}", bot.id), &bot.name));
    let robot = || state.robots_in(&group.chat_id).next().map(|bot| (format!("robot:{}", bot.id), &bot.name));
    let (id, name) = aibot
        .or_else(robot)
        .ok_or_else(|| Refusal::Conflict(format!("“{}”里没有机器人可以@", group.name)))?;
    Ok((content.mentioning(name), vec![id]))
}

fn to_robots(step: &mut Step<'_>, chat: &str, from: &Person, msgid: &str, content: &Content) {
    let state = step.state();
    let heard: Vec<(String, String)> = state
        .robots_in(chat)
        .filter_map(|robot| {
            let body = events::robot_message(state, robot, chat, from, msgid, content)?;
            Some((robot.id.clone(), body))
        })
        .collect();
    for (robot, body) in heard {
        let regarding = Regarding {
            person: Some(from.id.clone()),
            chat: Some(chat.to_owned()),
            msgid: Some(msgid.to_owned()),
            ..Regarding::default()
        };
        queue(step, Target::Robot(robot), chat, &content.kind, body, regarding);
    }
}

fn to_aibot(step: &mut Step<'_>, chat: &str, from: &str, msgid: &str, content: &Content) {
    let Some(bot) = step.state().aibot_in(chat).cloned() else { return };
    if content.aibot_body(true).is_none() {
        return;
    }
    let regarding = Regarding {
        person: Some(from.to_owned()),
        chat: Some(chat.to_owned()),
        msgid: Some(msgid.to_owned()),
        ..Regarding::default()
    };
    let url = response_url(step, &bot.id, &regarding);
    let talk = BotChat { bot: &bot, person: from, chat: Some(chat) };
    if let Some(body) = talk.message(msgid, content, &url) {
        queue(step, Target::Aibot(bot.id.clone()), chat, &content.kind, body, regarding);
    }
}

fn others(group: &Group, from: &str) -> Vec<String> {
    group.member_ids().into_iter().filter(|id| id != from).collect()
}

/// A person takes back their own message.
pub fn recall(step: &mut Step<'_>, chat: &str, msgid: &str) -> Result<Said, Refusal> {
    check_room(step)?;
    let group = find_group(step, chat)?;
    let said = step.state().said.get(chat).into_iter().flatten();
    let from = said
        .filter(|message| message.by == Author::Person && !message.recalled)
        .find(|message| message.msgid == msgid)
        .map(|message| message.from.clone())
        .ok_or_else(|| Refusal::Missing(format!("没有可撤回的消息 {msgid}")))?;
    step.make(Change::SaidRecalled { chat: chat.to_owned(), msgid: msgid.to_owned() });
    let at = step.now();
    let id = format!("{}_{}", step.message_id(), at.as_second());
    let message = events::archived_recall(&id, msgid, &from, &others(&group, &from), chat, at);
    archive(step, &group, at, message);
    Ok(Said { msgid: id, at })
}

/// Somebody who comes into a group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newcomer {
    pub id: String,
    /// Needed for a person nobody knows yet.
    pub name: Option<String>,
    #[serde(default)]
    pub scene: JoinScene,
    /// Who invited them; the owner if nobody is named.
    pub invitor: Option<String>,
}

/// A person joins: by invitation, by link or by QR code.
pub fn join(step: &mut Step<'_>, chat: &str, newcomer: Newcomer) -> Result<Membership, Refusal> {
    join_with_state(step, chat, newcomer, None)
}

/// The same, with the mark of the join code that was scanned.
pub fn join_with_state(
    step: &mut Step<'_>,
    chat: &str,
    newcomer: Newcomer,
    state: Option<String>,
) -> Result<Membership, Refusal> {
    check_room(step)?;
    let group = find_group(step, chat)?;
    let person = known_or_new(step, &newcomer)?;
    if group.has(&person.id) {
        return Err(Refusal::Conflict(format!("{}已经在“{}”里了", person.name, group.name)));
    }
    if group.kind == GroupKind::Internal && !person.corp_member {
        return Err(Refusal::Conflict(format!("“{}”是内部群，客户{}进不来", group.name, person.name)));
    }
    let invitor = newcomer.invitor.unwrap_or_else(|| group.owner.clone());
    let member = Membership {
        id: person.id,
        joined_at: step.now(),
        scene: newcomer.scene,
        invitor: Some(invitor),
        state,
    };
    let current = step.member_version();
    step.make(Change::Joined { chat: chat.to_owned(), member: member.clone(), version: current.clone() });
    notice_line(step, chat, format!("{}加入了群聊", person.name));
    let change = ChatChange::Joined { member: &member, last: &group.member_version, current: &current };
    tell_apps(step, &group, &change);
    Ok(member)
}

/// Ids of customers begin with `wm` (WeChat) or `wo` (another corp), wecom-receive.md §3.2.
fn known_or_new(step: &mut Step<'_>, newcomer: &Newcomer) -> Result<Person, Refusal> {
    if let Some(person) = step.state().people.get(&newcomer.id) {
        return Ok(person.clone());
    }
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-@".contains(&byte);
    if !(1..=64).contains(&newcomer.id.len()) || !newcomer.id.bytes().all(letters) {
        return Err(Refusal::Invalid("id 要由 1 到 64 个字母、数字或 _ . - @ 组成".into()));
    }
    let Some(name) = newcomer.name.clone().filter(|name| !name.trim().is_empty()) else {
        return Err(Refusal::Missing(format!("没有人用 {} 这个编号；新来的人还要写上 name", newcomer.id)));
    };
    let corp_member = !newcomer.id.starts_with("wm") && !newcomer.id.starts_with("wo");
    let title = if corp_member { "同事" } else { "街坊" };
    let person = Person { id: newcomer.id.clone(), name, title: title.into(), corp_member };
    step.make(Change::PersonAdded(person.clone()));
    Ok(person)
}

/// A member leaves by themselves, or is removed by the owner.
pub fn leave(step: &mut Step<'_>, chat: &str, id: &str, by_themselves: bool) -> Result<(), Refusal> {
    check_room(step)?;
    let group = find_group(step, chat)?;
    let name = step.state().name_of(id).to_owned();
    if !group.has(id) {
        return Err(Refusal::Missing(format!("{name}不在“{}”里", group.name)));
    }
    if group.owner == id {
        return Err(Refusal::Conflict("群主要先把群转让给别人才能离开".into()));
    }
    let current = step.member_version();
    step.make(Change::Left { chat: chat.to_owned(), id: id.to_owned(), version: current.clone() });
    let line = if by_themselves {
        format!("{name}退出了群聊")
    } else {
        format!("{}将{name}移出了群聊", step.state().name_of(&group.owner))
    };
    notice_line(step, chat, line);
    let removed = !by_themselves;
    let change = ChatChange::Left { id, removed, last: &group.member_version, current: &current };
    tell_apps(step, &group, &change);
    Ok(())
}

/// Customer-group events go to every app that may use 客户联系; internal groups have none (§8).
fn tell_apps(step: &mut Step<'_>, group: &Group, change: &ChatChange<'_>) {
    if !group.is_customer() {
        return;
    }
    let apps: Vec<String> = (step.state().apps.iter())
        .filter(|app| app.customer_contact && app.has_callback)
        .map(|app| app.id.clone())
        .collect();
    let body = events::chat_changed(&step.state().corp.id, step.now(), &group.chat_id, change);
    for app in apps {
        let regarding = Regarding { chat: Some(group.chat_id.clone()), ..Regarding::default() };
        queue(step, Target::App(app), &group.chat_id, "change_external_chat", body.clone(), regarding);
    }
}

/// What an owner changes about a group. Each field that is there makes one event.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupEdit {
    pub name: Option<String>,
    pub owner: Option<String>,
    pub notice: Option<String>,
    #[serde(default)]
    pub dismiss: bool,
}

/// The owner renames the group, hands it over, sets its notice, or dissolves it.
pub fn change_group(step: &mut Step<'_>, chat: &str, edit: GroupEdit) -> Result<(), Refusal> {
    check_room(step)?;
    let group = find_group(step, chat)?;
    if let Some(owner) = &edit.owner
        && !(group.has(owner) && step.state().is_corp_member(owner))
    {
        return Err(Refusal::Conflict("新群主要是群里的本企业成员".into()));
    }
    let chat = chat.to_owned();
    if let Some(name) = edit.name {
        step.make(Change::GroupRenamed { chat: chat.clone(), name });
        tell_apps(step, &group, &ChatChange::Detail("change_name"));
    }
    if let Some(owner) = edit.owner {
        step.make(Change::OwnerChanged { chat: chat.clone(), owner });
        tell_apps(step, &group, &ChatChange::Detail("change_owner"));
    }
    if let Some(notice) = edit.notice {
        step.make(Change::NoticeChanged { chat: chat.clone(), notice });
        tell_apps(step, &group, &ChatChange::Detail("change_notice"));
    }
    if edit.dismiss {
        step.make(Change::GroupDismissed { chat });
        tell_apps(step, &group, &ChatChange::Dismissed);
    }
    Ok(())
}

/// A group that a person makes in the client.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    pub name: String,
    pub kind: GroupKind,
    pub owner: String,
    #[serde(default)]
    pub members: Vec<String>,
    /// Whether the archive records it.
    #[serde(default)]
    pub archived: bool,
}

/// A member of the corp makes a group. Answers its chat id.
pub fn make_group(step: &mut Step<'_>, new: NewGroup) -> Result<String, Refusal> {
    check_room(step)?;
    let state = step.state();
    if !state.is_corp_member(&new.owner) {
        return Err(Refusal::Conflict("群主要是本企业成员".into()));
    }
    let mut ids = vec![new.owner.clone()];
    for id in new.members {
        let person = state.people.get(&id).ok_or_else(|| Refusal::no_person(&id))?;
        if new.kind == GroupKind::Internal && !person.corp_member {
            return Err(Refusal::Conflict(format!("内部群进不来客户{}", person.name)));
        }
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let chat_id = format!("wr{}", crate::sim::random::random_text(30));
    let now = step.now();
    let group = Group {
        chat_id: chat_id.clone(),
        name: new.name,
        kind: new.kind,
        owner: new.owner,
        about: String::new(),
        notice: String::new(),
        created_at: now,
        made_by_app: None,
        archived: new.archived,
        members: ids.into_iter().map(|id| founding_member(id, now)).collect(),
        member_version: step.member_version(),
    };
    step.make(Change::GroupAdded(Box::new(group.clone())));
    tell_apps(step, &group, &ChatChange::Created);
    Ok(chat_id)
}

fn founding_member(id: String, joined_at: Timestamp) -> Membership {
    Membership { id, joined_at, scene: JoinScene::Invited, invitor: None, state: None }
}

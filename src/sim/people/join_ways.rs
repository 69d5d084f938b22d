//! Scanning a join code (wecom-send.md §6.5).

use super::groups::{NewGroup, Newcomer, join_with_state, make_group};
use crate::sim::refusal::Refusal;
use crate::sim::world::group::{GroupKind, JoinScene, Membership};
use crate::sim::world::join_way::JoinWay;
use crate::sim::world::{Change, Step};

/// A person scans a code and comes into the first of its groups that has room. Answers that group's id.
pub fn join_by_code(
    step: &mut Step<'_>,
    config_id: &str,
    newcomer: Newcomer,
) -> Result<(String, Membership), Refusal> {
    let way = step.state().join_ways.get(config_id).cloned();
    let way = way.ok_or_else(|| Refusal::Missing(format!("没有进群码 {config_id}，也许已经删除")))?;
    let open = step.state().open_group(&way).map(|group| group.chat_id.clone());
    let chat = match open {
        Some(chat) => chat,
        None => new_group(step, way.clone())?,
    };
    let state = Some(way.state).filter(|state| !state.is_empty());
    let newcomer = Newcomer { scene: JoinScene::QrCode, ..newcomer };
    let member = join_with_state(step, &chat, newcomer, state)?;
    Ok((chat, member))
}

/// The platform makes it in the name of the owner of the code's first group.
fn new_group(step: &mut Step<'_>, mut way: JoinWay) -> Result<String, Refusal> {
    let owner = way.chats.iter().chain(&way.made).find_map(|chat| step.state().groups.get(chat));
    let owner = owner.map(|group| group.owner.clone()).filter(|_| way.auto_create_room);
    let owner = owner.ok_or_else(|| Refusal::Conflict("这个码的群都满了，进不去".into()))?;
    let name = format!("{}{}", way.room_base_name, way.room_base_id);
    let new = NewGroup { name, kind: GroupKind::Customer, owner, members: Vec::new(), archived: false };
    let chat = make_group(step, new)?;
    way.room_base_id += 1;
    way.made.push(chat.clone());
    step.make(Change::JoinWaySet(Box::new(way)));
    Ok(chat)
}

//! F2 Group registry: groups appear by themselves, and we know who is in them.
//!
//! A change event tells little and may be missed, so it is only a hint: the group is read again and
//! the reading is compared with what we remember. A customer group's reading may lag behind an event
//! for a while (wecom-send.md §6.2), so what an event said stands for [`GRACE`]. An internal group
//! has no such events: there every reading is the latest that is known.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::decision::event::{
    Ear, EventKind, GroupChange, GroupKind, GroupSnapshot, MemberId, SnapshotMember,
};
use crate::decision::{Act, Draft, GroupState, Hand, MemberState};

pub const NAME: &str = "registry";

/// How long a join or leave of a customer group outweighs a reading that says otherwise.
const GRACE: SignedDuration = SignedDuration::from_mins(10);

pub fn run(draft: &mut Draft<'_>) {
    let Some(id) = draft.event.group.clone() else { return };
    let first_time = draft.group().is_none();
    if first_time {
        draft.add_group(GroupState::new(id, draft.event.at));
        draft.because(NAME, "new_group", "第一次听到这个群，已登记");
    }
    let event = draft.event;
    match &event.kind {
        EventKind::GroupSnapshot(snapshot) => compare(draft, snapshot),
        EventKind::GroupChanged(change) => changed(draft, change),
        EventKind::Message(message) => {
            spoke(draft, message.sender_name.as_deref());
            if first_time {
                read_again(draft);
            }
        }
        _ => {}
    }
}

/// Who writes is a member, whatever the last reading said.
fn spoke(draft: &mut Draft<'_>, name: Option<&str>) {
    let Some(from) = draft.event.from.clone() else { return };
    let at = draft.event.at;
    let known = draft.member(&from);
    let present = known.is_some_and(MemberState::present);
    let before = known.and_then(|member| member.name.as_deref());
    let (named, renamed) = (name.filter(|name| before != Some(*name)), before.is_some());
    if present && named.is_none() {
        return;
    }
    let member = draft.member_mut(&from);
    if !present {
        member.joined_at.get_or_insert(at);
        member.left_at = None;
    }
    if let Some(name) = named {
        member.name = Some(name.to_owned());
        draft.renamed.extend(renamed.then_some(from));
    }
}

fn changed(draft: &mut Draft<'_>, change: &GroupChange) {
    let at = draft.event.at;
    if draft.event.ear == Ear::App
        && let Some(group) = draft.group_mut()
    {
        group.kind = GroupKind::Customer;
    }
    match change {
        GroupChange::Created => {
            if let Some(group) = draft.group_mut() {
                group.created_at.get_or_insert(at);
            }
        }
        GroupChange::MembersAdded { members, .. } => {
            for member in members {
                join(draft, member, at);
            }
        }
        GroupChange::MembersRemoved { members, .. } => {
            for member in members {
                draft.member_mut(member).left_at = Some(at);
            }
        }
        GroupChange::Dismissed => {
            if let Some(group) = draft.group_mut() {
                group.dismissed_at = Some(at);
            }
            draft.because(NAME, "dismissed", "群已解散");
            return;
        }
        _ => {}
    }
    read_again(draft);
}

fn join(draft: &mut Draft<'_>, id: &MemberId, at: Timestamp) {
    if draft.member(id).is_some_and(|member| member.present()) {
        return;
    }
    let member = draft.member_mut(id);
    member.joined_at = Some(at);
    member.left_at = None;
    member.removal_asked_at = None;
    member.removed_at = None;
    member.asked_at = None;
    draft.joined.push(id.clone());
}

/// Asks for the group's details; they come back as a snapshot event.
fn read_again(draft: &mut Draft<'_>) {
    let Some(group) = draft.group() else { return };
    // No API reads a group of which only a smart robot knows.
    if draft.event.ear == Ear::Aibot {
        return;
    }
    // A group robot lives in internal groups only; an archive's group may be either, so the customer
    // reading is tried first and `outcomes` tries the other.
    let customer = group.kind == GroupKind::Customer || draft.event.ear == Ear::Archive;
    let app = draft.rules.app.clone();
    let hand = if customer { Hand::App { app } } else { Hand::Appchat { app } };
    draft.push(hand, Act::ReadGroup { customer });
}

fn compare(draft: &mut Draft<'_>, snapshot: &GroupSnapshot) {
    let known = draft.group().is_some_and(|group| group.members_known);
    if let Some(group) = draft.group_mut() {
        group.kind = snapshot.kind;
        group.name.clone_from(&snapshot.name);
        group.owner.clone_from(&snapshot.owner);
        group.created_at = snapshot.created_at.or(group.created_at);
        group.dismissed_at = None;
        group.members_known = true;
    }
    let grace = if snapshot.kind == GroupKind::Customer { GRACE } else { SignedDuration::ZERO };
    for member in &snapshot.members {
        learn(draft, member, known, grace);
    }
    if known {
        notice_leavers(draft, snapshot, grace);
    }
    note_staff(draft, snapshot);
    let profile = draft.profile().map_or("（无）", |profile| profile.name.as_str()).to_owned();
    let text = format!("读到群「{}」{} 人，群画像：{profile}", snapshot.name, snapshot.members.len());
    draft.because(NAME, "read", text);
}

fn learn(draft: &mut Draft<'_>, read: &SnapshotMember, known: bool, grace: SignedDuration) {
    let at = draft.event.at;
    let member = draft.member(&read.id);
    let left_lately = member.and_then(|member| member.left_at).is_some_and(|left| {
        let came_back = read.joined_at.is_some_and(|joined| joined > left);
        !came_back && at.duration_since(left) < grace
    });
    if left_lately {
        return;
    }
    let joined_at = read.joined_at.unwrap_or(at);
    if known {
        join(draft, &read.id, joined_at);
    }
    let member = draft.member_mut(&read.id);
    member.joined_at.get_or_insert(joined_at);
    member.left_at = None;
    member.corp_member = Some(read.corp_member);
    member.join_state = read.state.clone().or(member.join_state.take());
    if let Some(name) = read.name.as_ref().filter(|name| !name.is_empty()) {
        let renamed = member.name.as_ref().is_some_and(|before| before != name);
        member.name = Some(name.clone());
        draft.renamed.extend(renamed.then(|| read.id.clone()));
        if read.corp_member {
            draft.person_mut(&read.id).name = Some(name.clone());
        }
    }
}

/// Keeps for each member of staff the groups that they are in.
fn note_staff(draft: &mut Draft<'_>, snapshot: &GroupSnapshot) {
    let Some(id) = draft.group().map(|group| group.id.clone()) else { return };
    let read: BTreeSet<&MemberId> = snapshot.members.iter().map(|member| &member.id).collect();
    let known = draft.members().keys().filter(|id| !read.contains(id)).cloned().collect::<Vec<_>>();
    for person in known {
        if draft.person(&person).is_some_and(|person| person.staff.groups.contains_key(&id)) {
            draft.person_mut(&person).staff.groups.remove(&id);
        }
    }
    for person in read {
        if draft.rules.store_of(person.as_str()).is_some() {
            draft.person_mut(person).staff.groups.insert(id.clone(), snapshot.name.clone());
        }
    }
}

fn notice_leavers(draft: &mut Draft<'_>, snapshot: &GroupSnapshot, grace: SignedDuration) {
    let at = draft.event.at;
    let read: BTreeSet<&MemberId> = snapshot.members.iter().map(|member| &member.id).collect();
    let gone: Vec<MemberId> = draft
        .members()
        .iter()
        .filter(|(id, member)| {
            let joined_lately = member.joined_at.is_some_and(|joined| at.duration_since(joined) < grace);
            let asked_to_go = member.removal_asked_at.is_some();
            member.present() && !read.contains(id) && (!joined_lately || asked_to_go)
        })
        .map(|(id, _)| id.clone())
        .collect();
    for id in gone {
        draft.member_mut(&id).left_at = Some(at);
    }
}

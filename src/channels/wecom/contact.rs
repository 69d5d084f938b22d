//! Customers and customer groups: `change_external_contact` and `change_external_chat` (§3).
//!
//! The fields are the same in the envelope of a self-built app and in that of a third-party suite.

use super::app;
use super::xml::Element;
use crate::decision::event::{ContactChange, GroupChange};
use crate::decision::{GroupId, MemberId};

/// The envelopes, and what a [`ContactChange`] has in a field of its own.
const CONTACT_FIELDS: &[&str] = &[
    "ToUserName",
    "FromUserName",
    "CreateTime",
    "MsgType",
    "Event",
    "AgentID",
    "SuiteId",
    "AuthCorpId",
    "InfoType",
    "TimeStamp",
    "ChangeType",
    "UserID",
    "ExternalUserID",
    "State",
    "WelcomeCode",
];

/// `None` without a ChangeType.
pub(super) fn contact_change(root: Element<'_>) -> Option<ContactChange> {
    Some(ContactChange {
        change: root.value("ChangeType")?.to_owned(),
        user: root.value("UserID").map(MemberId::from),
        contact: root.value("ExternalUserID").map(MemberId::from),
        state: root.value("State").map(str::to_owned),
        welcome_code: root.value("WelcomeCode").map(str::to_owned),
        fields: app::texts(root, CONTACT_FIELDS),
    })
}

/// `None` without a ChatId or with a ChangeType the protocol page does not know.
pub(super) fn group_change(root: Element<'_>) -> Option<(GroupId, GroupChange)> {
    let change = match root.value("ChangeType")? {
        "create" => GroupChange::Created,
        "dismiss" => GroupChange::Dismissed,
        "update" => update(root),
        _ => return None,
    };
    Some((GroupId::from(root.value("ChatId")?), change))
}

/// An update may carry both scenes and a count that contradicts the list: only what the detail
/// calls for is read, and nothing is checked against the count (§3.3).
fn update(root: Element<'_>) -> GroupChange {
    match root.value("UpdateDetail").unwrap_or_default() {
        "add_member" => {
            GroupChange::MembersAdded { members: members(root), scene: root.integer("JoinScene") }
        }
        "del_member" => {
            GroupChange::MembersRemoved { members: members(root), scene: root.integer("QuitScene") }
        }
        "change_owner" => GroupChange::OwnerChanged,
        "change_name" => GroupChange::NameChanged,
        "change_notice" => GroupChange::NoticeChanged,
        detail => GroupChange::Updated { detail: detail.to_owned() },
    }
}

/// `MemChangeList` with items, or as one comma-separated text, or missing.
fn members(root: Element<'_>) -> Vec<MemberId> {
    let Some(list) = root.child("MemChangeList") else { return Vec::new() };
    let items = list.children().filter(|item| item.name() == "Item").map(Element::text);
    let ids = items.chain(list.text().split(',')).map(str::trim);
    ids.filter(|id| !id.is_empty()).map(MemberId::from).collect()
}

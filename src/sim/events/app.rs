//! XML to a self-built app: messages, cards, customers and their groups (wecom-receive.md §2, §3).

use jiff::Timestamp;

use super::Tap;
use crate::sim::content::Content;
use crate::sim::world::App;
use crate::sim::world::card::Card;
use crate::sim::world::group::Membership;
use crate::sim::xml::element;

/// §3.1: who speaks in system events.
const SYSTEM: &str = "sys";

fn envelope(corp: &str, from: &str, at: Timestamp, kind: &str, rest: &str) -> String {
    format!(
        "<xml>{}{}<CreateTime>{}</CreateTime>{}{rest}</xml>",
        element("ToUserName", corp),
        element("FromUserName", from),
        at.as_second(),
        element("MsgType", kind),
    )
}

/// §2.1: a message to the app in its 1:1 window; none for kinds that are not called back.
pub fn app_message(
    corp: &str,
    app: &App,
    from: &str,
    at: Timestamp,
    msgid: &str,
    content: &Content,
) -> Option<String> {
    let rest = content.app_elements(msgid)?;
    let rest = format!("{rest}<MsgId>{msgid}</MsgId><AgentID>{}</AgentID>", app.agent_id);
    Some(envelope(corp, from, at, &content.kind, &rest))
}

/// §2.2 `enter_agent`: a member opened the app's window.
pub fn app_entered(corp: &str, app: &App, from: &str, at: Timestamp) -> String {
    let rest = format!(
        "{}{}<AgentID>{}</AgentID>",
        element("Event", "enter_agent"),
        element("EventKey", ""),
        app.agent_id
    );
    envelope(corp, from, at, "event", &rest)
}

/// §2.2 `template_card_event` and `template_card_menu_event`.
pub fn app_card_tapped(
    corp: &str,
    app: &App,
    card: &Card,
    tap: &Tap<'_>,
    at: Timestamp,
    code: &str,
) -> String {
    let event = if tap.tapped.menu { "template_card_menu_event" } else { "template_card_event" };
    let option = |id: &String| element("OptionId", id);
    let item = |(question, options): &(String, Vec<String>)| {
        let options: String = options.iter().map(option).collect();
        format!(
            "<SelectedItem>{}<OptionIds>{options}</OptionIds></SelectedItem>",
            element("QuestionKey", question)
        )
    };
    let mut rest = [
        element("Event", event),
        element("EventKey", tap.key),
        element("TaskId", card.task_id.as_deref().unwrap_or_default()),
        element("CardType", card.card_type(tap.person)),
        element("ResponseCode", code),
        format!("<AgentID>{}</AgentID>", app.agent_id),
    ]
    .concat();
    if !tap.selected.is_empty() {
        let items: String = tap.selected.iter().map(item).collect();
        rest.push_str(&format!("<SelectedItems>{items}</SelectedItems>"));
    }
    envelope(corp, tap.person, at, "event", &rest)
}

/// §3.2 `add_external_contact`.
pub fn contact_added(
    corp: &str,
    at: Timestamp,
    member: &str,
    customer: &str,
    state: &str,
    code: &str,
) -> String {
    let mut rest = [
        element("Event", "change_external_contact"),
        element("ChangeType", "add_external_contact"),
        element("UserID", member),
        element("ExternalUserID", customer),
    ]
    .concat();
    if !state.is_empty() {
        rest.push_str(&element("State", state));
    }
    rest.push_str(&element("WelcomeCode", code));
    envelope(corp, SYSTEM, at, "event", &rest)
}

/// What happened to a customer group (§3.3).
pub enum ChatChange<'a> {
    Created,
    Dismissed,
    /// `change_name`, `change_owner` or `change_notice`; the event carries no new value.
    Detail(&'a str),
    Joined {
        member: &'a Membership,
        last: &'a str,
        current: &'a str,
    },
    /// Removed by the owner, or left by themselves.
    Left {
        id: &'a str,
        removed: bool,
        last: &'a str,
        current: &'a str,
    },
}

/// §3.3 `change_external_chat`.
pub fn chat_changed(corp: &str, at: Timestamp, chat: &str, change: &ChatChange<'_>) -> String {
    let kind = match change {
        ChatChange::Created => "create",
        ChatChange::Dismissed => "dismiss",
        _ => "update",
    };
    let members = |detail: &str, scene: String, id: &str, last: &str, current: &str| {
        [
            element("UpdateDetail", detail),
            scene,
            "<MemChangeCnt>1</MemChangeCnt>".into(),
            format!("<MemChangeList>{}</MemChangeList>", element("Item", id)),
            element("LastMemVer", last),
            element("CurMemVer", current),
        ]
        .concat()
    };
    let detail = match change {
        ChatChange::Created | ChatChange::Dismissed => String::new(),
        ChatChange::Detail(detail) => element("UpdateDetail", detail),
        ChatChange::Joined { member, last, current } => {
            let scene = format!("<JoinScene>{}</JoinScene>", member.scene.in_event());
            members("add_member", scene, &member.id, last, current)
        }
        ChatChange::Left { id, removed, last, current } => {
            let scene = format!("<QuitScene>{}</QuitScene>", u8::from(*removed));
            members("del_member", scene, id, last, current)
        }
    };
    let rest = [
        element("Event", "change_external_chat"),
        element("ChatId", chat),
        element("ChangeType", kind),
        detail,
    ]
    .concat();
    envelope(corp, SYSTEM, at, "event", &rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::group::JoinScene;
    use crate::sim::xml::texts;

    #[test]
    fn a_join_carries_the_members_and_both_versions() {
        let member = Membership {
            id: "wm-he.xiaoyu".into(),
            joined_at: Timestamp::UNIX_EPOCH,
            scene: JoinScene::QrCode,
            invitor: None,
            state: None,
        };
        let change = ChatChange::Joined { member: &member, last: "aa", current: "bb" };
        let texts = texts(&chat_changed("ww1", Timestamp::UNIX_EPOCH, "wr1", &change)).unwrap();
        let expected = [
            ("ToUserName", "ww1"),
            ("FromUserName", "sys"),
            ("CreateTime", "0"),
            ("MsgType", "event"),
            ("Event", "change_external_chat"),
            ("ChatId", "wr1"),
            ("ChangeType", "update"),
            ("UpdateDetail", "add_member"),
            ("JoinScene", "3"),
            ("MemChangeCnt", "1"),
            ("MemChangeList/Item", "wm-he.xiaoyu"),
            ("LastMemVer", "aa"),
            ("CurMemVer", "bb"),
        ];
        assert_eq!(texts.len(), expected.len());
        expected.iter().for_each(|(path, text)| assert_eq!(texts[*path], *text, "{path}"));
    }
}

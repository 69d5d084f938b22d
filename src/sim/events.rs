//! The callback bodies before encryption, written from wecom-receive.md §2–§5.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::content::Content;
use super::world::card::{Card, Tappable};
use super::world::group::Membership;
use super::world::{Aibot, App, GroupRobot, Person, State};
use super::xml::element;

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

/// A tap on a card.
pub struct Tap<'a> {
    pub person: &'a str,
    pub key: &'a str,
    pub tapped: &'a Tappable,
    /// Question key and chosen option ids.
    pub selected: &'a [(String, Vec<String>)],
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

/// §5: a group message to the old group robot; none for kinds it does not get.
pub fn robot_message(
    state: &State,
    robot: &GroupRobot,
    chat: &str,
    from: &Person,
    msgid: &str,
    content: &Content,
) -> Option<String> {
    let body = content.robot_elements()?;
    let webhook = state.webhooks.iter().find(|webhook| webhook.chat == chat);
    let key = webhook.map_or(robot.id.as_str(), |webhook| webhook.key.expose());
    let url = format!("{}/cgi-bin/webhook/send?key={key}", state.addresses.api);
    Some(format!(
        "<xml><WebhookUrl> {}</WebhookUrl>{}<ChatType>group</ChatType><From>{}{}{}</From>{}{body}{}</xml>",
        super::xml::cdata(&url),
        element("ChatId", chat),
        element("UserId", &from.id),
        element("Name", &from.name),
        element("Alias", &from.id),
        element("MsgType", &content.kind),
        element("MsgId", msgid),
    ))
}

/// Where a conversation with a smart robot takes place.
pub struct BotChat<'a> {
    pub bot: &'a Aibot,
    pub person: &'a str,
    /// The group, or none for the 1:1 window.
    pub chat: Option<&'a str>,
}

impl BotChat<'_> {
    fn body(&self, msgid: &str, kind: &str) -> Value {
        let mut body = json!({
            "msgid": msgid,
            "aibotid": self.bot.id,
            "chattype": if self.chat.is_some() { "group" } else { "single" },
            "from": {"userid": self.person},
            "msgtype": kind,
        });
        if let Some(chat) = self.chat {
            body["chatid"] = chat.into();
        }
        body
    }

    /// §4.2: a message; none for kinds that are not called back.
    pub fn message(&self, msgid: &str, content: &Content, response_url: &str) -> Option<String> {
        let payload = content.aibot_body(self.chat.is_some())?;
        let mut body = self.body(msgid, &content.kind);
        body["response_url"] = response_url.into();
        body[&content.kind] = payload;
        Some(body.to_string())
    }

    /// §4.2: asks how a streamed answer goes on.
    pub fn stream_refresh(&self, msgid: &str, stream: &str) -> String {
        let mut body = self.body(msgid, "stream");
        body["stream"] = json!({"id": stream});
        body.to_string()
    }

    /// §4.3 `enter_chat`.
    pub fn entered(&self, msgid: &str, at: Timestamp) -> String {
        json!({
            "msgid": msgid,
            "create_time": at.as_second(),
            "aibotid": self.bot.id,
            "from": {"userid": self.person},
            "msgtype": "event",
            "event": {"eventtype": "enter_chat"},
        })
        .to_string()
    }

    /// §4.3 `template_card_event`.
    pub fn card_tapped(
        &self,
        msgid: &str,
        card: &Card,
        tap: &Tap<'_>,
        at: Timestamp,
        response_url: &str,
    ) -> String {
        let items: Vec<Value> = (tap.selected.iter())
            .map(
                |(question, options)| json!({"question_key": question, "option_ids": {"option_id": options}}),
            )
            .collect();
        let mut body = self.body(msgid, "event");
        body["create_time"] = at.as_second().into();
        body["response_url"] = response_url.into();
        body["event"] = json!({
            "eventtype": "template_card_event",
            "template_card_event": {
                "card_type": card.card_type(tap.person),
                "event_key": tap.key,
                "task_id": card.task_id.as_deref().unwrap_or_default(),
                "selected_items": {"selected_item": items},
            },
        });
        body.to_string()
    }
}

/// §6.5: an archived group message.
pub fn archived(
    msgid: &str,
    from: &str,
    receivers: &[String],
    chat: &str,
    at: Timestamp,
    content: &Content,
) -> Value {
    let (key, payload) = content.archived(msgid);
    let mut message = json!({
        "msgid": msgid,
        "action": "send",
        "from": from,
        "tolist": receivers,
        "roomid": chat,
        "msgtime": at.as_millisecond(),
        "msgtype": content.kind,
    });
    message[key] = payload;
    message
}

/// §6.5: somebody took a message back.
pub fn archived_recall(
    msgid: &str,
    recalled: &str,
    from: &str,
    receivers: &[String],
    chat: &str,
    at: Timestamp,
) -> Value {
    json!({
        "msgid": msgid,
        "action": "recall",
        "from": from,
        "tolist": receivers,
        "roomid": chat,
        "msgtime": at.as_millisecond(),
        "msgtype": "revoke",
        "revoke": {"pre_msgid": recalled},
    })
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

    #[test]
    fn an_archived_customer_message_looks_like_the_sample() {
        let message = archived(
            "1_external",
            "wm1",
            &["wang.min".into()],
            "wr1",
            Timestamp::UNIX_EPOCH,
            &Content::read("text", json!("在吗")).unwrap(),
        );
        let expected = json!({"msgid": "1_external", "action": "send", "from": "wm1", "tolist": ["wang.min"],
            "roomid": "wr1", "msgtime": 0, "msgtype": "text", "text": {"content": "在吗"}});
        assert_eq!(message, expected);
    }
}

//! XML to the old group robot and JSON to the smart robot (wecom-receive.md §5, §4).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Tap;
use crate::sim::content::Content;
use crate::sim::world::card::Card;
use crate::sim::world::{Aibot, GroupRobot, Person, State};
use crate::sim::xml::{cdata, element};

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
        cdata(&url),
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

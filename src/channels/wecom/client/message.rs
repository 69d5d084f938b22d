//! Messages from an app to members of staff (wecom-send.md §3).

use std::ops::RangeInclusive;

use serde::Deserialize;
use serde_json::{Value, json};

use super::card::ButtonCard;
use super::connection::AppConnection;
use super::content::WordLimits;
use super::error::CallError;
use super::transport::Call;
use super::{Api, Content, lenient};
use crate::decision::MemberId;

const SEND: &str = "/cgi-bin/message/send";
pub(in super::super) const UPDATE_CARD: &str = "/cgi-bin/message/update_template_card";
const RECALL: &str = "/cgi-bin/message/recall";

/// Text and markdown of `message/send`; beyond it the platform cuts silently (§3.2).
pub const MESSAGE_BYTES: usize = 2048;
pub(super) const MESSAGE_WORDS: WordLimits = WordLimits { text: MESSAGE_BYTES, markdown: MESSAGE_BYTES };
/// Members in one `touser` (§3.1).
const MAX_RECIPIENTS: usize = 1000;
/// Characters of a userid (§2.2, 40003).
const MAX_USERID: usize = 64;

/// Seconds in which the platform drops a message whose whole request is the same (§3.1): default to maximum.
pub const DUPLICATE_INTERVALS: RangeInclusive<u32> = 1800..=14_400;

/// What `message/send` answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SentMessage {
    /// For `message/recall`, 24 h.
    #[serde(default, deserialize_with = "lenient::text")]
    pub msgid: Option<String>,
    /// For one update of the card, 72 h.
    #[serde(default, deserialize_with = "lenient::text")]
    pub response_code: Option<String>,
    /// Members that did not get it (lower case): unknown or outside the app's range.
    #[serde(default, deserialize_with = "lenient::names", rename = "invaliduser")]
    pub invalid: Vec<String>,
    /// Members that did not get it (lower case): no basic interface licence.
    #[serde(default, deserialize_with = "lenient::names", rename = "unlicenseduser")]
    pub unlicensed: Vec<String>,
}

impl Api {
    /// Sends a message of any kind to members.
    ///
    /// The platform drops a request that is byte by byte the same as one inside `duplicate_interval` seconds
    /// ([`DUPLICATE_INTERVALS`]). So the caller repeats a message in doubt with the *same* interval, and sends
    /// a new message that happens to read the same with *another* one: it is the field that varies (§3.7).
    pub async fn send_message(
        &self,
        app: &AppConnection,
        to: &[&MemberId],
        content: Content<'_>,
        duplicate_interval: u32,
    ) -> Result<SentMessage, CallError> {
        content.check(SEND, MESSAGE_WORDS)?;
        let mut body = content.body(&[]);
        body["touser"] = json!(recipients(SEND, to)?);
        body["agentid"] = json!(app.agent_id);
        body["enable_duplicate_check"] = json!(1);
        body["duplicate_check_interval"] = json!(duplicate_interval);
        self.call(app, Call::post(SEND, &body)?).await
    }

    /// Sends a card with buttons. A repetition is dropped as in [`Self::send_message`]; its `task_id` alone
    /// keeps it from appearing twice, too, but then the platform refuses it as if the card were wrong (§3.7).
    pub async fn send_card(
        &self,
        app: &AppConnection,
        to: &[&MemberId],
        card: &ButtonCard<'_>,
        duplicate_interval: u32,
    ) -> Result<SentMessage, CallError> {
        card.check(SEND)?;
        let body = json!({
            "touser": recipients(SEND, to)?,
            "msgtype": "template_card",
            "agentid": app.agent_id,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": duplicate_interval,
            "template_card": card,
        });
        self.call(app, Call::post(SEND, &body)?).await
    }

    /// Greys out the buttons of a card and shows `label` in their place (§3.4, variant A). Of the answer only
    /// the invalid members mean something.
    pub async fn update_card(
        &self,
        app: &AppConnection,
        members: &[&MemberId],
        response_code: &str,
        label: &str,
    ) -> Result<SentMessage, CallError> {
        recipients(UPDATE_CARD, members)?;
        let body = json!({
            "userids": members,
            "agentid": app.agent_id,
            "response_code": response_code,
            "button": { "replace_name": label },
        });
        self.call(app, Call::post(UPDATE_CARD, &body)?).await
    }

    /// Puts another card in the place of one that was answered (§3.4, variant B). Like the page's
    /// samples it has no task id of its own: the card stays the same task.
    pub async fn replace_card(
        &self,
        app: &AppConnection,
        members: &[&MemberId],
        response_code: &str,
        card: &ButtonCard<'_>,
    ) -> Result<SentMessage, CallError> {
        recipients(UPDATE_CARD, members)?;
        card.check(UPDATE_CARD)?;
        let mut card = json!(card);
        if let Some(fields) = card.as_object_mut() {
            fields.remove("task_id");
        }
        let body = json!({
            "userids": members,
            "agentid": app.agent_id,
            "response_code": response_code,
            "template_card": card,
        });
        self.call(app, Call::post(UPDATE_CARD, &body)?).await
    }

    /// Takes back a message that this app sent within 24 h (§3.4).
    pub async fn recall_message(&self, app: &AppConnection, msgid: &str) -> Result<(), CallError> {
        self.call::<Value>(app, Call::post(RECALL, &json!({ "msgid": msgid }))?).await.map(drop)
    }
}

/// `a|b`; an id that would address somebody else (`@all`, `a|b`) is refused.
fn recipients(path: &'static str, members: &[&MemberId]) -> Result<String, CallError> {
    if members.is_empty() || members.len() > MAX_RECIPIENTS {
        return Err(CallError::over_limit(path, "接收人", members.len(), MAX_RECIPIENTS, "人"));
    }
    if let Some(odd) = members.iter().find(|member| !is_userid(member.as_str())) {
        return Err(CallError::Invalid {
            path,
            cause: format!("{odd:?} is not a userid"),
            person: format!("{odd:?} 不是企业成员的账号，应用消息只能发给企业成员"),
        });
    }
    Ok(members.iter().map(|member| member.as_str()).collect::<Vec<_>>().join("|"))
}

/// The characters of a userid; `@` is in the mail-like ids that a console may give, but never leads.
pub(in super::super) fn is_userid(id: &str) -> bool {
    (1..=MAX_USERID).contains(&id.len())
        && !id.starts_with('@')
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-@".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::super::scripted::{Answer, Platform, app};
    use super::*;

    #[tokio::test]
    async fn a_message_has_the_shape_of_the_page() {
        let platform = Platform::start().await;
        platform.script(
            SEND,
            [Answer::Json(json!({ "errcode": 0, "invaliduser": "wang", "msgid": "M1", "unknown": {} }))],
        );
        let to = [&MemberId::from("lin.yun"), &MemberId::from("Wang")];
        let sent = platform.api().send_message(&app(), &to, Content::Text("早上好"), 1800).await.unwrap();
        assert_eq!((sent.msgid.as_deref(), &sent.invalid[..]), (Some("M1"), &["wang".to_owned()][..]));
        assert_eq!(
            platform.asked(SEND)[0].json(),
            json!({
                "touser": "lin.yun|Wang", "msgtype": "text", "agentid": 1_000_002, "text": { "content": "早上好" },
                "enable_duplicate_check": 1, "duplicate_check_interval": 1800,
            })
        );
    }

    #[tokio::test]
    async fn what_the_platform_would_cut_or_misdirect_is_not_sent() {
        let platform = Platform::start().await;
        let api = platform.api();
        let long = "长".repeat(MESSAGE_BYTES / 3 + 1);
        let to = MemberId::from("lin.yun");
        let error = api.send_message(&app(), &[&to], Content::Markdown(&long), 1800).await.unwrap_err();
        assert!(matches!(&error, CallError::Invalid { .. }), "{error}");
        for odd in ["@all", "a|b", "", "张三"] {
            let to = MemberId::from(odd);
            let error = api.send_message(&app(), &[&to], Content::Text("早"), 1800).await.unwrap_err();
            assert!(matches!(&error, CallError::Invalid { .. }), "{odd}: {error}");
        }
        assert!(platform.asked(SEND).is_empty());
    }

    #[tokio::test]
    async fn cards_are_updated_and_messages_recalled() {
        let platform = Platform::start().await;
        let api = platform.api();
        let to = MemberId::from("lin.yun");
        api.update_card(&app(), &[&to], "CODE", "已处理").await.unwrap();
        api.recall_message(&app(), "M1").await.unwrap();
        assert_eq!(
            platform.asked(UPDATE_CARD)[0].json(),
            json!({ "userids": ["lin.yun"], "agentid": 1_000_002, "response_code": "CODE",
                    "button": { "replace_name": "已处理" } })
        );
        assert_eq!(platform.asked(RECALL)[0].json(), json!({ "msgid": "M1" }));
    }
}

//! A group's push robot (消息推送, wecom-send.md §5): the key in the address is its only credential.

use serde_json::Value;

use super::appchat::message_body;
use super::connection::WebhookConnection;
use super::error::CallError;
use super::message::check_bytes;
use super::transport::{Call, Credential};
use super::{Api, Content};
use crate::decision::MemberId;

const SEND: &str = "/cgi-bin/webhook/send";

/// Limits of §5.2, in bytes.
pub const WEBHOOK_TEXT_BYTES: usize = 2048;
pub const WEBHOOK_MARKDOWN_BYTES: usize = 4096;

impl Api {
    /// Posts to the robot's group. `mentions` (userids or `@all`) only go with text: markdown mentions with
    /// `<@userid>` in its content. No message id comes back; at most 20 a minute.
    pub async fn post_by_webhook(
        &self,
        robot: &WebhookConnection,
        content: Content<'_>,
        mentions: &[MemberId],
    ) -> Result<(), CallError> {
        let limit = match content {
            Content::Text(_) => WEBHOOK_TEXT_BYTES,
            Content::Markdown(_) => WEBHOOK_MARKDOWN_BYTES,
        };
        check_bytes(SEND, "群消息内容", content.text(), limit)?;
        let call = Call::post(SEND, &message_body(content, mentions))?;
        let credential = Credential { name: "key", value: &robot.key };
        self.transport.exchange::<Value>(&call, &credential).await.map(drop)
    }
}

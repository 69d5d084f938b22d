//! A group's push robot (消息推送, wecom-send.md §5): the key in the address is its only credential.

use serde_json::Value;

use super::connection::WebhookConnection;
use super::content::WordLimits;
use super::error::CallError;
use super::transport::{Call, Credential};
use super::{Api, Content};
use crate::decision::MemberId;

const SEND: &str = "/cgi-bin/webhook/send";

/// Limits of §5.2, in bytes.
pub const WEBHOOK_TEXT_BYTES: usize = 2048;
pub const WEBHOOK_MARKDOWN_BYTES: usize = 4096;
const WORDS: WordLimits = WordLimits { text: WEBHOOK_TEXT_BYTES, markdown: WEBHOOK_MARKDOWN_BYTES };

impl Api {
    /// Posts to the robot's group. `mentions` (userids or `@all`) only go with text: markdown mentions with
    /// `<@userid>` in its content. No message id comes back; at most 20 a minute.
    pub async fn post_by_webhook(
        &self,
        robot: &WebhookConnection,
        content: Content<'_>,
        mentions: &[MemberId],
    ) -> Result<(), CallError> {
        content.check(SEND, WORDS)?;
        let call = Call::post(SEND, &content.body(mentions))?;
        let credential = Credential { name: "key", value: &robot.key };
        self.transport.exchange::<Value>(&call, &credential).await.map(drop)
    }
}

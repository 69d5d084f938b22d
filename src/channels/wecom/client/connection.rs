//! Who we are on the platform.

use std::sync::Arc;

use secrecy::SecretString;

/// A self-built app (自建应用): one `[[wecom.app]]`.
#[derive(Clone, Debug)]
pub struct AppConnection {
    /// Its id in our configuration.
    pub id: Arc<str>,
    pub corp_id: Arc<str>,
    pub agent_id: u64,
    pub secret: SecretString,
}

/// A group's push robot (消息推送): one `[[wecom.webhook]]`.
#[derive(Clone, Debug)]
pub struct WebhookConnection {
    /// Its id in our configuration.
    pub id: Arc<str>,
    pub key: SecretString,
}

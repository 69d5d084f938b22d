//! What `config/zhanggui.toml` says about the server and its connections to platforms.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::files::SecretRef;

/// Plain data, checked; secrets are only named (fetch them with `files::folder::resolve`).
#[derive(Clone, Debug, PartialEq)]
pub struct ServerConfig {
    pub listen: SocketAddr,
    pub timezone: TimeZone,
    /// How long events and the journal are kept.
    pub retention: SignedDuration,
    /// Base address of the platform's API, without a final `/`.
    pub api: String,
    /// At least one.
    pub apps: Vec<AppConfig>,
    pub robots: Vec<RobotConfig>,
    pub aibots: Vec<AibotConfig>,
    pub webhooks: Vec<WebhookConfig>,
    pub archives: Vec<ArchiveConfig>,
    /// `None` = the files are brought here by somebody else.
    pub git: Option<GitConfig>,
}

/// Which branch of which remote the files follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitConfig {
    pub remote: String,
    pub branch: String,
    /// How often is asked for new commits. At least a second.
    pub every: SignedDuration,
    /// Absolute, or relative to the folder of `zhanggui.toml`.
    pub deploy_key: Option<PathBuf>,
}

/// What a callback is verified and decrypted with; several of each during rotation.
#[derive(Clone, Debug, PartialEq)]
pub struct CallbackSecrets {
    pub token: Vec<SecretRef>,
    pub encoding_aes_key: Vec<SecretRef>,
}

/// A self-built app (自建应用): `/callback/wecom/{id}`.
#[derive(Clone, Debug, PartialEq)]
pub struct AppConfig {
    pub id: Arc<str>,
    pub corp_id: String,
    pub agent_id: i64,
    pub secret: SecretRef,
    pub callback: CallbackSecrets,
    /// It may read customer groups (可调用接口的应用).
    pub sync: bool,
}

/// An old group robot that hears every message of its groups: `/callback/wecom/{id}`.
#[derive(Clone, Debug, PartialEq)]
pub struct RobotConfig {
    pub id: Arc<str>,
    pub callback: CallbackSecrets,
    /// The receiveid inside its encrypted bodies; unverified on the platform, usually empty.
    pub receive_id: String,
}

/// A smart robot (智能机器人): `/callback/aibot/{id}`.
#[derive(Clone, Debug, PartialEq)]
pub struct AibotConfig {
    pub id: Arc<str>,
    /// The name by which members mention it.
    pub name: String,
    pub callback: CallbackSecrets,
}

/// A group's push robot (消息推送).
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookConfig {
    pub id: Arc<str>,
    pub key: SecretRef,
}

/// Conversation archiving (会话内容存档): `/ears/archive/{corp_id}`.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchiveConfig {
    pub corp_id: String,
    /// Signs the puller's batches.
    pub hmac_key: SecretRef,
}

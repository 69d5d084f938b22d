//! The WeCom server API as typed calls (wecom-send.md).
//!
//! What this module promises:
//! - one access token per app, fetched by one caller at a time, renewed at most once per call;
//! - a failure is always one of: surely not sent, in doubt, refused with a known class, stopped by our own
//!   check ([`CallError`]), so that whoever called knows whether repeating is safe;
//! - limits are checked in the platform's unit before anything is sent;
//! - no secret, token or address with one is part of an error or a log line.

use crate::clock::Clock;

mod appchat;
mod card;
pub mod codes;
mod connection;
mod contacts;
mod content;
mod diagnosis;
mod directory;
mod error;
mod join_way;
mod lenient;
mod mass_send;
mod media;
mod message;
mod moment;
mod token;
mod transport;
mod webhook;
mod welcome_template;

#[cfg(test)]
pub(crate) mod scripted;

pub(super) use appchat::GET as READ_APPCHAT;
pub use appchat::{AppchatChange, AppchatInfo, NewAppchat};
pub use card::{ButtonCard, shorten};
pub use codes::Class;
pub use connection::{AppConnection, WebhookConnection};
pub use contacts::{Admin, Attachment, CustomerGroup, CustomerGroupMember, ListedGroup};
pub(super) use contacts::{GET as READ_CUSTOMER_GROUP, WELCOME};
pub use content::{Article, Content, Opens, WEBHOOK_IMAGE_BYTES};
pub use diagnosis::{Diagnosis, Finding};
pub use directory::Department;
pub use error::{CallError, PersonAndLog, Refusal};
pub use join_way::JoinWayInfo;
pub(super) use join_way::{ADD as ADD_JOIN_WAY, DELETE as DELETE_JOIN_WAY, UPDATE as UPDATE_JOIN_WAY};
pub(super) use mass_send::{
    ADD as ADD_MASS_SEND, CANCEL as CANCEL_MASS_SEND, LIST as LIST_MASS_SENDS, REMIND as REMIND_MASS_SEND,
    RESULT as MASS_SEND_RESULT, TASK as MASS_SEND_TASK,
};
pub use mass_send::{
    AddedMassSend, CHATS_AT_MOST, ListedMassSend, MassSendResult, MassSendTask, NewMassSend,
};
pub use media::{MediaKind, PICTURE_BYTES, Upload, too_large};
pub(super) use media::{UPLOAD, UPLOAD_ATTACHMENT, UPLOAD_PICTURE};
pub use message::{DUPLICATE_INTERVALS, MESSAGE_BYTES, SentMessage};
pub(super) use message::{UPDATE_CARD, is_userid};
#[cfg(test)]
pub(super) use moment::ADD as ADD_MOMENT;
pub(super) use moment::{
    CANCEL as CANCEL_MOMENT, COMMENTS as MOMENT_COMMENTS, JOB as MOMENT_JOB, LIST as LIST_MOMENTS,
    TASK as MOMENT_TASK,
};
pub use moment::{ListedMoment, MomentAttachment, MomentEcho, MomentJob, MomentTaskOf, NewMoment};
pub(super) use token::GETTOKEN;
pub use transport::{CONNECT_TIMEOUT, SetupError, TOTAL_TIMEOUT};
pub use webhook::{WEBHOOK_MARKDOWN_BYTES, WEBHOOK_TEXT_BYTES};
pub use welcome_template::WelcomeTemplate;
pub(super) use welcome_template::{
    ADD as ADD_WELCOME_TEMPLATE, DELETE as DELETE_WELCOME_TEMPLATE, EDIT as EDIT_WELCOME_TEMPLATE,
};

/// The official address; a simulator has another.
pub const OFFICIAL_BASE: &str = "https://qyapi.weixin.qq.com";

/// All calls, for every app and robot that talks to one address.
#[derive(Debug)]
pub struct Api {
    transport: transport::Transport,
    tokens: token::Tokens,
    clock: Clock,
}

impl Api {
    /// `base` is scheme and host (and port), such as [`OFFICIAL_BASE`].
    pub fn new(base: &str, clock: Clock) -> Result<Self, SetupError> {
        Ok(Self { transport: transport::Transport::new(base)?, tokens: token::Tokens::default(), clock })
    }
}

//! Who may call: the apps, robots and archives of the configuration, and how each of them speaks.

use std::sync::Arc;

use foldhash::HashMap;
use jiff::Timestamp;
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::channels::wecom::credentials::{NoRandomness, Used, nonce};
use crate::channels::wecom::reply::{TooLong, aibot_welcome, app_text, group_robot_text, stream};
use crate::channels::wecom::{Credentials, ParseError, aibot, app, group_robot};
use crate::decision::{Ear, Event, EventKey, EventKind, MemberId};

/// What the addresses of callbacks begin with; behind it comes an id.
const XML_AT: &str = "/callback/wecom/";
const JSON_AT: &str = "/callback/aibot/";

pub(super) type EndpointMap = HashMap<Arc<str>, Endpoint>;

/// Every address that takes callbacks; made once from `config/zhanggui.toml`.
#[derive(Debug, Default)]
pub struct Endpoints {
    /// Under [`XML_AT`].
    xml: EndpointMap,
    /// Under [`JSON_AT`].
    json: EndpointMap,
    /// By corp id, under `/ears/archive/`.
    pub(super) archives: HashMap<Arc<str>, Archive>,
}

impl Endpoints {
    /// Opens an address. An app and a group robot share one space of ids, smart robots have another.
    pub fn add(&mut self, endpoint: Endpoint) {
        let map = if endpoint.listener.speaks_json() { &mut self.json } else { &mut self.xml };
        map.insert(Arc::clone(&endpoint.id), endpoint);
    }

    /// The endpoints whose callbacks come to this path, and the id behind it, known or not.
    pub(super) fn called_at<'p>(&self, path: &'p str) -> Option<(&EndpointMap, &'p str)> {
        let xml = path.strip_prefix(XML_AT).map(|id| (&self.xml, id));
        xml.or_else(|| path.strip_prefix(JSON_AT).map(|id| (&self.json, id)))
    }

    pub fn add_archive(&mut self, archive: Archive) {
        self.archives.insert(Arc::clone(&archive.corp_id), archive);
    }
}

/// One app or robot that is called by the platform.
#[derive(Debug)]
pub struct Endpoint {
    /// Its id in `config/zhanggui.toml`, the last part of the address.
    pub id: Arc<str>,
    pub listener: Listener,
    /// The corp it belongs to; events of two corps are never the same event.
    pub corp_id: Arc<str>,
    pub credentials: Credentials,
}

/// What kind of callbacks an address takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// A self-built app (wecom-receive.md §2, §3).
    App,
    /// The old group robot that hears everything (§5).
    GroupRobot,
    /// A smart robot (§4).
    Aibot,
}

impl Listener {
    pub fn ear(self) -> Ear {
        match self {
            Self::App => Ear::App,
            Self::GroupRobot => Ear::GroupRobot,
            Self::Aibot => Ear::Aibot,
        }
    }

    pub(super) fn speaks_json(self) -> bool {
        self == Self::Aibot
    }
}

/// What a passive reply needs to know of the callback it answers.
pub(super) struct Asker {
    /// Whom the reply is for; `None` when the platform itself spoke.
    member: Option<MemberId>,
    /// Names the stream of a smart robot's answer: the same for a repeat, no other callback's.
    key: EventKey,
    entered: bool,
    used: Used,
    nonce: String,
}

impl Asker {
    pub fn of(event: &Event, used: Used, nonce: String) -> Self {
        Self {
            member: event.from.clone(),
            key: event.key.clone(),
            entered: event.kind == EventKind::EnteredChat,
            used,
            nonce,
        }
    }
}

/// Why an answer could not be put into the response.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReplyError {
    #[error(transparent)]
    TooLong(#[from] TooLong),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl Endpoint {
    pub(super) fn parse(&self, plain: &str, now: Timestamp) -> Result<Event, ParseError> {
        let parse = match self.listener {
            Listener::App => app::parse,
            Listener::GroupRobot => group_robot::parse,
            Listener::Aibot => aibot::parse,
        };
        parse(plain, &self.id, &self.corp_id, now)
    }

    /// The encrypted body of a passive reply. A smart robot's reuses the callback's nonce (§1.6).
    pub(super) fn reply(&self, asker: &Asker, text: &str, now: Timestamp) -> Result<String, ReplyError> {
        let member = asker.member.as_ref().map(MemberId::as_str).unwrap_or_default();
        let plain = match self.listener {
            Listener::App => app_text(member, &self.corp_id, now, text)?,
            Listener::GroupRobot => group_robot_text(text),
            Listener::Aibot if asker.entered => aibot_welcome(text),
            Listener::Aibot => stream(asker.key.as_str(), text)?,
        };
        let seal = |nonce: &str| self.credentials.seal(asker.used, &plain, now.as_second(), nonce);
        if self.listener.speaks_json() {
            Ok(seal(&asker.nonce)?.to_json())
        } else {
            Ok(seal(&nonce()?)?.to_xml())
        }
    }
}

/// The ear of one corp's conversation archive (§6).
#[derive(Debug)]
pub struct Archive {
    pub corp_id: Arc<str>,
    pub(super) hmac_key: SecretString,
    /// Batches of one corp are taken one after the other, as their cursor demands.
    pub(super) turn: Mutex<()>,
}

impl Archive {
    pub fn new(corp_id: Arc<str>, hmac_key: SecretString) -> Self {
        Self { corp_id, hmac_key, turn: Mutex::new(()) }
    }
}

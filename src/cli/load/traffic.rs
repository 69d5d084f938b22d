//! The callbacks of a load run: everyday talk of many people in many groups, each message with an
//! id of its own, encrypted and signed as the platform does (wecom-receive.md §1–§5).

mod talk;

use clap::ValueEnum;

use super::connection::Callback;
use crate::channels::wecom::Credentials;
use crate::channels::wecom::credentials::{NoRandomness, Used};
use crate::channels::wecom::envelope::{callback_json, callback_xml};
use crate::clock::Clock;

/// Different people in each group; with few, everybody would be flooding. (With these and 1 000 groups that is from
/// 13 000 messages a second on, kept up for the half minute that the example brand looks back; more groups allow more.)
const PEOPLE_PER_GROUP: u64 = 50;

/// Not signed and not looked at by any receiver.
const AGENT_ID: &str = "1000002";

/// Which kind of callback is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    WecomApp,
    GroupRobot,
    Aibot,
}

impl Kind {
    /// As the connection file spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WecomApp => "wecom-app",
            Self::GroupRobot => "group-robot",
            Self::Aibot => "aibot",
        }
    }
}

/// The platform's part in a run.
pub struct Sender {
    pub kind: Kind,
    /// Of the callback address.
    pub path: String,
    pub credentials: Credentials,
    pub corp_id: String,
    pub groups: u64,
    pub clock: Clock,
    /// Tells the messages of this run from those of every other.
    pub run: u64,
}

impl Sender {
    /// The run's callback with this number.
    pub fn callback(&self, number: u64) -> Result<Callback, NoRandomness> {
        let at = self.clock.now().as_second();
        let plain = Talk::new(self.run, number, self.groups, at).body(self.kind, &self.corp_id);
        let sealed = self.credentials.seal(Used::default(), &plain, at, &number.to_string())?;
        let body = match self.kind {
            Kind::WecomApp | Kind::GroupRobot => callback_xml(&self.corp_id, AGENT_ID, &sealed.encrypt),
            Kind::Aibot => callback_json(&sealed.encrypt),
        };
        let (path, signature) = (&self.path, &sealed.signature);
        let path_and_query = format!("{path}?msg_signature={signature}&timestamp={at}&nonce={number}");
        Ok(Callback { path_and_query, body: body.into() })
    }
}

/// One message of a run.
#[derive(Clone, Debug)]
struct Talk {
    run: u64,
    number: u64,
    group: u64,
    person: u64,
    text: String,
    /// Unix seconds.
    at: i64,
}

impl Talk {
    fn new(run: u64, number: u64, groups: u64, at: i64) -> Self {
        let group = number % groups;
        let person = (number / groups) % PEOPLE_PER_GROUP;
        Self { run, number, group, person, text: talk::text(run, number), at }
    }

    /// The decrypted body.
    fn body(&self, kind: Kind, corp_id: &str) -> String {
        match kind {
            Kind::WecomApp => self.app_message(corp_id),
            Kind::GroupRobot => self.robot_message(),
            Kind::Aibot => self.aibot_message(),
        }
    }

    /// A 64-bit number, as the app's MsgId is.
    fn number_id(&self) -> u64 {
        (self.run << 32 | self.number) & (u64::MAX >> 1)
    }

    fn app_message(&self, corp_id: &str) -> String {
        let Self { group, person, text, at, .. } = self;
        let id = self.number_id();
        format!(
            "<xml><ToUserName><![CDATA[{corp_id}]]></ToUserName>\
             <FromUserName><![CDATA[load-{group}-{person}]]></FromUserName><CreateTime>{at}</CreateTime>\
             <MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>\
             <MsgId>{id}</MsgId><AgentID>1000002</AgentID></xml>"
        )
    }

    fn robot_message(&self) -> String {
        let Self { run, number, group, person, text, .. } = self;
        format!(
            "<xml><WebhookUrl><![CDATA[https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=load]]></WebhookUrl>\
             <ChatId><![CDATA[wrLoad{group:06}]]></ChatId><ChatType>group</ChatType>\
             <GetChatInfoUrl><![CDATA[https://qyapi.weixin.qq.com/cgi-bin/webhook/get_chat_info?code=load]]></GetChatInfoUrl>\
             <From><UserId>load-{group}-{person}</UserId><Name><![CDATA[街坊{person}]]></Name>\
             <Alias><![CDATA[load{person}]]></Alias></From><MsgType>text</MsgType>\
             <Text><Content><![CDATA[{text}]]></Content></Text><MsgId>load-{run}-{number}</MsgId></xml>"
        )
    }

    fn aibot_message(&self) -> String {
        let Self { run, number, group, person, text, at } = self;
        serde_json::json!({
            "msgid": format!("load-{run}-{number}"),
            "aibotid": "load",
            "chatid": format!("wrLoad{group:06}"),
            "chattype": "group",
            "from": { "userid": format!("load-{group}-{person}") },
            "create_time": at,
            "msgtype": "text",
            "text": { "content": format!("@小掌柜 {text}") },
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::wecom::{Query, aibot, app, group_robot};
    use crate::decision::{Event, EventKind};
    use secrecy::SecretString;
    use std::collections::BTreeSet;

    fn sender(kind: Kind) -> Sender {
        let key = SecretString::from("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C");
        let credentials = Credentials::new(vec!["token".into()], &[key], "ww1").expect("usable");
        let (path, corp_id, clock) = ("/callback".to_owned(), "ww1".to_owned(), Clock::system());
        Sender { kind, path, credentials, corp_id, groups: 10, clock, run: 1_700_000_000_000 }
    }

    fn received(sender: &Sender, number: u64) -> Event {
        let callback = sender.callback(number).expect("made");
        let (_, query) = callback.path_and_query.split_once('?').expect("a query");
        let value = |name| query.split('&').find_map(|pair| pair.strip_prefix(name)).expect(name).to_owned();
        let query = Query {
            msg_signature: value("msg_signature="),
            timestamp: value("timestamp="),
            nonce: value("nonce="),
            echostr: None,
        };
        let plain = sender.credentials.open(&query, &callback.body).expect("opens").message;
        let parse = match sender.kind {
            Kind::WecomApp => app::parse,
            Kind::GroupRobot => group_robot::parse,
            Kind::Aibot => aibot::parse,
        };
        parse(&plain, "via", "ww1", sender.clock.now()).expect("parses")
    }

    #[test]
    fn every_callback_is_a_message_of_its_own() {
        for kind in [Kind::WecomApp, Kind::GroupRobot, Kind::Aibot] {
            let sender = sender(kind);
            let events: Vec<_> = (0..50).map(|number| received(&sender, number)).collect();
            let keys: BTreeSet<_> = events.iter().map(|event| &event.key).collect();
            assert_eq!(keys.len(), 50);
            for event in &events {
                let EventKind::Message(message) = &event.kind else { panic!("{event:?}") };
                assert!(!message.content.text.is_empty() && event.from.is_some());
            }
            let groups: BTreeSet<_> = events.iter().filter_map(|event| event.group.as_ref()).collect();
            assert_eq!(groups.len(), if kind == Kind::WecomApp { 0 } else { 10 });
        }
    }
}

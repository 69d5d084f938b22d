//! Callbacks made by hand with the secrets of the connection file, as an outside client would.

use secrecy::SecretString;
use serde_json::Value;
use zhanggui::channels::wecom::credentials::Used;
use zhanggui::channels::wecom::envelope::{callback_json, callback_xml};
use zhanggui::channels::wecom::{Credentials, Query};

use super::Town;

/// One of the bot's callback addresses with its secrets.
pub struct Address {
    pub url: String,
    pub token: String,
    pub key: String,
    pub receive_id: String,
    pub json: bool,
}

/// An encrypted callback, ready to be posted as often as wanted.
pub struct Sealed {
    pub url: String,
    pub body: String,
}

impl Address {
    /// The address of this kind: `wecom-app`, `group-robot` or `aibot`.
    pub fn of(town: &Town, kind: &str) -> Self {
        let connection = town.connection();
        let callbacks = connection["callbacks"].as_array().expect("a list");
        let callback = callbacks.iter().find(|callback| callback["kind"] == kind).expect("a callback");
        let field = |name: &str| callback[name].as_str().expect("a text").to_owned();
        Self {
            url: field("url"),
            token: field("token"),
            key: field("encoding_aes_key"),
            receive_id: field("receive_id"),
            json: kind == "aibot",
        }
    }

    /// Encrypts and signs a body, each time with other random bytes.
    pub fn seal(&self, plain: &str, timestamp: i64, nonce: &str) -> Sealed {
        let sealed = self.credentials().seal(Used::default(), plain, timestamp, nonce).expect("random bytes");
        let url = self.signed_url(&sealed.signature, timestamp, nonce);
        Sealed { url, body: self.envelope(&sealed.encrypt) }
    }

    /// The body around an encrypted text.
    pub fn envelope(&self, encrypt: &str) -> String {
        if self.json { callback_json(encrypt) } else { callback_xml(&self.receive_id, "1000002", encrypt) }
    }

    pub fn signed_url(&self, signature: &str, timestamp: i64, nonce: &str) -> String {
        format!("{}?msg_signature={signature}&timestamp={timestamp}&nonce={nonce}", self.url)
    }

    /// Verifies and decrypts the XML that a callback was answered with.
    pub fn open(&self, reply: &str) -> String {
        let query = Query {
            msg_signature: element(reply, "MsgSignature"),
            timestamp: element(reply, "TimeStamp"),
            nonce: element(reply, "Nonce"),
            echostr: None,
        };
        self.credentials().open(&query, reply.as_bytes()).expect("a reply that was made for us").message
    }

    fn credentials(&self) -> Credentials {
        let secret = |text: &str| SecretString::from(text);
        Credentials::new(vec![secret(&self.token)], &[secret(&self.key)], &self.receive_id)
            .expect("usable secrets")
    }
}

/// Posts and gives status and body.
pub async fn post(town: &Town, callback: &Sealed) -> (u16, String) {
    let request = town.http().post(&callback.url).body(callback.body.clone());
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("a whole answer"))
}

/// The text of an element, with or without CDATA.
pub fn element(xml: &str, name: &str) -> String {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name} in {xml}"));
    let (text, _) = rest.split_once(&format!("</{name}>")).expect("a closed element");
    text.trim_start_matches("<![CDATA[").trim_end_matches("]]>").to_owned()
}

/// What a member writes to the app in private (wecom-receive.md §2.1).
pub fn private_text(corp: &str, from: &str, text: &str, id: u64, at: i64) -> String {
    format!(
        "<xml><ToUserName><![CDATA[{corp}]]></ToUserName><FromUserName><![CDATA[{from}]]></FromUserName>\
         <CreateTime>{at}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>\
         <MsgId>{id}</MsgId><AgentID>1000002</AgentID></xml>"
    )
}

/// What somebody writes to the smart robot in a group (wecom-receive.md §4.2).
pub fn mention(chat: &str, from: &str, text: &str, id: &str) -> String {
    let body: Value = serde_json::json!({
        "msgid": id, "aibotid": "helper", "chatid": chat, "chattype": "group",
        "from": {"userid": from}, "msgtype": "text", "text": {"content": format!("@小掌柜 {text}")},
    });
    body.to_string()
}

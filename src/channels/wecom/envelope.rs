//! The bodies around the cipher text: callbacks in, encrypted replies out, in XML and in JSON
//! (§1.3, §1.6).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::xml::{Document, XmlError};

/// Why no cipher text was found in a callback's body. Positions only, no content.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    #[error("the body is not UTF-8 (-40002)")]
    NotUtf8,
    #[error("{0} (-40002)")]
    Xml(#[from] XmlError),
    #[error("the JSON envelope is broken or has no `encrypt` at line {line}, column {column} (-40002)")]
    Json { line: usize, column: usize },
    #[error("the body has no Encrypt (-40002)")]
    NoEncrypt,
}

/// Other fields (ToUserName, AgentID) are not signed, so nothing may depend on them.
#[derive(Deserialize)]
struct JsonEnvelope<'a> {
    #[serde(borrow, alias = "Encrypt")]
    encrypt: Cow<'a, str>,
}

/// The `encrypt` text of a callback's body, whichever of the two formats it has.
pub fn encrypt_of(body: &[u8]) -> Result<Cow<'_, str>, EnvelopeError> {
    let body = std::str::from_utf8(body).map_err(|_| EnvelopeError::NotUtf8)?;
    if body.trim_start().starts_with('{') {
        let envelope: JsonEnvelope<'_> = serde_json::from_str(body)
            .map_err(|error| EnvelopeError::Json { line: error.line(), column: error.column() })?;
        return Ok(envelope.encrypt);
    }
    let encrypt = Document::parse(body)?.into_value("Encrypt").filter(|encrypt| !encrypt.is_empty());
    encrypt.ok_or(EnvelopeError::NoEncrypt)
}

/// An encrypted and signed message, to be written in one of the formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    pub encrypt: String,
    /// Lower-case hex.
    pub signature: String,
    /// Unix seconds.
    pub timestamp: i64,
    pub nonce: String,
}

#[derive(Serialize)]
struct JsonReply<'a> {
    encrypt: &'a str,
    msgsignature: &'a str,
    timestamp: i64,
    nonce: &'a str,
}

impl Sealed {
    /// The answer to an app's or group robot's callback.
    pub fn to_xml(&self) -> String {
        let Self { encrypt, signature, timestamp, nonce } = self;
        format!(
            "<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt>\
             <MsgSignature><![CDATA[{signature}]]></MsgSignature>\
             <TimeStamp>{timestamp}</TimeStamp><Nonce>{}</Nonce></xml>",
            cdata(nonce)
        )
    }

    /// The answer to a smart robot's callback; the nonce must be the callback's (§1.6).
    pub fn to_json(&self) -> String {
        let Self { encrypt, signature, timestamp, nonce } = self;
        let reply = JsonReply { encrypt, msgsignature: signature, timestamp: *timestamp, nonce };
        serde_json::json!(reply).to_string()
    }
}

/// The body with which the platform calls an app (§1.3).
pub fn callback_xml(to_user: &str, agent_id: &str, encrypt: &str) -> String {
    format!(
        "<xml><ToUserName>{}</ToUserName><AgentID>{}</AgentID><Encrypt>{}</Encrypt></xml>",
        cdata(to_user),
        cdata(agent_id),
        cdata(encrypt)
    )
}

/// The body with which the platform calls a smart robot (§4.4).
pub fn callback_json(encrypt: &str) -> String {
    serde_json::json!({ "encrypt": encrypt }).to_string()
}

/// Text as CDATA; a `]]>` inside is split over two sections, so it stays text.
pub fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_of_the_envelope_is_read() {
        for body in [
            "<xml><ToUserName><![CDATA[a]]></ToUserName><Encrypt><![CDATA[E+/=]]></Encrypt></xml>",
            "\n<xml>\n <Encrypt>E+/=</Encrypt>\n</xml>\n",
            r#"{"encrypt":"E+/="}"#,
            r#" {"Encrypt":"E+\/=","AgentID":"1"}"#,
            r#"{"tousername":"wx","encrypt":"E+/=","agentid":"218"}"#,
        ] {
            assert_eq!(encrypt_of(body.as_bytes()).unwrap(), "E+/=", "{body}");
        }
        assert_eq!(encrypt_of(callback_xml("to", "", "E+/=").as_bytes()).unwrap(), "E+/=");
        assert_eq!(encrypt_of(callback_json("E+/=").as_bytes()).unwrap(), "E+/=");
    }

    #[test]
    fn a_body_without_cipher_text_is_refused() {
        assert!(matches!(encrypt_of(b"\xff"), Err(EnvelopeError::NotUtf8)));
        assert!(matches!(encrypt_of(b""), Err(EnvelopeError::Xml(_))));
        assert!(matches!(encrypt_of(b"<xml><Encrypt/></xml>"), Err(EnvelopeError::NoEncrypt)));
        assert!(matches!(encrypt_of(b"{}"), Err(EnvelopeError::Json { .. })));
        assert!(matches!(encrypt_of(br#"{"encrypt":1}"#), Err(EnvelopeError::Json { .. })));
    }

    #[test]
    fn the_reply_has_the_documented_members() {
        let sealed = Sealed {
            encrypt: "E==".into(),
            signature: "5c45".into(),
            timestamp: 1_641_002_400,
            nonce: "n]]>".into(),
        };
        let json: serde_json::Value = serde_json::from_str(&sealed.to_json()).unwrap();
        let expected = serde_json::json!(
            {"encrypt": "E==", "msgsignature": "5c45", "timestamp": 1_641_002_400, "nonce": "n]]>"}
        );
        assert_eq!(json, expected);
        let xml = sealed.to_xml();
        let document = Document::parse(&xml).unwrap();
        let expected =
            [("Encrypt", "E=="), ("MsgSignature", "5c45"), ("TimeStamp", "1641002400"), ("Nonce", "n]]>")];
        assert_eq!(document.root().leaves(), expected.map(|(path, text)| (path.to_owned(), text)));
    }

    proptest! {
        #[test]
        fn any_text_survives_cdata(text: String) {
            let body = format!("<xml><A>{}</A></xml>", cdata(&text));
            let document = Document::parse(&body).unwrap();
            prop_assert_eq!(document.root().value("A").unwrap_or_default(), text);
        }

        #[test]
        fn any_body_is_read_without_panic(body: Vec<u8>) {
            let _ = encrypt_of(&body);
        }
    }
}

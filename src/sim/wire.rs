//! The platform's side of the callback crypto (wecom-receive.md §1.4–§1.6).
//!
//! Written from the page and on purpose not shared with the bot's own `channels::wecom`: a mistake
//! in one of the two must show as a failed signature, not as two equal mistakes.

use aes::Aes256;
use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::random::hex;

/// The platform pads to 32 bytes, twice the block of the cipher.
const BLOCK: usize = 32;
/// Random bytes and the length that stand before every message.
const HEADER: usize = 16 + 4;

/// Real keys end in a character with spare bits set, and both padded and bare text occur.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a text could not be decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    #[error("the EncodingAESKey is not 43 letters and digits")]
    Key,
    #[error("the text is not base64")]
    Base64,
    #[error("the cipher text is not a whole number of blocks")]
    Length,
    #[error("the padding is not 1 to 32 equal bytes")]
    Padding,
    #[error("the message length points outside the message")]
    Header,
    #[error("the message is not UTF-8")]
    Utf8,
}

/// A decrypted text and the receiver it was made for.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    pub message: String,
    pub receive_id: String,
}

/// The symmetric key behind an EncodingAESKey.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    pub fn parse(encoding_aes_key: &str) -> Result<Self, WireError> {
        if encoding_aes_key.len() != 43 {
            return Err(WireError::Key);
        }
        let bytes = BASE64.decode(encoding_aes_key).map_err(|_| WireError::Key)?;
        bytes.try_into().map(Self).map_err(|_| WireError::Key)
    }

    /// `base64(AES-256-CBC(random ‖ length ‖ message ‖ receive_id ‖ padding))`.
    pub fn encrypt(&self, random: [u8; 16], message: &str, receive_id: &str) -> String {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX); // bodies stay far below 4 GiB
        let mut text = Vec::with_capacity(HEADER + message.len() + receive_id.len() + BLOCK);
        text.extend_from_slice(&random);
        text.extend_from_slice(&length.to_be_bytes());
        text.extend_from_slice(message.as_bytes());
        text.extend_from_slice(receive_id.as_bytes());
        let padding = BLOCK - text.len() % BLOCK;
        text.resize(text.len() + padding, u8::try_from(padding).unwrap_or_default());
        let cipher = cbc::Encryptor::<Aes256>::new(&self.0.into(), &self.initial_vector().into());
        let length = text.len();
        match cipher.encrypt_padded::<NoPadding>(&mut text, length) {
            Ok(encrypted) => BASE64.encode(encrypted),
            Err(_) => unreachable!("the text was padded to whole blocks above"),
        }
    }

    pub fn decrypt(&self, encrypted: &str) -> Result<Opened, WireError> {
        let mut text = BASE64.decode(encrypted).map_err(|_| WireError::Base64)?;
        if text.is_empty() || text.len() % BLOCK != 0 {
            return Err(WireError::Length);
        }
        let cipher = cbc::Decryptor::<Aes256>::new(&self.0.into(), &self.initial_vector().into());
        cipher.decrypt_padded::<NoPadding>(&mut text).map_err(|_| WireError::Length)?;
        open(unpadded(&text)?)
    }

    fn initial_vector(&self) -> [u8; 16] {
        let mut vector = [0; 16];
        vector.copy_from_slice(&self.0[..16]);
        vector
    }
}

fn unpadded(text: &[u8]) -> Result<&[u8], WireError> {
    let padding = usize::from(*text.last().ok_or(WireError::Padding)?);
    if !(1..=BLOCK).contains(&padding) || padding > text.len() {
        return Err(WireError::Padding);
    }
    let (body, tail) = text.split_at(text.len() - padding);
    if tail.iter().all(|byte| usize::from(*byte) == padding) { Ok(body) } else { Err(WireError::Padding) }
}

fn open(body: &[u8]) -> Result<Opened, WireError> {
    let (header, rest) = body.split_at_checked(HEADER).ok_or(WireError::Header)?;
    let length = header[16..].iter().fold(0_usize, |length, byte| (length << 8) | usize::from(*byte));
    let (message, receive_id) = rest.split_at_checked(length).ok_or(WireError::Header)?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| WireError::Utf8);
    Ok(Opened { message: text(message)?, receive_id: text(receive_id)? })
}

/// `msg_signature`: SHA-1 over the four values in byte order, lower-case hex.
pub fn signature(token: &str, timestamp: &str, nonce: &str, encrypted: &str) -> String {
    let mut parts = [token, timestamp, nonce, encrypted];
    parts.sort_unstable();
    hex(&Sha1::digest(parts.concat()))
}

/// The signature of an archive batch: HMAC-SHA256 over `timestamp.body`, lower-case hex.
pub fn archive_signature(key: &str, timestamp: i64, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        unreachable!("HMAC takes keys of every length");
    };
    mac.update(format!("{timestamp}.{body}").as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// Compares two texts without telling by its time where they differ.
pub fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "QDG6eK";
    const CORP: &str = "wx5823bf96d3bd56c7";

    fn key() -> Key {
        Key::parse("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C").unwrap()
    }

    /// Decrypts, compares, and encrypts again to the very same text.
    fn both_ways(encrypted: &str, random: &[u8; 16], message: &str, receive_id: &str) {
        let opened = key().decrypt(encrypted).unwrap();
        assert_eq!(opened, Opened { message: message.into(), receive_id: receive_id.into() });
        assert_eq!(key().encrypt(*random, message, receive_id), encrypted);
    }

    #[test]
    fn v1_url_verification() {
        let echo = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==";
        both_ways(echo, b"c41b64491c2468d0", "1616140317555161061", CORP);
        assert_eq!(
            signature(TOKEN, "1409659589", "263014780", echo),
            "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
        );
    }

    #[test]
    fn v2_xml_message() {
        let encrypted = "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==";
        let message = "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>\n<FromUserName><![CDATA[mycreate]]></FromUserName>\n<CreateTime>1409659813</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[hello]]></Content>\n<MsgId>4561255354251345929</MsgId>\n<AgentID>218</AgentID>\n</xml>";
        both_ways(encrypted, b"0960688932c47ef1", message, CORP);
        assert_eq!(
            signature(TOKEN, "1409659813", "1372623149", encrypted),
            "477715d11cdb4164915debcba66cb864d751f3e6"
        );
    }

    #[test]
    fn v3_json_message() {
        let encrypted = "CZWs4CWRpI4VolQlvn4dlEC1alN2MUEY2VklGehgBVLBrlVF7SyT+SV+Toj43l4ayJ9UMGKphktKKmP7B2j/P1ey67XB8PBgS7Wr5/8+w/yWriZv3Vmoo/MH3/1HsIWZrPQ3N2mJrelStIfI2Y8kLKXA7EhfZgZX4o+ffdkZDM76SEl79Ib9mw7TGjZ9Aw/x/A2VjNbV1E8BtEbRxYYcQippYNw7hr8sFfa3nW1xLdxokt8QkRX83vK3DFP2F6TQFPL2Tu98UwhcUpPvdJBuu1/yiOQIScppV3eOuLWEsko=";
        let message = r#"{"ToUserName":"wx5823bf96d3bd56c7","FromUserName":"mycreate","CreateTime": 1409659813,"MsgType":"text","Content":"hello","MsgId":4561255354251345929,"AgentID": 218}"#;
        both_ways(encrypted, b"EDH75AiKExevY8L3", message, CORP);
        assert_eq!(
            signature(TOKEN, "1409659813", "1372623149", encrypted),
            "0623cbc5a8cbee5bcc137c70de99575366fc2af3"
        );
    }

    #[test]
    fn v4_aibot_message() {
        let encrypted = "sKqRbbiSUnDhFHOvPjtUMcw0RmRNkLSpAwtrwZiMb9vVnpG3UVwnmBvcI4Hn9HXYXR+P8ZHkMy5J/emUWEvGEoYyLQ1sHR5gbyfkDv1sPJuwYvXryOyuAT2s0y64qmWqSCi+rxqA2c4Jpx9vFsl8xkSwf0JfF0huG2Z6s1AGgFS8S06CLbMIthQ4sKTzaoMOFv4p779b0bgcQh8N8z6Duig8JKjMdbiK06I3TKmPyBsUZOWKQVwVvY5jtDTkLGjve14QqajYP/JdK5l4W/YNtOoMkO1Kc1JL49K8AhBshNK7x2heD1BX/UO0FVbQDYVpjYlo1sJhKmtMpHlzEns7qA==";
        let message = r#"{"msgid":"CAIQ16HMjQYY/NGagIOAgAMgq4KM0AI=","aibotid":"AIBOTID","chatid":"CHATID","chattype":"group","from":{"userid":"USERID"},"response_url":"RESPONSEURL","msgtype":"text","text":{"content":"@RobotA hello robot"}}"#;
        both_ways(encrypted, b"0123456789abcdef", message, "");
        assert_eq!(
            signature(TOKEN, "1700000000", "1234567890", encrypted),
            "30f8cfa8911fc0d7090cb5af1d12a0e6f3577cc6"
        );
    }

    #[test]
    fn v5_aibot_stream_reply() {
        let encrypted = "P9TP8OO8ZpJE35Ha/87+5G9HKJOIRH0CKTuMKMF+7GGOLakEZiYTGR2J4Y6awIbxM+99e6fwv7SyYXCvNUZb5DrQXOVTpLgsOZlRBaQR26+J3q8Kbeg8vRZayNS5OkolPPxO0HeYC8Zl7mHe5tLBygEuh4Q/mis1526h03PXXJM=";
        let message = r#"{"msgtype":"stream","stream":{"id":"STREAMID","finish":true,"content":"你好"}}"#;
        both_ways(encrypted, b"fedcba9876543210", message, "");
        assert_eq!(
            signature(TOKEN, "1700000001", "1234567890", encrypted),
            "84a4bfe8a459c8055b1c3087d9643dd1ac588f85"
        );
    }

    #[test]
    fn v6_a_whole_block_of_padding() {
        let encrypted =
            "sKqRbbiSUnDhFHOvPjtUMT04SBXqyecnV0R+mVLqu11Se0CAxtEP8Zs4hONFU+GhnY2XmfYUSF/20UR5dRgc0w==";
        both_ways(encrypted, b"0123456789abcdef", "xxxxxxxxxxxx", "");
    }

    #[test]
    fn v7_xml_text_reply() {
        let encrypted = "sKqRbbiSUnDhFHOvPjtUMUNeky1yBjV3tIYfilQwj5fN/Js8KUsEWgVXPlHti2RHT6dIU70aNopY/r2YT/zocnNvNMINRv0id5aSeETI1s02SAEnZMIWt6fVqyK7irt5+LzsEgzU2+PBfYup8ovuaCu+9taHYr8YVF6U9Up9iZ16WlEmu/k1FJF4bI/LICkN8lVX/Q33kLnZ0DWcKwZMCKslSAq62JMlRf5YNUk+bnuHVW/OYk8e92Pbspu05Vey6KyBtAXHdWns7Z5HM4ri+Dx/5SqvZu0AjtIIoicwqzeadA2JeFdbjpMgCRTSX6F2ADH/rio9XbaiCvgpmF1qyjxSH4zOz32BCgpC46a07fWlqpD/+PxtMiWcMwSlrD+t";
        let message = "<xml><ToUserName><![CDATA[mycreate]]></ToUserName><FromUserName><![CDATA[wx5823bf96d3bd56c7]]></FromUserName><CreateTime>1348831860</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[this is a test]]></Content></xml>";
        both_ways(encrypted, b"0123456789abcdef", message, CORP);
        assert_eq!(
            signature(TOKEN, "1409659813", "1372623149", encrypted),
            "68f5dc43743f9cc82ad8ea2a52b524c675af7803"
        );
    }

    #[test]
    fn spoiled_texts_are_refused() {
        assert_eq!(key().decrypt("不是"), Err(WireError::Base64));
        assert_eq!(key().decrypt("AAAA"), Err(WireError::Length));
        assert_eq!(key().decrypt(""), Err(WireError::Length));
        assert_eq!(Key::parse("short").err(), Some(WireError::Key));
        let other = Key([7; 32]);
        assert!(other.decrypt(&key().encrypt([0; 16], "hello", CORP)).is_err());
    }

    #[test]
    fn archive_signature_is_the_known_hmac() {
        // Made with Python: hmac.new(b"key", b'1700000000.{"after":0}', hashlib.sha256).hexdigest()
        assert_eq!(
            archive_signature("key", 1_700_000_000, r#"{"after":0}"#),
            "0087e464c3b6990ce9c0595d329d9f6dda3698129e14db8ad58ee51ef7f9f640"
        );
    }
}

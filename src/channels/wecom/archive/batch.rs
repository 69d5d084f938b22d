//! The batches in which a puller posts archived messages to `/ears/archive/{corp}`.
//!
//! This interface is our own: `{"after": 195, "messages": [{"seq": 196, "message": {…}}]}`, signed
//! with `HMAC-SHA256(key, timestamp + "." + body)` in two headers.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;

use crate::channels::wecom::crypto;

/// As many as one pull of the archive gives at most (§6.3).
pub const MAX_MESSAGES: usize = 1000;
/// Unix seconds.
pub const TIMESTAMP_HEADER: &str = "x-zhanggui-timestamp";
/// Lower-case hex.
pub const SIGNATURE_HEADER: &str = "x-zhanggui-signature";

/// Messages in the order of the archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The seq up to which the puller believes everything is stored; 0 at first.
    pub after: u64,
    pub messages: Vec<Sequenced>,
}

/// One decrypted message (§6.5) and its place in the archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequenced {
    pub seq: u64,
    pub message: Value,
}

/// Why a batch is not taken, to answer with 400.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    #[error("the batch is not the documented JSON at line {line}, column {column}")]
    Json { line: usize, column: usize },
    #[error("the batch has {0} messages, {MAX_MESSAGES} are allowed")]
    TooMany(usize),
    #[error("seq {seq} does not come after {after}")]
    Order { seq: u64, after: u64 },
    #[error("the message of seq {0} is not an object")]
    NotAnObject(u64),
}

impl Batch {
    pub fn parse(body: &[u8]) -> Result<Self, BatchError> {
        let batch: Self = serde_json::from_slice(body)
            .map_err(|error| BatchError::Json { line: error.line(), column: error.column() })?;
        if batch.messages.len() > MAX_MESSAGES {
            return Err(BatchError::TooMany(batch.messages.len()));
        }
        let mut after = batch.after;
        for Sequenced { seq, message } in &batch.messages {
            if *seq <= after {
                return Err(BatchError::Order { seq: *seq, after });
            }
            if !message.is_object() {
                return Err(BatchError::NotAnObject(*seq));
            }
            after = *seq;
        }
        Ok(batch)
    }

    /// The seq up to which everything is stored once this batch is.
    pub fn last_seq(&self) -> u64 {
        self.messages.last().map_or(self.after, |last| last.seq)
    }
}

/// Why a request to the ear is refused, to answer with 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the timestamp is missing or more than 10 minutes off")]
    Stale,
    #[error("the signature does not fit the key")]
    Mismatch,
}

/// Checks a request to the ear; the body of the cursor's GET is empty.
pub fn verify(
    key: &SecretString,
    timestamp: &str,
    signature: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<(), SignatureError> {
    if !crypto::hex_equals(signature, &digest(key, timestamp, body)) {
        return Err(SignatureError::Mismatch);
    }
    if crypto::is_fresh(timestamp, now) { Ok(()) } else { Err(SignatureError::Stale) }
}

/// The signature of a request, in lower-case hex.
pub fn sign(key: &SecretString, timestamp: &str, body: &[u8]) -> String {
    crypto::hex(&digest(key, timestamp, body))
}

fn digest(key: &SecretString, timestamp: &str, body: &[u8]) -> [u8; 32] {
    let key = key.expose_secret().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes a key of any length");
    for piece in [timestamp.as_bytes(), b".", body] {
        mac.update(piece);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SecretString {
        "example key".into()
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_700_000_000).unwrap()
    }

    #[test]
    fn the_documented_batch_is_read() {
        let body = br#"{"after": 195, "messages": [{"seq": 196, "message": {"msgid": "a"}},
            {"seq": 18446744073709551615, "message": {}}]}"#;
        let batch = Batch::parse(body).unwrap();
        assert_eq!((batch.after, batch.messages[0].seq, batch.last_seq()), (195, 196, u64::MAX));
        assert_eq!(batch.messages[0].message["msgid"], "a");
        assert_eq!(Batch::parse(br#"{"after":7,"messages":[]}"#).unwrap().last_seq(), 7);
    }

    #[test]
    fn wrong_batches_are_refused() {
        let parse = |body: &str| Batch::parse(body.as_bytes()).unwrap_err().to_string();
        let message = |seq: usize| format!(r#"{{"seq":{seq},"message":{{}}}}"#);
        let batch = |seqs: &[usize]| {
            let messages: Vec<_> = seqs.iter().map(|&seq| message(seq)).collect();
            format!(r#"{{"after":5,"messages":[{}]}}"#, messages.join(","))
        };
        assert_eq!(parse(&batch(&[5])), "seq 5 does not come after 5");
        assert_eq!(parse(&batch(&[6, 8, 8])), "seq 8 does not come after 8");
        let many: Vec<_> = (6..6 + MAX_MESSAGES + 1).collect();
        assert_eq!(parse(&batch(&many)), "the batch has 1001 messages, 1000 are allowed");
        assert!(Batch::parse(batch(&many[..MAX_MESSAGES]).as_bytes()).is_ok());
        let no_object = r#"{"after":5,"messages":[{"seq":6,"message":[]}]}"#;
        assert_eq!(parse(no_object), "the message of seq 6 is not an object");
        for broken in ["", "{}", r#"{"after":-1,"messages":[]}"#, r#"{"after":1,"messages":[],"more":1}"#] {
            assert!(parse(broken).starts_with("the batch is not the documented JSON"), "{broken}");
        }
    }

    #[test]
    fn the_signature_is_the_documented_one() {
        // printf '1700000000.{"after":0}' | openssl dgst -sha256 -hmac 'example key'
        let expected = "53fffbd70b91564be3484423d6a9653c1211355ec535fcebc6b5b4c20e144ae0";
        assert_eq!(sign(&key(), "1700000000", br#"{"after":0}"#), expected);
        assert_eq!(verify(&key(), "1700000000", expected, br#"{"after":0}"#, now()), Ok(()));
        let upper = expected.to_uppercase();
        assert_eq!(verify(&key(), "1700000000", &upper, br#"{"after":0}"#, now()), Ok(()));
    }

    #[test]
    fn strangers_and_old_requests_are_refused() {
        let signed = |timestamp: &str| verify(&key(), timestamp, &sign(&key(), timestamp, b""), b"", now());
        assert_eq!(signed("1700000600"), Ok(()));
        assert_eq!(signed("1700000601"), Err(SignatureError::Stale));
        assert_eq!(signed("1699999399"), Err(SignatureError::Stale));
        assert_eq!(signed("soon"), Err(SignatureError::Stale));
        let signature = sign(&key(), "1700000000", b"body");
        let other_key = "another key".into();
        for (key, timestamp, signature, body) in [
            (&key(), "1700000000", signature.as_str(), &b"bodY"[..]),
            (&key(), "1700000001", signature.as_str(), b"body"),
            (&other_key, "1700000000", signature.as_str(), b"body"),
            (&key(), "1700000000", &signature[1..], b"body"),
            (&key(), "1700000000", "", b"body"),
        ] {
            assert_eq!(verify(key, timestamp, signature, body, now()), Err(SignatureError::Mismatch));
        }
    }
}

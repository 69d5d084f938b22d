//! What one app or robot proves and keeps its callbacks with.
//!
//! During a rotation there are two tokens or two keys at once: a callback is accepted with any of
//! them, and its answer is made with those that the callback used.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::crypto::{self, AesKey, CryptoError, PREFIX_LENGTH};
use super::envelope::{self, EnvelopeError, Sealed};

/// The query of a callback address (§1.2, §1.3), percent-decoded.
#[derive(Clone, Debug, Deserialize)]
pub struct Query {
    #[serde(alias = "msgsignature", alias = "signature")]
    pub msg_signature: String,
    /// Unix seconds. As text, because the text is what is signed.
    pub timestamp: String,
    pub nonce: String,
    /// Only when the platform checks the address (GET).
    #[serde(default)]
    pub echostr: Option<String>,
}

/// Why a callback was refused. The texts are for the log: one line, no payload, no secret.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The one case to answer with 403; the others are 400.
    #[error("the signature does not fit any token (-40001)")]
    Signature,
    #[error("the query has no echostr")]
    NoEchostr,
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    #[error("there is no token")]
    NoToken,
    #[error("there is no EncodingAESKey")]
    NoKey,
    #[error(transparent)]
    Key(#[from] CryptoError),
}

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

/// Which of several tokens and keys a callback used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    token: usize,
    key: usize,
}

/// A callback that was verified and decrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain {
    pub message: String,
    /// For [`Credentials::seal`].
    pub used: Used,
}

/// The tokens and keys of one app or robot, the current ones first.
#[derive(Debug)]
pub struct Credentials {
    tokens: Vec<SecretString>,
    keys: Vec<AesKey>,
    receive_id: Box<str>,
}

impl Credentials {
    /// `receive_id` is the CorpID for an app and empty for robots (§1.5).
    pub fn new(
        tokens: Vec<SecretString>,
        encoding_aes_keys: &[SecretString],
        receive_id: &str,
    ) -> Result<Self, CredentialsError> {
        let keys = encoding_aes_keys.iter().map(|key| AesKey::from_encoding(key.expose_secret()));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        if tokens.is_empty() {
            return Err(CredentialsError::NoToken);
        }
        if keys.is_empty() {
            return Err(CredentialsError::NoKey);
        }
        Ok(Self { tokens, keys, receive_id: receive_id.into() })
    }

    /// Verifies and decrypts a callback's body, XML or JSON.
    pub fn open(&self, query: &Query, body: &[u8]) -> Result<Plain, OpenError> {
        self.verify_and_decrypt(query, &envelope::encrypt_of(body)?)
    }

    /// The text with which the platform's check of the address must be answered (§1.2): these
    /// bytes and nothing else.
    pub fn open_echo(&self, query: &Query) -> Result<String, OpenError> {
        let echo = query.echostr.as_deref().ok_or(OpenError::NoEchostr)?;
        // A raw `+` that was decoded once too often has become a space; base64 has none.
        Ok(self.verify_and_decrypt(query, &echo.replace(' ', "+"))?.message)
    }

    /// The signature comes first: nothing is decrypted for a stranger.
    pub fn verify_and_decrypt(&self, query: &Query, encrypt: &str) -> Result<Plain, OpenError> {
        let token = self.token_of(query, encrypt).ok_or(OpenError::Signature)?;
        let mut failed = CryptoError::Key;
        for (key, aes) in self.keys.iter().enumerate() {
            match aes.open(encrypt, &self.receive_id) {
                Ok(message) => return Ok(Plain { message, used: Used { token, key } }),
                Err(error) => failed = error,
            }
        }
        Err(failed.into())
    }

    fn token_of(&self, query: &Query, encrypt: &str) -> Option<usize> {
        self.tokens.iter().position(|token| {
            let signature = crypto::signature(token.expose_secret(), &query.timestamp, &query.nonce, encrypt);
            crypto::hex_equals(&query.msg_signature, &signature)
        })
    }

    /// Encrypts and signs a message: a reply (`used` as in its callback's [`Plain`]) or, in the
    /// simulator, a callback. `timestamp` in unix seconds.
    pub fn seal(
        &self,
        used: Used,
        message: &str,
        timestamp: i64,
        nonce: &str,
    ) -> Result<Sealed, NoRandomness> {
        let mut prefix = [0; PREFIX_LENGTH];
        random(&mut prefix)?;
        Ok(self.seal_with(used, prefix, message, timestamp, nonce))
    }

    fn seal_with(
        &self,
        used: Used,
        prefix: [u8; PREFIX_LENGTH],
        message: &str,
        timestamp: i64,
        nonce: &str,
    ) -> Sealed {
        // `used` may come from credentials with more keys, before a reload.
        let key = self.keys.get(used.key).unwrap_or(&self.keys[0]);
        let token = self.tokens.get(used.token).unwrap_or(&self.tokens[0]).expose_secret();
        let encrypt = key.seal(prefix, message, &self.receive_id);
        let signature = crypto::signature(token, &timestamp.to_string(), nonce, &encrypt);
        Sealed { encrypt, signature: crypto::hex(&signature), timestamp, nonce: nonce.to_owned() }
    }
}

/// A nonce for an answer in XML, which is ours to choose (§1.6).
pub fn nonce() -> Result<String, NoRandomness> {
    let mut bytes = [0; 4];
    random(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes).to_string())
}

/// From the system itself: the generator of the TLS library gathers entropy of its own for 50 ms before its first byte,
/// and everybody waits who is answered meanwhile.
fn random(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    getrandom::fill(bytes).map_err(|_| NoRandomness)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "QDG6eK";
    const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
    const NEXT_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

    #[derive(Deserialize)]
    struct Vector {
        name: String,
        timestamp: String,
        nonce: String,
        signature: String,
        receive_id: String,
        prefix: String,
        plain: String,
        encrypt: String,
        body: Option<String>,
    }

    impl Vector {
        fn query(&self) -> Query {
            Query {
                msg_signature: self.signature.clone(),
                timestamp: self.timestamp.clone(),
                nonce: self.nonce.clone(),
                echostr: Some(self.encrypt.clone()),
            }
        }
    }

    /// V1–V5 and V7 of §1.8; V6 and V8 have no signature and are tested in `crypto`.
    fn vectors() -> Vec<Vector> {
        serde_json::from_str(include_str!("../../../tests/data/wecom/vectors.json")).unwrap()
    }

    fn credentials(tokens: &[&str], keys: &[&str], receive_id: &str) -> Credentials {
        let secrets = |texts: &[&str]| texts.iter().map(|&text| text.into()).collect::<Vec<SecretString>>();
        Credentials::new(secrets(tokens), &secrets(keys), receive_id).unwrap()
    }

    fn query(sealed: &Sealed) -> Query {
        Query {
            msg_signature: sealed.signature.clone(),
            timestamp: sealed.timestamp.to_string(),
            nonce: sealed.nonce.clone(),
            echostr: None,
        }
    }

    #[test]
    fn the_golden_vectors_open_and_are_made_again() {
        for vector in vectors() {
            let credentials = credentials(&[TOKEN], &[KEY], &vector.receive_id);
            let plain = credentials.verify_and_decrypt(&vector.query(), &vector.encrypt).unwrap();
            assert_eq!(plain.message, vector.plain, "{}", vector.name);
            let prefix = vector.prefix.as_bytes().try_into().unwrap();
            let timestamp = vector.timestamp.parse().unwrap();
            let sealed = credentials.seal_with(plain.used, prefix, &plain.message, timestamp, &vector.nonce);
            assert_eq!(
                (sealed.encrypt, sealed.signature),
                (vector.encrypt, vector.signature),
                "{}",
                vector.name
            );
        }
    }

    #[test]
    fn the_golden_bodies_open() {
        let with_body: Vec<_> = vectors().into_iter().filter(|vector| vector.body.is_some()).collect();
        assert_eq!(with_body.len(), 2, "V2 in XML and V3 in JSON");
        for vector in with_body {
            let credentials = credentials(&[TOKEN], &[KEY], &vector.receive_id);
            let body = vector.body.clone().unwrap();
            assert_eq!(credentials.open(&vector.query(), body.as_bytes()).unwrap().message, vector.plain);
        }
    }

    #[test]
    fn the_check_of_the_address_is_answered() {
        let vector = vectors().remove(0);
        let credentials = credentials(&[TOKEN], &[KEY], &vector.receive_id);
        assert_eq!(credentials.open_echo(&vector.query()).unwrap(), "1616140317555161061");
        let decoded_twice = Query { echostr: Some(vector.encrypt.replace('+', " ")), ..vector.query() };
        assert_eq!(credentials.open_echo(&decoded_twice).unwrap(), "1616140317555161061");
        let without = Query { echostr: None, ..vector.query() };
        assert!(matches!(credentials.open_echo(&without), Err(OpenError::NoEchostr)));
    }

    #[test]
    fn a_strangers_callback_is_refused_before_decryption() {
        let vector = vectors().remove(0);
        let other_token = credentials(&["other"], &[KEY], &vector.receive_id);
        let other_key = credentials(&[TOKEN], &[NEXT_KEY], &vector.receive_id);
        let other_corp = credentials(&[TOKEN], &[KEY], "");
        let open = |credentials: Credentials| credentials.open_echo(&vector.query()).unwrap_err();
        assert!(matches!(open(other_token), OpenError::Signature));
        assert!(matches!(open(other_key), OpenError::Crypto(_)));
        assert!(matches!(open(other_corp), OpenError::Crypto(CryptoError::ReceiveId)));
    }

    #[test]
    fn during_a_rotation_both_open_and_the_answer_uses_the_callers() {
        let platform = credentials(&["old"], &[KEY], "ww1");
        let ours = credentials(&["new", "old"], &[NEXT_KEY, KEY], "ww1");
        let callback = platform.seal(Used::default(), "hello", 1_700_000_000, "n").unwrap();
        let plain = ours.verify_and_decrypt(&query(&callback), &callback.encrypt).unwrap();
        assert_eq!((plain.message.as_str(), plain.used), ("hello", Used { token: 1, key: 1 }));
        let answer = ours.seal(plain.used, "hi", 1_700_000_001, &nonce().unwrap()).unwrap();
        assert_eq!(platform.verify_and_decrypt(&query(&answer), &answer.encrypt).unwrap().message, "hi");
    }

    #[test]
    fn two_seals_of_one_message_differ() {
        let credentials = credentials(&[TOKEN], &[KEY], "");
        let seal = || credentials.seal(Used::default(), "hello", 0, "n").unwrap().encrypt;
        assert_ne!(seal(), seal());
    }

    #[test]
    fn incomplete_credentials_are_refused_and_complete_ones_not_printed() {
        let new = |tokens: &[&str], keys: &[&str]| {
            let secrets =
                |texts: &[&str]| texts.iter().map(|&text| text.into()).collect::<Vec<SecretString>>();
            Credentials::new(secrets(tokens), &secrets(keys), "").err()
        };
        assert_eq!(new(&[], &[KEY]), Some(CredentialsError::NoToken));
        assert_eq!(new(&[TOKEN], &[]), Some(CredentialsError::NoKey));
        assert_eq!(new(&[TOKEN], &["short"]), Some(CredentialsError::Key(CryptoError::Key)));
        let printed = format!("{:?}", credentials(&[TOKEN], &[KEY], ""));
        assert!(!printed.contains(TOKEN) && !printed.contains(KEY), "{printed}");
    }

    #[test]
    fn every_spelling_of_the_signatures_name_is_read() {
        for name in ["msg_signature", "msgsignature", "signature"] {
            let query = serde_json::json!({ name: "s", "timestamp": "1", "nonce": "n" });
            assert_eq!(serde_json::from_value::<Query>(query).unwrap().msg_signature, "s");
        }
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(message in "\\PC*", nonce in "\\PC*", receive_id in "[a-z0-9]{0,20}") {
            let credentials = credentials(&[TOKEN], &[KEY], &receive_id);
            let sealed = credentials.seal(Used::default(), &message, 1_700_000_000, &nonce).unwrap();
            for body in [envelope::callback_json(&sealed.encrypt), sealed.to_xml()] {
                prop_assert_eq!(&credentials.open(&query(&sealed), body.as_bytes()).unwrap().message, &message);
            }
        }

        #[test]
        fn what_was_tampered_with_never_opens(message in "\\PC*", place: prop::sample::Index, by in 1_u8..64) {
            let credentials = credentials(&[TOKEN], &[KEY], "");
            let sealed = credentials.seal(Used::default(), &message, 1_700_000_000, "n").unwrap();
            let mut tampered = sealed.encrypt.clone().into_bytes();
            let place = place.index(tampered.len());
            tampered[place] = tampered[place].wrapping_add(by) & 0x7f;
            let tampered = String::from_utf8(tampered).unwrap();
            let opened = credentials.verify_and_decrypt(&query(&sealed), &tampered);
            prop_assert!(matches!(opened, Err(OpenError::Signature)));
            let later = Query { timestamp: "1700000001".into(), ..query(&sealed) };
            let opened = credentials.verify_and_decrypt(&later, &sealed.encrypt);
            prop_assert!(matches!(opened, Err(OpenError::Signature)));
        }
    }
}

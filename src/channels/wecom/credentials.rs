//! What one app or robot proves and keeps its callbacks with.
//!
//! During a rotation there are two tokens or two keys at once: a callback is accepted with any of
//! them, and its answer is made with those that the callback used.

use std::sync::LazyLock;

use rustls::crypto::SecureRandom;
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

fn random(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    static SOURCE: LazyLock<&'static dyn SecureRandom> =
        LazyLock::new(|| rustls::crypto::aws_lc_rs::default_provider().secure_random);
    SOURCE.fill(bytes).map_err(|_| NoRandomness)
}

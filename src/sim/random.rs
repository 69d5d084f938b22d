//! Secrets and identifiers of the simulated platform.
//!
//! The bytes come from the operating system. A machine without randomness can run no platform, so a failure here is a
//! panic at start and never a weak secret.

use std::fmt;

use serde::{Deserialize, Serialize};

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A value that is stored and sent but never printed.
///
/// The simulated platform has to write its secrets into its own log and into the connection file,
/// so this serialises, unlike the secrets of the bot.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A fresh secret of `length` letters and digits.
    pub fn random(length: usize) -> Self {
        Self(random_text(length))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// Fills an array with random bytes.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let filled = getrandom::fill(&mut bytes);
    assert!(filled.is_ok(), "the system gives no random bytes");
    bytes
}

/// `length` random letters and digits, each equally likely.
pub fn random_text(length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // 248 is the largest multiple of 62 in a byte; what lies above would favour some letters.
        let usable = random_bytes::<64>().into_iter().filter(|byte| *byte < 248);
        let letters = usable.map(|byte| char::from(ALPHANUMERIC[usize::from(byte % 62)]));
        text.extend(letters.take(length - text.len()));
    }
    text
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_text_has_the_length_and_differs() {
        let (one, two) = (random_text(43), random_text(43));
        assert_eq!(one.len(), 43);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(one, two);
    }

    #[test]
    fn secrets_are_not_printed() {
        assert_eq!(format!("{:?}", Secret::new("abc")), "Secret(…)");
    }
}

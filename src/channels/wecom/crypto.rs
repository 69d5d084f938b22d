//! The cipher and the signature of WeCom callbacks (§1.4, §1.5).
//!
//! Keys are wiped when they are dropped and never printed. The AES key schedule is computed once
//! per key, not once per message.

use std::fmt;

use aes::cipher::array::Array;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use aes::{Aes256Dec, Aes256Enc};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::{SignedDuration, Timestamp};
use secrecy::zeroize::Zeroizing;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// Base64 as the platform writes it: a key's last character has bits that mean nothing (§1.5).
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Characters of an EncodingAESKey: 32 bytes in base64 without the final `=`.
pub const ENCODING_AES_KEY_LENGTH: usize = 43;
/// Callbacks older or newer than this are refused: replay protection that allows for slow clocks.
pub const FRESH_FOR: SignedDuration = SignedDuration::from_mins(10);

/// The platform pads to twice the cipher's block (§1.5).
const PADDED_BLOCK: usize = 32;
const CIPHER_BLOCK: usize = 16;
pub(super) const PREFIX_LENGTH: usize = 16;
const MESSAGE_BEGIN: usize = PREFIX_LENGTH + 4;

/// Why a cipher text was not taken; the numbers are those of the official library (§1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    #[error("EncodingAESKey is not {ENCODING_AES_KEY_LENGTH} characters of base64 (-40004)")]
    Key,
    #[error("the cipher text is not base64 (-40010)")]
    Base64,
    #[error("the cipher text is empty or not whole blocks (-40007)")]
    Blocks,
    #[error("the padding is wrong: other key? (-40007)")]
    Padding,
    #[error("the decrypted frame is too short for its message (-40008)")]
    Frame,
    #[error("the callback is for another receiver: CorpID or receive_id wrong? (-40005)")]
    ReceiveId,
    #[error("the message is not UTF-8 (-40008)")]
    NotUtf8,
}

/// `msg_signature` (§1.4) as raw bytes.
pub fn signature(token: &str, timestamp: &str, nonce: &str, encrypt: &str) -> [u8; 20] {
    let mut parts = [token, timestamp, nonce, encrypt];
    parts.sort_unstable();
    let mut sha1 = Sha1::new();
    for part in parts {
        sha1.update(part);
    }
    sha1.finalize().into()
}

/// Whether `hex` (either case) spells `bytes`, in a time that does not depend on where they differ.
pub(super) fn hex_equals(hex: &str, bytes: &[u8]) -> bool {
    let spelled = hex.as_bytes();
    if spelled.len() != 2 * bytes.len() {
        return false;
    }
    let mut expected = [0; 64];
    let Some(expected) = expected.get_mut(..spelled.len()) else { return false };
    for (pair, byte) in expected.chunks_exact_mut(2).zip(bytes) {
        pair[0] = hex_digit(byte >> 4);
        pair[1] = hex_digit(byte & 15);
    }
    let mut given = [0; 64];
    let given = &mut given[..spelled.len()];
    given.copy_from_slice(spelled);
    given.make_ascii_lowercase();
    (*given).ct_eq(&*expected).into()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|nibble| char::from(hex_digit(nibble))).collect()
}

fn hex_digit(nibble: u8) -> u8 {
    b"0123456789abcdef"[usize::from(nibble & 15)]
}

/// Whether a `timestamp` in unix seconds is within [`FRESH_FOR`] of `now`.
pub fn is_fresh(timestamp: &str, now: Timestamp) -> bool {
    let sent = timestamp.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    sent.is_some_and(|sent: Timestamp| sent.duration_since(now).abs() <= FRESH_FOR)
}

/// An EncodingAESKey, ready for use.
pub struct AesKey {
    decrypt: Aes256Dec,
    encrypt: Aes256Enc,
    iv: Zeroizing<[u8; CIPHER_BLOCK]>,
}

impl fmt::Debug for AesKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AesKey(…)")
    }
}

impl AesKey {
    /// From the 43 characters of the admin console.
    pub fn from_encoding(encoding_aes_key: &str) -> Result<Self, CryptoError> {
        if encoding_aes_key.len() != ENCODING_AES_KEY_LENGTH {
            return Err(CryptoError::Key);
        }
        let bytes = Zeroizing::new(BASE64.decode(encoding_aes_key).map_err(|_| CryptoError::Key)?);
        Self::from_bytes(&bytes)
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        let iv = bytes.first_chunk::<CIPHER_BLOCK>().ok_or(CryptoError::Key)?;
        Ok(Self {
            decrypt: Aes256Dec::new_from_slice(bytes).map_err(|_| CryptoError::Key)?,
            encrypt: Aes256Enc::new_from_slice(bytes).map_err(|_| CryptoError::Key)?,
            iv: Zeroizing::new(*iv),
        })
    }

    /// Decrypts a callback's `encrypt` text and takes the message out of its frame.
    pub fn open(&self, encrypt: &str, receive_id: &str) -> Result<String, CryptoError> {
        let mut frame = self.decrypt(BASE64.decode(encrypt).map_err(|_| CryptoError::Base64)?)?;
        let (head, rest) = frame.split_first_chunk::<MESSAGE_BEGIN>().ok_or(CryptoError::Frame)?;
        let [.., a, b, c, d] = *head;
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).map_err(|_| CryptoError::Frame)?;
        let receiver = rest.get(length..).ok_or(CryptoError::Frame)?;
        if receiver != receive_id.as_bytes() {
            return Err(CryptoError::ReceiveId);
        }
        frame.truncate(MESSAGE_BEGIN + length);
        frame.drain(..MESSAGE_BEGIN);
        String::from_utf8(frame).map_err(|_| CryptoError::NotUtf8)
    }

    /// The `encrypt` text of a message. `prefix` must be random: it hides equal beginnings.
    pub fn seal(&self, prefix: [u8; PREFIX_LENGTH], message: &str, receive_id: &str) -> String {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        let mut frame = Vec::with_capacity(MESSAGE_BEGIN + message.len() + receive_id.len() + PADDED_BLOCK);
        frame.extend_from_slice(&prefix);
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(message.as_bytes());
        frame.extend_from_slice(receive_id.as_bytes());
        BASE64.encode(self.encrypt(frame))
    }

    /// Decrypts bare bytes, as in the media files of a smart robot (§4.6).
    pub fn decrypt(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>, CryptoError> {
        let (blocks, rest) = Array::slice_as_chunks_mut(&mut bytes);
        if !rest.is_empty() || blocks.is_empty() {
            return Err(CryptoError::Blocks);
        }
        cbc::Decryptor::inner_iv_init(&self.decrypt, &Array(*self.iv)).decrypt_blocks(blocks);
        let content = unpadded(&bytes).ok_or(CryptoError::Padding)?;
        bytes.truncate(content);
        Ok(bytes)
    }

    /// Pads and encrypts bare bytes.
    pub fn encrypt(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let padding = PADDED_BLOCK - bytes.len() % PADDED_BLOCK;
        bytes.resize(bytes.len() + padding, padding as u8);
        let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes);
        cbc::Encryptor::inner_iv_init(&self.encrypt, &Array(*self.iv)).encrypt_blocks(blocks);
        bytes
    }
}

/// The length without the padding. Its timing tells nothing to a stranger: the signature, which
/// needs the token, is checked before anything is decrypted.
fn unpadded(bytes: &[u8]) -> Option<usize> {
    let padding = usize::from(*bytes.last()?);
    let content = bytes.len().checked_sub(padding)?;
    let valid = (1..=PADDED_BLOCK).contains(&padding);
    (valid && bytes[content..].iter().all(|&byte| usize::from(byte) == padding)).then_some(content)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

    fn key() -> AesKey {
        AesKey::from_encoding(KEY).unwrap()
    }

    #[test]
    fn v6_a_frame_of_whole_blocks_gets_a_whole_block_of_padding() {
        let encrypt =
            "sKqRbbiSUnDhFHOvPjtUMT04SBXqyecnV0R+mVLqu11Se0CAxtEP8Zs4hONFU+GhnY2XmfYUSF/20UR5dRgc0w==";
        assert_eq!(key().seal(*b"0123456789abcdef", "xxxxxxxxxxxx", ""), encrypt);
        assert_eq!(key().open(encrypt, "").as_deref(), Ok("xxxxxxxxxxxx"));
        assert_eq!(BASE64.decode(encrypt).unwrap().len(), 64);
    }

    #[test]
    fn v8_a_media_file_has_no_frame() {
        let bytes = BASE64.decode("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2A=").unwrap();
        let media_key = AesKey::from_bytes(&bytes).unwrap();
        let cipher = key().encrypt(b"hello wecom media".to_vec());
        assert_eq!(hex(&cipher), "3a774f5a2715562ea83ca7bfde7bebfc872285290e78d3834660913b7307cb52");
        assert_eq!(media_key.decrypt(cipher).unwrap(), b"hello wecom media");
    }

    #[test]
    fn keys_of_another_length_or_alphabet_are_refused_and_never_printed() {
        for bad in ["", &KEY[1..], &format!("{KEY}="), &KEY.replace('j', "!")] {
            assert_eq!(AesKey::from_encoding(bad).err(), Some(CryptoError::Key));
        }
        assert_eq!(format!("{:?}", key()), "AesKey(…)");
    }

    #[test]
    fn the_receiver_must_be_the_expected_one() {
        let encrypt = key().seal([7; 16], "hello", "ww1");
        assert_eq!(key().open(&encrypt, "ww1").as_deref(), Ok("hello"));
        for other in ["", "ww", "ww2", "ww11"] {
            assert_eq!(key().open(&encrypt, other), Err(CryptoError::ReceiveId));
        }
    }

    #[test]
    fn what_no_sender_would_make_is_refused() {
        assert_eq!(key().open("", ""), Err(CryptoError::Blocks));
        assert_eq!(key().open("AAAA", ""), Err(CryptoError::Blocks));
        assert_eq!(key().open("?", ""), Err(CryptoError::Base64));
        let short = BASE64.encode(key().encrypt(vec![1; MESSAGE_BEGIN - 1]));
        assert_eq!(key().open(&short, ""), Err(CryptoError::Frame));
        let too_long = BASE64.encode(key().encrypt(vec![255; MESSAGE_BEGIN]));
        assert_eq!(key().open(&too_long, ""), Err(CryptoError::Frame));
        let binary = BASE64.encode(key().encrypt([&[0; 19][..], &[1, 255]].concat()));
        assert_eq!(key().open(&binary, ""), Err(CryptoError::NotUtf8));
        assert_eq!(unpadded(&[0; 32]), None);
        assert_eq!(unpadded(&[33; 64]), None);
        assert_eq!(unpadded(&[32; 16]), None);
    }

    #[test]
    fn hex_is_compared_in_either_case() {
        assert!(hex_equals("00aBff", &[0, 0xab, 0xff]));
        for wrong in ["", "00abf", "00abfe", "00abff0", "00abf€"] {
            assert!(!hex_equals(wrong, &[0, 0xab, 0xff]), "{wrong}");
        }
        assert!(!hex_equals(&"0".repeat(66), &[0; 33]), "longer than any digest in use");
    }

    #[test]
    fn ten_minutes_either_way_are_fresh() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        for (timestamp, fresh) in [
            ("1700000000", true),
            ("1699999400", true),
            ("1700000600", true),
            ("1699999399", false),
            ("1700000601", false),
            ("", false),
            ("now", false),
            ("99999999999999999999", false),
        ] {
            assert_eq!(is_fresh(timestamp, now), fresh, "{timestamp}");
        }
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(prefix: [u8; 16], message in "\\PC*", receive_id in "[a-z0-9]{0,20}") {
            let encrypt = key().seal(prefix, &message, &receive_id);
            prop_assert_eq!(key().open(&encrypt, &receive_id), Ok(message));
        }

        #[test]
        fn any_bytes_come_back(bytes: Vec<u8>) {
            prop_assert_eq!(key().decrypt(key().encrypt(bytes.clone())), Ok(bytes));
        }

        #[test]
        fn any_cipher_text_is_opened_without_panic(bytes: Vec<u8>, text in "\\PC*") {
            let _ = key().open(&BASE64.encode(bytes), "");
            let _ = key().open(&text, "");
        }
    }
}

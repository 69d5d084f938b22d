//! A model as bytes. All numbers are little-endian.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `ZGADMODL` |
//! | 2 | version of this layout |
//! | 2 | the feature scheme: which slots and flags a message touches |
//! | 4 | slots of the table |
//! | 4 | scale: a slot's weight is its byte times this (f32, as all below) |
//! | 16 | calibration: ask, act, slope, offset |
//! | 4 | bias |
//! | 4 × flags | weights of the flags |
//! | slots | the table, one signed byte a slot |
//! | 32 | SHA-256 of everything before it |

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{Calibration, FLAGS, Model, SLOTS};

const MAGIC: &[u8; 8] = b"ZGADMODL";
const VERSION: u16 = 1;
/// Counts up with every change of `grams`, `sounds` or `shape` that moves a weight to another place.
const SCHEME: u16 = 2;
const CHECKSUM: usize = 32;

/// Why bytes are no model that this program can use. The Chinese sentence is for people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModelError {
    #[error("模型文件是空的，请换一个由 zhanggui train 生成的文件 / the model file is empty")]
    Empty,
    #[error("这不是掌柜的模型文件 / not a model file")]
    Foreign,
    #[error(
        "模型文件的版本是 {0}，本程序只认 {VERSION}，请用这一版的 zhanggui train 重新生成 / version {0}, expected {VERSION}"
    )]
    Version(u16),
    #[error(
        "模型的特征方案是 {0}，本程序用的是 {SCHEME}，请用这一版的 zhanggui train 重新生成 / feature scheme {0}, expected {SCHEME}"
    )]
    Scheme(u16),
    #[error(
        "模型文件长 {found} 字节，应当是 {expected} 字节，可能没有下载完 / {found} bytes, expected {expected}"
    )]
    Length { found: usize, expected: usize },
    #[error("模型文件的校验和不对，内容损坏了，请重新下载 / wrong checksum")]
    Checksum,
    #[error("模型里的数值不合理，请重新训练 / numbers that cannot be")]
    Numbers,
}

/// How long every file of this version and scheme is.
const LENGTH: usize = 8 + 2 + 2 + 4 + 4 + 16 + 4 + 4 * FLAGS + SLOTS + CHECKSUM;

impl Model {
    /// Reads what [`Model::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        Self::read(bytes, |table| Cow::Owned(table.to_vec()))
    }

    /// The same of bytes inside the program, which are then in memory once.
    pub(super) fn from_program(bytes: &'static [u8]) -> Result<Self, ModelError> {
        Self::read(bytes, Cow::Borrowed)
    }

    fn read<'b>(
        bytes: &'b [u8],
        keep: impl FnOnce(&'b [u8]) -> Cow<'static, [u8]>,
    ) -> Result<Self, ModelError> {
        let mut reader = Reader { rest: checked(bytes)? };
        let scale = reader.number();
        let calibration = Calibration {
            ask: reader.number(),
            act: reader.number(),
            slope: reader.number(),
            offset: reader.number(),
        };
        let bias = reader.number();
        let flags: [f32; FLAGS] = std::array::from_fn(|_| reader.number());
        let table = keep(reader.rest);
        let finite = flags.iter().chain([&scale, &bias]).all(|number| number.is_finite());
        if !finite || !calibration.is_sound() {
            return Err(ModelError::Numbers);
        }
        Ok(Self { table, scale, bias, flags, calibration })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&SCHEME.to_le_bytes());
        bytes.extend_from_slice(&slots().to_le_bytes());
        let Calibration { ask, act, slope, offset } = self.calibration;
        for number in [self.scale, ask, act, slope, offset, self.bias].iter().chain(&self.flags) {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.table);
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }
}

fn slots() -> u32 {
    const { SLOTS as u32 }
}

/// The part behind the number of slots, without the checksum, if the file is whole and of our kind.
fn checked(bytes: &[u8]) -> Result<&[u8], ModelError> {
    if bytes.is_empty() {
        return Err(ModelError::Empty);
    }
    let rest = bytes.strip_prefix(MAGIC).ok_or(ModelError::Foreign)?;
    let length = ModelError::Length { found: bytes.len(), expected: LENGTH };
    let (version, rest) = rest.split_first_chunk().ok_or(length.clone())?;
    let (scheme, rest) = rest.split_first_chunk().ok_or(length.clone())?;
    let (stated, rest) = rest.split_first_chunk().ok_or(length.clone())?;
    match (u16::from_le_bytes(*version), u16::from_le_bytes(*scheme)) {
        (VERSION, SCHEME) => {}
        (VERSION, scheme) => return Err(ModelError::Scheme(scheme)),
        (version, _) => return Err(ModelError::Version(version)),
    }
    if bytes.len() != LENGTH || u32::from_le_bytes(*stated) != slots() {
        return Err(length);
    }
    let (content, checksum) = bytes.split_at(LENGTH - CHECKSUM);
    if Sha256::digest(content).as_slice() != checksum {
        return Err(ModelError::Checksum);
    }
    Ok(&rest[..rest.len() - CHECKSUM])
}

/// Takes numbers off bytes whose length was checked.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn number(&mut self) -> f32 {
        let (number, rest) = self.rest.split_first_chunk().unwrap_or((&[0; 4], &[]));
        self.rest = rest;
        f32::from_le_bytes(*number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Model {
        let table = (0..SLOTS).map(|slot| (slot % 251) as u8).collect();
        let calibration = Calibration { ask: 0.5, act: 1.5, slope: 1.0, offset: -2.0 };
        Model { table, scale: 0.01, bias: -1.25, flags: [0.5; FLAGS], calibration }
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = model().to_bytes();
        assert_eq!(bytes.len(), LENGTH);
        assert_eq!(Model::from_bytes(&bytes), Ok(model()));
    }

    #[test]
    fn every_kind_of_bad_file_is_told() {
        let good = model().to_bytes();
        let changed = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            Model::from_bytes(&bytes).map(|_| ())
        };
        assert_eq!(Model::from_bytes(&[]), Err(ModelError::Empty));
        assert_eq!(Model::from_bytes(b"PK\x03\x04"), Err(ModelError::Foreign));
        assert_eq!(changed(8, 9), Err(ModelError::Version(9)));
        assert_eq!(changed(10, 7), Err(ModelError::Scheme(7)));
        assert_eq!(changed(12, 1), Err(ModelError::Length { found: LENGTH, expected: LENGTH }));
        assert_eq!(changed(500, good[500] ^ 1), Err(ModelError::Checksum));
        assert_eq!(changed(LENGTH - 1, good[LENGTH - 1] ^ 1), Err(ModelError::Checksum));
        for length in [8, 9, 11, 15, 300, LENGTH - 1] {
            let error = ModelError::Length { found: length, expected: LENGTH };
            assert_eq!(Model::from_bytes(&good[..length]), Err(error), "{length}");
        }
        let odd = Model { bias: f32::NAN, ..model() };
        assert_eq!(Model::from_bytes(&odd.to_bytes()), Err(ModelError::Numbers));
    }
}

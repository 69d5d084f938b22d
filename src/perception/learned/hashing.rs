//! Maps whose keys are hashes already: spreading the bits once more is enough.

use std::hash::{BuildHasherDefault, Hasher};

pub(super) type Build = BuildHasherDefault<Spread>;

/// Multiplies by the golden ratio. Whoever writes texts to make keys collide slows down a look-up that is bounded
/// elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(u64::from(byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}

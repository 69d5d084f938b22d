//! A short stand-in for a text that is the same on every machine and in every version.

/// FNV-1a, 64 bits. Not for anything that an attacker could gain from: collisions can be made.
pub fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(OFFSET_BASIS, with)
}

/// The fingerprint of the text that has these characters.
pub fn fingerprint_of(chars: impl IntoIterator<Item = char>) -> u64 {
    let mut utf8 = [0; 4];
    chars.into_iter().fold(OFFSET_BASIS, |hash, c| c.encode_utf8(&mut utf8).bytes().fold(hash, with))
}

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;

fn with(hash: u64, byte: u8) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    (hash ^ u64::from(byte)).wrapping_mul(PRIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_published_values() {
        assert_eq!(fingerprint(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fingerprint("foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(fingerprint_of("月饼🥮".chars()), fingerprint("月饼🥮"));
    }
}

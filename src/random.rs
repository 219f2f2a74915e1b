//! Generated values that are the same for the same seed: ids, secrets, tokens.
//!
//! Each draw is the start of the `ChaCha` keystream (RFC 8439, with a 64-bit nonce and 12 rounds)
//! under a key made from the seed and the name of the stream, with the number of the draw as
//! nonce. So a draw depends on nothing but seed, name and number, the state to save and restore
//! is one counter, and values look like secrets to a client. They are none: a seed has 64 bits
//! and is printed for others to use.

use std::hash::{BuildHasher, RandomState};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20::ChaCha12Rng;
use chacha20::rand_core::{Rng, SeedableRng};

/// A source of random bytes that are the same for the same seed and stream.
///
/// A clone goes on from the same point; keep one to be able to go back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Random {
    seed: u64,
    key: [u8; 32],
    drawn: u64,
}

impl Random {
    /// The stream of that name, from its start. Streams of one seed are independent of each
    /// other, so that drawing from one does not change what another gives.
    pub fn new(seed: u64, stream: &str) -> Self {
        let mut key = [0; 32];
        for (place, byte) in key.iter_mut().zip(seed.to_le_bytes()) {
            *place = byte;
        }
        // The cascade of Bellare, Canetti and Krawczyk (1996): each piece of the name is the
        // nonce under the key that the pieces before it made. It is safe as long as no name is
        // the start of another, which the length in front sees to.
        let length = u64::try_from(stream.len()).unwrap_or(u64::MAX);
        let pieces = stream
            .as_bytes()
            .chunks(8)
            .map(|piece| piece.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)));
        for piece in std::iter::once(length).chain(pieces) {
            key = keystream(key, piece);
        }
        Self { seed, key, drawn: 0 }
    }

    /// So many random bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.generator().fill_bytes(&mut bytes);
        bytes
    }

    /// A random number of 64 bits.
    pub fn number(&mut self) -> u64 {
        self.generator().next_u64()
    }

    /// From 0 to 1, without 1.
    pub fn fraction(&mut self) -> f64 {
        let bits = u32::try_from(self.number() >> 32).unwrap_or(u32::MAX);
        f64::from(bits) / (f64::from(u32::MAX) + 1.0)
    }

    /// The seed that it was made from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How many times something was drawn.
    pub fn drawn(&self) -> u64 {
        self.drawn
    }

    /// Goes to where so many draws were made, back or ahead.
    pub fn restore(&mut self, drawn: u64) {
        self.drawn = drawn;
    }

    fn generator(&mut self) -> ChaCha12Rng {
        let mut generator = ChaCha12Rng::from_seed(self.key);
        generator.set_stream(self.drawn);
        self.drawn = self.drawn.wrapping_add(1);
        generator
    }
}

fn keystream(key: [u8; 32], nonce: u64) -> [u8; 32] {
    let mut generator = ChaCha12Rng::from_seed(key);
    generator.set_stream(nonce);
    let mut bytes = [0; 32];
    generator.fill_bytes(&mut bytes);
    bytes
}

/// A seed for when none is given, different each time.
///
/// The standard library keys its hash maps from the system's random source, so that no crate is
/// needed for one number.
pub fn random_seed() -> u64 {
    RandomState::new().hash_one(0)
}

/// Bytes as lower-case hexadecimal digits.
pub fn encode_hex(bytes: &[u8]) -> String {
    let digit = |half: u8| half + if half < 10 { b'0' } else { b'a' - 10 };
    let mut digits = vec![0; 2 * bytes.len()];
    for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    // Digits are UTF-8.
    String::from_utf8(digits).unwrap_or_default()
}

/// Bytes in the URL-safe base 64 alphabet, without padding (RFC 4648, section 5).
pub fn encode_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Bytes as digits and letters of both cases: one number in base 62, with as many digits as the
/// largest of so many bytes needs.
pub fn encode_alphanumeric(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    // log 256 / log 62 is just below 1.3437.
    let length = (bytes.len() * 13_437).div_ceil(10_000);
    let mut number = bytes.to_vec();
    let mut digits: Vec<char> = Vec::with_capacity(length);
    for _ in 0..length {
        let mut rest = 0_u16;
        for byte in &mut number {
            let value = rest << 8 | u16::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or_default();
            rest = value % 62;
        }
        digits.extend(DIGITS.get(usize::from(rest)).map(|digit| char::from(*digit)));
    }
    digits.iter().rev().collect()
}

/// Sixteen bytes as a random UUID (RFC 9562, section 5.4).
pub fn uuid(bytes: &[u8]) -> String {
    let mut bytes = bytes.to_vec();
    if let Some(byte) = bytes.get_mut(6) {
        *byte = *byte & 0x0f | 0x40;
    }
    if let Some(byte) = bytes.get_mut(8) {
        *byte = *byte & 0x3f | 0x80;
    }
    let mut text = encode_hex(&bytes);
    for at in [20, 16, 12, 8] {
        if at < text.len() {
            text.insert(at, '-');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    /// The expected bytes were worked out by another implementation, written from the text above.
    #[test]
    fn values_stay_the_same_from_one_version_to_the_next() {
        let cases = [
            (0, "", "7e39c3ebf8c46944", "2d7a871ce57b409f"),
            (42, "tokens", "10ae314f29ff1f9c", "1c1dc0df06a3d588"),
            (42, "vendor/tokens", "e1250578f40fd3ee", "7990a59a4e2d2c71"),
        ];
        for (seed, stream, first, second) in cases {
            let mut random = Random::new(seed, stream);
            assert_eq!(encode_hex(&random.bytes(8)), first, "{seed} {stream}");
            assert_eq!(encode_hex(&random.bytes(8)), second, "{seed} {stream}");
        }
    }

    #[test]
    fn nothing_comes_twice_within_or_across_streams_and_seeds() {
        let mut seen = HashSet::new();
        for seed in [0, 1, u64::MAX] {
            for stream in ["", "\0", "a", "a\0", "12345678", "123456780", "012345678"] {
                let mut random = Random::new(seed, stream);
                for _ in 0..200 {
                    assert!(seen.insert(random.bytes(16)), "{seed} {stream:?}");
                }
            }
        }
    }

    #[test]
    fn bits_are_balanced() {
        let bytes = Random::new(7, "bits").bytes(100_000);
        let ones: u32 = bytes.iter().map(|byte| byte.count_ones()).sum();
        assert!((398_000..402_000).contains(&ones), "{ones} of 800000");
    }

    #[test]
    fn seeds_differ() {
        assert_ne!(random_seed(), random_seed());
    }

    #[test]
    fn encodings() {
        let cases: &[(&[u8], &str, &str)] =
            &[(b"", "", ""), (b"\x00\x9f\xff", "009fff", "AJ__"), (b"\xfb", "fb", "-w")];
        for (bytes, hex, base64) in cases {
            assert_eq!(encode_hex(bytes), *hex);
            assert_eq!(encode_base64url(bytes), *base64);
        }
    }

    #[test]
    fn alphanumerics_are_a_number_in_base_62() {
        let cases: &[(&[u8], &str)] = &[
            (b"", ""),
            (b"\x00", "00"),
            (b"\x3d", "0z"),
            (b"\xff", "47"),
            (&[255; 12], "1f2SI9UJPXvb7vdJ1"),
        ];
        for (bytes, written) in cases {
            assert_eq!(encode_alphanumeric(bytes), *written);
        }
    }

    #[test]
    fn uuids_say_that_they_are_random() {
        assert_eq!(uuid(&[0; 16]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(&[255; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    proptest! {
        #[test]
        fn a_saved_state_goes_on_as_the_first_did(
            seed: u64,
            stream in ".{0,30}",
            before in proptest::collection::vec(0_usize..300, 0..5),
            after in proptest::collection::vec(0_usize..300, 0..5),
        ) {
            let mut random = Random::new(seed, &stream);
            for count in before {
                let _ = random.bytes(count);
            }
            let mut clone = random.clone();
            let mut restored = Random::new(seed, &stream);
            restored.restore(random.drawn());
            for count in after {
                let bytes = random.bytes(count);
                prop_assert_eq!(bytes.len(), count);
                prop_assert_eq!(&bytes, &clone.bytes(count));
                prop_assert_eq!(&bytes, &restored.bytes(count));
            }
        }
    }
}

//! Digests, as the lower-case hexadecimal digits that people write them with.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Whether two secrets are the same, in a time that tells nothing of where they differ.
pub fn is_same_secret(one: &str, other: &str) -> bool {
    // A key of any length is taken.
    let digest = |text: &str| {
        let mut digest = Hmac::<Sha256>::new_from_slice(other.as_bytes()).ok()?;
        digest.update(text.as_bytes());
        Some(digest.finalize())
    };
    matches!((digest(one), digest(other)), (Some(one), Some(other)) if one == other)
}

/// SHA-256 (FIPS 180-4), as it is.
pub fn sha256_bytes(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(64);
    for byte in sha256_bytes(bytes) {
        // Writing to a string cannot fail.
        _ = write!(digits, "{byte:02x}");
    }
    digits
}

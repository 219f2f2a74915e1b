//! Signatures with pairs of keys: RS256 and ES256 of RFC 7518, and the public keys that verify
//! them, in PEM (RFC 7468) or as members of a JWK (RFC 7517).
//!
//! ECDSA signs with a random number, so ES256 gives another signature each time; RS256 does not.

use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use rustls::sign::SigningKey;

/// How long a number of P-256 is.
const FIELD: usize = 32;

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// What signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA with P-256 and SHA-256.
    Es256,
}

impl Algorithm {
    fn scheme(self) -> SignatureScheme {
        match self {
            Self::Rs256 => SignatureScheme::RSA_PKCS1_SHA256,
            Self::Es256 => SignatureScheme::ECDSA_NISTP256_SHA256,
        }
    }
}

/// A key that verifies; numbers are big-endian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// Of RSA.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
    /// Of P-256.
    P256 {
        /// A coordinate, 32 bytes.
        x: Vec<u8>,
        /// The other one.
        y: Vec<u8>,
    },
}

fn private(pem: &str) -> Result<Arc<dyn SigningKey>, String> {
    let der = PrivateKeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|_| "not a private key in PEM".to_owned())?;
    ring::sign::any_supported_type(&der).map_err(|error| format!("not a key to sign with: {error}"))
}

/// The signature of a message. Fails where the text is not a private key of that algorithm.
pub fn sign(pem: &str, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, String> {
    let key = private(pem)?;
    let signer = key.choose_scheme(&[algorithm.scheme()]);
    let signer = signer.ok_or_else(|| "the key is for another algorithm".to_owned())?;
    let signature = signer.sign(message).map_err(|error| error.to_string())?;
    match algorithm {
        Algorithm::Rs256 => Ok(signature),
        Algorithm::Es256 => {
            let (_, both, _) = element(&signature).ok_or("not a signature")?;
            let (_, r, rest) = element(both).ok_or("not a signature")?;
            let (_, s, _) = element(rest).ok_or("not a signature")?;
            Ok([padded(r), padded(s)].concat())
        }
    }
}

impl PublicKey {
    /// That of a private key, or a public key. Fails where the text is neither of RSA nor of
    /// P-256.
    pub fn from_pem(pem: &str) -> Result<Self, String> {
        let read = |der: &SubjectPublicKeyInfoDer<'_>| {
            Self::from_der(der).ok_or_else(|| "not a key of RSA or P-256".to_owned())
        };
        if let Ok(der) = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()) {
            return read(&der);
        }
        let key = private(pem).map_err(|_| "not a key of RSA or P-256 in PEM")?;
        read(&key.public_key().ok_or("a key without its public part")?)
    }

    /// A `SubjectPublicKeyInfo` (RFC 5280, section 4.1).
    fn from_der(der: &[u8]) -> Option<Self> {
        let (_, info, _) = element(der)?;
        let (_, algorithm, rest) = element(info)?;
        let (kind, bits, _) = element(rest)?;
        // The bit string begins with how many bits are unused.
        let key = bits.strip_prefix(&[0]).filter(|_| kind == BIT_STRING)?;
        let (_, id, parameters) = element(algorithm)?;
        if id == RSA {
            let (_, numbers, _) = element(key)?;
            let (_, n, rest) = element(numbers)?;
            let (_, e, _) = element(rest)?;
            return Some(Self::Rsa { n: trimmed(n).to_vec(), e: trimmed(e).to_vec() });
        }
        let (_, curve, _) = element(parameters)?;
        let point =
            key.strip_prefix(&[4]).filter(|point| curve == P256 && point.len() == 2 * FIELD)?;
        let (x, y) = point.split_at_checked(FIELD)?;
        Some(Self::P256 { x: x.to_vec(), y: y.to_vec() })
    }

    /// Whether it is the signature of the message by that algorithm and the key's private one.
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let (key, signature) = match (self, algorithm) {
            (Self::Rsa { n, e }, Algorithm::Rs256) => {
                (wrapped(SEQUENCE, &[integer(n), integer(e)].concat()), signature.to_vec())
            }
            (Self::P256 { x, y }, Algorithm::Es256) if signature.len() == 2 * FIELD => {
                let (r, s) = signature.split_at(FIELD);
                let signature = wrapped(SEQUENCE, &[integer(r), integer(s)].concat());
                ([&[4], &*padded(x), &*padded(y)].concat(), signature)
            }
            _ => return false,
        };
        let known = ring::default_provider().signature_verification_algorithms.mapping;
        let fitting = known.iter().filter(|(scheme, _)| *scheme == algorithm.scheme());
        fitting
            .flat_map(|(_, all)| *all)
            .any(|one| one.verify_signature(&key, message, &signature).is_ok())
    }
}

/// The first element of DER (X.690): its tag, its content, and what comes behind it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first.checked_sub(0x80) {
        None => (usize::from(*first), rest),
        Some(count) if (1..=4).contains(&count) => {
            let (digits, rest) = rest.split_at_checked(usize::from(count))?;
            (digits.iter().fold(0, |all, digit| all << 8 | usize::from(*digit)), rest)
        }
        Some(_) => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            let digits = length.to_be_bytes();
            let digits = trimmed(&digits);
            bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or_default());
            bytes.extend(digits);
        }
    }
    bytes.extend(content);
    bytes
}

/// A number that is not negative: its first bit is none of its sign.
fn integer(number: &[u8]) -> Vec<u8> {
    let digits = trimmed(number);
    let is_high = digits.first().is_none_or(|first| *first >= 0x80);
    let mut content = if is_high { vec![0] } else { Vec::new() };
    content.extend(digits);
    wrapped(INTEGER, &content)
}

/// A number without zeros before it.
fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|digit| **digit == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// A number of P-256 in as many bytes as all have.
fn padded(number: &[u8]) -> Vec<u8> {
    let digits = trimmed(number);
    let mut bytes = vec![0; FIELD.saturating_sub(digits.len())];
    bytes.extend(digits);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const RSA_KEY: &str = include_str!("../tests/tls/signing-rsa.pem");
    const RSA_PUBLIC: &str = include_str!("../tests/tls/signing-rsa.pub.pem");
    const EC_KEY: &str = include_str!("../tests/tls/signing-p256.pem");
    const EC_PUBLIC: &str = include_str!("../tests/tls/signing-p256.pub.pem");

    #[test]
    fn what_one_key_signs_its_own_verifies_and_no_other() {
        let (rsa, ec) = (Algorithm::Rs256, Algorithm::Es256);
        for (algorithm, key, public, other) in
            [(rsa, RSA_KEY, RSA_PUBLIC, EC_PUBLIC), (ec, EC_KEY, EC_PUBLIC, RSA_PUBLIC)]
        {
            let own = PublicKey::from_pem(key).unwrap();
            assert_eq!(own, PublicKey::from_pem(public).unwrap());
            let other = PublicKey::from_pem(other).unwrap();
            for message in [&b"a"[..], b"", &[0; 1000]] {
                let signature = sign(key, algorithm, message).unwrap();
                assert!(own.verifies(algorithm, message, &signature));
                assert!(!own.verifies(algorithm, b"b", &signature));
                assert!(!other.verifies(algorithm, message, &signature));
                let mut changed = signature.clone();
                changed[5] ^= 1;
                assert!(!own.verifies(algorithm, message, &changed));
                assert!(!own.verifies(algorithm, message, &signature[1..]));
                assert!(!own.verifies(algorithm, message, b""));
            }
        }
        assert!(sign(RSA_KEY, ec, b"a").is_err() && sign(EC_KEY, rsa, b"a").is_err());
        for text in ["", "a", RSA_PUBLIC] {
            assert!(sign(text, rsa, b"a").is_err(), "{text}");
        }
        assert!(
            PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
                .is_err()
        );
    }
}

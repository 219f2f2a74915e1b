//! Content codings of bodies (RFC 9110 section 8.4.1): gzip, deflate and br, undone within a limit,
//! and gzip and deflate, done.

use std::fmt;
use std::io::{Read, Write as _};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

/// No server has a reason for more, one after the other.
const MOST: usize = 4;

/// Why a body cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodingError {
    /// A coding that is not known here.
    Unknown(String),
    /// More codings than anybody needs: how many.
    TooMany(usize),
    /// It is not what its coding says: which one, and why.
    Broken(String, String),
    /// It becomes larger than this.
    TooLarge(usize),
}

/// One sentence without a full stop.
impl fmt::Display for CodingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(coding) => {
                write!(f, "the content coding `{coding}` is not one of gzip, deflate and br")
            }
            Self::TooMany(count) => {
                write!(f, "{count} content codings, one after the other, are more than {MOST}")
            }
            Self::Broken(coding, why) => write!(f, "the body is not valid {coding}: {why}"),
            Self::TooLarge(limit) => {
                write!(f, "the body is larger than {limit} bytes when it is decoded")
            }
        }
    }
}

impl std::error::Error for CodingError {}

/// A content coding that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950.
    Deflate,
    /// RFC 7932.
    Brotli,
}

/// Undoes the codings that the lines of `Content-Encoding` list, the last one first. A body
/// without bytes has none, whatever they list.
pub fn decode<'l>(
    lines: impl IntoIterator<Item = &'l str>,
    body: Vec<u8>,
    limit: usize,
) -> Result<Vec<u8>, CodingError> {
    let names = lines.into_iter().flat_map(|line| line.split(',')).map(str::trim);
    let mut codings = Vec::new();
    for name in names.filter(|name| !name.is_empty()) {
        if name.eq_ignore_ascii_case("identity") {
            continue;
        }
        let known = Coding::named(name);
        codings.push(known.ok_or_else(|| CodingError::Unknown(name.to_owned()))?);
    }
    if codings.len() > MOST {
        return Err(CodingError::TooMany(codings.len()));
    }
    let undo = |body: Vec<u8>, coding: Coding| coding.undo(&body, limit);
    match body.is_empty() {
        true => Ok(body),
        false => codings.into_iter().rev().try_fold(body, undo),
    }
}

impl Coding {
    /// Those in which bodies can be written.
    pub const WRITTEN: [Self; 2] = [Self::Gzip, Self::Deflate];

    /// The one of that name (RFC 9110 section 8.4.1), in whatever case.
    pub fn named(name: &str) -> Option<Self> {
        match &*name.to_ascii_lowercase() {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "br" => Some(Self::Brotli),
            _ => None,
        }
    }

    /// A body in it; nothing in one that is only undone.
    pub fn write(self, body: &[u8]) -> Option<Vec<u8>> {
        let level = Compression::fast();
        let room = Vec::with_capacity(body.len() / 4);
        // Writing to bytes in memory does not fail.
        match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(room, level);
                encoder.write_all(body).ok()?;
                encoder.finish().ok()
            }
            Self::Deflate => {
                let mut encoder = ZlibEncoder::new(room, level);
                encoder.write_all(body).ok()?;
                encoder.finish().ok()
            }
            Self::Brotli => None,
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
        }
    }

    fn undo(self, body: &[u8], limit: usize) -> Result<Vec<u8>, CodingError> {
        match self {
            Self::Gzip => self.read(flate2::bufread::MultiGzDecoder::new(body), limit),
            // RFC 9110 asks for a zlib stream, and notes that some send it without the wrapper.
            Self::Deflate if is_zlib(body) => {
                self.read(flate2::bufread::ZlibDecoder::new(body), limit)
            }
            Self::Deflate => self.read(flate2::bufread::DeflateDecoder::new(body), limit),
            Self::Brotli => self.read(brotli_decompressor::Decompressor::new(body, 4096), limit),
        }
    }

    fn read(self, decoder: impl Read, limit: usize) -> Result<Vec<u8>, CodingError> {
        let mut bytes = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        decoder
            .take(most)
            .read_to_end(&mut bytes)
            .map_err(|error| CodingError::Broken(self.name().to_owned(), error.to_string()))?;
        match bytes.len() > limit {
            true => Err(CodingError::TooLarge(limit)),
            false => Ok(bytes),
        }
    }
}

/// RFC 1950 section 2.2.
fn is_zlib(body: &[u8]) -> bool {
    match body {
        [method, flags, ..] => {
            method & 0x0f == 8 && (u16::from(*method) * 256 + u16::from(*flags)).is_multiple_of(31)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn raw(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// `brotli -c` of `hello`.
    const HELLO: &[u8] = &[0x0f, 0x02, 0x80, b'h', b'e', b'l', b'l', b'o', 0x03];

    proptest! {
        #[test]
        fn what_was_coded_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let limit = bytes.len();
            for (codings, coded) in [
                (vec!["gzip"], gzip(&bytes)),
                (vec!["X-GZIP"], gzip(&bytes)),
                (vec!["deflate"], zlib(&bytes)),
                (vec!["deflate"], raw(&bytes)),
                (vec!["identity"], bytes.clone()),
                (vec!["gzip, deflate"], zlib(&gzip(&bytes))),
                (vec!["deflate", " gzip ,"], gzip(&zlib(&bytes))),
            ] {
                // What is coded twice is decoded once before it is as small as it was.
                let limit = limit.max(coded.len()).max(64 + bytes.len());
                let decoded = decode(codings, coded, limit);
                prop_assert_eq!(decoded.as_deref(), Ok(&*bytes));
            }
        }

        #[test]
        fn nothing_panics(
            coding in prop::sample::select(vec!["gzip", "deflate", "br", "br, gzip", "zstd"]),
            bytes in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            if let Ok(decoded) = decode([coding], bytes, 1000) {
                prop_assert!(decoded.len() <= 1000);
            }
        }
    }

    #[test]
    fn what_is_written_comes_back() {
        let body = "a, b, c, ".repeat(100_000);
        for coding in Coding::WRITTEN {
            let coded = coding.write(body.as_bytes()).unwrap();
            assert!(coded.len() < body.len() / 10);
            let limit = body.len();
            assert_eq!(decode([coding.name()], coded, limit).unwrap(), body.as_bytes());
        }
        assert_eq!(Coding::Brotli.write(b"a"), None);
    }

    #[test]
    fn brotli_is_known() {
        assert_eq!(decode(["br"], HELLO.to_vec(), 5).as_deref(), Ok(&b"hello"[..]));
    }

    #[test]
    fn what_cannot_be_decoded_is_told() {
        let bomb = gzip(&vec![0; 1 << 20]);
        assert!(bomb.len() < 2000);
        let cut = gzip(b"hello").split_last().unwrap().1.to_vec();
        for (coding, body, expected) in [
            ("gzip", bomb.clone(), "the body is larger than 1000 bytes when it is decoded"),
            ("gzip, gzip", gzip(&bomb), "the body is larger than 1000 bytes when it is decoded"),
            ("zstd", b"x".to_vec(), "the content coding `zstd` is not one of gzip, deflate and br"),
            ("gzip", b"hello".to_vec(), "the body is not valid gzip: "),
            ("gzip", cut, "the body is not valid gzip: "),
            ("br", b"hello".to_vec(), "the body is not valid br: "),
            ("gzip,gzip,gzip,gzip,gzip", b"x".to_vec(), "5 content codings, one after the other"),
        ] {
            let said = decode([coding], body, 1000).unwrap_err().to_string();
            assert!(said.starts_with(expected), "{coding}: {said}");
        }
    }
}

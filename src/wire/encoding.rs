//! Character encodings by their labels.
//!
//! Labels are those of the WHATWG Encoding standard, but for two that it takes for Windows-1252:
//! ISO-8859-1 is ISO-8859-1 here, and US-ASCII is US-ASCII.

use std::borrow::Cow;

use encoding_rs as rs;

use super::position::utf8;
use super::{DecodeError, EncodeError};

pub use super::parameter::parameter;

/// A character encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Encoding(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Utf8,
    Utf16 {
        big_endian: bool,
    },
    Latin1,
    Ascii,
    Other(&'static rs::Encoding),
}

/// What stands for a character that an encoding does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmappable {
    /// Nothing: it cannot be written.
    Refused,
    /// A character reference of XML.
    Reference,
    /// An escape of JSON.
    Escape,
}

impl Encoding {
    /// UTF-8.
    pub const UTF_8: Self = Self(Kind::Utf8);

    /// UTF-16, the most significant byte first or last.
    pub const fn utf_16(big_endian: bool) -> Self {
        Self(Kind::Utf16 { big_endian })
    }

    /// The encoding of that label; `None` for one that is not known.
    pub fn of_label(label: &str) -> Option<Self> {
        let label = label.trim();
        let is = |names: &[&str]| names.iter().any(|name| label.eq_ignore_ascii_case(name));
        if is(&["utf-8", "utf8"]) {
            return Some(Self::UTF_8);
        }
        if is(&["us-ascii", "ascii", "iso646-us", "ansi_x3.4-1968"]) {
            return Some(Self(Kind::Ascii));
        }
        if is(&["iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "l1", "cp819", "ibm819"]) {
            return Some(Self(Kind::Latin1));
        }
        // Without a byte order mark (RFC 2781 section 4.3); the standard takes it for the other.
        if is(&["utf-16", "utf-16be"]) {
            return Some(Self::utf_16(true));
        }
        let known = rs::Encoding::for_label_no_replacement(label.as_bytes())?;
        Some(match known {
            _ if known == rs::UTF_8 => Self::UTF_8,
            _ if known == rs::UTF_16LE => Self::utf_16(false),
            _ if known == rs::UTF_16BE => Self::utf_16(true),
            _ if known == rs::X_USER_DEFINED => return None,
            _ => Self(Kind::Other(known)),
        })
    }

    /// The encoding that the `charset` of a media type names: `Ok(None)` without one, an error
    /// with the label where it is not known.
    pub fn of_media_type(media_type: &str) -> Result<Option<Self>, String> {
        match parameter(media_type, "charset").filter(|label| !label.is_empty()) {
            None => Ok(None),
            Some(label) => Self::of_label(&label).map(Some).ok_or_else(|| label.into_owned()),
        }
    }

    /// The encoding that a byte order mark says, with the length of that.
    pub fn of_mark(bytes: &[u8]) -> Option<(Self, usize)> {
        match bytes {
            [0xEF, 0xBB, 0xBF, ..] => Some((Self::UTF_8, 3)),
            [0xFE, 0xFF, ..] => Some((Self::utf_16(true), 2)),
            [0xFF, 0xFE, ..] => Some((Self::utf_16(false), 2)),
            _ => None,
        }
    }

    /// Whether it is UTF-16, in which not even ASCII is a byte for a character.
    pub fn is_wide(self) -> bool {
        matches!(self.0, Kind::Utf16 { .. })
    }

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Utf8 => "UTF-8",
            Kind::Utf16 { .. } => "UTF-16",
            Kind::Latin1 => "ISO-8859-1",
            Kind::Ascii => "US-ASCII",
            Kind::Other(other) => other.name(),
        }
    }

    /// The text without a byte order mark; fails on what is not in the encoding.
    pub fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, DecodeError> {
        let (encoding, bytes) = match Self::of_mark(bytes) {
            Some((marked, length)) if marked == self || marked.is_wide() && self.is_wide() => {
                (marked, bytes.get(length..).unwrap_or_default())
            }
            _ => (self, bytes),
        };
        encoding.decode_unmarked(bytes)
    }

    fn decode_unmarked(self, bytes: &[u8]) -> Result<Cow<'_, str>, DecodeError> {
        let invalid = |before: &str| {
            let message = format!("the body is not valid {}", self.name());
            DecodeError::at(before.as_bytes(), before.len(), message)
        };
        match self.0 {
            Kind::Utf8 => utf8(bytes).map(Cow::Borrowed),
            Kind::Latin1 => Ok(rs::mem::decode_latin1(bytes)),
            Kind::Ascii => match std::str::from_utf8(bytes) {
                Ok(text) if text.is_ascii() => Ok(Cow::Borrowed(text)),
                _ => {
                    let valid = bytes.iter().take_while(|byte| byte.is_ascii()).count();
                    let before = bytes.get(..valid).unwrap_or_default();
                    Err(invalid(std::str::from_utf8(before).unwrap_or_default()))
                }
            },
            Kind::Utf16 { big_endian } => {
                let units = bytes.chunks(2).map(|unit| match unit {
                    [high, low] if big_endian => u16::from_be_bytes([*high, *low]),
                    [low, high] => u16::from_le_bytes([*low, *high]),
                    // A surrogate alone is refused below.
                    _ => 0xD800,
                });
                let mut text = String::with_capacity(bytes.len() / 2);
                for character in char::decode_utf16(units) {
                    match character {
                        Ok(character) => text.push(character),
                        Err(_) => return Err(invalid(&text)),
                    }
                }
                Ok(Cow::Owned(text))
            }
            Kind::Other(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(bytes)
                .ok_or_else(|| invalid("")),
        }
    }

    /// Appends a text; UTF-16 begins with a byte order mark.
    pub fn encode(
        self,
        text: &str,
        unmappable: Unmappable,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        match self.0 {
            Kind::Utf8 => out.extend_from_slice(text.as_bytes()),
            Kind::Utf16 { big_endian } => {
                let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
                out.extend(units.flat_map(|unit: u16| match big_endian {
                    true => unit.to_be_bytes(),
                    false => unit.to_le_bytes(),
                }));
            }
            _ => {
                for character in text.chars() {
                    if !self.push(character, out) {
                        self.push_unmappable(character, unmappable, out)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether it has the character.
    pub fn has(self, character: char) -> bool {
        match self.0 {
            Kind::Utf8 | Kind::Utf16 { .. } => true,
            _ => character.is_ascii() || self.push(character, &mut Vec::new()),
        }
    }

    /// Appends a character of an encoding that does not have all; false where it has it not.
    fn push(self, character: char, out: &mut Vec<u8>) -> bool {
        match (self.0, u8::try_from(u32::from(character))) {
            (Kind::Other(encoding), _) => {
                let mut text = [0; 4];
                let (bytes, _, unmappable) = encoding.encode(character.encode_utf8(&mut text));
                if !unmappable {
                    out.extend_from_slice(&bytes);
                }
                !unmappable
            }
            (Kind::Latin1, Ok(byte)) => {
                out.push(byte);
                true
            }
            (_, Ok(byte)) if byte.is_ascii() => {
                out.push(byte);
                true
            }
            _ => false,
        }
    }

    fn push_unmappable(
        self,
        character: char,
        unmappable: Unmappable,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        match unmappable {
            Unmappable::Refused => {
                let code = u32::from(character);
                let message = format!("{} does not have the character U+{code:04X}", self.name());
                return Err(EncodeError::new(message));
            }
            Unmappable::Reference => {
                out.extend_from_slice(format!("&#{};", u32::from(character)).as_bytes());
            }
            Unmappable::Escape => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
        Ok(())
    }
}

/// A body as text. In the encoding that its media type names a byte order mark is not part of the
/// text; without one it is UTF-8.
pub(super) fn text_of(body: &[u8], charset: Option<Encoding>) -> Result<Cow<'_, str>, DecodeError> {
    match charset {
        Some(encoding) => encoding.decode(body),
        None => utf8(body).map(Cow::Borrowed),
    }
}

/// A body as text that can be shown: what is not in its encoding is replaced.
pub fn lossy(body: &[u8], charset: Option<Encoding>) -> Cow<'_, str> {
    let encoding = Encoding::of_mark(body).map(|(marked, _)| marked).or(charset);
    match encoding {
        Some(encoding) if encoding != Encoding::UTF_8 => {
            encoding.decode(body).unwrap_or_else(|_| String::from_utf8_lossy(body))
        }
        _ => String::from_utf8_lossy(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(label: &str, text: &str, unmappable: Unmappable) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        let encoding = Encoding::of_label(label).unwrap();
        encoding.encode(text, unmappable, &mut out).map_err(|error| error.message)?;
        Ok(out)
    }

    #[test]
    fn what_is_written_by_a_label_is_read_by_it() {
        let labels = [
            "utf-8",
            "UTF-16",
            "utf-16le",
            "UTF-16BE",
            "windows-1252",
            "iso-8859-15",
            "koi8-r",
            "shift_jis",
            "gb18030",
            "euc-kr",
            "big5",
            "macintosh",
            "iso-8859-1",
            "us-ascii",
        ];
        for label in labels {
            let encoding = Encoding::of_label(label).unwrap();
            for text in [
                "",
                "plain",
                "Gr\u{fc}\u{df}e",
                "\u{43f}\u{440}",
                "\u{6f22}\u{5b57}",
                "\u{20ac}\u{1f600}",
            ] {
                let written = write(label, text, Unmappable::Refused);
                let fits = text.chars().all(|character| encoding.has(character));
                assert_eq!(written.is_ok(), fits, "{label} {text}");
                if let Ok(bytes) = written {
                    assert_eq!(encoding.decode(&bytes).unwrap(), text, "{label}");
                }
            }
        }
    }

    #[test]
    fn latin_1_is_not_windows_1252() {
        assert_eq!(write("ISO-8859-1", "\u{e9}\u{9f}", Unmappable::Refused).unwrap(), b"\xe9\x9f");
        assert_eq!(write("latin1", "\u{20ac}", Unmappable::Reference).unwrap(), b"&#8364;");
        assert_eq!(write("ascii", "\u{1f600}", Unmappable::Escape).unwrap(), b"\\ud83d\\ude00");
        assert!(write("latin1", "\u{20ac}", Unmappable::Refused).is_err());
        assert_eq!(Encoding::of_label("cp1252").unwrap().decode(b"\x80").unwrap(), "\u{20ac}");
        assert_eq!(Encoding::of_label("latin1").unwrap().decode(b"\x80").unwrap(), "\u{80}");
    }

    #[test]
    fn what_is_not_in_an_encoding_is_refused() {
        for (label, bytes) in [
            ("utf-8", &b"\xff"[..]),
            ("us-ascii", b"a\xe9"),
            ("utf-16le", b"a\0\0"),
            ("utf-16le", b"\0\xd8a\0"),
            ("euc-jp", b"\xff"),
        ] {
            assert!(Encoding::of_label(label).unwrap().decode(bytes).is_err(), "{label}");
        }
        for label in ["", "utf-7", "utf-32", "x-user-defined", "iso-2022-kr", "klingon"] {
            assert_eq!(Encoding::of_label(label), None, "{label}");
        }
    }
}

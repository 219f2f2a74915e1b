//! How characters that mean something in XML are written in text and attributes.

use std::borrow::Cow;

use super::illegal_character;
use crate::wire::EncodeError;

/// What becomes of a character that XML cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IllegalCharacters {
    /// The document cannot be written.
    #[default]
    Refused,
    /// U+FFFD is written in its place.
    Replaced,
}

/// Where text stands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// In an element.
    Text,
    /// In the value of an attribute, in double quotes.
    Attribute,
}

/// For each byte whether text that has it must be looked at: it is escaped somewhere, or begins a
/// character that XML cannot hold.
#[expect(clippy::indexing_slicing, reason = "there is one for each byte")]
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0_u8;
    while byte < u8::MAX {
        special[byte as usize] = byte < 0x20 || matches!(byte, b'&' | b'<' | b'>' | b'"' | 0xEF);
        byte += 1;
    }
    special
};

fn is_special(byte: u8) -> bool {
    SPECIAL.get(usize::from(byte)).copied().unwrap_or(true)
}

/// The text with U+FFFD for each character that XML cannot hold.
pub(super) fn replaced(text: &str) -> Cow<'_, str> {
    let mut written = String::new();
    let mut rest = text;
    while let Some((at, character)) = illegal_character(rest) {
        let (before, from) = rest.split_at(at);
        written.push_str(before);
        written.push(char::REPLACEMENT_CHARACTER);
        rest = from.get(character.len_utf8()..).unwrap_or_default();
    }
    if written.is_empty() {
        return Cow::Borrowed(text);
    }
    written.push_str(rest);
    Cow::Owned(written)
}

/// Appends text so that it reads back as it is: also the carriage return, which a reader would
/// take for a line break, and in attributes the white space that it would take for a space.
pub(super) fn escape(text: &str, place: Place, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if !text.bytes().fold(false, |any, byte| any | is_special(byte)) {
        out.extend_from_slice(text.as_bytes());
        return Ok(());
    }
    if let Some((_, character)) = illegal_character(text) {
        let code = u32::from(character);
        return Err(EncodeError::new(format!("XML cannot hold the character U+{code:04X}")));
    }
    let bytes = text.as_bytes();
    // What needs no escape is copied in one piece.
    let mut plain_from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let escaped: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'\r' => b"&#13;",
            b'"' if place == Place::Attribute => b"&quot;",
            b'\t' if place == Place::Attribute => b"&#9;",
            b'\n' if place == Place::Attribute => b"&#10;",
            _ => continue,
        };
        out.extend_from_slice(bytes.get(plain_from..at).unwrap_or_default());
        out.extend_from_slice(escaped);
        plain_from = at + 1;
    }
    out.extend_from_slice(bytes.get(plain_from..).unwrap_or_default());
    Ok(())
}

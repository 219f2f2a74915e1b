//! From byte offsets to lines and columns, which only messages need.

use std::sync::Arc;

use super::DecodeError;

/// The bytes that some writers put before UTF-8 text.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Where the top-level members of a tree end; empty for formats that do not say.
///
/// Only byte offsets are kept; lines are counted when someone asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Positions {
    ends: Vec<(Arc<str>, usize)>,
    /// What the offsets are in, where that is not the body.
    text: Option<Box<str>>,
}

impl Positions {
    /// Offsets in a body, or in the text that it was transcoded to.
    pub(super) fn new(ends: Vec<(Arc<str>, usize)>, text: Option<String>) -> Self {
        Self { ends, text: text.map(Into::into) }
    }

    /// The line and the column, both from 1, behind the first member of that name, its end tag
    /// included; `body` is what the tree was decoded from.
    pub fn end_of(&self, body: &[u8], member: &str) -> Option<(usize, usize)> {
        let (_, offset) = self.ends.iter().find(|(name, _)| &**name == member)?;
        Some(locate(self.text.as_ref().map_or(body, |text| text.as_bytes()), *offset))
    }

    /// Whether no member has a position.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

impl DecodeError {
    /// An error at a byte of the body.
    pub(super) fn at(body: &[u8], offset: usize, message: impl Into<String>) -> Self {
        let (line, column) = locate(body, offset);
        Self { message: message.into(), line, column }
    }
}

/// The body as text, a byte order mark included.
pub(super) fn utf8(body: &[u8]) -> Result<&str, DecodeError> {
    if body.starts_with(b"\xFE\xFF") || body.starts_with(b"\xFF\xFE") {
        return Err(DecodeError::at(body, 0, "the body is UTF-16, only UTF-8 is read"));
    }
    std::str::from_utf8(body).map_err(|error| {
        let offset = error.valid_up_to();
        let byte = body.get(offset).copied().unwrap_or_default();
        DecodeError::at(body, offset, format!("invalid UTF-8: unexpected byte 0x{byte:02X}"))
    })
}

/// The line and the column in characters, both from 1; a byte order mark takes no column. A line
/// ends with a line feed, a carriage return, or both.
pub(super) fn locate(body: &[u8], offset: usize) -> (usize, usize) {
    let before = body.get(..offset).unwrap_or(body);
    let before = before.strip_prefix(BYTE_ORDER_MARK).unwrap_or(before);
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let line_start = before.iter().rposition(is_break).map_or(0, |at| at + 1);
    let pairs = before.windows(2).filter(|two| *two == b"\r\n").count();
    let line = before.iter().filter(|byte| is_break(byte)).count() - pairs + 1;
    (line, characters(before.get(line_start..).unwrap_or_default()) + 1)
}

/// How many characters start in the bytes.
pub(super) fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters_and_lines_start_after_newlines() {
        let cases: [(&[u8], usize, (usize, usize)); 7] = [
            (b"", 0, (1, 1)),
            (b"ab\ncd", 2, (1, 3)),
            (b"ab\ncd", 3, (2, 1)),
            (b"ab\r\n\rcd", 6, (3, 2)),
            (b"ab\rcd", 5, (2, 3)),
            ("ä\nöx".as_bytes(), 5, (2, 2)),
            (b"\xEF\xBB\xBFab", 4, (1, 2)),
        ];
        for (body, offset, expected) in cases {
            assert_eq!(locate(body, offset), expected, "{body:?} at {offset}");
        }
    }
}

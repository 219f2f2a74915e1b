//! From byte offsets to lines and columns, which only messages need.

use std::sync::Arc;

use super::DecodeError;

/// The bytes that some writers put before UTF-8 text.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Where the top-level members of a tree end, the first of each name; empty for formats that do not say.
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

    /// The place behind the first member of that name, its end tag included; `body` is what the
    /// tree was decoded from.
    pub fn end_of(&self, body: &[u8], member: &str) -> Option<Position> {
        let (_, offset) = self.ends.iter().find(|(name, _)| &**name == member)?;
        let text = self.text.as_ref().map_or(body, |text| text.as_bytes());
        let mut place = locate(text, *offset);
        // Such a reader stands at what comes next.
        let next = text.get(*offset..).unwrap_or_default();
        let opening = ["</", "<?", "<!--", "<![CDATA[", "<"];
        let opening = opening.iter().find(|opening| next.starts_with(opening.as_bytes()));
        place.reader_column += opening.map_or(0, |opening| opening.len());
        Some(place)
    }

    /// Whether no member has a position.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// A place in a body: line and column, all from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line. One ends with a line feed, a carriage return, or both.
    pub line: usize,
    /// The column in characters; a byte order mark takes none.
    pub column: usize,
    /// The column as readers of .NET tell it (`IXmlLineInfo`): in code units of UTF-16, of which
    /// what is beyond U+FFFF takes two; that of markup is behind its `<`, `</`, `<?` or `<!--`.
    pub reader_column: usize,
}

impl Position {
    /// The beginning of a body.
    pub const START: Self = Self { line: 1, column: 1, reader_column: 1 };

    /// Behind those bytes of a line of UTF-8.
    pub(super) fn behind(line: usize, before: &[u8]) -> Self {
        // Only what is beyond U+FFFF takes four bytes.
        let astral = before.iter().filter(|byte| **byte >= 0xF0).count();
        let column = characters(before) + 1;
        Self { line, column, reader_column: column + astral }
    }
}

impl DecodeError {
    /// An error at a byte of the body.
    pub(super) fn at(body: &[u8], offset: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), place: locate(body, offset) }
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

/// The place of a byte of UTF-8.
pub(super) fn locate(body: &[u8], offset: usize) -> Position {
    let before = body.get(..offset).unwrap_or(body);
    let before = before.strip_prefix(BYTE_ORDER_MARK).unwrap_or(before);
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let line_start = before.iter().rposition(is_break).map_or(0, |at| at + 1);
    let pairs = before.windows(2).filter(|two| *two == b"\r\n").count();
    let line = before.iter().filter(|byte| is_break(byte)).count() - pairs + 1;
    Position::behind(line, before.get(line_start..).unwrap_or_default())
}

/// How many characters start in the bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters_and_lines_start_after_newlines() {
        type Place = (usize, usize, usize);
        let cases: [(&[u8], usize, Place); 9] = [
            (b"", 0, (1, 1, 1)),
            (b"ab\ncd", 2, (1, 3, 3)),
            (b"ab\ncd", 3, (2, 1, 1)),
            (b"ab\r\n\rcd", 6, (3, 2, 2)),
            (b"ab\rcd", 5, (2, 3, 3)),
            ("ä\nöx".as_bytes(), 5, (2, 2, 2)),
            (b"\xEF\xBB\xBFab", 4, (1, 2, 2)),
            ("\u{1f600}\na\u{1f600}\u{ffff}\u{10000}b".as_bytes(), 17, (2, 5, 7)),
            ("\u{1f600}b".as_bytes(), 4, (1, 2, 3)),
        ];
        for (body, offset, (line, column, reader_column)) in cases {
            let expected = Position { line, column, reader_column };
            assert_eq!(locate(body, offset), expected, "{body:?} at {offset}");
        }
    }
}

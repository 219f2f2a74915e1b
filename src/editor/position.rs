//! Places in texts as editors say them: a line from 0, and a column in units of UTF-16.

use serde_json::{Value, json};

use crate::source::Lines;

/// A place: a line, and a column in units of UTF-16, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) line: u32,
    pub(super) character: u32,
}

impl Position {
    /// Reads the place that a message holds.
    pub(super) fn read(message: &Value) -> Option<Self> {
        let number = |key| message.get(key)?.as_u64().and_then(|it| u32::try_from(it).ok());
        Some(Self { line: number("line")?, character: number("character")? })
    }

    fn write(self) -> Value {
        json!({"line": self.line, "character": self.character})
    }
}

/// The byte of a place; the nearest one where the text has no such place.
pub(super) fn offset(text: &str, position: Position) -> usize {
    let mut start = 0;
    for _ in 0..position.line {
        match text.get(start..).and_then(|rest| rest.find('\n')) {
            Some(end) => start += end + 1,
            None => return text.len(),
        }
    }
    let line = text.get(start..).unwrap_or_default();
    let line = line.split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let mut units = 0;
    for (at, character) in line.char_indices() {
        // A place in the middle of a character is its beginning.
        units += u32::try_from(character.len_utf16()).unwrap_or(1);
        if units > position.character {
            return start + at;
        }
    }
    start + line.len()
}

/// The place of a byte in a text with these lines.
pub(super) fn position(text: &str, lines: &Lines, offset: usize) -> Position {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (line, start) = lines.at(end);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let units = text.get(start..end).unwrap_or_default().encode_utf16().count();
    Position { line: count(line), character: count(units) }
}

/// The place of a range of bytes, as messages hold it.
pub(super) fn range(text: &str, lines: &Lines, bytes: std::ops::Range<usize>) -> Value {
    json!({
        "start": position(text, lines, bytes.start).write(),
        "end": position(text, lines, bytes.end).write(),
    })
}

/// The bytes of a range that a message holds, if it is one.
pub(super) fn bytes(text: &str, range: &Value) -> Option<std::ops::Range<usize>> {
    let start = offset(text, Position::read(range.get("start")?)?);
    let end = offset(text, Position::read(range.get("end")?)?);
    Some(start.min(end)..end.max(start))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_character_is_found_again(text in "[a\u{e4}\u{1F600}\n ]{0,40}", at in 0usize..160) {
            let at = at.min(text.len());
            let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            prop_assert_eq!(offset(&text, position(&text, &Lines::of(&text), at)), at);
        }

        #[test]
        fn any_place_is_one_of_the_text(text in "[a\u{1F600}\r\n]{0,20}", line in 0u32..9, character in 0u32..99) {
            let at = offset(&text, Position { line, character });
            prop_assert!(text.is_char_boundary(at));
        }
    }

    #[test]
    fn columns_are_units_of_utf_16() {
        let text = "a\u{1F600}b\r\n\u{e4}c";
        assert_eq!(position(text, &Lines::of(text), 5), Position { line: 0, character: 3 });
        assert_eq!(offset(text, Position { line: 0, character: 2 }), 1);
        assert_eq!(offset(text, Position { line: 0, character: 99 }), 6);
        assert_eq!(offset(text, Position { line: 1, character: 1 }), 10);
    }
}

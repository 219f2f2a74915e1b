//! What values look like: pieces of texts, numbers, names of members.

use std::sync::LazyLock;

use regex_lite::Regex;

/// Times, identifiers and words, so that texts can be compared piece by piece.
const FINE: &str = r"(?s)/Date\(-?\d+(?:[+-]\d{4})?\)/|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d{1,2}/\d{1,2}/\d{4}(?: \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?)?|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[A-Za-z0-9+/]{11,}={1,2}|[^\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+|.";

/// The same, where a word may have what base64 for URLs has (RFC 4648 section 5).
const COARSE: &str = r"[A-Za-z0-9_-]{16,}|";

/// A pattern; one that is wrong finds nothing, which the tests would see.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// The pieces of a text: times and identifiers whole, words, and single other characters. Of the
/// coarse ones a long word may have dashes in it.
pub(super) fn pieces(text: &str, coarse: bool) -> Vec<&str> {
    static FINELY: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(FINE));
    static COARSELY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let (times, rest) = FINE.split_at(FINE.find("[0-9a-fA-F]{8}")?);
        pattern(&format!("{times}{COARSE}{rest}"))
    });
    match if coarse { &*COARSELY } else { &*FINELY } {
        Some(pattern) => pattern.find_iter(text).map(|found| found.as_str()).collect(),
        None => vec![text],
    }
}

/// Whether it is a whole number.
pub(super) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a member is an id by its name: `id`, `book_id`, `bookId`.
pub(super) fn is_id(field: &str) -> bool {
    matches!(field, "id" | "Id" | "ID")
        || ["_id", "-id", "Id", "ID"].iter().any(|end| field.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_apart() {
        let text = "id 17 at 2026-01-02T03:04:05Z: \u{1}base\u{1}/a?é";
        let expected = [
            "id",
            " ",
            "17",
            " ",
            "at",
            " ",
            "2026-01-02T03:04:05Z",
            ":",
            " ",
            "\u{1}",
            "base",
            "\u{1}",
            "/",
            "a",
            "?",
            "é",
        ];
        assert_eq!(pieces(text, false), expected);
        assert_eq!(pieces(text, true), expected);
        assert_eq!(pieces("/tyDSmnsrOD8F1aRiLmkQqU_W", true), ["/", "tyDSmnsrOD8F1aRiLmkQqU_W"]);
        assert_eq!(pieces("/tyDSmnsrOD8F1aRiLmkQqU_W", false).len(), 4);
    }
}

//! What values look like: pieces of texts, times, numbers, names of members.

use std::sync::LazyLock;

use regex_lite::Regex;

/// Times, identifiers and words, so that texts can be compared piece by piece.
const FINE: &str = r"(?s)/Date\(-?\d+(?:[+-]\d{4})?\)/|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d{1,2}/\d{1,2}/\d{4}(?: \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?)?|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[A-Za-z0-9+/]{11,}={1,2}|[^\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+|.";

/// The same, where a word may have what base64 for URLs has (RFC 4648 section 5).
const COARSE: &str = r"[A-Za-z0-9_-]{16,}|";

const TIME: &str = r"^(?:/Date\(-?\d+(?:[+-]\d{4})?\)/|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d{1,2}/\d{1,2}/\d{4}(?: \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?)?)$";

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

/// Whether both are times in one format.
pub(super) fn are_times(left: &str, right: &str) -> bool {
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(TIME));
    let is_time = |text| PATTERN.as_ref().is_some_and(|pattern| pattern.is_match(text));
    is_time(left) && is_time(right) && format_of(left) == format_of(right)
}

/// A time without its digits and names. Where a format gives a number one digit or two, and in
/// fractions, which may come without the zeros at their end, the digits are not counted.
fn format_of(time: &str) -> String {
    let counted = !time.contains('/');
    let mut format = String::new();
    let mut in_fraction = false;
    for character in time.chars() {
        let sign = match character {
            '0'..='9' => '9',
            'T' | 'Z' if counted => character,
            letter if letter.is_ascii_alphabetic() => 'A',
            other => other,
        };
        let repeated = sign == '9' && format.ends_with('9');
        if !(repeated && (in_fraction || !counted)) {
            format.push(sign);
        }
        in_fraction = sign == '.' || in_fraction && sign == '9';
    }
    format
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

/// How far two times are apart, in milliseconds, that both are whole numbers of seconds since 1970
/// or of milliseconds, in a member that is a time by its name.
pub(super) fn epochs(left: &str, right: &str, field: &str) -> Option<i64> {
    let field = field.to_lowercase();
    let parts = ["time", "date", "creat", "updat", "modif", "expir", "stamp", "since", "until"];
    let names = ["iat", "exp", "nbf", "ts", "at", "start", "end", "now"];
    let is_time = parts.iter().any(|part| field.contains(part))
        || names.contains(&&*field)
        || field.ends_with("_at");
    let (ours, theirs) = epoch(left).zip(epoch(right)).filter(|_| is_time)?;
    (left.len() == right.len()).then(|| ours.saturating_sub(theirs))
}

/// The time that a number tells, in milliseconds since 1970, from 2001 to 2099: ten digits are
/// seconds, thirteen are milliseconds.
fn epoch(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    let time = match text.len() {
        10 => number.checked_mul(1000)?,
        13 => number,
        _ => return None,
    };
    (1_000_000_000_000..4_102_444_800_000).contains(&time).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_of_one_format_or_they_are_not() {
        for (left, right, expected) in [
            ("2026-01-02T03:04:05Z", "2025-11-12T13:14:15Z", true),
            ("2026-01-02T03:04:05.1234567+01:00", "2025-11-12T13:14:15.12+02:00", true),
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00", false),
            ("2026-01-02T03:04:05Z", "2026-01-02 03:04:05", false),
            ("2026-01-02 03:04:05.0", "2026-01-02 03:04:05.5", true),
            ("2026-01-02", "1999-12-31", true),
            ("1/2/2026 3:04:05 AM", "12/31/2025 11:04:05 PM", true),
            ("/Date(1700000000000)/", "/Date(999)/", true),
            ("Fri, 02 Jan 2026 03:04:05 GMT", "Sat, 13 Feb 2027 03:04:05 GMT", true),
            ("active", "passive", false),
        ] {
            assert_eq!(are_times(left, right), expected, "{left} {right}");
        }
    }

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

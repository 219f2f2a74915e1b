//! What values look like: times, identifiers, secrets.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex_lite::Regex;

/// Times, identifiers and words, so that texts can be compared piece by piece.
const FINE: &str = r"(?s)/Date\(-?\d+(?:[+-]\d{4})?\)/|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d{1,2}/\d{1,2}/\d{4}(?: \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?)?|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[A-Za-z0-9+/]{11,}={1,2}|[^\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+|.";

/// The same, where a word may have what base64 for URLs has (RFC 4648 section 5).
const COARSE: &str = r"[A-Za-z0-9_-]{16,}|";

const TIME: &str = r"^(?:/Date\(-?\d+(?:[+-]\d{4})?\)/|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d{1,2}/\d{1,2}/\d{4}(?: \d{1,2}:\d\d(?::\d\d)?(?: [AP]M)?)?)$";

const UUID: &str = "^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";

/// Below that a text may be a word.
const SHORTEST_SECRET: usize = 12;

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

/// Whether both look as if nobody had chosen them, and as if made in the same way: UUIDs, row
/// versions (eight bytes in base64), or secrets of one length and alphabet.
pub(super) fn are_generated(left: &str, right: &str) -> bool {
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(UUID));
    let is_uuid = |text| PATTERN.as_ref().is_some_and(|pattern| pattern.is_match(text));
    if is_uuid(left) && is_uuid(right) || is_row_version(left) && is_row_version(right) {
        return true;
    }
    let apart = left.bytes().zip(right.bytes()).filter(|(left, right)| left != right).count();
    left.len() == right.len()
        && left.len() >= SHORTEST_SECRET
        && apart * 3 >= left.len()
        && is_random(left)
        && is_random(right)
        && alphabets_fit(left, right)
}

/// Whether both look as if nobody had chosen them, each in a way of its own.
pub(super) fn are_random(left: &str, right: &str) -> bool {
    let is_secret = |text: &str| text.len() >= SHORTEST_SECRET && is_random(text);
    is_secret(left) && is_secret(right)
}

/// Whether both look like short ids that nobody had chosen: letters and digits, of one length and
/// alphabet, and not alike.
pub(super) fn are_short_ids(left: &str, right: &str) -> bool {
    let is_short = |text: &str| {
        (4..SHORTEST_SECRET).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
            && text.bytes().any(|byte| byte.is_ascii_digit())
            && text.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    let apart = left.bytes().zip(right.bytes()).filter(|(left, right)| left != right).count();
    left.len() == right.len()
        && apart * 3 >= left.len()
        && is_short(left)
        && is_short(right)
        && alphabets_fit(left, right)
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

fn is_row_version(text: &str) -> bool {
    text.len() == 12 && STANDARD.decode(text).is_ok_and(|bytes| bytes.len() == 8)
}

/// Letters and digits, neither of which are few.
fn is_random(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let upper = text.bytes().filter(u8::is_ascii_uppercase).count();
    let lower = text.bytes().filter(u8::is_ascii_lowercase).count();
    // Mixed case makes up for few digits: it is how base64 looks.
    let mixed = upper.min(lower) * 8 >= text.len();
    text.bytes().all(allowed)
        && (digits * 10 >= text.len() || mixed)
        && upper + lower > 0
        && digits + upper.min(lower) >= 2
}

/// Whether one could be written with the other's alphabet.
fn alphabets_fit(left: &str, right: &str) -> bool {
    let is_hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let has_upper = |text: &str| text.bytes().any(|byte| byte.is_ascii_uppercase());
    let has_lower = |text: &str| text.bytes().any(|byte| byte.is_ascii_lowercase());
    is_hexadecimal(left) == is_hexadecimal(right)
        && has_upper(left) == has_upper(right)
        && has_lower(left) == has_lower(right)
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
    fn secrets_look_like_secrets() {
        for (left, right, expected) in [
            ("AAAAAAAAB9E=", "AAAAAAAAC1M=", true),
            ("0f8e2a6c55d14b17", "a71c993e0b2f4d60", true),
            ("0f8e2a6c55d14b17", "A71C993E0B2F4D60", false),
            ("0f8e2a6c55d14b17", "a71c993e0b2f4d6", false),
            ("u1DhVyGcPqLkXbTzRm", "QeYtPwLsAkDjFhGzXc", true),
            ("confirmation", "unsubscribed", false),
            ("address-00001", "address-00002", false),
            ("123e4567-e89b-42d3-a456-426614174000", "9b2e4567-e89b-42d3-a456-426614174111", true),
        ] {
            assert_eq!(are_generated(left, right), expected, "{left} {right}");
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

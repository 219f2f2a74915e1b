//! The forms of a secret that undoing what was escaped does not lead back to it, and where a secret
//! that is short is one.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use crate::wire::encoding::Encoding;

/// A text with fewer characters is a secret only where it is a whole value, or where an expression
/// put it: it would be found in half of all words otherwise.
const SHORTEST: usize = 4;

/// What can only be the beginning or the end of a value.
const ENDS: [char; 10] = ['"', '\'', '<', '>', '=', '&', '/', '?', ';', ','];

/// Where a secret is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Wherever it stands.
    Anywhere,
    /// Where it is a whole word.
    Word,
    /// Where it is a whole value.
    Value,
    /// Wherever it stands, with the characters beside it that have a part of it.
    Base64,
}

impl Extent {
    pub(super) fn of(text: &str) -> Self {
        let is_short = text.chars().nth(SHORTEST - 1).is_none();
        match (is_short, text.chars().any(char::is_alphanumeric)) {
            _ if text.trim().is_empty() => Self::Value,
            // Such a character is rare enough.
            _ if !text.is_ascii() => Self::Anywhere,
            (false, _) => Self::Anywhere,
            (true, true) => Self::Word,
            (true, false) => Self::Value,
        }
    }

    /// What is hidden of a text in which a secret stands there, if it is one there.
    pub(super) fn hidden(self, text: &str, part: Range<usize>) -> Option<Range<usize>> {
        let before = text.get(..part.start)?;
        let behind = text.get(part.end..)?;
        let (last, next) = (before.chars().next_back(), behind.chars().next());
        let hides = match self {
            Self::Anywhere => true,
            Self::Word => {
                !is_joined(last, before.chars().rev().nth(1))
                    && !is_joined(next, behind.chars().nth(1))
            }
            Self::Value => [last, next].iter().all(|c| c.is_none_or(|c| ENDS.contains(&c))),
            Self::Base64 => {
                let in_it = |c: Option<char>| {
                    c.filter(|c| c.is_ascii_alphanumeric() || "+/-_".contains(*c)).map_or(0, |_| 1)
                };
                return Some(part.start - in_it(last)..part.end + in_it(next));
            }
        };
        hides.then_some(part)
    }
}

/// Whether a character, and the one beyond it, make one word with what is before them.
fn is_joined(next: Option<char>, beyond: Option<char>) -> bool {
    next.is_some_and(|c| {
        c.is_alphanumeric()
            || matches!(c, '.' | '-' | '_') && beyond.is_some_and(char::is_alphanumeric)
    })
}

/// A text as a part of what may be encoded in base64: what of the code does not depend on what
/// stands around it.
pub(super) fn in_base64(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let all_bytes = [text.as_bytes().to_vec()].into_iter().chain(in_utf16(text));
    let starts = [(&[] as &[u8], 0), (&[0], 2), (&[0, 0], 3)];
    for (bytes, (before, from)) in all_bytes.flat_map(|bytes| starts.map(|at| (bytes.clone(), at)))
    {
        let code = STANDARD_NO_PAD.encode([before, &bytes].concat());
        let to = (before.len() + bytes.len()) * 8 / 6;
        let sure = code.get(from..to).unwrap_or_default();
        if sure.len() >= SHORTEST {
            all.push(sure.to_owned());
            if sure.contains(['+', '/']) {
                all.push(sure.replace('+', "-").replace('/', "_"));
            }
        }
    }
    all
}

/// The bytes of a text in UTF-16, in both orders.
fn in_utf16(text: &str) -> [Vec<u8>; 2] {
    let orders: [fn(u16) -> [u8; 2]; 2] = [u16::to_le_bytes, u16::to_be_bytes];
    orders.map(|order| text.encode_utf16().flat_map(order).collect())
}

/// A text as a whole in base64.
pub(super) fn whole_in_base64(text: &str) -> String {
    STANDARD.encode(text)
}

/// What is left of a text where white space around it does not count, each of its lines, and its
/// bytes in hexadecimal digits, read as what they are not, in UTF-16 or in one byte for each
/// character, or where all but ASCII was lost.
pub(super) fn disguises(text: &str) -> Vec<String> {
    let mut all = vec![text.trim().to_owned()];
    if text.contains(['\n', '\r']) {
        let lines = text.lines().map(str::trim);
        all.extend(lines.filter(|line| line.len() >= SHORTEST).map(str::to_owned));
    }
    if Extent::of(text) == Extent::Anywhere {
        // In UTF-16 they are mostly no text that could be read, where they are more than ASCII.
        for bytes in [text.as_bytes().to_vec()].into_iter().chain(in_utf16(text)) {
            let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let digits = digits.concat();
            all.extend([digits.to_uppercase(), digits]);
        }
    }
    let read = |order: fn(u16) -> [u8; 2]| -> String {
        text.encode_utf16().flat_map(order).map(char::from).collect()
    };
    let wide = [read(u16::to_le_bytes), read(u16::to_be_bytes)];
    if !text.is_ascii() && text.contains(|c: char| c.is_ascii_alphanumeric()) {
        let lost = |text: &str| -> String {
            let known = |c: char| if c.is_ascii() { c } else { char::REPLACEMENT_CHARACTER };
            text.chars().map(known).collect()
        };
        all.extend(std::iter::once(text).chain(wide.iter().map(|text| &**text)).map(lost));
        all.extend(misread(text));
    }
    all.extend(wide);
    all
}

/// What comes back of a text that is not ASCII from who takes each byte of UTF-8 for a character,
/// as servers do that read headers so, or who puts a sign in the place of what it cannot write.
fn misread(text: &str) -> Vec<String> {
    let as_characters = text.bytes().map(char::from).collect();
    let windows = Encoding::of_label("windows-1252");
    let in_windows =
        windows.and_then(|encoding| Some(encoding.decode(text.as_bytes()).ok()?.into_owned()));
    let ascii_or = |is_ascii: bool, c: char, sign: char| if is_ascii { c } else { sign };
    let by_byte = |sign: char| -> String {
        text.bytes().map(|byte| ascii_or(byte.is_ascii(), char::from(byte), sign)).collect()
    };
    let by_character = text.chars().map(|c| ascii_or(c.is_ascii(), c, '?')).collect();
    let signs = [by_byte('?'), by_byte(char::REPLACEMENT_CHARACTER), by_character];
    std::iter::once(as_characters).chain(in_windows).chain(signs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_where_its_bytes_were_taken_for_characters() {
        let mut mask = crate::run::mask::Mask::default();
        mask.add("s3cr\u{e4}t \u{20ac} end", "KEY");
        for text in [
            "s3cr\u{c3}\u{a4}t \u{e2}\u{82}\u{ac} end",
            "s3cr\u{c3}\u{a4}t \u{e2}\u{201a}\u{ac} end",
            "s3cr??t ??? end",
            "s3cr?t ? end",
            "s3cr\u{fffd}\u{fffd}t \u{fffd}\u{fffd}\u{fffd} end",
        ] {
            assert_eq!(mask.text(&format!("<{text}>")), "<***>", "{text}");
            let json = serde_json::to_string(text).unwrap();
            assert_eq!(mask.text(&json), "\"***\"", "{json}");
        }
    }

    #[test]
    fn a_short_secret_is_one_where_it_is_a_whole_word_or_value() {
        let hides = |secret: &str, text: &str| {
            let extent = Extent::of(secret);
            text.match_indices(secret)
                .any(|(at, _)| extent.hidden(text, at..at + secret.len()).is_some())
        };
        for text in ["7", "{\"p\":7}", "a=7&b", "say 7.", "/x/7/y", "<p>7</p>", "7; path=/"] {
            assert!(hides("7", text), "{text}");
        }
        for text in ["17", "a7", "2.7", "2026-11-7", "id_7", "127.0.0.7", "7.2 ms"] {
            assert!(!hides("7", text), "{text}");
        }
        for text in [" ", "{\"p\":\" \"}", "<p> </p>", "p= &q"] {
            assert!(hides(" ", text), "{text}");
        }
        assert!(!hides(" ", "a b"));
        assert!(!hides("\"", "{\"a\":\"b\"}"));
        assert!(hides("\u{1f600}", "a\u{1f600}b"));
        assert!(hides("1234", "x12345"));
    }

    proptest::proptest! {
        #[test]
        fn a_secret_is_found_in_base64_whatever_stands_around_it(
            before in "[ -~]{0,9}", secret in "[ -~]{5,20}", behind in "[ -~]{0,9}"
        ) {
            let code = STANDARD.encode(format!("{before}{secret}{behind}"));
            proptest::prop_assert!(in_base64(&secret).iter().any(|part| code.contains(part)));
        }
    }
}

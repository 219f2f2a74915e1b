//! Values and expectations in words.

use crate::scenario::{Expected, ExpectedKind, Matcher};
use crate::value::Value;
use crate::visible::{Notation, visible};

use super::pattern::pattern_of;
use super::scalar;
use crate::run::scope::Scope;

/// Longer values are cut; the difference has them whole.
const LONGEST: usize = 200;

/// A value as JSON, not too long.
pub(in crate::run) fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = serde_json::to_string(value).unwrap_or_default();
    shortened(&visible(&text, Notation::Json), LONGEST)
}

/// A text of at most so many characters, with a mark where it was cut.
pub(in crate::run) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// In what two texts differ that look alike: in spaces, accents, characters that are not seen, or
/// only behind the place where both are cut.
pub(super) fn unlike(expected: &str, actual: &str, cut: bool) -> Option<String> {
    let (mut wanted, mut there) = (expected.chars(), actual.chars());
    let mut at = 0;
    let (wanted, there) = loop {
        at += 1;
        match (wanted.next(), there.next()) {
            (None, None) => return None,
            (wanted, there) if wanted != there => break (wanted, there),
            _ => {}
        }
    };
    let is_ascii = |character: Option<char>| character.is_none_or(|c| c.is_ascii());
    let are_seen = is_ascii(wanted) && is_ascii(there)
        || skeleton(expected) != skeleton(actual) && !are_drawn_alike(wanted, there);
    if !cut && are_seen {
        return None;
    }
    let code = |character: Option<char>| match character {
        None => "missing".to_owned(),
        Some(plain) if cut && plain.is_ascii_graphic() => format!("`{plain}`"),
        Some(other) => format!("U+{:04X}", u32::from(other)),
    };
    Some(format!("; character {at} is {}, not {}", code(there), code(wanted)))
}

/// Whether a letter of Latin stands against one of a script whose letters are drawn like them:
/// Greek, Cyrillic, Armenian, Cherokee, mathematical or full-width letters.
fn are_drawn_alike(one: Option<char>, other: Option<char>) -> bool {
    let is_latin = |c: char| c.is_ascii_alphanumeric();
    let is_like_it = |c: char| {
        matches!(c,
            '\u{370}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}' | '\u{ff01}'..='\u{ff5e}'
            | '\u{1d400}'..='\u{1d7ff}')
    };
    one.zip(other).is_some_and(|(one, other)| {
        is_latin(one) && is_like_it(other) || is_latin(other) && is_like_it(one)
    })
}

/// The plain letters and digits of a text, without those that carry an accent of their own.
fn skeleton(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars() {
        match character {
            '\u{300}'..='\u{36f}' => _ = plain.pop(),
            other if other.is_ascii_alphanumeric() => plain.push(other),
            _ => {}
        }
    }
    plain
}

/// What an expectation asks for: values with their variables filled in.
pub(super) fn expected(expected: &Expected, scope: &Scope<'_>) -> String {
    let expected = scope.chosen(expected);
    match &expected.kind {
        ExpectedKind::Value(tree) => match scope.tree(tree) {
            Ok(value) => shown(value.as_ref()),
            Err(_) => expected.span.text().trim().to_owned(),
        },
        ExpectedKind::Map(_) | ExpectedKind::List(_) | ExpectedKind::ByRow(_) => {
            flow(expected.span.text())
        }
        ExpectedKind::Matcher(matcher) => matcher_words(matcher, scope),
    }
}

/// As it is written, on one line.
fn flow(written: &str) -> String {
    let line: Vec<&str> = written.split_whitespace().collect();
    shortened(&line.join(" "), LONGEST)
}

/// What a matcher fits.
pub(super) fn matcher_words(matcher: &Matcher, scope: &Scope<'_>) -> String {
    let inner = |e: &Expected| expected(e, scope);
    let all =
        |list: &[Expected], between: &str| list.iter().map(inner).collect::<Vec<_>>().join(between);
    let bound = |tree: &crate::model::Tree| match scope.tree(tree) {
        Ok(value) => shown(value.as_ref()),
        Err(_) => "?".to_owned(),
    };
    match matcher {
        Matcher::Any => "anything".to_owned(),
        Matcher::Type(None) => "null".to_owned(),
        Matcher::Type(Some(r#type)) => scalar::a(*r#type),
        Matcher::Regex(pattern) => {
            let pattern = pattern_of(pattern, scope).unwrap_or_else(|_| "?".to_owned());
            format!("a text that matches /{pattern}/")
        }
        Matcher::Contains(e) => format!("something that contains {}", inner(e)),
        Matcher::Range(Some(low), Some(high)) => {
            format!("a number from {} to {}", bound(low), bound(high))
        }
        Matcher::Range(Some(low), None) => format!("a number of at least {}", bound(low)),
        Matcher::Range(None, Some(high)) => format!("a number of at most {}", bound(high)),
        Matcher::Range(None, None) => "a number".to_owned(),
        Matcher::OneOf(list) => format!("one of {}", all(list, ", ")),
        Matcher::Not(e) => format!("anything but {}", inner(e)),
        Matcher::Absent => "nothing".to_owned(),
        Matcher::Nil => "nil".to_owned(),
        Matcher::Empty => "something empty".to_owned(),
        Matcher::Unordered(list) => format!("[{}] in any order", all(list, ", ")),
        Matcher::Each(e) => format!("a list of items each of which is {}", inner(e)),
        Matcher::Length(e) => format!("of length {}", inner(e)),
        Matcher::Includes(e) => format!("something that includes {}", inner(e)),
        Matcher::Exactly(e) => format!("exactly {}", inner(e)),
        Matcher::Time { near: None, .. } => "a time".to_owned(),
        Matcher::Time { near: Some(near), within } => {
            format!("a time within {} s of {}", within.as_secs_f64(), bound(near))
        }
        Matcher::Format(format) => format!("a text of the form {}", format.name()),
        Matcher::All(list) => all(list, " and "),
        Matcher::Sorted(_) => "a sorted list".to_owned(),
        Matcher::Unique(_) => "a list without an item twice".to_owned(),
        Matcher::Assert(assertion) => {
            format!("something of which `{}` is true", assertion.span.text().trim())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_alike_are_told_apart() {
        for (expected, actual, said) in [
            ("a b", "a\u{a0}b", Some("; character 2 is U+00A0, not U+0020")),
            ("\u{e9}t", "e\u{301}t", Some("; character 1 is U+0065, not U+00E9")),
            ("ab", "a\u{200b}b", Some("; character 2 is U+200B, not U+0062")),
            ("a", "a\u{feff}", Some("; character 2 is U+FEFF, not missing")),
            ("ab", "\u{430}b", Some("; character 1 is U+0430, not U+0061")),
            ("\u{ff21}b", "Ab", Some("; character 1 is U+0041, not U+FF21")),
            ("Ann", "Åse", None),
            ("a b", "a-b", None),
            ("x", "x ", None),
        ] {
            assert_eq!(unlike(expected, actual, false).as_deref(), said, "{expected} {actual}");
        }
        assert_eq!(unlike("abc", "abd", true).unwrap(), "; character 3 is `d`, not `c`");
        assert_eq!(unlike("ab", "ab\n", true).unwrap(), "; character 3 is U+000A, not missing");
    }
}

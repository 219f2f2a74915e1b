//! Values and expectations in words.

use crate::scenario::{Expected, ExpectedKind, Matcher};
use crate::value::Value;
use crate::visible::{self, Notation, are_alike, visible};

use super::pattern::pattern_of;
use super::scalar;
use crate::run::event::UNLIKE;
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

/// In what two texts differ that look alike, or whose difference is behind the place where both
/// are cut.
pub(super) fn unlike(expected: &str, actual: &str, cut: bool) -> Option<String> {
    if !cut && !are_alike(expected, actual) {
        return None;
    }
    let told = visible::unlike(expected, actual)?;
    let [there, wanted] =
        [&told.second, &told.first].map(|codes| match are_alike(expected, actual) {
            true => codes.as_str(),
            // Of what is only too long, the first will do.
            false => codes.split(' ').next().unwrap_or_default(),
        });
    Some(format!("{UNLIKE}{} is {there}, not {wanted}", told.character))
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
            format!("a string that matches /{pattern}/")
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
        Matcher::Format(format) => format!("a string of the form {}", format.name()),
        Matcher::All(list) => all(list, " and "),
        Matcher::Sorted(_) => "a sorted list".to_owned(),
        Matcher::Unique(_) => "a list without an item twice".to_owned(),
        Matcher::Schema(schema) => format!("what fits {}", schema.says()),
        Matcher::Assert(assertion) => {
            format!("something of which `{}` is true", assertion.span.text().trim())
        }
    }
}

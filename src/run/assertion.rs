//! Assertions: expressions that have to be true.

use super::compare::shown;
use super::event::{Mismatch, MismatchKind};
use super::scope::Scope;
use super::trial::mistake;
use crate::model::Expression;

/// What is not true, each with the values of what it looks at.
pub(super) fn check_assertions<'a>(
    assertions: impl Iterator<Item = &'a Expression>,
    scope: &Scope<'_>,
) -> Vec<Mismatch> {
    let mut found = Vec::new();
    for assertion in assertions {
        match scope.is_true(assertion) {
            Ok(true) => {}
            Ok(false) => found.push(untrue(assertion, scope)),
            Err(error) if error.in_vain.is_some() => {}
            Err(error) => found.push(mistake("assert", error.message, &error.span)),
        }
    }
    found
}

fn untrue(assertion: &Expression, scope: &Scope<'_>) -> Mismatch {
    let text = assertion.span.text().trim().trim_matches('"').to_owned();
    let mut parts: Vec<(String, String)> = Vec::new();
    for reference in assertion.parsed.references() {
        let path = [&reference.root].into_iter().chain(&reference.members);
        let path = path.map(|name| &**name).collect::<Vec<_>>().join(".");
        let value = scope.read(reference);
        if path != text && !parts.iter().any(|(known, _)| *known == path) {
            parts.push((path, shown(value.as_ref())));
        }
    }
    let actual: Vec<String> =
        parts.iter().map(|(path, value)| format!("`{path}` is {value}")).collect();
    let actual = actual.join(", ");
    let message = match actual.is_empty() {
        true => format!("`{text}` is not true"),
        false => format!("`{text}` is not true: {actual}"),
    };
    Mismatch {
        kind: MismatchKind::Expectation,
        path: "assert".to_owned(),
        expected: text,
        actual,
        message,
        span: assertion.span.clone(),
    }
}

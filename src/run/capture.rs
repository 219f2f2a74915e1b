//! Keeping parts of an answer.

use regex_lite::Regex;

use super::answer::{Answer, Body, BodyForm};
use super::evaluate::EvaluationError;
use super::event::{Mismatch, MismatchKind};
use super::scope::Scope;
use crate::scenario::{Capture, CaptureFrom, Expect};
use crate::selector::{json_path, xpath};
use crate::value::Value;

/// Keeps what a step captures, and gives what could not be found.
pub(super) fn capture(
    captures: &[Capture],
    expect: &Expect,
    answer: &Answer,
    scope: &mut Scope<'_>,
) -> Vec<Mismatch> {
    let mut missing = Vec::new();
    for capture in captures {
        match find(capture, expect, answer, scope) {
            Ok(value) => {
                if capture.mask {
                    let name = capture.name.to_ascii_uppercase();
                    scope.mask().borrow_mut().add_value(&value, &name);
                }
                scope.set(&capture.name, value);
            }
            Err(Missed::InVain) => {}
            Err(Missed::Nothing { path, message }) => missing.push(Mismatch {
                kind: MismatchKind::Capture,
                path,
                expected: "something to capture".to_owned(),
                actual: "nothing".to_owned(),
                message: format!("`{}` captures nothing: {message}", capture.name),
                span: capture.span.clone(),
            }),
        }
    }
    missing
}

/// Why a capture is not made.
enum Missed {
    /// What it looks for needs a capture that was not made.
    InVain,
    /// There is nothing at the path.
    Nothing { path: String, message: String },
}

impl From<EvaluationError> for Missed {
    fn from(error: EvaluationError) -> Self {
        match error.in_vain {
            Some(_) => Self::InVain,
            None => Self::Nothing { path: "selector".to_owned(), message: error.message },
        }
    }
}

fn find(
    capture: &Capture,
    expect: &Expect,
    answer: &Answer,
    scope: &Scope<'_>,
) -> Result<Value, Missed> {
    let (path, value) = match &capture.from {
        CaptureFrom::JsonPath(selector) => {
            let expression = scope.text(&selector.text)?;
            (expression.to_string(), select_json(&expression, answer).map(one))
        }
        CaptureFrom::XPath(selector) => {
            let expression = scope.text(&selector.text)?;
            (expression.to_string(), select_xml(&expression, expect, answer).map(one))
        }
        CaptureFrom::Header(name) => {
            let value = answer.response.header(name.as_str()).map(Value::text);
            let missing = || format!("there is no header `{name}`");
            (format!("header {name}"), value.ok_or_else(missing).map(Some))
        }
        CaptureFrom::Text => ("text".to_owned(), Ok(Some(Value::Text(answer.text())))),
        CaptureFrom::Status => {
            let status = i64::from(answer.response.status);
            ("status".to_owned(), Ok(Some(Value::Integer(status))))
        }
    };
    let selected = value.and_then(|value| value.ok_or_else(|| format!("{path} selects nothing")));
    let kept = selected.and_then(|value| match &capture.regex {
        None => Ok(value),
        Some(pattern) => part(&value, pattern),
    });
    kept.map_err(|message| Missed::Nothing { path, message })
}

/// The first group of a pattern in a text, or the whole match.
fn part(value: &Value, pattern: &str) -> Result<Value, String> {
    let regex = Regex::new(pattern).map_err(|error| error.to_string())?;
    let text = value.scalar_text().ok_or("a regular expression is for texts")?;
    let found = regex.captures(&text);
    let found = found.ok_or_else(|| format!("/{pattern}/ is not found in it"))?;
    let part = found.get(1).or_else(|| found.get(0));
    Ok(Value::text(part.map(|part| part.as_str()).unwrap_or_default()))
}

/// The one thing that was selected, or the list of all.
pub(super) fn one(mut selected: Vec<Value>) -> Option<Value> {
    match selected.len() {
        0 => None,
        1 => selected.pop(),
        _ => Some(Value::list(selected)),
    }
}

/// What a JSONPath selects in the tree of the body, whatever its form.
pub(super) fn select_json(expression: &str, answer: &Answer) -> Result<Vec<Value>, String> {
    let path = json_path::compile(expression).map_err(|error| error.message)?;
    let body = answer.body().map_err(|e| format!("the body is not {}: {e}", answer.form.name()))?;
    if answer.form == BodyForm::Text && !matches!(body, Body::Nothing) {
        return Err("the answer is text, not JSON".to_owned());
    }
    Ok(body.plain().map(|tree| path.select(&tree)).unwrap_or_default())
}

/// What an XPath gives.
pub(super) fn select_xml(
    expression: &str,
    expect: &Expect,
    answer: &Answer,
) -> Result<Vec<Value>, String> {
    let path = xpath::compile(expression, &expect.namespaces).map_err(|error| error.message)?;
    if matches!(answer.body(), Ok(Body::Nothing)) {
        return Err("the answer has no body".to_owned());
    }
    if answer.form != BodyForm::Xml && !answer.response.body.trim_ascii_start().starts_with(b"<") {
        return Err(format!("the answer is {}, not XML", answer.form.name()));
    }
    let selected = path.evaluate(&answer.response.body).map_err(|error| error.message)?;
    Ok(match selected {
        xpath::Selected::Number(number) => vec![number_value(number)],
        xpath::Selected::Boolean(value) => vec![Value::Bool(value)],
        xpath::Selected::Text(text) => vec![text.into()],
        xpath::Selected::Nodes(nodes) => nodes.into_iter().map(Value::from).collect(),
    })
}

/// Whole numbers are whole.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
fn number_value(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        return Value::Integer(number as i64);
    }
    Value::Number(number)
}

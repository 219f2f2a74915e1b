//! Keeping parts of an answer.

use regex_lite::Regex;

use super::answer::{Answer, Body, BodyForm};
use super::client::Request;
use super::evaluate::EvaluationError;
use super::event::{Mismatch, MismatchKind};
use super::headers;
use super::scope::Scope;
use crate::scenario::{Capture, CaptureFrom, Expect};
use crate::selector::xpath::Selected;
use crate::selector::{json_path, xpath};
use crate::value::Value;

/// Keeps what a step captures, and gives what could not be found.
pub(super) fn capture(
    captures: &[Capture],
    expect: &Expect,
    request: &Request,
    answer: &Answer,
    scope: &mut Scope<'_>,
) -> Vec<Mismatch> {
    let mut missing = Vec::new();
    for capture in captures {
        match find_or_default(capture, expect, answer, scope) {
            Ok(Found { value, of_a_secret }) => {
                let value = match capture.gather {
                    true => added(scope.variable(&capture.name), value),
                    false => value,
                };
                let answers_a_secret =
                    || names_a_secret(&capture.name) && scope.mask().borrow().is_sent_by(request);
                let is_secret = capture.mask.unwrap_or_else(|| of_a_secret || answers_a_secret());
                if is_secret {
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

/// What is captured.
struct Found {
    value: Value,
    /// It is a part of a secret, which nobody would know it by any more.
    of_a_secret: bool,
}

/// Whether what is called so is a secret.
fn names_a_secret(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "credential",
        "credentials",
        "apikey",
        "authorization",
    ];
    const KEYS: [&str; 5] = ["api", "access", "private", "secret", "auth"];
    let words = words(name);
    let is_key = |pair: &[String]| match pair {
        [kind, key] => key == "key" && KEYS.contains(&&**kind),
        _ => false,
    };
    words.iter().any(|word| NAMES.contains(&&**word)) || words.windows(2).any(is_key)
}

/// The words of a name, however they are joined, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    for character in name.chars() {
        let begins = before.is_lowercase() && character.is_uppercase() || !before.is_alphanumeric();
        before = character;
        if !character.is_alphanumeric() {
            continue;
        }
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(character.to_lowercase());
        }
    }
    words
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

/// The list, with one more item, or with more items where those are a list.
fn added(list: Option<&Value>, value: Value) -> Value {
    let mut items = match list {
        Some(Value::List(items)) => items.to_vec(),
        _ => Vec::new(),
    };
    match value {
        Value::List(more) => items.extend(more.iter().cloned()),
        single => items.push(single),
    }
    Value::list(items)
}

fn find_or_default(
    capture: &Capture,
    expect: &Expect,
    answer: &Answer,
    scope: &Scope<'_>,
) -> Result<Found, Missed> {
    match (find(capture, expect, answer, scope), &capture.default) {
        (Err(Missed::Nothing { .. }), Some(default)) => {
            let value = scope.tree(default)?.unwrap_or_default();
            Ok(Found { value, of_a_secret: false })
        }
        (found, _) => found,
    }
}

fn find(
    capture: &Capture,
    expect: &Expect,
    answer: &Answer,
    scope: &Scope<'_>,
) -> Result<Found, Missed> {
    let (path, value) = match &capture.from {
        CaptureFrom::JsonPath(selector) => {
            let expression = scope.text(&selector.text)?;
            (expression.to_string(), select_json(&expression, answer))
        }
        CaptureFrom::XPath(selector) => {
            let expression = scope.text(&selector.text)?;
            (expression.to_string(), select_xml(&expression, expect, answer))
        }
        CaptureFrom::Nodes(selector) => {
            let expression = scope.text(&selector.text)?;
            (expression.to_string(), select_nodes(&expression, expect, answer))
        }
        CaptureFrom::Header(name) => {
            return header(name.as_str(), capture.regex.as_deref(), answer, scope);
        }
        CaptureFrom::Headers(name) => {
            return Ok(all_headers(name.as_str(), capture.regex.as_deref(), answer, scope));
        }
        CaptureFrom::Value(tree) => {
            let value = scope.tree(tree)?;
            ("value".to_owned(), value.ok_or_else(|| "the value is absent".to_owned()).map(Some))
        }
        CaptureFrom::Text if answer.form == BodyForm::Bytes => {
            ("text".to_owned(), Err("the body is not text".to_owned()))
        }
        CaptureFrom::Text => ("text".to_owned(), Ok(Some(Value::Text(answer.text())))),
        CaptureFrom::Status => {
            let status = i64::from(answer.response.status);
            ("status".to_owned(), Ok(Some(Value::Integer(status))))
        }
    };
    let selected = value.and_then(|value| value.ok_or_else(|| format!("{path} selects nothing")));
    let kept = selected.and_then(|value| match &capture.regex {
        None => Ok(Found { value, of_a_secret: false }),
        Some(pattern) => part(&value, pattern, scope),
    });
    kept.map_err(|message| Missed::Nothing { path, message })
}

/// A field as one text; with a pattern the part of its first line in which that is found.
fn header(
    name: &str,
    pattern: Option<&str>,
    answer: &Answer,
    scope: &Scope<'_>,
) -> Result<Found, Missed> {
    let path = format!("header {name}");
    let missed = |message| Missed::Nothing { path, message };
    let fields = &answer.response.headers;
    let Some(whole) = headers::joined(fields, name) else {
        return Err(missed(format!("there is no header `{name}`")));
    };
    let whole = Found { value: whole.into(), of_a_secret: false };
    let Some(pattern) = pattern else { return Ok(whole) };
    let mut parts = headers::lines(fields, name).map(|line| part(&line.into(), pattern, scope));
    let found = parts.clone().find_map(Result::ok).map(Ok);
    found.or_else(|| parts.next()).unwrap_or(Ok(whole)).map_err(missed)
}

/// The lines of a field as a list; with a pattern the parts of those in which that is found.
fn all_headers(name: &str, pattern: Option<&str>, answer: &Answer, scope: &Scope<'_>) -> Found {
    let fields = &answer.response.headers;
    let Some(pattern) = pattern else {
        return Found { value: headers::list(fields, name), of_a_secret: false };
    };
    let lines = headers::lines(fields, name);
    let parts = lines.filter_map(|line| part(&line.into(), pattern, scope).ok());
    let parts: Vec<Found> = parts.collect();
    let of_a_secret = parts.iter().any(|part| part.of_a_secret);
    let values = parts.into_iter().map(|part| part.value).collect();
    Found { value: Value::list(values), of_a_secret }
}

/// The first group of a pattern in a text, or the whole match.
fn part(value: &Value, pattern: &str, scope: &Scope<'_>) -> Result<Found, String> {
    let regex = Regex::new(pattern).map_err(|error| error.to_string())?;
    let text = value.scalar_text().ok_or("a regular expression is for texts")?;
    let found = regex.captures(&text);
    let found = found.ok_or_else(|| format!("/{pattern}/ is not found in it"))?;
    let part = found.get(1).or_else(|| found.get(0));
    let Some(part) = part else { return Ok(Found { value: Value::text(""), of_a_secret: false }) };
    let of_a_secret = scope.mask().borrow().reaches_into(&text, part.range());
    Ok(Found { value: Value::text(part.as_str()), of_a_secret })
}

/// What a JSONPath gives of the tree of the body, whatever its form: one value or none where it
/// can select one at most, else the list of all that it selects.
pub(super) fn select_json(expression: &str, answer: &Answer) -> Result<Option<Value>, String> {
    let path = json_path::compile(expression).map_err(|error| error.message)?;
    let body = answer.body().map_err(|e| format!("the body is not {}: {e}", answer.form.name()))?;
    let may_be_empty = matches!(
        answer.form,
        BodyForm::JsonLines | BodyForm::Events | BodyForm::Csv { .. } | BodyForm::Form
    );
    if matches!(body, Body::Nothing) && !may_be_empty {
        return Err("the answer has no body".to_owned());
    }
    if !answer.form.has_members() && !matches!(body, Body::Nothing) {
        return Err(format!("the answer is {}, not JSON", answer.form.name()));
    }
    let mut selected = body.plain().map(|tree| path.select(&tree)).unwrap_or_default();
    Ok(match path.is_singular() {
        true => selected.pop(),
        false => Some(Value::list(selected)),
    })
}

/// The one value that an XPath gives; several nodes are not one value.
pub(super) fn select_xml(
    expression: &str,
    expect: &Expect,
    answer: &Answer,
) -> Result<Option<Value>, String> {
    match evaluate(expression, expect, answer)? {
        Selected::Number(number) => Ok(Some(number_value(number))),
        Selected::Boolean(value) => Ok(Some(Value::Bool(value))),
        Selected::Text(text) => Ok(Some(text.into())),
        Selected::Nodes(nodes) if nodes.len() > 1 => Err(format!(
            "`{expression}` selects {} nodes, not one value; the first is `({expression})[1]`, \
             and `nodes` gives all as a list",
            nodes.len()
        )),
        Selected::Nodes(mut nodes) => Ok(nodes.pop().map(Value::from)),
    }
}

/// The list of all nodes that an XPath selects, by their texts.
pub(super) fn select_nodes(
    expression: &str,
    expect: &Expect,
    answer: &Answer,
) -> Result<Option<Value>, String> {
    let gives = |what| Err(format!("`{expression}` gives {what}, not nodes; `xpath` takes it"));
    match evaluate(expression, expect, answer)? {
        Selected::Nodes(nodes) => {
            Ok(Some(Value::list(nodes.into_iter().map(Value::from).collect())))
        }
        Selected::Number(_) => gives("a number"),
        Selected::Boolean(_) => gives("a truth value"),
        Selected::Text(_) => gives("a string"),
    }
}

fn evaluate(expression: &str, expect: &Expect, answer: &Answer) -> Result<Selected, String> {
    let path = xpath::compile(expression, &expect.namespaces).map_err(|error| error.message)?;
    if matches!(answer.body(), Ok(Body::Nothing)) {
        return Err("the answer has no body".to_owned());
    }
    if answer.form != BodyForm::Xml && !answer.response.body.trim_ascii_start().starts_with(b"<") {
        return Err(format!("the answer is {}, not XML", answer.form.name()));
    }
    let selected = match answer.body() {
        Ok(Body::Document(root, _)) => path.select(root),
        _ => path.evaluate(&answer.response.body),
    };
    selected.map_err(|error| error.message)
}

/// Whole numbers are whole; what is not finite is the text that XPath has for it.
fn number_value(number: f64) -> Value {
    if number.is_nan() {
        return "NaN".into();
    }
    match Value::from(number).to_decimal() {
        Some(Ok(decimal)) => decimal.into(),
        _ if number > 0.0 => "Infinity".into(),
        _ => "-Infinity".into(),
    }
}

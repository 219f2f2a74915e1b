//! Runs the examples of a spec through the engine, each on fresh state.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use jiff::Timestamp;

use super::Mock;
use super::account::Account;
use super::session::Start;
use crate::diagnostic::Diagnostic;
use crate::exchange::{Answer, RULE_HEADER, Request, header_text};
use crate::model::Example;
use crate::plan::Plan;
use crate::value::Value;
use crate::wire::encoding::Encoding;
use crate::wire::json::Json;
use crate::wire::xml::Xml;
use crate::wire::{Limits, Wire};

/// Any seed serves; it is the same for everybody, so that examples can show generated values.
const SEED: u64 = 1;
/// 2026-01-01T00:00:00Z, for the same reason.
const CLOCK: Timestamp = Timestamp::constant(1_767_225_600, 0);
/// So many differences of an example are told.
const MOST: usize = 5;
/// The longest answer that is shown with a difference.
const SHOWN: usize = 600;

/// Runs all examples. Gives a diagnostic for each that differs; none means that all hold.
pub fn run(plan: &Arc<Plan>) -> Vec<Diagnostic> {
    plan.service.examples.iter().filter_map(|example| run_one(plan, example)).collect()
}

fn run_one(plan: &Arc<Plan>, example: &Example) -> Option<Diagnostic> {
    let Some(request) = request(plan, example) else {
        let said = "no client can send this path";
        return Some(Diagnostic::error("example-differs", said, &example.span, ""));
    };
    let start = Start {
        seed: SEED,
        clock: Some(CLOCK),
        frozen: true,
        most_sessions: 0,
        idle: Duration::ZERO,
    };
    let mock = Mock::new(vec![plan.clone()], start, true);
    let session = mock.sessions().get("")?;
    session.faults.clear(false);
    if !example.given.is_empty() {
        let account = Account::given(plan, SEED, session.clock().now(), &example.given);
        session.set_account(0, account);
    }
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 4010));
    let target = request.target.clone();
    let answer = mock.answer(&session, target.path(), request, local);
    let differences = compare(plan, example, &answer);
    let message = match differences.as_slice() {
        [] => return None,
        [one] => format!("example `{}`: {one}", example.name),
        several => {
            let (count, mut said) = (several.len(), several.to_vec());
            said.truncate(MOST);
            if count > MOST {
                said.push(format!("and {} more", count - MOST));
            }
            format!("example `{}` differs in {count} places: {}", example.name, said.join("; "))
        }
    };
    let place = &example.response.span;
    let told = Diagnostic::error("example-differs", message, place, "expected this");
    Some(told.help(shown(&answer)))
}

fn request(plan: &Plan, example: &Example) -> Option<Request> {
    let base = plan.servers.first().map(|server| &*server.base_path).unwrap_or_default();
    let target = format!("/{}{base}{}", plan.service.vendor, example.path);
    let mut request = Request::new(example.method.clone(), &target).ok()?;
    for (name, value) in &example.headers {
        request.headers.append(name.clone(), value.clone());
    }
    if let Some(body) = &example.body {
        request.body = body.to_string().into();
    }
    Some(request)
}

/// What came, for people.
fn shown(answer: &Answer) -> String {
    let mut text = format!("the answer was {}", answer.status);
    if let Some(rule) = answer.headers.get(RULE_HEADER).and_then(|rule| rule.to_str().ok()) {
        text.push_str(" by ");
        text.push_str(rule);
    }
    let body = String::from_utf8_lossy(&answer.body);
    if !body.is_empty() {
        text.push_str(": ");
        text.extend(body.chars().take(SHOWN));
        if body.chars().nth(SHOWN).is_some() {
            text.push('…');
        }
    }
    text
}

fn compare(plan: &Plan, example: &Example, answer: &Answer) -> Vec<String> {
    let expected = &example.response;
    let mut differences = Vec::new();
    if expected.status != answer.status.as_u16() {
        // Another answer differs in everything else too, which says nothing more.
        return vec![format!("status {}, not {}", answer.status.as_u16(), expected.status)];
    }
    for (name, wanted) in &expected.headers {
        let values = answer.headers.get_all(name);
        if values.iter().any(|value| value.as_bytes() == wanted.as_bytes()) {
            continue;
        }
        let got = values.iter().map(header_text);
        let got: Vec<_> = got.collect();
        differences.push(match got.is_empty() {
            true => format!("no header {name}, which should be `{wanted}`"),
            false => format!("header {name} is `{}`, not `{wanted}`", got.join("`, `")),
        });
    }
    if let Some(wanted) = &expected.text
        && answer.body != wanted.as_bytes()
    {
        let got = String::from_utf8_lossy(&answer.body);
        differences.push(format!("the text is {got:?}, not {wanted:?}"));
    }
    if let Some(wanted) = &expected.body {
        match decode(plan, answer) {
            Ok((got, textual)) => {
                Comparison { textual, differences: &mut differences }.tree("body", wanted, &got);
            }
            Err(message) => differences.push(message),
        }
    }
    differences
}

/// The tree in a body, and whether its scalars are all texts.
fn decode(plan: &Plan, answer: &Answer) -> Result<(Value, bool), String> {
    let content_type = answer.headers.get(CONTENT_TYPE).map(header_text);
    let name =
        content_type.as_deref().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let name = name.to_ascii_lowercase();
    let known = plan.media_types.iter().find(|media_type| *media_type.name == name);
    let wire: &dyn Wire = match known {
        Some(media_type) => &*media_type.wire,
        None if name.ends_with("json") => &Json,
        None if name.ends_with("xml") => &Xml::default(),
        None => return Err(format!("the body's media type `{name}` cannot be read")),
    };
    let charset =
        Encoding::of_media_type(content_type.as_deref().unwrap_or_default()).unwrap_or_default();
    match wire.decode_in(&answer.body, charset, &Limits::default()) {
        Ok(decoded) => Ok((decoded.value, wire.textual())),
        Err(error) => Err(format!("the body cannot be read as {name}: {error}")),
    }
}

/// Gathers the differences between a partial tree and a whole one.
struct Comparison<'d> {
    textual: bool,
    differences: &'d mut Vec<String>,
}

impl Comparison<'_> {
    fn tree(&mut self, path: &str, wanted: &Value, got: &Value) {
        if let Some(members) = wanted.members() {
            if got.members().is_none() && !(self.textual && got.is_empty()) {
                return self.differ(path, wanted, got);
            }
            for (name, wanted) in members {
                let path = format!("{path}.{name}");
                match got.get(name) {
                    Some(got) => self.tree(&path, wanted, got),
                    None => self
                        .differences
                        .push(format!("no {path}, which should be {}", json(wanted))),
                }
            }
            return;
        }
        match (wanted, got) {
            (Value::List(wanted), Value::List(got)) if wanted.len() == got.len() => {
                for (at, (wanted, got)) in wanted.iter().zip(got.iter()).enumerate() {
                    self.tree(&format!("{path}[{at}]"), wanted, got);
                }
            }
            // Where all is text, an element that is not repeated cannot be told from a list.
            (Value::List(wanted), got) if self.textual && !matches!(got, Value::List(_)) => {
                match &**wanted {
                    [wanted] => self.tree(path, wanted, got),
                    [] if got.is_empty() => {}
                    _ => self.differ(path, &Value::List(wanted.clone()), got),
                }
            }
            (wanted, got) if self.same_scalar(wanted, got) => {}
            _ => self.differ(path, wanted, got),
        }
    }

    fn same_scalar(&self, wanted: &Value, got: &Value) -> bool {
        if matches!(wanted, Value::List(_)) || matches!(got, Value::List(_)) {
            return false;
        }
        if !self.textual {
            return wanted == got;
        }
        match (wanted.scalar_text(), got.scalar_text()) {
            (Some(wanted), Some(got)) => wanted == got,
            _ => wanted == got,
        }
    }

    fn differ(&mut self, path: &str, wanted: &Value, got: &Value) {
        self.differences.push(format!("{path} is {}, not {}", json(got), json(wanted)));
    }
}

fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        Json.decode(text.as_bytes(), &Limits::default()).unwrap().value
    }

    fn differences(wanted: &str, got: &str, textual: bool) -> Vec<String> {
        let mut differences = Vec::new();
        let mut comparison = Comparison { textual, differences: &mut differences };
        comparison.tree("body", &value(wanted), &value(got));
        differences
    }

    #[test]
    fn a_partial_tree_is_in_a_whole_one() {
        let cases: &[(&str, &str, bool, &[&str])] = &[
            (r#"{"a": 1}"#, r#"{"a": 1.0, "b": 2}"#, false, &[]),
            (r#"{"a": 1}"#, r#"{"a": "1"}"#, false, &[r#"body.a is "1", not 1"#]),
            (r#"{"a": 1, "b": true}"#, r#"{"a": "1", "b": "true"}"#, true, &[]),
            (r#"{"a": null}"#, r#"{"a": ""}"#, true, &[r#"body.a is "", not null"#]),
            (r#"{"a": 1}"#, "[]", false, &["body is [], not {\"a\":1}"]),
            (r#"{"a": {"b": 1}}"#, r#"{"a": ""}"#, true, &["no body.a.b, which should be 1"]),
            ("[1, 2]", "[1]", false, &["body is [1], not [1,2]"]),
            (
                r#"[{"a": 1}, 2]"#,
                r#"[{"a": 3}, 4]"#,
                false,
                &["body[0].a is 3, not 1", "body[1] is 4, not 2"],
            ),
            (r#"{"a": [{"b": 1}]}"#, r#"{"a": {"b": "1"}}"#, true, &[]),
            (r#"{"a": []}"#, r#"{"a": ""}"#, true, &[]),
            (r#"{"a": [1, 2]}"#, r#"{"a": "1"}"#, true, &[r#"body.a is "1", not [1,2]"#]),
            (r#"{"a": [1]}"#, r#"{"a": 1}"#, false, &["body.a is 1, not [1]"]),
        ];
        for (wanted, got, textual, expected) in cases {
            assert_eq!(differences(wanted, got, *textual), *expected, "{wanted} in {got}");
        }
    }
}

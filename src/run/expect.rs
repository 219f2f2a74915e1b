//! What a step expects against what came.

use std::sync::Arc;
use std::time::Duration;

use super::answer::{Answer, Body, BodyForm};
use super::assertion::check_assertions;
use super::bytes::{check_bytes, excerpt};
use super::capture::{select_json, select_nodes, select_xml};
use super::compare::{Ways, compare, draw, is_about_lists, project, shortened, shown};
use super::conform::expected::fit_body;
use super::evaluate::EvaluationError;
use super::event::{Difference, Mismatch, MismatchKind};
use super::headers;
use super::scope::Scope;
use super::snapshot::unwritten;
use super::trial::mistake;
use crate::exchange::{OWN_HEADERS, RULE_HEADER};
use crate::model::Expression;
use crate::scenario::expected::StatusRange;
use crate::scenario::{Expect, Expected, ExpectedKind, Given, Matcher, Selector, Status};
use crate::source::Span;
use crate::value::Value;

/// What of an answer is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Looks {
    /// It is a mock's, which says which rule decided.
    pub(super) on_mock: bool,
    /// Only what a vendor would answer too counts.
    pub(super) vendor_alone: bool,
}

/// Looks at all expectations; gives everything that does not hold, and, where a body does not,
/// the two side by side.
pub(super) fn examine(
    expect: &Expect,
    answer: &Answer,
    looks: Looks,
    scope: &Scope<'_>,
) -> (Vec<Mismatch>, Option<Difference>) {
    let mut found = Vec::new();
    found.extend(expect.status.as_ref().and_then(|status| check_status(status, answer, scope)));
    for (name, expected) in &expect.headers {
        if looks.vendor_alone && is_own(name.as_str()) {
            continue;
        }
        let fields = &answer.response.headers;
        let lines = headers::lines(fields, name.as_str()).count();
        let value = match is_about_several(expected, scope) && lines > 0 {
            true => Some(headers::list(fields, name.as_str())),
            false => headers::joined(fields, name.as_str()).map(Value::from),
        };
        let base = format!("header {}", shown_header(name.as_str(), answer));
        let mut these = compare(expected, value.as_ref(), &base, true, Ways::TEXT, scope);
        if let (Some(first), true) = (these.first_mut(), lines > 1) {
            let hint = format!("; it comes in {lines} lines, and `$contains` asks for one of them");
            first.message.push_str(&hint);
        }
        found.extend(these);
    }
    let before_body = found.len();
    let mut difference = None;
    for (expected, whole) in [(&expect.body, true), (&expect.includes, false)] {
        let Some(expected) = expected else { continue };
        let (mismatches, drawn) = check_body(expected, whole, expect, answer, scope);
        found.extend(mismatches);
        difference = difference.or(drawn);
    }
    if let Some(schema) = &expect.schema {
        found.extend(fit_body(schema, answer));
    }
    if let Some(snapshot) = scope.of_row(&expect.snapshot) {
        let (mismatches, drawn) = match &snapshot.expect {
            Some(written) => examine(written, answer, looks, scope),
            None => (vec![unwritten(snapshot)], None),
        };
        found.extend(mismatches);
        difference = difference.or(drawn);
    }
    if let Some(expected) = &expect.bytes {
        let (mismatches, drawn) = check_bytes(expected, answer, scope);
        found.extend(mismatches);
        difference = difference.or(drawn);
    }
    if let Some(expected) = expect.text.as_ref().filter(|_| answer.form == BodyForm::Bytes) {
        found.push(not_text(answer, "a string", expected));
    } else if let Some(expected) = &expect.text {
        let text = Value::Text(answer.text());
        found.extend(compare(expected, Some(&text), "text", true, Ways::TEXT, scope));
        if found.len() > before_body && difference.is_none() && is_value(scope.chosen(expected)) {
            let projected = project(expected, Some(&text), true, Ways::TEXT, scope);
            difference = Some(Difference {
                expected: draw(projected.as_ref(), Ways::TEXT),
                actual: draw(Some(&text), Ways::TEXT),
            });
        }
    }
    let textual = answer.form.is_textual();
    found.extend(check_selected(
        &expect.json_path,
        Ways { textual, ..Ways::JSON },
        scope,
        |expression| select_json(expression, answer),
        |_| None,
    ));
    found.extend(check_selected(
        &expect.xpath,
        Ways::TEXT,
        scope,
        |expression| select_xml(expression, expect, answer),
        |expression| unprefixed(expression, answer),
    ));
    found.extend(check_selected(
        &expect.nodes,
        Ways::TEXT,
        scope,
        |expression| select_nodes(expression, expect, answer),
        |expression| unprefixed(expression, answer),
    ));
    let assertions = expect.assertions.iter();
    let counted = assertions.filter(|one| !looks.vendor_alone || !looks_at_own(one));
    found.extend(check_assertions(counted, scope));
    if let Some((most, span)) = &expect.time
        && !looks.vendor_alone
    {
        found.extend(check_time(*most, answer, span));
    }
    if let Some((rule, span)) = &expect.rule
        && looks.on_mock
        && !looks.vendor_alone
    {
        found.extend(match rule {
            Given::Written(rule) => check_rule(rule, answer, span),
            Given::Expression(expression) => worked_out_rule(expression, answer, scope, span),
        });
    }
    (found, difference)
}

/// Whether a header is one in which the mock explains itself.
fn is_own(name: &str) -> bool {
    name.get(..OWN_HEADERS.len()).is_some_and(|start| start.eq_ignore_ascii_case(OWN_HEADERS))
}

/// Whether an assertion looks at such a header.
fn looks_at_own(assertion: &Expression) -> bool {
    let parsed = &assertion.parsed;
    let members = parsed.references().iter().flat_map(|reference| &reference.members);
    members.into_iter().any(|name| is_own(name))
        || parsed.constants().iter().any(|text| is_own(text))
}

/// Looks at what paths give; `hint` says more of one that selects nothing.
fn check_selected(
    paths: &[(Selector, Expected)],
    ways: Ways<'_>,
    scope: &Scope<'_>,
    select: impl Fn(&str) -> Result<Option<Value>, String>,
    hint: impl Fn(&str) -> Option<String>,
) -> Vec<Mismatch> {
    let mut found = Vec::new();
    for (selector, expected) in paths {
        let expression = match scope.whole_text(&selector.text) {
            Ok(expression) => expression,
            Err(error) => {
                found.extend(not_put_together(error));
                continue;
            }
        };
        match select(&expression) {
            Ok(value) => {
                let mut these = compare(expected, value.as_ref(), &expression, true, ways, scope);
                let nothing = value.as_ref().is_none_or(|value| value.as_list() == Some(&[]));
                if let (true, Some(first)) = (nothing, these.first_mut()) {
                    first.message.extend(hint(&expression));
                }
                found.extend(these);
            }
            Err(message) => found.push(unselected(&expression, message, &expected.span)),
        }
    }
    found
}

/// What to say of an XPath that finds nothing because its names have no prefixes, which in XPath
/// 1.0 only elements without a namespace fit.
fn unprefixed(expression: &str, answer: &Answer) -> Option<String> {
    let Ok(Body::Document(root, _)) = answer.body() else { return None };
    let namespace = root.name.namespace.as_deref()?;
    let has_prefix = expression.replace("::", "").contains(':');
    let needs_none = expression.contains("local-name(");
    (!has_prefix && !needs_none).then(|| {
        format!(
            "; the elements are in the namespace `{namespace}`, for which `namespaces` can give \
             a prefix"
        )
    })
}

/// Whether it is about the lines of a header, one by one: a list, or a list that contains what
/// fits a matcher. A text contains texts alone.
fn is_about_several(expected: &Expected, scope: &Scope<'_>) -> bool {
    let is_matcher =
        |inner: &Expected| matches!(scope.chosen(inner).kind, ExpectedKind::Matcher(_));
    let contains_matcher = |matcher: &Matcher| match matcher {
        Matcher::Contains(inner) => is_matcher(inner),
        Matcher::Not(inner) => is_about_several(inner, scope),
        Matcher::All(all) => all.iter().any(|one| is_about_several(one, scope)),
        _ => false,
    };
    is_about_lists(expected, scope)
        || matches!(&scope.chosen(expected).kind, ExpectedKind::Matcher(matcher) if contains_matcher(matcher))
}

/// That a body is not text where something else was expected than bytes.
fn not_text(answer: &Answer, wanted: &str, expected: &Expected) -> Mismatch {
    let media_type = answer.response.header("content-type").unwrap_or("without a type");
    let body = &answer.response.body;
    let message = format!(
        "the body is not {wanted} but bytes ({media_type}), of which `bytes` can be expected: {}",
        excerpt(body, 0)
    );
    note("body", wanted.to_owned(), excerpt(body, 0), message, &expected.span)
}

/// Whether only a tree can fit.
fn is_about_trees(expected: &Expected) -> bool {
    matches!(&expected.kind, ExpectedKind::Map(_) | ExpectedKind::List(_))
}

fn is_value(expected: &Expected) -> bool {
    matches!(expected.kind, ExpectedKind::Value(_))
}

/// The name as it was sent, which is how people look for it.
fn shown_header(name: &str, answer: &Answer) -> String {
    let sent = answer.response.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    sent.map_or_else(|| name.to_owned(), |(sent, _)| sent.clone())
}

fn note(path: &str, expected: String, actual: String, message: String, span: &Span) -> Mismatch {
    let kind = MismatchKind::Expectation;
    Mismatch { kind, path: path.to_owned(), expected, actual, message, span: span.clone() }
}

fn unselected(expression: &str, message: String, span: &Span) -> Mismatch {
    note(expression, "something to select in".to_owned(), "nothing".to_owned(), message, span)
}

/// A selector that cannot be put together; nothing is said where it needs a capture that was not
/// made.
fn not_put_together(error: EvaluationError) -> Option<Mismatch> {
    let EvaluationError { message, in_vain, span } = error;
    let mismatch = mistake("selector", message, &span);
    in_vain.is_none().then_some(mismatch)
}

fn check_status(status: &Status, answer: &Answer, scope: &Scope<'_>) -> Option<Mismatch> {
    if let Status::ByRow(rows) = status {
        return check_status(Option::as_ref(scope.of_row(rows)?)?, answer, scope);
    }
    let actual = answer.response.status;
    let mistake = |message: String, span: &Span| {
        let kind = MismatchKind::Scenario;
        let expected = span.text().trim().to_owned();
        let (path, actual) = ("status".to_owned(), actual.to_string());
        Some(Mismatch { kind, path, expected, actual, message, span: span.clone() })
    };
    let negated = matches!(status, Status::Not(..));
    let (ranges, span) = match status {
        Status::ByRow(_) => return None,
        Status::OneOf(ranges, span) | Status::Not(ranges, span) => (ranges.clone(), span),
        Status::Expression(tree, span) => match scope.tree(tree) {
            Ok(value) => match ranges(value.as_ref()) {
                Some(ranges) => (ranges, span),
                None => {
                    let value = value.map_or_else(|| "nothing".to_owned(), |v| v.to_string());
                    return mistake(format!("`{value}` is not a valid status"), span);
                }
            },
            Err(error) if error.in_vain.is_some() => return None,
            Err(error) => return mistake(error.message, &error.span),
        },
    };
    let fits = ranges.iter().any(|range| match range {
        StatusRange::Exactly(status) => *status == actual,
        StatusRange::Class(class) => *class == actual / 100,
    });
    if fits != negated {
        return None;
    }
    let wanted: Vec<String> = ranges
        .iter()
        .map(|range| match range {
            StatusRange::Exactly(status) => status.to_string(),
            StatusRange::Class(class) => format!("{class}xx"),
        })
        .collect();
    let wanted = wanted.join(" or ");
    let (wanted, message) = match negated {
        false => (wanted.clone(), format!("the status is {actual}, not {wanted}")),
        true => {
            (format!("not {wanted}"), format!("the status is {actual}, which it should not be"))
        }
    };
    Some(note("status", wanted, actual.to_string(), message, span))
}

fn ranges(value: Option<&Value>) -> Option<Vec<StatusRange>> {
    let value = value?;
    let one = |value: &Value| match value {
        number if number.is_number() => {
            number.to_i64().and_then(|status| u16::try_from(status).ok()).map(StatusRange::Exactly)
        }
        Value::Text(text) => match text.strip_suffix("xx") {
            Some(class) => class.parse().ok().map(StatusRange::Class),
            None => text.trim().parse().ok().map(StatusRange::Exactly),
        },
        _ => None,
    };
    value.as_list().unwrap_or(std::slice::from_ref(value)).iter().map(one).collect()
}

fn check_body(
    expected: &Expected,
    whole: bool,
    expect: &Expect,
    answer: &Answer,
    scope: &Scope<'_>,
) -> (Vec<Mismatch>, Option<Difference>) {
    let markup = answer.form == BodyForm::Xml;
    let namespaces = &*expect.namespaces;
    let ways = Ways { markup, textual: answer.form.is_textual(), namespaces };
    let body = match answer.body() {
        Ok(body) => body,
        Err(error) => {
            let form = answer.form.name();
            let message = format!("the body is not {form}: {error}");
            let actual = shortened(&answer.text(), 80);
            return (vec![note("body", form.to_owned(), actual, message, &expected.span)], None);
        }
    };
    if matches!(body, Body::Bytes) {
        return (vec![not_text(answer, "a tree", expected)], None);
    }
    let tree = body.tree();
    if answer.form == BodyForm::Text && is_about_trees(scope.chosen(expected)) && tree.is_some() {
        let text = answer.text();
        let shown = shown(Some(&Value::text(text.trim())));
        let media_type = answer.response.header("content-type").unwrap_or("without a type");
        let message = format!("the body is a string ({media_type}), not a tree: {shown}");
        return (vec![note("body", "a tree".to_owned(), shown, message, &expected.span)], None);
    }
    let base = match answer.form {
        BodyForm::Xml => "",
        BodyForm::Text | BodyForm::Bytes => "body",
        BodyForm::Json
        | BodyForm::JsonLines
        | BodyForm::Events
        | BodyForm::Csv { .. }
        | BodyForm::Form => "$",
    };
    let base = if tree.is_none() { "body" } else { base };
    let found = compare(expected, tree, base, whole, ways, scope);
    if found.is_empty() {
        return (found, None);
    }
    let projected = project(expected, tree, whole, ways, scope);
    let drawn = Difference { expected: draw(projected.as_ref(), ways), actual: draw(tree, ways) };
    (found, Some(drawn))
}

fn check_time(most: Duration, answer: &Answer, span: &Span) -> Option<Mismatch> {
    let taken = answer.response.duration;
    if taken <= most {
        return None;
    }
    let (wanted, actual) =
        (format!("at most {} ms", most.as_millis()), format!("{} ms", taken.as_millis()));
    let message = format!("the answer took {actual}, not {wanted}");
    Some(note("time", wanted, actual, message, span))
}

/// The rule that an expression names, if it names any.
fn worked_out_rule(
    expression: &Expression,
    answer: &Answer,
    scope: &Scope<'_>,
    span: &Span,
) -> Option<Mismatch> {
    match scope.value(expression) {
        Err(error) => not_put_together(error),
        Ok(None | Some(Value::Null)) => None,
        Ok(Some(Value::Text(rule))) => check_rule(&rule, answer, span),
        Ok(Some(other)) => {
            let message = format!("`rule` is the name of a rule, not {other}");
            Some(mistake("rule", message, span))
        }
    }
}

/// `vendor/rule`, or the rule alone.
fn check_rule(rule: &Arc<str>, answer: &Answer, span: &Span) -> Option<Mismatch> {
    let actual = answer.response.header(RULE_HEADER.as_str());
    let fits = actual.is_some_and(|actual| {
        *actual == **rule || actual.split_once('/').is_some_and(|(_, name)| *name == **rule)
    });
    if fits {
        return None;
    }
    let shown = actual.unwrap_or("none").to_owned();
    let message = match actual {
        Some(actual) => format!("the rule that decided is {actual}, not {rule}"),
        None => format!("no rule decided, not {rule}"),
    };
    Some(note("rule", rule.to_string(), shown, message, span))
}

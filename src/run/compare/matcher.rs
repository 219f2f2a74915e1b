//! Matchers.

use std::cmp::Ordering;
use std::time::Duration;

use regex_lite::Regex;

use super::pattern::pattern_of;
use super::{Comparison, Ways, scalar, words};
use crate::clock;
use crate::model::{Format, Tree, Type};
use crate::run::answer::BodyForm;
use crate::run::evaluate::EvaluationError;
use crate::run::markup;
use crate::scenario::{Expected, Matcher};
use crate::source::Span;
use crate::value::Value;

impl Comparison<'_> {
    pub(super) fn matcher(
        &mut self,
        matcher: &Matcher,
        span: &Span,
        actual: Option<&Value>,
        whole: bool,
    ) {
        let fits = match matcher {
            Matcher::Unordered(expected) => return self.unordered(expected, span, actual, whole),
            Matcher::Sorted(sorted) => return self.sorted(sorted, span, actual),
            Matcher::Unique(by) => return self.unique(by.as_deref(), span, actual),
            Matcher::Assert(assertion) => {
                let Some(actual) = actual else { return self.differs("there", None, span) };
                let item = self.text_of(actual).clone();
                let scope = self.scope;
                match scope.with_item(&"it".into(), item, || scope.is_true(assertion)) {
                    Ok(fits) => fits,
                    Err(EvaluationError { in_vain: Some(_), .. }) => return,
                    Err(error) => return self.mistake(error.message, error.span),
                }
            }
            Matcher::Schema(schema) => {
                let Some(actual) = actual else { return self.differs("there", None, span) };
                let form = match self.ways {
                    Ways { markup: true, .. } => BodyForm::Xml,
                    Ways { textual: true, .. } => BodyForm::Text,
                    Ways { .. } => BodyForm::Json,
                };
                let path = self.path.text(self.ways.namespaces);
                let found = self.scope.fit(schema, actual, form, &path);
                self.found.extend(found);
                return;
            }
            Matcher::Each(expected) => return self.each(expected, span, actual, whole),
            Matcher::Includes(expected) => return self.node(expected, actual, false),
            Matcher::Exactly(expected) => return self.node(expected, actual, true),
            Matcher::All(all) => {
                for expected in all {
                    self.node(expected, actual, whole);
                }
                return;
            }
            Matcher::Length(expected) => return self.length(expected, span, actual),
            Matcher::Absent => {
                if let Some(actual) = actual {
                    self.unexpected(actual, span);
                }
                return;
            }
            Matcher::OneOf(choices) => {
                choices.iter().any(|choice| self.fits(choice, actual, whole))
            }
            Matcher::Not(expected) => {
                // A mistake in the expectation is noted, and is no reason to pass.
                let mark = self.mistakes.len();
                let fits = self.fits(expected, actual, whole);
                actual.is_some() && !fits && self.mistakes.len() == mark
            }
            Matcher::Contains(expected) => self.contains(expected, actual, whole),
            Matcher::Any => actual.is_some(),
            Matcher::Type(wanted) => actual.is_some_and(|actual| self.is_of(*wanted, actual)),
            Matcher::Regex(pattern) => {
                let text = actual.and_then(|actual| self.text_of(actual).as_str());
                let pattern = match pattern_of(pattern, self.scope) {
                    Ok(pattern) => pattern,
                    Err(EvaluationError { in_vain: Some(_), .. }) => return,
                    Err(error) => return self.mistake(error.message, error.span),
                };
                match (Regex::new(&pattern), text) {
                    (Ok(pattern), Some(text)) => pattern.is_match(text),
                    (Ok(_), None) => false,
                    (Err(error), _) => {
                        self.mistake(
                            format!("not a valid regular expression: {error}"),
                            span.clone(),
                        );
                        return;
                    }
                }
            }
            Matcher::Range(low, high) => {
                let (low, high) = (self.bound(low.as_ref(), span), self.bound(high.as_ref(), span));
                let (Ok(low), Ok(high)) = (low, high) else { return };
                let number = actual
                    .and_then(|actual| scalar::as_number(self.text_of(actual), self.ways.textual));
                number.is_some_and(|number| {
                    let compared = |bound: &Value| number.compare_numbers(bound);
                    low.is_none_or(|low| compared(&low).is_some_and(Ordering::is_ge))
                        && high.is_none_or(|high| compared(&high).is_some_and(Ordering::is_le))
                })
            }
            Matcher::Nil => actual.is_some_and(|actual| *self.text_of(actual) == Value::Null),
            Matcher::Empty => actual.is_some_and(|actual| match actual {
                Value::Text(text) if self.ways.markup => markup::is_blank(text),
                Value::Text(text) => text.is_empty(),
                Value::List(items) => items.is_empty(),
                Value::Map(_) | Value::Record(_) => {
                    actual.members().is_some_and(|mut members| members.next().is_none())
                }
                _ => false,
            }),
            Matcher::Time { near, within } => {
                match self.is_near(near.as_ref(), *within, span, actual) {
                    Some(fits) => fits,
                    None => return,
                }
            }
            Matcher::Format(format) => {
                actual.is_some_and(|actual| self.has_form(*format, self.text_of(actual)))
            }
        };
        if !fits {
            if let (Matcher::Not(inner), Some(there)) = (matcher, actual) {
                let path = self.path.text(self.ways.namespaces);
                let (inner, shown) = (words::expected(inner, self.scope), self.shown(Some(there)));
                let message = format!("`{path}` is {shown}, which is {inner} and should not be");
                let wanted = words::matcher_words(matcher, self.scope);
                return self.note(path, wanted, shown, message, span);
            }
            let wanted = words::matcher_words(matcher, self.scope);
            self.differs(&wanted, actual, span);
        }
    }

    fn each(&mut self, expected: &Expected, span: &Span, actual: Option<&Value>, whole: bool) {
        let Some(items) = self.items(actual) else {
            return self.differs("an array", actual, span);
        };
        let (mark, count) = (self.found.len(), items.len());
        for (at, item) in items.into_iter().enumerate() {
            if self.is_enough(mark, count - at, "items", span) {
                break;
            }
            self.path.index(at);
            self.node(expected, Some(item), whole);
            self.path.pop();
        }
    }

    fn length(&mut self, expected: &Expected, span: &Span, actual: Option<&Value>) {
        let length = match actual {
            Some(Value::List(items)) => items.len(),
            Some(Value::Text(text)) => text.chars().count(),
            None if self.ways.markup => 0,
            Some(Value::Map(_)) if self.ways.markup => 1,
            other => return self.differs("a list or a string", other, span),
        };
        let value = Value::Integer(i64::try_from(length).unwrap_or(i64::MAX));
        if !self.fits(expected, Some(&value), true) {
            let wanted = words::expected(expected, self.scope);
            let path = self.path.text(self.ways.namespaces);
            let message = format!("`{path}` is of length {length}, not {wanted}");
            let wanted = format!("of length {wanted}");
            self.note(path, wanted, format!("of length {length}"), message, span);
        }
    }

    fn contains(&mut self, expected: &Expected, actual: Option<&Value>, whole: bool) -> bool {
        match actual {
            Some(Value::List(items)) => {
                items.iter().any(|item| self.fits(expected, Some(item), whole))
            }
            Some(actual) => {
                if let (Some(text), crate::scenario::ExpectedKind::Value(tree)) =
                    (self.text_of(actual).as_str(), &self.scope.chosen(expected).kind)
                {
                    let part = self.evaluate(tree, &expected.span);
                    let part = part.and_then(|part| part.scalar_text());
                    return part.is_some_and(|part| text.contains(&*part));
                }
                self.ways.markup && self.fits(expected, Some(actual), whole)
            }
            None => false,
        }
    }

    fn is_of(&self, wanted: Option<Type>, actual: &Value) -> bool {
        match wanted {
            None => *self.text_of(actual) == Value::Null,
            Some(Type::Object) if self.ways.markup => match actual {
                Value::Text(text) => markup::is_blank(text),
                other => other.members().is_some(),
            },
            Some(wanted) => scalar::is_of(self.text_of(actual), wanted, self.ways.textual),
        }
    }

    fn has_form(&self, format: Format, actual: &Value) -> bool {
        match (format, actual) {
            (Format::Int32 | Format::Int64, Value::Text(text)) => {
                let whole = text.trim().parse().ok().map(Value::Integer);
                self.ways.textual && whole.is_some_and(|whole| format.fits(&whole))
            }
            (Format::Int32 | Format::Int64, _) => {
                scalar::is_of(actual, Type::Integer, false) && format.fits(actual)
            }
            (Format::Float | Format::Double, _) => {
                scalar::as_number(actual, self.ways.textual).is_some()
            }
            (_, Value::Text(_)) => format.fits(actual),
            _ => false,
        }
    }

    /// A bound as a number; an error is noted.
    fn bound(&mut self, tree: Option<&Tree>, span: &Span) -> Result<Option<Value>, ()> {
        let Some(tree) = tree else { return Ok(None) };
        if matches!(tree, Tree::Constant(Value::Null)) {
            return Ok(None);
        }
        let span = span_of(tree).unwrap_or_else(|| span.clone());
        let value = self.evaluate(tree, &span).ok_or(())?;
        let number = scalar::as_number(&value, true);
        if number.is_none() {
            let message = format!("a bound is a number, not {}", words::shown(Some(&value)));
            self.mistake(message, span);
        }
        number.map(Some).ok_or(())
    }

    /// `None` when there is nothing to compare with.
    fn is_near(
        &mut self,
        near: Option<&Tree>,
        within: Duration,
        span: &Span,
        actual: Option<&Value>,
    ) -> Option<bool> {
        let time = actual.and_then(|actual| time(self.text_of(actual)));
        let Some(near) = near else { return Some(time.is_some()) };
        let near = self.evaluate(near, span)?;
        let Some(near) = self::time(&near) else {
            let message = format!("{} is not a time", words::shown(Some(&near)));
            self.mistake(message, span.clone());
            return None;
        };
        Some(time.is_some_and(|time| time.duration_since(near).unsigned_abs() <= within))
    }
}

fn span_of(tree: &Tree) -> Option<Span> {
    match tree {
        Tree::Expression(expression) => Some(expression.span.clone()),
        _ => None,
    }
}

/// A time as RFC 3339 has it; one without an offset is in UTC.
fn time(value: &Value) -> Option<jiff::Timestamp> {
    let text = value.as_str()?.trim();
    clock::parse_timestamp(text).or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(zoned.timestamp())
    })
}

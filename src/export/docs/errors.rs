//! The errors of an API: what each answers with, and when.

use std::collections::BTreeMap;

use super::page::{Inline, Line, Page, id};
use super::{Docs, prose, shown};
use crate::model::{ErrorId, Failure, Operation, Place, RuleId, Step, Type, Verb};
use crate::plan::operation as compiled;
use crate::plan::refusals::{self, Cause, WrongKey};

/// So many places are named that one thing can be wrong at.
const PLACES: usize = 15;

/// What gives an error, each with the bindings by which it does.
type Causes = Vec<(Cause, Vec<usize>)>;

impl Docs<'_> {
    /// An error by its name.
    pub(super) fn error(&self, error: ErrorId) -> Line {
        let name = self.service.errors.get(error.0).map_or("", |error| &*error.name);
        Line::new().to(id("error", name), name)
    }

    /// What an operation refuses requests with, and when.
    pub(super) fn refusals(
        &self,
        operation: &Operation,
        compiled: &compiled::Operation,
        names: &[String],
        page: &mut Page,
    ) {
        let mut found: Vec<(ErrorId, Causes)> = Vec::new();
        for (at, binding) in compiled.bindings.iter().enumerate() {
            let all = refusals::by_cause(self.plan, compiled, binding);
            for refused in all.into_iter().filter(|one| !cannot_be(operation, &one.cause)) {
                let of_error = match found.iter_mut().find(|(error, _)| *error == refused.error) {
                    Some((_, causes)) => causes,
                    None => {
                        found.push((refused.error, Vec::new()));
                        let Some((_, causes)) = found.last_mut() else { continue };
                        causes
                    }
                };
                match of_error.iter_mut().find(|(cause, _)| *cause == refused.cause) {
                    Some((_, ways)) if ways.contains(&at) => {}
                    Some((_, ways)) => ways.push(at),
                    None => of_error.push((refused.cause, vec![at])),
                }
            }
        }
        found.sort_by_key(|(error, _)| self.service.errors.get(error.0).map(|e| e.respond.status));
        let rows = found.into_iter().filter_map(|(error, causes)| {
            let known = self.service.errors.get(error.0)?;
            let status = known.respond.status.as_u16().to_string();
            let when = Line::stacked(self.conditions(operation, &causes, names));
            Some((None, vec![Line::from(&*status), self.error(error), when]))
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            page.heading(4, id("errors", &operation.id), "Errors");
        }
        page.table(format!("Errors of {}", operation.id), &["Status", "Error", "When"], rows);
    }

    /// What gives an error, one line for each thing; what can be wrong with values alike is one.
    fn conditions(&self, operation: &Operation, causes: &Causes, names: &[String]) -> Vec<Line> {
        let mut steps = operation.steps.all();
        steps.extend(self.service.verifying(operation));
        let mut values: BTreeMap<(Failure, &Vec<usize>), Vec<&str>> = BTreeMap::new();
        let mut lines = Vec::new();
        for (cause, ways) in causes {
            let line = match cause {
                Cause::Value(path, failure) => {
                    values.entry((*failure, ways)).or_default().push(path);
                    continue;
                }
                Cause::RateLimit => Line::from("there are too many requests"),
                Cause::NoIdempotencyKey => Line::from("there is no idempotency key"),
                Cause::OtherRequest => Line::from("the idempotency key is another request's"),
                Cause::Key(scheme, wrong) => {
                    let name = self.service.security_schemes.get(scheme.0);
                    let name = name.map_or("", |scheme| &*scheme.name);
                    let wrong = match wrong {
                        WrongKey::Missing => " is missing",
                        WrongKey::Unknown => " is not known",
                        WrongKey::Expired => " has expired",
                        WrongKey::Method => " is not good for the method",
                        WrongKey::Permission => " lacks a permission",
                    };
                    Line::from("the key of ").to(id("scheme", name), name).text(wrong)
                }
                Cause::Failure(failure) => Line::from(whole(*failure)),
                Cause::Twin(collection, rule) => self.twin(collection.0, *rule),
                Cause::Step(rule) => self.step(&steps, *rule),
            };
            lines.push(only(line, ways, names));
        }
        for ((failure, ways), mut paths) in values {
            paths.dedup();
            paths.retain(|path| !path.is_empty());
            let mut line = Line::from(of_value(failure));
            if failure != Failure::Required && failure != Failure::Type {
                line = line.code(failure.name());
            }
            if !paths.is_empty() {
                line = line.text(": ").codes(paths.iter().take(PLACES).copied());
                if let Some(more @ 1..) = paths.len().checked_sub(PLACES) {
                    line = line.text(format!(" and {more} more"));
                }
            }
            lines.push(only(line, ways, names));
        }
        let mut once: Vec<Line> = Vec::new();
        for line in lines {
            if !once.contains(&line) {
                once.push(line);
            }
        }
        once
    }

    fn twin(&self, collection: usize, rule: RuleId) -> Line {
        let Some(collection) = self.service.collections.get(collection) else {
            return Line::new();
        };
        let unique = collection.unique.iter().find(|unique| unique.rule == rule);
        let fields = unique.map(|unique| &*unique.fields).unwrap_or_default();
        Line::from("a row of ")
            .to(id("collection", &collection.name), &*collection.name)
            .text(" has the same ")
            .codes(fields.iter().map(|field| &**field))
            .line(self.backed(rule))
    }

    /// A step that refuses: by which condition, what it says, and what backs it.
    pub(super) fn step(&self, steps: &[&Step], rule: RuleId) -> Line {
        let Some(step) = steps.iter().find(|step| step.rule == rule) else { return Line::new() };
        let mut line = match &step.verb {
            Verb::Find(find) => {
                let collection = self.service.collections.get(find.rows.collection().0);
                let name = collection.map_or("", |collection| &*collection.name);
                Line::from("no row of ").to(id("collection", name), name).text(" fits")
            }
            Verb::Precondition(_) => Line::from("a condition of the request does not hold"),
            Verb::Reject(rejection) => match &rejection.message {
                Some(message) => Line::from("“").line(shown::text(message)).text("”"),
                None => Line::new(),
            },
            _ => Line::new(),
        };
        if let Some(when) = &step.when {
            let comma = if line.is_empty() { "when " } else { ", when " };
            line = line.text(comma).line(shown::expression(when));
        }
        if line.is_empty() {
            line = Line::from("always, once it comes to that");
        }
        line.line(self.backed(rule))
    }

    /// All errors by name.
    pub(super) fn errors(&self, page: &mut Page) {
        if self.service.errors.is_empty() {
            return;
        }
        page.heading(2, "errors", "Errors");
        for (at, error) in self.service.errors.iter().enumerate() {
            page.heading(3, id("error", &error.name), &*error.name);
            let status = error.respond.status;
            let reason = status.canonical_reason().unwrap_or_default();
            let line = Line::from("Status ").strong(format!("{} {reason}", status.as_u16()));
            page.paragraph(line.text(".").line(self.backed(error.rule)));
            if let Some(rule) = self.service.rules.get(error.rule.0 as usize) {
                let from = rule.source.as_ref().map(|source| prose::line(source));
                page.paragraph(from.unwrap_or_default());
            }
            let shown = self.exchanges.iter().find(|one| one.error == Some(ErrorId(at)));
            if let Some(exchange) = shown {
                let operation = self.service.operations.get(exchange.operation.0);
                let operation = operation.map_or("", |operation| &*operation.id);
                let label = format!("{}, as {operation} gives it", error.name);
                page.code(label, shown::response(&exchange.response));
            }
        }
    }
}

/// Whether no client can send such a thing: a path without its parameter is another path, and a
/// text is what parameters are sent as.
fn cannot_be(operation: &Operation, cause: &Cause) -> bool {
    let Cause::Value(path, failure) = cause else { return false };
    let parameter = operation.parameters.iter().find(|one| *one.name == **path);
    parameter.is_some_and(|parameter| match failure {
        Failure::Required => parameter.place == Place::Path,
        Failure::Type => parameter.schema.types == [Type::String],
        _ => false,
    })
}

/// The line, and where it does not hold for all ways the names of those for which it does.
fn only(line: Line, ways: &[usize], names: &[String]) -> Line {
    if ways.len() == names.len() || line.is_empty() {
        return line;
    }
    let ways = ways.iter().filter_map(|at| names.get(*at));
    let ways = ways.map(|name| Line::new().code(&**name));
    line.text(" (").line(Line::joined(ways, &Inline::Text(", ".into()))).text(")")
}

fn whole(failure: Failure) -> &'static str {
    match failure {
        Failure::UnknownPath => "there is no such path",
        Failure::MethodNotAllowed => "the path has no such method",
        Failure::MalformedUrl => "the URL is malformed",
        Failure::UnsupportedMediaType => "the media type of the body is not one that is read",
        Failure::NotAcceptable => "no media type is asked for that is written",
        Failure::MissingBody => "there is no body",
        Failure::MalformedBody => "the body cannot be read",
        Failure::BodyTooLarge => "the body is too large",
        Failure::RepeatedParameter => "a parameter is there twice",
        Failure::UnknownParameter => "there is a parameter that is not known",
        Failure::UnknownAction => "no operation is named",
        other => other.name(),
    }
}

fn of_value(failure: Failure) -> &'static str {
    match failure {
        Failure::Required => "is missing",
        Failure::Type => "is of another type",
        _ => "breaks ",
    }
}

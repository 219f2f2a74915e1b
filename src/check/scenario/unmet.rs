//! Expectations that no documented answer meets.
//!
//! A run fails at an answer that the spec does not document, so a scenario that expects only such
//! answers fails whatever comes. What is told here is certain: where a spec leaves open what an
//! answer has, or a scenario what it expects, nothing is.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Reader;
use crate::check::names::maybe_misspelt;
use crate::diagnostic::{Diagnostic, slip};
use crate::model::documented::{Documented, Given as Answered, Known, documented};
use crate::model::{
    Additional, Content, Header, Operation, OperationId, Route, Schema, Service, Tree, Type, Verb,
    WireOptions,
};
use crate::scenario::expected::StatusRange;
use crate::scenario::{Action, Expect, Expected, ExpectedKind, Given, Matcher, Status};
use crate::source::Span;
use crate::syntax::ReadNode;
use crate::value::Value;

/// What a documented answer has at a place.
#[derive(Debug, Clone, Copy)]
enum Shown<'s> {
    /// What fits the schema.
    Schema(&'s Schema),
    /// What a tree gives.
    Tree(&'s Tree),
    /// A value.
    Value(&'s Value),
    /// No members.
    Nothing,
    /// Nobody says.
    Anything,
}

impl<'s> Reader<'_, 's> {
    /// Tells what a step expects in vain, unless it allows what is not documented.
    pub(super) fn unmet(&mut self, action: &Action, expect: &Expect, allowed: bool) {
        let (action, expect) = match action {
            Action::Poll { step, until, .. } => (&step.action, &**until),
            action => (action, expect),
        };
        let Action::Call(call) = action else { return };
        let Given::Written(id) = call.operation else { return };
        let service = self.service;
        let Some(operation) = service.operations.get(id.0) else { return };
        if allowed || operation.batch {
            return;
        }
        self.misspelt_headers(operation, expect);
        let answers = documented(service, &[(id, None)]);
        if !self.unmet_status(operation, &answers, expect) {
            self.unmet_members(id, operation, &answers, expect);
        }
    }

    /// Warns of a header that looks like one that answers have.
    fn misspelt_headers(&mut self, operation: &Operation, expect: &Expect) {
        let answers = operation.steps.all().into_iter().filter_map(|step| match &step.verb {
            Verb::Respond(respond) => Some(&respond.headers),
            _ => None,
        });
        let errors = self.service.errors.iter().map(|error| &error.respond.headers);
        let known = answers.chain(errors).chain([&self.service.response_headers]).flatten();
        let known: Vec<&Header> = known.collect();
        if known.iter().any(|header| header.prefix.is_some()) {
            return;
        }
        let known: Vec<&str> = known.iter().map(|header| header.name.as_str()).collect();
        for (name, expected) in &expect.headers {
            if !known.contains(&name.as_str())
                && let Some(near) = slip(name.as_str(), known.iter().copied())
            {
                let whose = format!("`{}`", operation.id);
                self.report(maybe_misspelt(&whose, name.as_str(), &expected.span, near));
            }
        }
    }

    fn unmet_status(
        &mut self,
        operation: &Operation,
        answers: &Documented<'s>,
        expect: &Expect,
    ) -> bool {
        let deviates = |path: &str| path == "status";
        if is_known_to_deviate(self.service, operation, deviates) {
            return false;
        }
        let known = answers.statuses();
        let mut told = false;
        for (ranges, span) in expect.status.iter().flat_map(written) {
            if known.iter().any(|status| ranges.iter().any(|range| has(*range, *status))) {
                continue;
            }
            told = true;
            let wanted: Vec<String> = ranges.iter().map(|range| shown(*range)).collect();
            let list: Vec<String> = known.iter().map(u16::to_string).collect();
            let list = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
            let message = format!(
                "`{}` documents no status {}, only {list}",
                operation.id,
                wanted.join(" or ")
            );
            let near = |status: &&u16| ranges.iter().any(|range| class(*range) == **status / 100);
            let near: Vec<&u16> = known.iter().filter(near).collect();
            let help = match &*near {
                [one] => format!("did you mean {one}?"),
                _ => "`allowUndocumented: true` is for an answer that the spec does not have"
                    .to_owned(),
            };
            self.report(
                Diagnostic::error("unmet-status", message, span, "the step fails with any answer")
                    .warning()
                    .help(help),
            );
        }
        told
    }

    fn unmet_members(
        &mut self,
        id: OperationId,
        operation: &Operation,
        answers: &Documented<'s>,
        expect: &Expect,
    ) {
        let deviates = |path: &str| path != "status";
        if !is_json(self.service, operation)
            || is_known_to_deviate(self.service, operation, deviates)
        {
            return;
        }
        let Some(operation) = self.service.operations.get(id.0) else { return };
        let Some(statuses) = statuses(expect.status.as_ref(), answers) else { return };
        let shown: Vec<Shown<'s>> = statuses
            .iter()
            .flat_map(|status| answers.with(*status))
            .map(|(known, _)| shown_by(self.service, known))
            .collect();
        if shown.is_empty() {
            return;
        }
        let list: Vec<String> = statuses.iter().map(u16::to_string).collect();
        let of = match &*list {
            [one] => format!("no answer of `{}` with the status {one}", operation.id),
            _ => format!("no answer of `{}`", operation.id),
        };
        for expected in expect.body.iter().chain(&expect.includes) {
            self.lacking(&shown, expected, "$", &of);
        }
        for (path, expected) in &expect.json_path {
            let Some(names) = path.fixed().and_then(names_of) else { continue };
            if is_there(expected) {
                self.lacking_at(&shown, &names, &expected.span, &of);
            }
        }
    }

    /// The members of an expected tree that are nowhere.
    fn lacking(&mut self, shown: &[Shown<'s>], expected: &Expected, path: &str, of: &str) {
        match &expected.kind {
            ExpectedKind::Map(members) => {
                for (name, inner) in members.iter().filter(|(_, inner)| is_there(inner)) {
                    // A matcher without its `$` is told already.
                    let mut until = expected.span.clone();
                    until.end = inner.span.end;
                    if self.trees.problems.has_within("lost-matcher", &until) {
                        return;
                    }
                    let next = self.shown_member(shown, name, &inner.span, path, of);
                    self.lacking(&next, inner, &format!("{path}.{name}"), of);
                }
            }
            ExpectedKind::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    let next: Vec<_> = shown.iter().map(|one| one.item(at)).collect();
                    self.lacking(&next, item, &format!("{path}[{at}]"), of);
                }
            }
            ExpectedKind::Matcher(matcher) => match &**matcher {
                Matcher::Includes(inner) | Matcher::Exactly(inner)
                    if matches!(inner.kind, ExpectedKind::Map(_)) =>
                {
                    self.lacking(shown, inner, path, of);
                }
                _ => {}
            },
            ExpectedKind::Value(_) | ExpectedKind::ByRow(_) => {}
        }
    }

    fn lacking_at(&mut self, shown: &[Shown<'s>], names: &[&str], span: &Span, of: &str) {
        let mut shown = shown.to_vec();
        let mut path = "$".to_owned();
        for name in names {
            shown = self.shown_member(&shown, name, span, &path, of);
            path = format!("{path}.{name}");
        }
    }

    /// What is known of a member: where it is nowhere that is told, and nothing is known of it.
    fn shown_member(
        &mut self,
        shown: &[Shown<'s>],
        name: &str,
        span: &Span,
        path: &str,
        of: &str,
    ) -> Vec<Shown<'s>> {
        let next: Vec<_> = shown.iter().filter_map(|one| one.member(name)).collect();
        if next.is_empty() && !shown.is_empty() {
            let known: BTreeSet<&str> = shown.iter().flat_map(|one| one.names()).collect();
            let message = format!("{of} has `{path}.{name}`");
            let label = "the step fails with any answer";
            let diagnostic = Diagnostic::error("unmet-member", message, span, label).warning();
            let diagnostic = match known.is_empty() {
                true => diagnostic,
                false => diagnostic.suggest(name, known),
            };
            self.report(diagnostic);
        }
        next
    }
}

impl<'s> Shown<'s> {
    /// A member; none where there certainly is none.
    fn member(self, name: &str) -> Option<Self> {
        match self {
            Self::Schema(schema) => {
                if !schema.types.is_empty() && !schema.types.contains(&Type::Object) {
                    return None;
                }
                let mut properties = schema.properties.iter();
                if let Some(property) = properties.find(|property| *property.name == *name) {
                    return Some(Self::Schema(&property.schema));
                }
                if schema.patterns.iter().any(|(pattern, _)| pattern.is_match(name)) {
                    return Some(Self::Anything);
                }
                match &schema.additional {
                    Additional::Refused => None,
                    Additional::Schema(inner) => Some(Self::Schema(inner)),
                    Additional::Allowed | Additional::Defined(_) => Some(Self::Anything),
                }
            }
            Self::Tree(Tree::Map(members)) => {
                let member = members.iter().find(|(known, _)| **known == *name);
                member.map(|(_, tree)| Self::Tree(tree))
            }
            Self::Tree(Tree::Constant(value)) | Self::Value(value) => {
                value.get(name).map(Self::Value)
            }
            Self::Tree(Tree::Text(_) | Tree::List(_) | Tree::ForEach { .. }) | Self::Nothing => {
                None
            }
            Self::Tree(Tree::Expression(_) | Tree::If { .. }) | Self::Anything => {
                Some(Self::Anything)
            }
        }
    }

    fn item(self, at: usize) -> Self {
        match self {
            Self::Schema(schema) => schema.item(at).map_or(Self::Anything, Self::Schema),
            _ => Self::Anything,
        }
    }

    fn names(self) -> Vec<&'s str> {
        match self {
            Self::Schema(schema) => schema.properties.iter().map(|one| &*one.name).collect(),
            Self::Tree(Tree::Map(members)) => members.iter().map(|(name, _)| &**name).collect(),
            Self::Tree(Tree::Constant(value)) | Self::Value(value) => {
                value.members().into_iter().flatten().map(|(name, _)| &**name).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What a documented answer shows. What an operation answers without a schema may have more than
/// its step gives; an error is all that there is.
fn shown_by<'s>(service: &Service, known: &Known<'s>) -> Shown<'s> {
    match known {
        Known::Response(response) => {
            response.schema.as_ref().map_or(Shown::Anything, Shown::Schema)
        }
        Known::Given(Answered { content: Content::Nothing, .. }) => Shown::Nothing,
        Known::Given(Answered {
            error: Some(_), content: Content::Tree(tree, media_type), ..
        }) => {
            let media = media_type.and_then(|id| service.media_types.get(id.0));
            match media.is_none_or(|media| matches!(media.wire, WireOptions::Json)) {
                true => Shown::Tree(tree),
                false => Shown::Anything,
            }
        }
        Known::Given(_) | Known::Status => Shown::Anything,
    }
}

/// The statuses that are written; those of rows one by one.
fn written(status: &Status) -> Vec<(&[StatusRange], &Span)> {
    match status {
        Status::OneOf(ranges, span) => vec![(ranges, span)],
        Status::ByRow(rows) => {
            let mut all: Vec<(&[StatusRange], &Span)> = Vec::new();
            for row in rows.iter().filter_map(|row| (**row).as_ref()).flat_map(written) {
                if !all.iter().any(|(_, span)| is_same(span, row.1)) {
                    all.push(row);
                }
            }
            all
        }
        Status::Not(..) | Status::Expression(..) => Vec::new(),
    }
}

fn is_same(one: &Span, other: &Span) -> bool {
    one.start == other.start && Arc::ptr_eq(&one.source, &other.source)
}

/// The documented statuses that are expected; none where that cannot be told.
fn statuses(status: Option<&Status>, answers: &Documented<'_>) -> Option<Vec<u16>> {
    let known = answers.statuses();
    let Some(status) = status else { return Some(known.into_iter().collect()) };
    let Status::OneOf(ranges, _) = status else { return None };
    Some(known.into_iter().filter(|one| ranges.iter().any(|range| has(*range, *one))).collect())
}

fn has(range: StatusRange, status: u16) -> bool {
    match range {
        StatusRange::Exactly(exactly) => exactly == status,
        StatusRange::Class(class) => class == status / 100,
    }
}

fn class(range: StatusRange) -> u16 {
    match range {
        StatusRange::Exactly(exactly) => exactly / 100,
        StatusRange::Class(class) => class,
    }
}

fn shown(range: StatusRange) -> String {
    match range {
        StatusRange::Exactly(exactly) => exactly.to_string(),
        StatusRange::Class(class) => format!("{class}xx"),
    }
}

/// Whether all answers of an operation are JSON, so that members are called as the spec calls
/// them.
fn is_json(service: &Service, operation: &Operation) -> bool {
    let json = |media: &crate::model::MediaType| matches!(media.wire, WireOptions::Json);
    let mut produces = operation.produces.iter();
    let soap = operation.bindings.iter().any(|one| matches!(one.route, Route::Soap(_)));
    !soap
        && !operation.produces.is_empty()
        && produces.all(|id| service.media_types.get(id.0).is_some_and(json))
}

/// Whether the real vendor is known to answer otherwise there.
fn is_known_to_deviate(
    service: &Service,
    operation: &Operation,
    path: impl Fn(&str) -> bool,
) -> bool {
    let of_it = |named: &Option<Arc<str>>| named.as_deref().is_none_or(|id| id == &*operation.id);
    service.deviations.iter().any(|one| of_it(&one.operation) && path(&one.path))
}

/// Whether nothing but a value that is there fits.
fn is_there(expected: &Expected) -> bool {
    match &expected.kind {
        ExpectedKind::Map(_) | ExpectedKind::List(_) => true,
        ExpectedKind::Value(tree) => match tree {
            Tree::Constant(value) => *value != Value::Null,
            Tree::Text(_) => true,
            _ => false,
        },
        ExpectedKind::Matcher(matcher) => match &**matcher {
            Matcher::Any
            | Matcher::Type(Some(_))
            | Matcher::Regex(_)
            | Matcher::Contains(_)
            | Matcher::Range(..)
            | Matcher::Unordered(_)
            | Matcher::Each(_)
            | Matcher::Length(_)
            | Matcher::Includes(_)
            | Matcher::Exactly(_)
            | Matcher::Time { .. }
            | Matcher::Format(_)
            | Matcher::Sorted(_)
            | Matcher::Unique(_) => true,
            Matcher::All(all) => all.iter().any(is_there),
            Matcher::OneOf(all) => all.iter().all(is_there),
            Matcher::Type(None)
            | Matcher::Not(_)
            | Matcher::Absent
            | Matcher::Nil
            | Matcher::Empty
            | Matcher::Assert(_)
            | Matcher::Schema(_) => false,
        },
        ExpectedKind::ByRow(_) => false,
    }
}

/// The names of a JSONPath that is nothing but names.
fn names_of(path: &str) -> Option<Vec<&str>> {
    let names: Vec<&str> = path.strip_prefix("$.")?.split('.').collect();
    let plain = |name: &&str| {
        !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    names.iter().all(plain).then_some(names)
}

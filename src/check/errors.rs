//! Named errors, failures and messages.

use std::sync::Arc;

use super::Checker;
use super::reader::TreeReader;
use super::records;
use super::scope::Scope;
use super::shape::Shape;
use crate::diagnostic::Diagnostic;
use crate::model::verb::PLAIN_TEXT;
use crate::model::{
    Content, ErrorAnswer, Failure, FailureAnswer, Failures, Fault, MediaTypeId, Respond, RuleKind,
    Text,
};
use crate::source::Located;
use crate::syntax::{Mapping, Node, ReadNode};

/// What `error` always has; what does not apply is null.
const ERROR_MEMBERS: [&str; 10] = [
    "keyword",
    "field",
    "path",
    "value",
    "limit",
    "type",
    "message",
    "line",
    "column",
    "readerColumn",
];

impl<'n> Checker<'n> {
    /// A scope in which a text for people or an error is written.
    pub(super) fn error_scope(&self, scope: &Scope) -> Scope {
        let mut list: Vec<(Arc<str>, Shape)> = ERROR_MEMBERS
            .iter()
            .map(|name| {
                let shape =
                    if matches!(*name, "value" | "limit") { Shape::Any } else { Shape::Scalar };
                (Arc::from(*name), shape)
            })
            .collect();
        list.push(("record".into(), Shape::Any));
        list.push(("existing".into(), Shape::Any));
        list.extend(self.with_names.iter().map(|name| (name.clone(), Shape::Any)));
        scope.with("error", Shape::closed(list)).with("violations", Shape::List(Shape::Any.into()))
    }

    /// What is there of any request; an error may be given before it is known which operation it
    /// is for.
    fn any_request_scope(&self) -> Scope {
        let mut scope = self.account_scope();
        for name in ["path", "query", "header", "cookie", "parameters", "body"] {
            scope.add(name, Shape::Any);
        }
        scope
    }

    /// `errors`, at the positions that their names have.
    pub(super) fn errors(&mut self, node: Option<&'n Node>) -> Vec<ErrorAnswer> {
        let members = self.optional_members(node);
        let scope = self.error_scope(&self.any_request_scope());
        members
            .iter()
            .filter_map(|(key, node)| self.error_answer(&key.value, node, &scope))
            .collect()
    }

    fn error_answer(&mut self, name: &str, node: &'n Node, scope: &Scope) -> Option<ErrorAnswer> {
        let mut mapping = self.open(node, records::ERROR.called("an error"))?;
        let rule = self.rule(RuleKind::Error, "error", &format!("errors.{name}"), &mut mapping);
        let status = mapping.require("status");
        let content = ["body", "text", "fault"].into_iter().find_map(|key| node.entry(key));
        let content = content.map(|(key, _)| key);
        let status = status.and_then(|node| self.answer_status(node, content));
        let headers = mapping.take("headers");
        let mut headers = headers.map_or_else(Vec::new, |node| self.headers(node, scope));
        let cookies = mapping.take("cookies");
        headers.extend(cookies.into_iter().flat_map(|node| self.cookies(node, scope)));
        mapping.text("description");
        let content = self.error_content(&mut mapping, scope);
        mapping.finish();
        let respond = Respond::new(status?, headers, content);
        Some(ErrorAnswer { name: name.into(), respond, rule })
    }

    fn error_content(&mut self, mapping: &mut Mapping<'n>, scope: &Scope) -> Content {
        let body = mapping.entry("body");
        let text = mapping.entry("text");
        let media_type = mapping.entry("mediaType");
        let fault = mapping.entry("fault");
        self.only_one(&[body, text, fault]);
        if let (Some((key, _)), None, None) = (media_type, text, body) {
            self.media_type_of_nothing(key);
        }
        if let Some((_, node)) = body {
            let media_type = media_type.and_then(|(_, node)| self.written_as(node));
            return Content::Tree(self.tree(node, scope), media_type);
        }
        if let Some((_, node)) = text {
            let text = self.text(node, scope);
            let media_type = media_type.map_or_else(plain, |(_, node)| {
                self.content_type(node, scope).unwrap_or_else(plain)
            });
            return text.map_or(Content::Nothing, |text| Content::Text(text, media_type));
        }
        fault.and_then(|(_, node)| self.fault(node, scope)).map_or(Content::Nothing, Content::Fault)
    }
}

impl<'n> TreeReader<'n> {
    /// Of several keys that all say what the content is, one at the most may stand there.
    pub(super) fn only_one(&mut self, keys: &[Option<crate::syntax::Entry<'n>>]) {
        let mut present = keys.iter().flatten();
        if let Some((first, _)) = present.next() {
            for (key, _) in present {
                let message =
                    format!("`{}` and `{}` cannot both be the content", first.value, key.value);
                self.report(Diagnostic::contradiction(message, &key.span, &first.span));
            }
        }
    }
}

impl<'n> Checker<'n> {
    /// `mediaType` beside a `body`: one of the vendor's.
    pub(super) fn written_as(&mut self, node: &Node) -> Option<MediaTypeId> {
        self.check_is_written(node);
        self.names.media_types.resolve(node).map(MediaTypeId)
    }

    /// `mediaType` says what a `text` or a `body` is.
    pub(super) fn media_type_of_nothing(&mut self, key: &Located<String>) {
        self.error(
            "missing-key",
            "`mediaType` goes with `text` or `body`, and there is neither",
            &key.span,
            "of what?",
        );
    }

    fn fault(&mut self, node: &'n Node, scope: &Scope) -> Option<Fault> {
        let mut mapping = self.open(node, records::ERROR_FAULT.called("a fault"))?;
        let words = [(true, "sender"), (false, "receiver")];
        let code = mapping.require("code");
        let sender = code.and_then(|node| self.read_word(node, "code", &words));
        let reason = mapping.require("reason");
        let reason = reason.and_then(|node| self.text(node, scope));
        let detail = mapping.take("detail").map(|node| self.tree(node, scope));
        mapping.finish();
        Some(Fault { sender: sender?, reason: reason?, detail })
    }

    /// A `failures` map. `owner` is the beginning of its rules' names.
    pub(super) fn failures(&mut self, node: Option<&'n Node>, owner: &str) -> Failures {
        let mut failures = Failures::default();
        let Some(node) = node else { return failures };
        for (key, node) in self.read_members(node) {
            let failure = self.failure(key);
            let name = if owner.is_empty() {
                format!("failures.{}", key.value)
            } else {
                format!("{owner}.failures.{}", key.value)
            };
            let (error, backing) = if node.as_map().is_some() {
                let Some(mut mapping) = self.open(node, records::FAILURE.called("a failure"))
                else {
                    continue;
                };
                let backing = self.backing(&mut mapping);
                let error = mapping.require("error");
                let error = error.and_then(|node| self.error_name(node));
                mapping.finish();
                (error, backing.unwrap_or_default())
            } else {
                (self.error_name(node), super::rules::Backing::default())
            };
            let rule = self.rules.add(RuleKind::Failure, "failure", &name, &backing, &key.span);
            if let (Some(failure), Some(error)) = (failure, error) {
                failures.0.push((failure, FailureAnswer { error, rule }));
            }
        }
        failures
    }

    fn failure(&mut self, key: &Located<String>) -> Option<Failure> {
        self.failure_among(key, |_| true)
    }

    /// A failure of a value, not of a request as a whole.
    pub(super) fn failure_of_values(&mut self, key: &Located<String>) -> Option<Failure> {
        self.failure_among(key, |failure| {
            matches!(
                failure,
                Failure::Required
                    | Failure::Type
                    | Failure::AdditionalProperties
                    | Failure::Keyword(_)
            )
        })
    }

    fn failure_among(
        &mut self,
        key: &Located<String>,
        belongs: impl Fn(Failure) -> bool,
    ) -> Option<Failure> {
        let failure = Failure::from_name(&key.value).filter(|failure| belongs(*failure));
        if failure.is_none() {
            let message = format!("no failure is called `{}`", key.value);
            let mut diagnostic =
                Diagnostic::error("unknown-failure", message, &key.span, "not known");
            let known: Vec<&str> =
                Failure::all().filter(|one| belongs(*one)).map(Failure::name).collect();
            diagnostic = diagnostic.suggest_word(&key.value, known.iter().copied());
            self.report(diagnostic);
        }
        failure
    }

    /// `messages`.
    pub(super) fn messages(&mut self, node: Option<&'n Node>) -> Vec<(Failure, Text)> {
        let members = self.optional_members(node);
        let scope = self.error_scope(&self.any_request_scope());
        let mut messages = Vec::new();
        for (key, node) in members {
            let failure = self.failure(key);
            let text = self.text(node, &scope);
            messages.extend(failure.zip(text));
        }
        messages
    }
}

/// The content type of a text that has none of its own.
pub(super) fn plain() -> Text {
    Text::literal(PLAIN_TEXT)
}

//! Expressions in texts: read, and their names looked up.

use std::sync::Arc;

use super::names::maybe_misspelt;
use super::reader::TreeReader;
use super::scope::{RESERVED, Scope};
use super::shape::{Members, Shape};
use crate::diagnostic::{Diagnostic, slip};
use crate::expression::{self, Hop, ItemReference, Parsed, Piece, Reference};
use crate::model::{Expression, Text, TextPart, Variable};
use crate::source::Span;
use crate::syntax::{Node, NodeKind, ReadNode};

impl TreeReader<'_> {
    /// A scalar in which `${...}` is worked out. Numbers and booleans are taken as they are
    /// written; `None` for anything else, which is a mistake.
    pub(super) fn text(&mut self, node: &Node, scope: &Scope) -> Option<Text> {
        let text = match &node.kind {
            NodeKind::Text(text) => text.as_str(),
            NodeKind::Integer(_) | NodeKind::Number(_) | NodeKind::Bool(_) => node.span.text(),
            _ => {
                self.wrong_type(node, "a string");
                return None;
            }
        };
        Some(Text { parts: self.parts(node, text, scope)? })
    }

    /// What stands for a text that is not there: an expression that gives nothing.
    pub(super) fn nothing(&mut self, node: &Node, scope: &Scope) -> Option<Text> {
        Some(Text { parts: self.parts(node, "${none}", scope)? })
    }

    /// The pieces of a text with what its expressions mean.
    pub(super) fn parts(
        &mut self,
        node: &Node,
        text: &str,
        scope: &Scope,
    ) -> Option<Vec<TextPart>> {
        let pieces = match expression::split(text) {
            Ok(pieces) => pieces,
            Err(error) => {
                let open = text.get(error.at..).unwrap_or_default();
                let open: String = open.chars().take_while(|c| *c != '\n').collect();
                let message = "`${` without its `}`";
                self.report(
                    Diagnostic::error(
                        "expression",
                        message,
                        &node.span.narrow(&open),
                        "opens here",
                    )
                    .help("for the two characters themselves write `$${`"),
                );
                return None;
            }
        };
        let mut parts = Vec::with_capacity(pieces.len());
        let mut written = 0;
        let mut complete = true;
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => {
                    self.warn_of_lost_signs(&literal, &node.span, scope);
                    parts.push(TextPart::Literal(literal.into()));
                }
                Piece::Expression(range) => {
                    let inside = text.get(range).unwrap_or_default();
                    let span = place(&node.span, inside, &mut written);
                    match self.expression(inside, &span, scope) {
                        Some(expression) => parts.push(TextPart::Expression(expression)),
                        None => complete = false,
                    }
                }
            }
        }
        complete.then_some(parts)
    }

    /// A scalar that is exactly one `${...}`.
    pub(super) fn sole_expression(&mut self, node: &Node, scope: &Scope) -> Option<Expression> {
        let parts = match node.as_text() {
            Some(text) => self.parts(node, text, scope)?,
            None => Vec::new(),
        };
        if let [TextPart::Expression(expression)] = parts.as_slice() {
            return Some(expression.clone());
        }
        let number = node.as_text().filter(|text| text.trim().parse::<f64>().is_ok());
        let help = match number {
            Some(number) => format!("write a number without quotes: {}", number.trim()),
            None => "write it as \"${ ... }\" with nothing around it".to_owned(),
        };
        self.report(
            Diagnostic::error(
                "expected-expression",
                "expected an expression",
                &node.span,
                "is not an expression",
            )
            .help(help),
        );
        None
    }

    /// Reads an expression and looks its names up.
    fn expression(&mut self, text: &str, span: &Span, scope: &Scope) -> Option<Expression> {
        let parsed = match self.parsed.get(text) {
            Some(parsed) => parsed.clone(),
            None => match expression::parse(text) {
                Ok(parsed) => {
                    let parsed = Arc::new(parsed);
                    self.parsed.insert(text.to_owned(), parsed.clone());
                    parsed
                }
                Err(error) => {
                    let message = error.to_string();
                    let place =
                        error.range.filter(|_| span.text() == text.trim()).map(|range| Span {
                            source: span.source.clone(),
                            start: span.start + range.start.min(text.trim().len()),
                            end: (span.start + range.end).min(span.end),
                        });
                    let place = place.as_ref().unwrap_or(span);
                    let diagnostic = Diagnostic::error("expression", message, place, "here");
                    self.report(match in_braces(text) {
                        Some(inner) => diagnostic.help(format!("did you mean `${{ {inner} }}`?")),
                        None => diagnostic,
                    });
                    return None;
                }
            },
        };
        let known = self.look_up(&parsed, span, scope);
        known.then(|| Expression { parsed, span: span.clone() })
    }

    fn look_up(&mut self, parsed: &Parsed, span: &Span, scope: &Scope) -> bool {
        let mut all = true;
        if let Some(watch) = &mut self.watch {
            let missing = watch.look(parsed, span);
            self.report_all(missing);
        }
        for reference in parsed.references() {
            if let Some(shape) = scope.get(&reference.root) {
                let members = reference.members.iter().map(Some);
                all &= self.check_members(&reference.root, members, shape, span);
            } else {
                all = false;
                self.unknown_root(reference, span, scope);
            }
        }
        for ItemReference { root, way } in parsed.items() {
            let Some(shape) = scope.get(root).filter(|_| all) else { continue };
            let way = way.iter().map(|hop| match hop {
                Hop::Member(name) => Some(name),
                Hop::Item => None,
            });
            all &= self.check_members(root, way, shape, span);
        }
        all
    }

    fn unknown_root(&mut self, reference: &Reference, span: &Span, scope: &Scope) {
        let root = &*reference.root;
        if let Some(watch) = &self.watch {
            self.report(watch.unknown(reference, &word(span, root), scope));
            return;
        }
        let message = format!("nothing here is called `{root}`");
        let mut diagnostic =
            Diagnostic::error("unknown-name", message, &word(span, root), "not known here");
        let hint = match root {
            "error" | "violations" => Some("only errors and messages see it"),
            "row" => Some("only `generate` sees it"),
            "it" => Some("only `filter` sees it"),
            "definition" => Some("only `kinds` see it"),
            "rateLimit" => Some("only a vendor with a `rateLimit` has it"),
            "body" => Some("the operation has no `requestBody`"),
            _ => None,
        };
        if matches!(root, "body" | "rateLimit") {
            diagnostic = self.in_operation(diagnostic);
        }
        let with = self.with_names.iter().any(|name| **name == *root);
        let given = format!("`with` makes it a member of `error`: `error.{root}`");
        let hint = hint.map(str::to_owned).or_else(|| with.then_some(given));
        diagnostic = match hint {
            Some(help) => diagnostic.help(help).known(scope.names()),
            None => diagnostic.suggest(root, scope.names()),
        };
        self.report(diagnostic);
    }

    /// That a header is looked at by a name that headers have as they came.
    fn header_as_sent(&mut self, name: &str, span: &Span) -> bool {
        if !self.as_sent || !name.contains(|c: char| c.is_ascii_uppercase()) {
            return true;
        }
        let lower = name.to_ascii_lowercase();
        let message = "header names are in lowercase here";
        self.report(
            Diagnostic::error("unknown-member", message, &span.narrow(name), "not known")
                .help(format!("did you mean `header['{lower}']`?")),
        );
        false
    }

    /// That a value can have the members that are looked at, one in the other; where there is no
    /// name, it is any item.
    fn check_members<'m>(
        &mut self,
        root: &str,
        way: impl Iterator<Item = Option<&'m Arc<str>>>,
        shape: Shape,
        span: &Span,
    ) -> bool {
        if let Shape::Expectation(matcher) = &shape {
            self.no_value(root, matcher, span);
            return false;
        }
        let mut way = way.peekable();
        if let ("header", Some(Some(name))) = (root, way.peek())
            && !self.header_as_sent(name, span)
        {
            return false;
        }
        let mut shape = shape;
        let mut path = root.to_string();
        for member in way {
            let Some(member) = member else {
                let Shape::List(item) = &shape else { return true };
                shape = Shape::clone(item);
                path.push_str("[0]");
                continue;
            };
            let members: Arc<Members> = match &shape {
                Shape::Any | Shape::Expectation(_) => return true,
                Shape::List(_) | Shape::Scalar => Arc::default(),
                Shape::Object(members) => members.clone(),
                Shape::Row(collection) => match self.row(collection.0) {
                    Some(members) => members.clone(),
                    None => return true,
                },
            };
            let found = members.get(member).or_else(|| {
                // Names of headers regard no case.
                let (_, shape) = (path == "header").then(|| {
                    members.list.iter().find(|(name, _)| name.eq_ignore_ascii_case(member))
                })??;
                Some(shape)
            });
            match found {
                Some(next) => {
                    path.push('.');
                    path.push_str(member);
                    shape = next.clone();
                }
                None if members.open => {
                    if let Some(near) = slip(member, members.names()) {
                        let whose = format!("`{path}`");
                        let place = word(span, member);
                        self.report(maybe_misspelt(&whose, member, &place, near));
                    }
                    return true;
                }
                None => {
                    self.unknown_member(&path, member, &shape, &members, span);
                    return false;
                }
            }
        }
        true
    }

    /// That a name stands for an expectation where a value is asked for.
    fn no_value(&mut self, name: &str, matcher: &Span, span: &Span) {
        let message = format!(
            "`{name}` holds the matcher `{}`, so it says what is expected and is not a value",
            matcher.text()
        );
        self.report(
            Diagnostic::error("no-value", message, &word(span, name), "a value is asked for here")
                .related(matcher, "the matcher")
                .help(format!(
                    "`\"${{{name}}}\"`, with nothing around it, may stand in an expected tree"
                )),
        );
    }

    fn unknown_member(
        &mut self,
        path: &str,
        member: &str,
        shape: &Shape,
        members: &Members,
        span: &Span,
    ) {
        let message = match shape {
            Shape::List(_) => format!("`{path}` is a list and has no `{member}`"),
            Shape::Scalar => format!("`{path}` is a single value and has no `{member}`"),
            _ => format!("`{path}` has no `{member}`"),
        };
        let dotted = format!("{path}.{member}");
        let whole = word(span, &dotted);
        let place = if whole.text() == dotted {
            Span { start: whole.end.saturating_sub(member.len()), ..whole }
        } else {
            word(span, member)
        };
        let mut diagnostic = Diagnostic::error("unknown-member", message, &place, "not known");
        let elsewhere = match member {
            "body" | "query" | "path" => Some(member),
            "params" | "pathParameters" => Some("path"),
            "headers" | "header" => Some("header"),
            "cookies" => Some("cookie"),
            "json" | "form" | "payload" => Some("body"),
            _ => None,
        };
        diagnostic = match elsewhere
            .filter(|_| path == "request" && members.names().any(|name| name == "url"))
        {
            Some(name) => diagnostic.help(format!("did you mean `{name}`, without `request`?")),
            None => diagnostic.suggest(member, members.names()),
        };
        if diagnostic.help.is_empty()
            && matches!(path, "path" | "query" | "header" | "cookie" | "parameters")
        {
            diagnostic = diagnostic.help("the operation declares no such parameter");
        }
        let diagnostic = self.in_operation(diagnostic);
        self.report(diagnostic);
    }

    /// What is shared may be right in one operation and wrong in another, so that one is named.
    fn in_operation(&self, diagnostic: Diagnostic) -> Diagnostic {
        let shared = !self.inside_steps.is_empty() || !self.inside_trees.is_empty();
        match self.operation.as_ref().filter(|_| shared) {
            Some(operation) => diagnostic.related(operation, "the operation that lacks it"),
            None => diagnostic,
        }
    }

    /// A name that a step may give; `None`, and a mistake, when it may not.
    pub(super) fn new_name(&mut self, name: &str, span: &Span) -> Option<Variable> {
        self.name_beside(name, span, RESERVED).map(Variable)
    }

    /// A name that is not one of those that the language gives itself.
    pub(super) fn name_beside(
        &mut self,
        name: &str,
        span: &Span,
        reserved: &[&str],
    ) -> Option<Arc<str>> {
        let shaped = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !shaped {
            self.report(
                Diagnostic::error(
                    "bad-name",
                    format!("`{name}` is not a valid name"),
                    span,
                    "cannot be used in expressions",
                )
                .help("a letter, then letters, digits and _"),
            );
            return None;
        }
        if reserved.contains(&name) {
            self.error(
                "bad-name",
                format!("`{name}` is already used for something else"),
                span,
                "a name of the language",
            );
            return None;
        }
        Some(name.into())
    }
}

/// The expression in braces of its own, as other languages have it: `${{ ... }}`.
fn in_braces(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    expression::parse(inner).is_ok().then_some(inner)
}

/// Where an expression's text stands in its scalar; the scalar when that cannot be said, as with
/// escapes. `written` is how far the scalar was searched.
fn place(scalar: &Span, inside: &str, written: &mut usize) -> Span {
    let inside = inside.trim();
    let rest = scalar.text().get(*written..).unwrap_or_default();
    let found = rest.find("${").and_then(|open| {
        let from = open + 2;
        rest.get(from..)?.find(inside).map(|at| from + at)
    });
    match found {
        Some(at) if !inside.is_empty() => {
            let start = scalar.start + *written + at;
            *written += at + inside.len();
            Span { source: scalar.source.clone(), start, end: start + inside.len() }
        }
        _ => scalar.clone(),
    }
}

/// Where a word stands in an expression, not as a part of another.
fn word(span: &Span, word: &str) -> Span {
    let text = span.text();
    let joins = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let found = text.match_indices(word).map(|(at, _)| at).find(|at| {
        let before = text.get(..*at).and_then(|t| t.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(|c| joins(c) || matches!(c, '.' | '\'' | '"'))
            && !after.is_some_and(joins)
    });
    match found {
        Some(at) => {
            let start = span.start + at;
            Span { source: span.source.clone(), start, end: start + word.len() }
        }
        None => span.narrow(word),
    }
}

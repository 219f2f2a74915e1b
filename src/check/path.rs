//! Path templates.

use std::sync::Arc;

use super::Checker;
use super::parameter::{Declared, PLACE_NAMES};
use super::route::Owner;
use crate::diagnostic::Diagnostic;
use crate::model::path::dots;
use crate::model::{Binding, Place, Segment};
use crate::source::{Located, Span};
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    /// A path template; its parameters and those declared have to be the same.
    pub(super) fn path(&mut self, node: &'n Node, owner: &Owner<'_>) -> Option<Vec<Segment>> {
        let path = self.read_text(node)?;
        let Some(rest) = path.value.strip_prefix('/') else {
            self.error("bad-path", "a path begins with /", &path.span, "does not");
            return None;
        };
        let mut segments: Vec<Segment> = Vec::new();
        let mut pieces = rest.split('/').peekable();
        while let Some(piece) = pieces.next() {
            let segment = self.segment(piece, pieces.peek().is_none(), &path, owner)?;
            let known = || segments.iter().flat_map(Segment::parameters);
            let own = || segment.parameters().enumerate();
            let twice = own().find(|(at, name)| {
                known()
                    .chain(own().filter(|(other, _)| other < at).map(|(_, n)| n))
                    .any(|n| n == *name)
            });
            if let Some((_, name)) = twice {
                let message = format!("`{{{name}}}` is duplicated in the path");
                self.error("bad-path", message, &path.span, "twice");
                return None;
            }
            segments.push(segment);
        }
        // The root is no segments, not one that is empty.
        if rest.is_empty() {
            segments.clear();
        }
        let asked = owner.parameters.iter().filter(|p| p.place == Place::Path && p.required);
        for parameter in asked {
            if !segments.iter().flat_map(Segment::parameters).any(|name| *name == parameter.name) {
                let message = format!("the path has no `{{{}}}`", parameter.name);
                let mut diagnostic =
                    Diagnostic::error("unknown-parameter", message, &path.span, "not in the path")
                        .related(&parameter.schema.span, "a parameter in the path");
                // As routers of JavaScript and Ruby have it.
                let with_colon = format!(":{}", parameter.name);
                if rest.split('/').any(|piece| piece == with_colon) {
                    let braced =
                        path.value.replace(&with_colon, &format!("{{{}}}", parameter.name));
                    diagnostic = diagnostic.help(format!("did you mean `{braced}`?"));
                }
                self.report(diagnostic);
            }
        }
        Some(segments)
    }

    /// A parameter that may be missing is missing in some path.
    pub(super) fn check_sometimes_in_path(
        &mut self,
        declared: &[Declared<'n>],
        bindings: &[Binding],
    ) {
        for parameter in declared {
            let Some(node) = parameter.node.get("required") else { continue };
            let may_be_missing =
                parameter.required == Some(false) && parameter.place == Some(Place::Path);
            if may_be_missing && bindings.iter().all(|one| one.has_in_path(&parameter.name.value)) {
                self.report(
                    Diagnostic::error(
                        "contradiction",
                        "a parameter in the path is always there",
                        &node.span,
                        "cannot be `false`",
                    )
                    .help("it may be missing in the path of another of the `bindings`"),
                );
            }
        }
    }

    fn segment(
        &mut self,
        segment: &str,
        is_last: bool,
        path: &Located<Arc<str>>,
        owner: &Owner<'_>,
    ) -> Option<Segment> {
        let place = path.span.narrow(segment);
        let read = match taken_apart(segment) {
            Ok(read) => read,
            Err(help) => {
                let message = format!("`{segment}` is not a valid path segment");
                self.report(
                    Diagnostic::error("bad-path", message, &place, "cannot be matched").help(help),
                );
                return None;
            }
        };
        if let Segment::Literal(literal) = &read
            && let Some(name) = literal.strip_prefix(':')
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            // That the path lacks a parameter is told where the parameter is.
            && !owner.parameters.iter().any(|known| *known.name == *name)
        {
            let message = format!("`{segment}` is a fixed segment, and not a parameter");
            self.report(
                Diagnostic::error("lost-parameter", message, &place, "taken literally")
                    .help(format!("did you mean `{{{name}}}`?"))
                    .warning(),
            );
        }
        if matches!(read, Segment::Rest(_)) && !is_last {
            let message = format!("`{segment}` matches the rest of the path");
            self.error("bad-path", message, &place, "must come last");
            return None;
        }
        let names: Vec<&str> = owner
            .parameters
            .iter()
            .filter(|parameter| parameter.place == Place::Path)
            .map(|parameter| &*parameter.name)
            .collect();
        let mut all_known = true;
        for name in read.parameters().filter(|name| !names.contains(&&***name)) {
            let mut place = path.span.narrow(&format!("{{{name}"));
            if place.end - place.start == name.len() + 1 {
                place.start += 1;
            }
            all_known = false;
            self.no_such_parameter(name, &place, owner);
        }
        all_known.then_some(read)
    }

    /// A name in a path for which no parameter is declared, as far as those could be read.
    fn no_such_parameter(&mut self, name: &str, place: &Span, owner: &Owner<'_>) {
        if owner.incomplete {
            return;
        }
        let elsewhere = owner.parameters.iter().find(|parameter| *parameter.name == *name);
        if let Some(parameter) = elsewhere {
            let mut places = PLACE_NAMES.iter().filter(|(_, place)| *place != Place::Bound);
            let label = match places.find(|(_, place)| *place == parameter.place) {
                Some((named, _)) => format!("is `in: {named}`"),
                None => "has no `in`".to_owned(),
            };
            let message = format!("`{name}` is in the path, and the parameter is not `in: path`");
            self.report(
                Diagnostic::error("unknown-parameter", message, &parameter.schema.span, label)
                    .related(place, "in the path"),
            );
            return;
        }
        let known = owner.parameters.iter().filter(|p| p.place == Place::Path);
        let names: Vec<&str> = known.clone().map(|p| &*p.name).collect();
        let message = format!("no parameter `in: path` is called `{name}`");
        let mut diagnostic = Diagnostic::error("unknown-parameter", message, place, "not known");
        diagnostic = diagnostic.suggest(name, names.iter().copied());
        if let [one] = &*known.collect::<Vec<_>>() {
            diagnostic = diagnostic.related(&one.schema.span, "the one that is");
        }
        self.report(diagnostic);
    }
}

/// What cannot stand in the fixed text of a path, nor in a name there.
const SPECIAL: [char; 4] = ['{', '}', '?', '#'];

/// What is said of a segment that means its own folder or the one above.
pub(super) const RESOLVED: &str =
    "clients resolve `.` and `..` before they ask: write the path that it comes to";

/// A segment as it is written; fails with what it may be.
fn taken_apart(segment: &str) -> Result<Segment, &'static str> {
    const FORMS: &str = "a segment is fixed, or has parameters in it, {name}, with fixed text between them; the query is not part of it";
    let plain = |text: &str| match text.contains(SPECIAL) || text.contains(char::is_control) {
        true => Err(FORMS),
        false => Ok(Arc::<str>::from(text)),
    };
    let fixed = |text: &str| {
        let mut codes = text.split('%').skip(1);
        let is_code = |code: &str| {
            code.get(..2).is_some_and(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()))
        };
        match codes.all(is_code) {
            true => plain(text),
            false => Err("`%` begins a percent-encoded byte, `%2F`; itself it is `%25`"),
        }
    };
    let mut pieces = segment.split('{');
    let before = fixed(pieces.next().unwrap_or_default())?;
    let mut parts = Vec::new();
    for piece in pieces {
        let (name, after) = piece.split_once('}').ok_or(FORMS)?;
        parts.push((plain(name)?, fixed(after)?));
    }
    let Some((last, inner)) = parts.split_last() else {
        return match dots(&before) {
            0 => Ok(Segment::Literal(before)),
            _ => Err(RESOLVED),
        };
    };
    if inner.iter().any(|(_, between)| between.is_empty()) {
        return Err("two parameters need fixed text between them, which says where one ends");
    }
    let is_alone = before.is_empty() && parts.len() == 1 && last.1.is_empty();
    if parts.iter().any(|(name, _)| name.ends_with('+')) {
        return match last.0.strip_suffix('+') {
            Some(name) if is_alone => Ok(Segment::Rest(name.into())),
            _ => Err("{name+} matches the rest of the path, so nothing can be beside it"),
        };
    }
    let name = parts.first().map(|(name, _)| name.clone()).unwrap_or_default();
    if is_alone {
        return Ok(Segment::Parameter(name));
    }
    let behind = parts.iter().skip(1).zip(&parts);
    let more = behind.map(|((name, _), (_, between))| (between.clone(), name.clone())).collect();
    Ok(Segment::Mixed { before, name, more, after: last.1.clone() })
}

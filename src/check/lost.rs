//! Texts that look like an expression that lost one of its signs: `{id}`, `$(id)`, `{{id}}`, `$id`.

use super::reader::TreeReader;
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::{Node, NodeKind, ReadNode};

impl TreeReader<'_> {
    /// Warns where a text that is taken as it is names something in sight the way that expressions
    /// do, or nearly so.
    pub(super) fn warn_of_lost_signs(&mut self, literal: &str, place: &Span, scope: &Scope) {
        if let Some((written, path)) = lost_expression(literal, scope) {
            let span = place.narrow(written);
            self.lost(written, path, &span);
        }
    }

    /// The same for `{name.member}` without quotes, which is a mapping.
    pub(super) fn warn_of_lost_quotes(&mut self, node: &Node, scope: &Scope) {
        if let Some([(key, value)]) = node.as_map()
            && matches!(value.kind, NodeKind::Null)
            && node.span.text().starts_with('{')
            && scope.has(path_of(&key.value).0)
            && path_of(&key.value).1.is_empty()
        {
            self.lost(&format!("{{{}}}", key.value), &key.value, &node.span);
        }
    }

    fn lost(&mut self, written: &str, path: &str, span: &Span) {
        let message = format!("`{written}` is not an expression and is taken literally");
        self.report(
            Diagnostic::error("lost-expression", message, span, "not evaluated")
                .warning()
                .help(format!("did you mean \"${{{path}}}\"?")),
        );
    }
}

/// What looks like an expression in a text, and the path in it.
fn lost_expression<'t>(text: &'t str, scope: &Scope) -> Option<(&'t str, &'t str)> {
    for (at, sign) in text.match_indices(['{', '$']) {
        let rest = text.get(at + 1..)?;
        let inner = rest.trim_start_matches(['{', '(', ' ']);
        let ((root, behind), path) = (path_of(inner), inner);
        if root.is_empty() || !scope.has(root) {
            continue;
        }
        let path = path.get(..path.len() - behind.len())?;
        let closed = behind.trim_start().strip_prefix(['}', ')']);
        let piped = behind.trim_start().starts_with('|') && behind.contains(['}', ')']);
        let opened = rest.starts_with(['{', '(']);
        let looks = match sign {
            "{" => closed.is_some() || piped,
            // `$name` in a text may be one; with a member or a sign around it hardly so, nor as all
            // of it.
            _ => {
                let whole = at == 0 && behind.is_empty();
                closed.is_some() || piped || opened || path.contains('.') || whole
            }
        };
        if looks {
            let end = match closed {
                Some(behind) => behind.strip_prefix('}').unwrap_or(behind),
                None => behind,
            };
            return Some((text.get(at..text.len() - end.len())?, path));
        }
    }
    None
}

/// The first name of a path, and what stands behind the path.
fn path_of(text: &str) -> (&str, &str) {
    let joins = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text.find(|c| !joins(c)).unwrap_or(text.len());
    let (root, mut behind) = text.split_at(end);
    while let Some(rest) = behind.strip_prefix('.') {
        let end = rest.find(|c| !joins(c)).unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        behind = rest.get(end..).unwrap_or_default();
    }
    (root, behind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::shape::Shape;

    #[test]
    fn what_lost_a_sign_is_found_and_other_texts_are_not() {
        let mut scope = Scope::default();
        scope.add("term", Shape::Any);
        for (text, written) in [
            ("{term.id}", "{term.id}"),
            ("a {term} b", "{term}"),
            ("$(term.id)", "$(term.id)"),
            ("{{term.id}}", "{{term.id}}"),
            ("{{ term.id }}", "{{ term.id }}"),
            ("$term.id", "$term.id"),
            ("$term", "$term"),
            ("$ term.id }", "$ term.id }"),
            ("{ term.id | upper }", "{ term.id"),
        ] {
            let found = lost_expression(text, &scope).map(|(written, _)| written);
            assert_eq!(found, Some(written), "{text}");
        }
        for text in [
            "a $term",
            "$terms",
            "{other}",
            "$5",
            "term.id",
            "{terms}",
            "a } {",
            "",
            "{\"term\": 1}",
        ] {
            assert_eq!(lost_expression(text, &scope), None, "{text}");
        }
    }
}

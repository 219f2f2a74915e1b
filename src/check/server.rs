//! Base URLs and how paths compare.

use std::sync::Arc;

use super::Checker;
use super::path::RESOLVED;
use super::records;
use super::rules::Backing;
use crate::diagnostic::Diagnostic;
use crate::model::path::dots;
use crate::model::{Operation, Route, Routing, RuleKind, Server};
use crate::source::{Located, Span};
use crate::syntax::{Node, ReadNode};

const NO_SERVER: &str = "`servers` needs at least one, or nothing is served";

/// The variables of a URL by their names, each with its default; none for one that cannot be read.
type Defaults<'n> = Vec<(&'n str, Option<Arc<str>>)>;

impl<'n> Checker<'n> {
    /// `servers`.
    pub(super) fn servers(&mut self, node: Option<&'n Node>) -> Vec<Server> {
        if node.is_none() {
            // Without any, the vendor is at the root of its own place.
            let span = self.root_span.clone();
            let backing = Backing::default();
            let rule = self.rules.add(RuleKind::Server, "server", "servers[0]", &backing, &span);
            let (url, base_path, variables) = ("/".into(), "".into(), Vec::new());
            return vec![Server { url, host: None, base_path, variables, rule }];
        }
        let item = |url: &str| Some(format!("{{url: {url}}}"));
        let nodes = node.map_or(&[][..], |node| self.read_list(node, item));
        if let Some(node) = node.filter(|node| node.as_list().is_some_and(<[Node]>::is_empty)) {
            self.report(
                Diagnostic::error("missing-item", NO_SERVER, &node.span, "is empty")
                    .help("leave it out for one with an empty base path"),
            );
        }
        nodes.iter().enumerate().filter_map(|(at, node)| self.server(node, at)).collect()
    }

    fn server(&mut self, node: &'n Node, at: usize) -> Option<Server> {
        let mut mapping = self.open(node, records::SERVER.called("a server"))?;
        let rule = self.rule(RuleKind::Server, "server", &format!("servers[{at}]"), &mut mapping);
        let url = mapping.required_text("url");
        mapping.text("description");
        let are_read = node.get("variables").is_none_or(|node| node.as_map().is_some());
        let variables = mapping.members("variables");
        mapping.finish();
        let mut defaults = Defaults::new();
        for (key, node) in variables {
            let default = self.variable_default(node);
            defaults.push((key.value.as_str(), default.map(|default| default.value)));
        }
        let url = url.filter(|_| are_read)?;
        let (host, path) = split_url(&url.value);
        let all = [host.unwrap_or_default(), path].map(pieces);
        let used = all.iter().flatten().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(*name),
            Piece::Literal(_) => None,
        });
        let is_known = |name: &str| defaults.iter().any(|(known, _)| *known == name);
        // A name that is written in two ways is told where it is used.
        if used.clone().all(is_known) {
            for (key, _) in variables.iter().filter(|(key, _)| used.clone().all(|n| n != key.value))
            {
                let message = format!("the URL has no `{{{}}}`", key.value);
                self.error("unused-variable", message, &key.span, "not in the URL");
            }
        }
        let base_path = self.fill(&url, path, &defaults)?;
        let base_path = base_path.trim_end_matches('/');
        if !(base_path.is_empty() || base_path.starts_with('/')) || url.value.contains(['?', '#']) {
            self.error(
                "bad-url",
                "a base URL is a scheme, a host and a path",
                &url.span,
                "is not a valid base URL",
            );
        }
        if base_path.split('/').any(|segment| dots(segment) > 0) {
            let message = "a base URL has no `.` or `..` in its path";
            self.problems.push(
                Diagnostic::error("bad-url", message, &url.span, "is never requested")
                    .help(RESOLVED),
            );
        }
        let host = host.and_then(|host| self.host_pattern(&url, host, &defaults));
        let base_path = base_path.into();
        let variables = defaults.into_iter().filter_map(|(name, of)| Some((name.into(), of?)));
        let variables = variables.collect();
        Some(Server { url: url.value.clone(), host, base_path, variables, rule })
    }

    fn variable_default(&mut self, node: &'n Node) -> Option<Located<Arc<str>>> {
        let mut variable =
            self.open(node, records::SERVER_VARIABLES.called("a variable of a server"))?;
        let default = variable.required_text("default");
        variable.text("description");
        if let Some(choices) = variable.take("enum") {
            self.read_items(choices);
        }
        variable.finish();
        default
    }

    /// Reports paths that say again what the base URL ends in: they are below it.
    pub(super) fn check_doubled(&mut self, servers: &[Server], operations: &[Operation]) {
        let bases: Vec<&str> = servers
            .iter()
            .map(|server| &*server.base_path)
            .filter(|base| !base.is_empty())
            .collect();
        for binding in operations.iter().flat_map(|operation| &operation.bindings) {
            let Route::Http { path, .. } = &binding.route else { continue };
            let segments: Vec<String> = path.iter().map(ToString::to_string).collect();
            let path = format!("/{}", segments.join("/"));
            // Where other servers end in something else, one of them may be meant.
            let doubled =
                |base: &&str| path.strip_prefix(*base).is_some_and(|rest| rest.starts_with('/'));
            let Some(base) = bases.first().filter(|_| bases.iter().all(doubled)) else {
                continue;
            };
            let message = format!(
                "the path begins with `{base}` as the base URL ends, so it is at `{base}{path}`"
            );
            self.report(
                Diagnostic::error("doubled-path", message, &binding.span, "below the base URL")
                    .warning()
                    .help(format!("leave `{base}` out of one of them")),
            );
        }
    }

    /// The text with the variables' defaults.
    fn fill(
        &mut self,
        url: &Located<Arc<str>>,
        text: &str,
        defaults: &Defaults<'n>,
    ) -> Option<String> {
        let mut filled = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Literal(literal) => filled.push_str(literal),
                Piece::Variable(name) => filled.push_str(&self.variable(url, name, defaults)?),
            }
        }
        Some(filled)
    }

    fn variable(
        &mut self,
        url: &Located<Arc<str>>,
        name: &str,
        defaults: &Defaults<'n>,
    ) -> Option<Arc<str>> {
        let found = defaults.iter().find(|(known, _)| *known == name);
        if found.is_none() {
            self.unknown(
                "unknown-variable",
                "entry of `variables`",
                name,
                &name_in(&url.span, name),
                defaults.iter().map(|(known, _)| *known),
            );
        }
        found.and_then(|(_, default)| default.clone())
    }

    /// A regular expression for the host; none when it would fit any host.
    fn host_pattern(
        &mut self,
        url: &Located<Arc<str>>,
        host: &str,
        defaults: &Defaults<'n>,
    ) -> Option<Arc<str>> {
        let mut pattern = "(?i)^".to_owned();
        let mut literal = false;
        for piece in pieces(host) {
            match piece {
                Piece::Literal(text) => {
                    literal = true;
                    pattern.push_str(&regex_lite::escape(text));
                }
                Piece::Variable(name) => {
                    self.variable(url, name, defaults)?;
                    pattern.push_str("[^.]+");
                }
            }
        }
        pattern.push('$');
        literal.then(|| pattern.into())
    }

    /// `routing`.
    pub(super) fn routing(&mut self, node: Option<&'n Node>) -> Routing {
        let default = Routing::default();
        let Some(mut routing) =
            node.and_then(|node| self.open(node, records::ROUTING.called("`routing`")))
        else {
            return default;
        };
        let words = [(true, "ignore"), (false, "strict")];
        let ignore = routing.word("trailingSlash", &words);
        let case = routing.boolean("caseSensitive");
        routing.finish();
        Routing {
            ignore_trailing_slash: ignore.unwrap_or(default.ignore_trailing_slash),
            case_sensitive: case.unwrap_or(default.case_sensitive),
        }
    }
}

/// The host (without port) and the path of a URL; a path alone has no host.
fn split_url(url: &str) -> (Option<&str>, &str) {
    let Some((_, rest)) = url.split_once("://") else { return (None, url) };
    let slash = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(slash).unwrap_or((rest, ""));
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(['}', ']']) => host,
        _ => authority,
    };
    (Some(host), path)
}

/// Where a variable's name stands in a URL.
fn name_in(url: &Span, name: &str) -> Span {
    let braced = url.narrow(&format!("{{{name}}}"));
    let is_found = braced.end - braced.start == name.len() + 2;
    let inner = if is_found { braced.start + 1..braced.end - 1 } else { braced.start..braced.end };
    Span { source: braced.source, start: inner.start, end: inner.end }
}

enum Piece<'t> {
    Literal(&'t str),
    Variable(&'t str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        if !before.is_empty() {
            pieces.push(Piece::Literal(before));
        }
        pieces.push(Piece::Variable(name));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    pieces
}

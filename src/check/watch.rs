//! What the expressions of a scenario look at.

use std::collections::HashSet;
use std::sync::Arc;

use super::scope::Scope;
use crate::diagnostic::{Diagnostic, Severity};
use crate::expression::{Parsed, Reference};
use crate::scenario::Outside;
use crate::source::Span;

/// The names that the language itself gives.
pub(super) const RESERVED: &[&str] = &["env", "now", "response", "uuid", "unique"];

/// What expressions look at, beside the names in their scope.
#[derive(Debug)]
pub(super) struct Watch {
    /// How much it matters that a variable of the environment is not set.
    missing: Severity,
    /// What the command line gives.
    outside: Option<Arc<Outside>>,
    /// The captures that the scenario makes anywhere, with their places.
    captures: Vec<(Arc<str>, Span)>,
    /// The names that were looked at.
    used: HashSet<Arc<str>>,
    /// The variables of the environment that were looked at.
    environment: Vec<Arc<str>>,
}

impl Watch {
    pub(super) fn new(missing: Severity, outside: Option<Arc<Outside>>) -> Self {
        Self {
            missing,
            outside,
            captures: Vec::new(),
            used: HashSet::new(),
            environment: Vec::new(),
        }
    }

    /// Begins with a scenario whose steps make these captures somewhere.
    pub(super) fn begin(&mut self, captures: Vec<(Arc<str>, Span)>) {
        self.captures = captures;
    }

    /// Whether the scenario captures something of that name.
    pub(super) fn is_captured(&self, name: &str) -> bool {
        self.captures.iter().any(|(known, _)| **known == *name)
    }

    /// Remembers that something looks at a name.
    pub(super) fn use_name(&mut self, name: &Arc<str>) {
        self.used.insert(name.clone());
    }

    /// Whether an expression looked at that name.
    pub(super) fn is_used(&self, name: &str) -> bool {
        self.used.contains(name)
    }

    /// The variables of the environment that expressions looked at.
    pub(super) fn environment(&self) -> &[Arc<str>] {
        &self.environment
    }

    /// Remembers what an expression looks at, and tells variables of the environment that are not
    /// set.
    pub(super) fn look(&mut self, parsed: &Parsed, span: &Span) -> Vec<Diagnostic> {
        let mut missing = Vec::new();
        for reference in parsed.references() {
            self.used.insert(reference.root.clone());
            let Some(name) = reference.members.first().filter(|_| &*reference.root == "env") else {
                continue;
            };
            if !self.environment.contains(name) {
                self.environment.push(name.clone());
            }
            // What asks whether there is one can do without.
            if !reference.optional
                && std::env::var_os(&**name).is_none()
                && self.outside.as_ref().is_none_or(|given| given.environment(name).is_none())
            {
                missing.push(self.not_set(name, span));
            }
        }
        missing
    }

    fn not_set(&self, name: &str, span: &Span) -> Diagnostic {
        let message = format!("the variable `{name}` of the environment is not set");
        let place = span.narrow(name);
        let diagnostic = Diagnostic::error("missing-variable", message, &place, "not set");
        match self.missing {
            Severity::Error => diagnostic,
            Severity::Warning => diagnostic.warning(),
        }
    }

    /// That nothing in sight has a name.
    pub(super) fn unknown(&self, reference: &Reference, place: &Span, scope: &Scope) -> Diagnostic {
        let root = &*reference.root;
        if let Some((_, made)) = self.captures.iter().find(|(name, _)| **name == *root) {
            let message = format!("`{root}` is used before it is defined");
            return Diagnostic::error("too-early", message, place, "not made yet")
                .related(made, "made here");
        }
        let message = format!("nothing here is called `{root}`");
        let diagnostic = Diagnostic::error("unknown-name", message, place, "not known here");
        if root == "response" {
            return diagnostic.help("there is a response only after a step that gets one");
        }
        match called(reference, scope) {
            Some(help) => diagnostic.help(help).known(scope.names()),
            None => diagnostic.suggest(root, scope.names()),
        }
    }
}

/// What scenarios call what a spec calls otherwise.
fn called(reference: &Reference, scope: &Scope) -> Option<String> {
    let member = reference.members.first().map(|member| &**member);
    let of_answer = |name: &str| match scope.get("response") {
        Some(_) => format!("what came back is `response.{name}`"),
        None => format!("what came back is `response.{name}`, after a step that gets an answer"),
    };
    let of_request = || "what a step sends is not kept: give it a name in `variables`".to_owned();
    Some(match (&*reference.root, member) {
        ("row", Some(column)) => {
            format!("the columns of `rows` are names of their own: `{column}`")
        }
        ("row", None) => "the columns of `rows` are names of their own".to_owned(),
        ("vars" | "variables", Some(name)) => {
            format!("what `variables` holds are names of their own: `{name}`")
        }
        ("body", _) => of_answer("body"),
        ("status", _) => of_answer("status"),
        ("header" | "headers", _) => of_answer("headers"),
        ("path" | "query" | "parameters" | "request" | "cookie", Some(_)) => of_request(),
        _ => return None,
    })
}

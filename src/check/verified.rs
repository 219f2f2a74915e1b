//! What a security scheme looks at besides a key: steps that see the request as it came.

use std::sync::Arc;

use super::Checker;
use super::shape::Shape;
use super::verb::StepContext;
use crate::diagnostic::{Diagnostic, slip};
use crate::model::{Expression, KeyFields, Steps, Verb};
use crate::source::Located;
use crate::syntax::{Mapping, Node, ReadNode};

/// The keys of a scheme that say what its key has to pass.
pub(super) struct VerifiedKeys<'n> {
    pub(super) steps: Option<&'n Node>,
    credential: Option<&'n Node>,
    permissions: Option<&'n Node>,
}

/// What a key has to pass, and what is known then.
pub(super) struct Verified {
    pub(super) steps: Steps,
    pub(super) credential: Option<Expression>,
    pub(super) permissions: Option<Expression>,
    /// What the steps name, for those of operations.
    pub(super) names: Vec<(Arc<str>, Shape)>,
}

impl<'n> VerifiedKeys<'n> {
    pub(super) fn take(mapping: &mut Mapping<'n>) -> Self {
        let [steps, credential, permissions] =
            ["steps", "credential", "permissions"].map(|key| mapping.take(key));
        Self { steps, credential, permissions }
    }
}

/// What was sent, as it was sent.
pub(super) const SENT: [&str; 4] = ["path", "query", "header", "cookie"];

impl<'n> Checker<'n> {
    pub(super) fn verified(
        &mut self,
        name: &str,
        written: &VerifiedKeys<'n>,
        keys: Option<&KeyFields>,
    ) -> Verified {
        let Some(node) = written.steps else {
            for node in [written.credential, written.permissions].into_iter().flatten() {
                let message = "nothing is found out but by `steps`, and there are none";
                self.report(
                    Diagnostic::error("contradiction", message, &node.span, "of what steps find")
                        .help("the row of the key is `credential` by itself, and `keys` says which field has its permissions"),
                );
            }
            return Verified {
                steps: Vec::new().into(),
                credential: None,
                permissions: None,
                names: Vec::new(),
            };
        };
        let mut scope = self.make_account_scope(false);
        for name in SENT {
            scope.add(name, Shape::Any);
        }
        scope.add("key", Shape::Scalar);
        if let Some(keys) = keys {
            scope.add("credential", Shape::Row(keys.collection));
        }
        let mark = scope.mark();
        let mut context = StepContext { scope, statuses: None, answers: false };
        let before = self.reported();
        self.as_sent = true;
        let (steps, ends) = self.steps(node, &format!("securitySchemes.{name}"), &mut context);
        let mut found = |node: Option<&'n Node>| {
            node.and_then(|node| self.sole_expression(node, &context.scope))
        };
        let (credential, permissions) = (found(written.credential), found(written.permissions));
        self.as_sent = false;
        if ends && self.reported() == before {
            let last = node.as_list().and_then(<[Node]>::last).unwrap_or(node);
            self.report(
                Diagnostic::error(
                    "unreachable-step",
                    "no request gets past these steps",
                    &last.span,
                    "always ends the steps",
                )
                .help("give it a `when`"),
            );
        }
        self.only_looks(&steps);
        Verified { steps, credential, permissions, names: context.scope.since(mark) }
    }

    /// That who asks is only looked at: a request that is refused has changed nothing.
    fn only_looks(&mut self, steps: &Steps) {
        for step in steps.all() {
            let looks = matches!(
                step.verb,
                Verb::Let(_)
                    | Verb::Find(_)
                    | Verb::List(_)
                    | Verb::Portion(_)
                    | Verb::Validate(_)
                    | Verb::ForEach(_)
                    | Verb::Reject(_)
                    | Verb::Note(_)
                    | Verb::Group(_)
            );
            if !looks && let Some(rule) = self.rules.list.get(step.rule.0 as usize) {
                let (message, span) =
                    ("a security scheme only examines requests", rule.span.clone());
                self.report(
                    Diagnostic::error("contradiction", message, &span, "does something")
                        .help("there can be `let`, `find`, `list`, `validate`, `forEach`, `reject`, `note`; what all operations do first goes in `before`"),
                );
            }
        }
    }

    /// That no error is given for what only `keys` can find.
    pub(super) fn never_given(&mut self, errors: &Node) {
        for (key, _) in errors.as_map().unwrap_or_default() {
            if !matches!(&*key.value, "unknown" | "expired" | "method") {
                continue;
            }
            let message = format!("`{}` is never given: the scheme has no `keys`", key.value);
            self.report(
                Diagnostic::error("contradiction", message, &key.span, "is found by `keys` alone")
                    .help("a `reject` among the `steps` gives the error of its own"),
            );
        }
    }

    /// The scheme of `Authorization`, which may be any word.
    pub(super) fn http_word(&mut self, node: &Node) -> Option<Located<Arc<str>>> {
        let word = self.read_text(node)?;
        if !crate::model::is_token(&word.value) {
            let message = format!("`{}` is not a valid name of a scheme of HTTP", word.value);
            self.report(
                Diagnostic::error("bad-name", message, &word.span, "not one word")
                    .help("such as `basic`, `bearer`, `token`"),
            );
            return None;
        }
        let known = ["basic", "bearer"];
        let lower = word.value.to_ascii_lowercase();
        let begins = |known: &&str| lower.len() > 2 && known.starts_with(&lower);
        if !known.contains(&&*lower)
            && let Some(near) = slip(&lower, known).or(known.into_iter().find(begins))
        {
            let message =
                format!("`{}` is a scheme of its own, but looks like `{near}`", word.value);
            self.report(
                Diagnostic::error("maybe-misspelt", message, &word.span, "any word can be one")
                    .warning()
                    .help(format!("did you mean `{near}`?")),
            );
        }
        Some(word)
    }
}

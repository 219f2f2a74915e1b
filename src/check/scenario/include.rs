//! Steps of other files, and which captures steps make.

use std::path::PathBuf;
use std::sync::Arc;

use super::Reader;
use super::parts::{Part, beside};
use crate::check::scope::Mark;
use crate::check::shape::Shape;
use crate::check::watch::RESERVED;
use crate::diagnostic::Diagnostic;
use crate::model::Tree;
use crate::scenario::{Include, Step};
use crate::source::{Located, Span};
use crate::syntax::{Mapping, Node, ReadNode};

/// How often one file of scenarios may include others, each time they are.
const INCLUDED: usize = 2_000;

impl<'n> Reader<'n, '_> {
    /// `include`: the steps of another file, as if they stood here, with `with` beside it.
    pub(super) fn include(&mut self, node: &'n Node, step: &mut Mapping<'n>) -> Option<Include> {
        let given = self.given_names(step.members("with"));
        let before = self.scope.mark();
        let hidden = self.hidden.len();
        let mut with = Vec::new();
        for (name, span, tree, shape) in given {
            self.scope.add(name.clone(), shape);
            self.hidden.push(name.clone());
            with.push((name, span, tree));
        }
        let steps = self.included_steps(node).map(|(_, steps)| steps);
        self.hidden.truncate(hidden);
        self.leave_names(before, &with);
        let with = with.into_iter().map(|(name, _, tree)| (name, tree)).collect();
        Some(Include { steps: steps?, with })
    }

    /// What included steps are given: their values see what is in sight outside.
    fn given_names(
        &mut self,
        members: &'n [(Located<String>, Node)],
    ) -> Vec<(Arc<str>, Span, Tree, Shape)> {
        let mut given = Vec::new();
        for (key, node) in members {
            let tree = self.trees.tree(node, &self.scope);
            let shape = self.trees.tree_shape(&tree, &self.scope);
            if let Some(name) = self.trees.name_beside(&key.value, &key.span, RESERVED) {
                given.push((name, key.span.clone(), tree, shape));
            }
        }
        given
    }

    /// Takes what was given to included steps out of sight, and leaves what these capture.
    fn leave_names(&mut self, before: Mark, with: &[(Arc<str>, Span, Tree)]) {
        let lenient = self.scope.is_lenient();
        let captured = self.scope.since(before).split_off(with.len());
        self.scope.reset(before);
        for (name, span, _) in with {
            if captured.iter().any(|(known, _)| known == name) {
                let message = format!("the included steps capture `{name}` themselves");
                let label = "would be lost";
                self.error("contradiction", message, span, label);
            } else if !self.is_used(name) {
                let message = format!("nothing in the included file looks at `{name}`");
                let diagnostic = Diagnostic::error("unused-name", message, span, "not used");
                self.report(diagnostic.warning());
            }
        }
        for (name, shape) in captured {
            self.scope.add(name, shape);
        }
        if lenient {
            self.scope.lose_track();
        }
    }

    /// The same, with where the file is.
    pub(super) fn included_steps(&mut self, node: &'n Node) -> Option<(PathBuf, Vec<Step>)> {
        let path = self.fixed(node)?;
        let full = beside(&path.span.source, &path.value);
        if self.including.contains(&full) {
            let message = format!("`{}` includes itself", path.value);
            self.error("recursive-include", message, &path.span, "leads back here");
            return None;
        }
        self.included += 1;
        if self.included > INCLUDED {
            let message = format!("files are included more than {INCLUDED} times");
            self.error("recursive-include", message, &path.span, "exceeds the limit");
            return None;
        }
        let steps = match self.parts.get(&full) {
            Some(Part::Read(root)) => root.as_ref()?,
            Some(Part::Unreadable(message)) => {
                self.error("no-such-file", message, &path.span, "cannot be included");
                return None;
            }
            None => {
                let message = "files include each other too deeply";
                self.error("recursive-include", message, &path.span, "too deep");
                return None;
            }
        };
        if steps.as_list().is_none() {
            let expected = "a list of steps in the file that is included";
            self.wrong_type(steps, expected);
            return None;
        }
        self.including.push(full.clone());
        let steps = self.steps(Some(steps));
        self.including.pop();
        Some((full, steps))
    }

    /// A list of steps that may be missing.
    pub(super) fn steps(&mut self, node: Option<&'n Node>) -> Vec<Step> {
        let Some(node) = node else { return Vec::new() };
        let items = self.read_items(node);
        items.iter().filter_map(|item| self.step(item)).collect()
    }

    /// All captures that lists of steps make, wherever.
    pub(super) fn captures_in(&self, lists: [Option<&'n Node>; 2]) -> Vec<(Arc<str>, Span)> {
        let mut captures = Vec::new();
        let mut inside = Vec::new();
        let mut budget = INCLUDED;
        for list in lists.into_iter().flatten() {
            let list = match list.as_text().map(|path| beside(&list.span.source, path)) {
                None => list,
                Some(path) => match self.parts.get(&path) {
                    Some(Part::Read(Some(steps))) => steps,
                    _ => continue,
                },
            };
            self.gather(list, &mut captures, &mut inside, &mut budget);
        }
        captures
    }

    fn gather(
        &self,
        list: &'n Node,
        captures: &mut Vec<(Arc<str>, Span)>,
        inside: &mut Vec<PathBuf>,
        budget: &mut usize,
    ) {
        for step in list.as_list().unwrap_or_default() {
            for (name, _) in step.get("capture").and_then(Node::as_map).unwrap_or_default() {
                captures.push((name.value.as_str().into(), name.span.clone()));
            }
            if let Some(steps) = step.get("repeat") {
                self.gather(steps, captures, inside, budget);
            }
            if let Some(steps) = step.get("onTarget").and_then(|node| node.get("steps")) {
                self.gather(steps, captures, inside, budget);
            }
            let Some(include) = step.get("include") else { continue };
            let Some(path) = include.as_text() else { continue };
            let full = beside(&include.span.source, path);
            if *budget > 0
                && !inside.contains(&full)
                && let Some(Part::Read(Some(steps))) = self.parts.get(&full)
            {
                *budget -= 1;
                inside.push(full);
                self.gather(steps, captures, inside, budget);
                inside.pop();
            }
        }
    }
}

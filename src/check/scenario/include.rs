//! Steps of other files, and which captures steps make.

use std::path::PathBuf;
use std::sync::Arc;

use super::Reader;
use super::parts::{Part, beside};
use crate::scenario::Step;
use crate::source::Span;
use crate::syntax::{Node, ReadNode};

/// How often one file of scenarios may include others, each time they are.
const INCLUDED: usize = 2_000;

impl<'n> Reader<'n, '_> {
    /// `include`: the steps of another file, as if they stood here.
    pub(super) fn include(&mut self, node: &'n Node) -> Option<Vec<Step>> {
        self.included_steps(node).map(|(_, steps)| steps)
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
            self.error("recursive-include", message, &path.span, "one too many");
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

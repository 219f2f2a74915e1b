//! Two trees, by path.

use std::sync::Arc;

use super::correspondence::{Correspondence, Place};
use super::ignore::Ignore;
use crate::run::compare::markup;
use crate::run::compare::path::Path;
use crate::value::Value;

/// Something that is not the same on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where: `status`, `header Location`, `$.contact.mail`, `/contact/mail`.
    pub path: String,
    /// What the left side has there.
    pub left: Option<Value>,
    /// What the right side has there.
    pub right: Option<Value>,
}

/// A walk through two trees at once.
pub(super) struct Walk<'w, 'k> {
    correspondence: &'w mut Correspondence<'k>,
    ignore: &'w Ignore,
    markup: bool,
    path: Path,
    found: Vec<Difference>,
    /// The namespaces of both sides of the elements around, where they are not the same.
    moved: Vec<(String, String)>,
}

/// Everything in which two trees differ, in the order of the left one.
pub(super) fn trees(
    left: Option<&Value>,
    right: Option<&Value>,
    markup: bool,
    correspondence: &mut Correspondence<'_>,
    ignore: &Ignore,
) -> Vec<Difference> {
    let path = Path::new(if markup { "" } else { "$" }, markup);
    let (found, moved) = (Vec::new(), Vec::new());
    let mut walk = Walk { correspondence, ignore, markup, path, found, moved };
    walk.node(left, right, None);
    walk.found
}

/// Everything in which two values differ that stand at a path of their own.
pub(super) fn at(
    base: &str,
    left: &Value,
    right: &Value,
    correspondence: &mut Correspondence<'_>,
    ignore: &Ignore,
) -> Vec<Difference> {
    let (path, found, moved) = (Path::new(base, false), Vec::new(), Vec::new());
    let mut walk = Walk { correspondence, ignore, markup: false, path, found, moved };
    walk.node(Some(left), Some(right), None);
    walk.found
}

impl Walk<'_, '_> {
    fn node(&mut self, left: Option<&Value>, right: Option<&Value>, field: Option<&str>) {
        if self.ignore.path(&self.path.text(&[])) {
            return;
        }
        let (Some(ours), Some(theirs)) = (left, right) else {
            if left.is_some() || right.is_some() {
                self.differ(left, right);
            }
            return;
        };
        let (a, b) = (ours.members(), theirs.members());
        if let (Some(a), Some(b)) = (a, b) {
            return self.maps(&a.collect::<Vec<_>>(), &b.collect::<Vec<_>>());
        }
        match (ours, theirs) {
            (Value::List(a), Value::List(b)) => self.lists(a, b, field),
            // An element that comes once is not a list of its own.
            (Value::List(a), one) if self.markup => {
                self.lists(a, std::slice::from_ref(one), field);
            }
            (one, Value::List(b)) if self.markup => {
                self.lists(std::slice::from_ref(one), b, field);
            }
            _ => {
                let path = self.path.in_lists();
                let at = field.map(|field| Place { field, path: &path });
                if !self.correspondence.scalars(ours, theirs, at) {
                    self.differ(left, right);
                }
            }
        }
    }

    fn differ(&mut self, left: Option<&Value>, right: Option<&Value>) {
        let path = self.path.text(&[]);
        let shown = |value: Option<&Value>| match value {
            Some(value) if self.markup => Some(markup::plain(value, &[])),
            other => other.cloned(),
        };
        let (left, right) = (shown(left), shown(right));
        self.found.push(Difference { path, left, right });
    }

    fn maps(&mut self, left: &[(&Arc<str>, &Value)], right: &[(&Arc<str>, &Value)]) {
        let mut used = vec![false; right.len()];
        for (name, ours) in left {
            let same = |(other, _): &(&Arc<str>, &Value)| other == name;
            let theirs = right.iter().position(same);
            let moved = || {
                // The same name in another namespace, which the left side has not.
                let local = |name: &str| {
                    let (attribute, _, local) = markup::split(name);
                    (attribute, local.to_owned())
                };
                right.iter().position(|(other, _)| {
                    local(other) == local(name) && !left.iter().any(|(known, _)| known == other)
                })
            };
            let own = || {
                let is_its_own = |(at, (other, _)): (usize, &(&Arc<str>, &Value))| {
                    let free = used.get(at) == Some(&false);
                    (free && self.correspondence.names(name, other)).then_some(at)
                };
                right.iter().enumerate().find_map(is_its_own)
            };
            let theirs = theirs.or_else(|| self.markup.then(moved).flatten());
            let theirs = theirs.or_else(own);
            let there = theirs.and_then(|at| right.get(at));
            if let Some(used) = theirs.and_then(|at| used.get_mut(at)) {
                *used = true;
            }
            self.path.name(name);
            let other = there.map(|(other, _)| *other);
            let other = other.filter(|other| self.markup && other != name);
            if let Some(other) = other {
                self.namespaces(name, other);
            }
            let field = if &***name == "#text" { None } else { Some(markup::split(name).2) };
            self.node(Some(ours), there.map(|(_, value)| *value), field);
            if other.is_some() {
                self.moved.pop();
            }
            self.path.pop();
        }
        for ((name, theirs), used) in right.iter().zip(used) {
            if !used {
                self.path.name(name);
                self.node(None, Some(theirs), None);
                self.path.pop();
            }
        }
    }

    /// Told once for the elements that are in one another.
    fn namespaces(&mut self, left: &str, right: &str) {
        let namespace = |name: &str| markup::split(name).1.unwrap_or_default().to_owned();
        let moved = (namespace(left), namespace(right));
        if !self.moved.contains(&moved) && !self.ignore.path(&self.path.text(&[])) {
            let path = format!("{} namespace", self.path.text(&[]));
            let (left, right) = (Value::text(&*moved.0), Value::text(&*moved.1));
            self.found.push(Difference { path, left: Some(left), right: Some(right) });
        }
        self.moved.push(moved);
    }

    /// Items are paired from both ends as far as they are the same; what is between is paired in
    /// order, and the rest is only on one side.
    fn lists(&mut self, left: &[Value], right: &[Value], field: Option<&str>) {
        let (mut from, mut to_left, mut to_right) = (0, left.len(), right.len());
        if left.len() != right.len() {
            while from < to_left && from < to_right && self.same(left.get(from), right.get(from)) {
                from += 1;
            }
            while to_left > from
                && to_right > from
                && self.same(left.get(to_left - 1), right.get(to_right - 1))
            {
                to_left -= 1;
                to_right -= 1;
            }
        }
        for at in from..to_left.max(to_right) {
            let ours = left.get(at).filter(|_| at < to_left);
            let theirs = right.get(at).filter(|_| at < to_right);
            self.path.index(at);
            self.node(ours, theirs, field);
            self.path.pop();
        }
    }

    /// Whether two items are the same; only then what corresponds in them is kept.
    fn same(&mut self, left: Option<&Value>, right: Option<&Value>) -> bool {
        let (found, mark) = (self.found.len(), self.correspondence.mark());
        self.node(left, right, None);
        let same = self.found.len() == found;
        if !same {
            self.found.truncate(found);
            self.correspondence.forget(mark);
        }
        same
    }
}

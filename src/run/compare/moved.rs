//! Elements and attributes that stand in another namespace than is expected.

use std::sync::Arc;

use super::Comparison;
use crate::run::markup;
use crate::scenario::Expected;
use crate::value::Value;

impl Comparison<'_> {
    /// The member of an expected name that stands in another namespace than is expected.
    pub(super) fn elsewhere(
        &self,
        name: &str,
        all: &[(Arc<str>, Expected)],
        members: &[(&Arc<str>, &Value)],
        used: &[bool],
    ) -> Option<usize> {
        let wanted = markup::qualified(name, self.ways.namespaces);
        let (attribute, namespace, local) = markup::split(&wanted);
        if namespace.is_none() && !attribute {
            return None;
        }
        let is_meant = |actual: &str| {
            let (of_attribute, _, actual_local) = markup::split(actual);
            (of_attribute, actual_local) == (attribute, local)
                && !all.iter().any(|(other, _)| self.is_named(other, actual))
        };
        let mut free = members.iter().zip(used).enumerate().filter(|(_, (_, used))| !**used);
        free.find(|(_, ((actual, _), _))| is_meant(actual)).map(|(at, _)| at)
    }

    /// Says that the namespace is another one, once for the elements in it, and compares what
    /// stands there.
    pub(super) fn in_another_namespace(
        &mut self,
        name: &str,
        actual: &str,
        expected: &Expected,
        value: &Value,
        whole: bool,
    ) {
        let wanted = markup::qualified(name, self.ways.namespaces);
        let namespace = |name: &str| markup::split(name).1.map(str::to_owned);
        let moved = (namespace(&wanted), namespace(actual));
        if !self.moved.contains(&moved) {
            let path = self.path.text(self.ways.namespaces);
            let said = |namespace: &Option<String>| match namespace {
                Some(namespace) => format!("the namespace `{namespace}`"),
                None => "no namespace".to_owned(),
            };
            let (wanted, there) = (said(&moved.0), said(&moved.1));
            let message = match &moved.0 {
                Some(namespace) => format!("`{path}` is in {there}, not in `{namespace}`"),
                None => format!("`{path}` is in {there}, and is expected in none"),
            };
            self.note(path, wanted, there, message, &expected.span);
        }
        self.moved.push(moved);
        self.node(expected, Some(value), whole);
        self.moved.pop();
    }
}

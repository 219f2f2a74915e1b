//! What was expected as a tree that can be laid beside what there is.

use std::sync::Arc;

use super::{Comparison, is_element, is_unexpected_beside, joined, unfold, words};
use crate::run::markup;
use crate::scenario::{Expected, ExpectedKind, Matcher};
use crate::value::{Map, Value};

impl Comparison<'_> {
    /// Whatever fits is as it came, so that only what does not fit differs; `None` is nothing.
    pub(super) fn project(
        &mut self,
        expected: &Expected,
        actual: Option<&Value>,
        whole: bool,
    ) -> Option<Value> {
        if self.fits(expected, actual, whole) {
            return actual.cloned();
        }
        let expected = self.scope.chosen(expected);
        match &expected.kind {
            ExpectedKind::ByRow(_) => None,
            ExpectedKind::Value(tree) => {
                let value = self.scope.tree(tree).ok().flatten();
                let value = value.unwrap_or_else(|| expected.span.text().trim().into());
                match unfold(&value, &expected.span) {
                    Some(unfolded) => self.project(&unfolded, actual, whole),
                    None => Some(self.beside_attributes(value, actual, whole)),
                }
            }
            ExpectedKind::Map(members) => {
                let actual = self.nearest_item(expected, actual, whole).or(actual);
                Some(self.project_map(members, actual, whole))
            }
            ExpectedKind::List(items) => Some(self.project_list(items, actual, whole)),
            ExpectedKind::Matcher(matcher) => self.project_matcher(matcher, actual, whole),
        }
    }

    /// The one of several elements beside which one that is expected stands: that it differs least
    /// from.
    fn nearest_item<'v>(
        &mut self,
        expected: &Expected,
        actual: Option<&'v Value>,
        whole: bool,
    ) -> Option<&'v Value> {
        let items = actual.filter(|_| self.ways.markup)?.as_list()?;
        let items: Vec<&Value> = items.iter().collect();
        let free: Vec<usize> = (0..items.len()).collect();
        let (_, at) = self.nearest(&[(0, expected)], &free, &items, whole).first().copied()?;
        items.get(at).copied()
    }

    /// An expected text keeps the attributes that there may be.
    fn beside_attributes(&self, value: Value, actual: Option<&Value>, whole: bool) -> Value {
        match actual {
            Some(Value::Map(map)) if self.ways.markup && map.get("#text").is_some() => {
                let is_null = [Some(&value), map.get("#text")].contains(&Some(&Value::Null));
                let is_kept = |name: &str| !whole || !is_unexpected_beside(name, is_null);
                let kept = map.iter().filter(|(name, _)| is_kept(name));
                let mut map: Map =
                    kept.map(|(name, value)| (name.clone(), value.clone())).collect();
                let was_name = map.remove(markup::NAMESPACE).is_some();
                let text = value.as_str().filter(|_| was_name);
                let namespace =
                    text.and_then(|text| markup::expected_namespace(text, self.ways.namespaces));
                if value != Value::Null {
                    map.remove("@nil");
                }
                map.insert("#text", value.clone());
                if let Some(namespace) = namespace {
                    map.insert(markup::NAMESPACE, namespace.into());
                }
                Value::map(map)
            }
            _ => value,
        }
    }

    fn project_map(
        &mut self,
        expected: &[(Arc<str>, Expected)],
        actual: Option<&Value>,
        whole: bool,
    ) -> Value {
        let mut map = Map::new();
        let mut done = vec![false; expected.len()];
        let mut members: Vec<_> = actual.and_then(Value::members).into_iter().flatten().collect();
        if whole && self.ways.markup {
            let place = |name: &str| expected.iter().position(|(n, _)| self.is_named(n, name));
            members.sort_by_key(|(name, _)| if is_element(name) { place(name) } else { None });
        }
        for (name, value) in &members {
            let at = expected.iter().position(|(wanted, _)| self.is_named(wanted, name));
            let Some((at, (wanted, node))) = at.and_then(|at| Some((at, expected.get(at)?))) else {
                if !whole {
                    map.insert((*name).clone(), (*value).clone());
                }
                continue;
            };
            if std::mem::replace(done.get_mut(at).unwrap_or(&mut false), true) {
                continue;
            }
            let same: Vec<&Value> = members
                .iter()
                .filter(|(other, _)| self.is_named(wanted, other))
                .map(|(_, value)| *value)
                .collect();
            let joined = joined(&same);
            if let Some(value) = self.project(node, joined.as_ref().or(Some(value)), whole) {
                map.insert((*name).clone(), value);
            }
        }
        for ((name, node), done) in expected.iter().zip(done) {
            if !done && let Some(value) = self.project(node, None, whole) {
                let name = match self.ways.markup {
                    true => markup::qualified(name, self.ways.namespaces),
                    false => name.clone(),
                };
                map.insert(name, value);
            }
        }
        Value::map(map)
    }

    fn project_list(
        &mut self,
        expected: &[Expected],
        actual: Option<&Value>,
        whole: bool,
    ) -> Value {
        let items = self.items(actual).unwrap_or_default();
        let projected = expected
            .iter()
            .enumerate()
            .filter_map(|(at, node)| self.project(node, items.get(at).copied(), whole));
        Value::list(projected.collect())
    }

    fn project_matcher(
        &mut self,
        matcher: &Matcher,
        actual: Option<&Value>,
        whole: bool,
    ) -> Option<Value> {
        match matcher {
            Matcher::Absent => None,
            Matcher::Nil => Some(Value::Null),
            Matcher::Includes(inner) => self.project(inner, actual, false),
            Matcher::Exactly(inner) => self.project(inner, actual, true),
            Matcher::Unordered(wanted) => {
                let items = self.items(actual).unwrap_or_default();
                let partners = self.partners(wanted, &items, whole);
                let free: Vec<usize> =
                    (0..items.len()).filter(|at| !partners.contains(&Some(*at))).collect();
                let left: Vec<(usize, &Expected)> = wanted
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| partners.get(*at) == Some(&None))
                    .collect();
                let nearest = self.nearest(&left, &free, &items, whole);
                // Each stands where its item came, those without one behind them.
                let place = |at: usize| {
                    let own = partners.get(at).copied().flatten();
                    own.or_else(|| nearest.iter().find(|(known, _)| *known == at).map(|(_, i)| *i))
                };
                let mut order: Vec<(usize, &Expected)> = wanted
                    .iter()
                    .enumerate()
                    .map(|(at, node)| (place(at).unwrap_or(usize::MAX), node))
                    .collect();
                order.sort_by_key(|(place, _)| *place);
                let list: Vec<Value> = order
                    .into_iter()
                    .filter_map(|(at, node)| self.project(node, items.get(at).copied(), whole))
                    .collect();
                Some(Value::list(list))
            }
            Matcher::Each(inner) => {
                let items = self.items(actual)?;
                let projected =
                    items.into_iter().filter_map(|item| self.project(inner, Some(item), whole));
                Some(Value::list(projected.collect()))
            }
            _ => {
                let wanted = words::matcher_words(matcher, self.scope);
                // In XML an angle bracket would be that of an element.
                let value = Value::text(match self.ways.markup {
                    true => format!("{{{wanted}}}"),
                    false => format!("<{wanted}>"),
                });
                Some(self.beside_attributes(value, actual, false))
            }
        }
    }
}

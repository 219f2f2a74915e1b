//! A request as a call of a scenario has it: values by where they stand.

use std::sync::Arc;

use super::written::{tree, variable};
use crate::model::{Expression, Operation, OperationId, Place};
use crate::value::{Map, Value};
use crate::write::Piece;

/// Where in a call a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Part {
    /// `with.path`.
    Path,
    /// `with.query`.
    Query,
    /// `with.headers`.
    Headers,
    /// `with.cookies`.
    Cookies,
    /// `with.parameters`.
    Parameters,
    /// `with.body`.
    Body,
}

impl Part {
    const ALL: [Self; 6] =
        [Self::Path, Self::Query, Self::Headers, Self::Cookies, Self::Parameters, Self::Body];

    /// The part that parameters of a place stand in.
    pub(super) fn of(place: Place) -> Self {
        match place {
            Place::Path => Self::Path,
            Place::Query => Self::Query,
            Place::Header => Self::Headers,
            Place::Cookie => Self::Cookies,
            Place::Form | Place::Body | Place::Soap | Place::Bound => Self::Parameters,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Headers => "headers",
            Self::Cookies => "cookies",
            Self::Parameters => "parameters",
            Self::Body => "body",
        }
    }

    /// What expressions of specs call it.
    fn variable(self) -> &'static str {
        match self {
            Self::Headers => "header",
            Self::Cookies => "cookie",
            other => other.key(),
        }
    }

    /// The part that expressions of specs call so.
    pub(super) fn named(root: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.variable() == root)
    }
}

/// A step from a value to one in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Into {
    /// The member of that name.
    Member(Arc<str>),
    /// The item at that position.
    Item(usize),
}

/// The place of one value of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Spot {
    /// The part of the call.
    pub part: Part,
    /// From the part to the value; of what is not the body, first the parameter.
    pub path: Vec<Into>,
}

impl Spot {
    pub(super) fn body() -> Self {
        Self { part: Part::Body, path: Vec::new() }
    }

    pub(super) fn parameter(place: Place, name: &Arc<str>) -> Self {
        Self { part: Part::of(place), path: vec![Into::Member(name.clone())] }
    }

    pub(super) fn inside_of(part: Part, name: &Arc<str>) -> Self {
        Self { part, path: vec![Into::Member(name.clone())] }
    }

    pub(super) fn member(&self, name: &Arc<str>) -> Self {
        self.inside(Into::Member(name.clone()))
    }

    pub(super) fn item(&self, at: usize) -> Self {
        self.inside(Into::Item(at))
    }

    fn inside(&self, step: Into) -> Self {
        let mut inner = self.clone();
        inner.path.push(step);
        inner
    }

    /// The name of the member that it is.
    pub(super) fn member_name(&self) -> Option<&Arc<str>> {
        match self.path.last() {
            Some(Into::Member(member)) => Some(member),
            _ => None,
        }
    }

    /// Whether it is a member of that name.
    pub(super) fn ends_with(&self, name: &Arc<str>) -> bool {
        self.member_name() == Some(name)
    }

    /// What it is called in the names of scenarios: `mail`, `lines[0].title`, `the body`.
    pub(super) fn name(&self) -> String {
        let mut name = String::new();
        for step in &self.path {
            match step {
                Into::Member(member) if name.is_empty() => name.push_str(member),
                Into::Member(member) => {
                    name.push('.');
                    name.push_str(member);
                }
                Into::Item(at) => name.extend(["[", &at.to_string(), "]"]),
            }
        }
        if name.is_empty() { "the body".to_owned() } else { name }
    }
}

/// What a call shows of itself.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shown {
    /// The keys of the file.
    File,
    /// Nothing.
    Nothing,
    /// Other keys by scheme.
    Keys(Vec<(Arc<str>, Value)>),
}

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    /// The operation.
    pub operation: OperationId,
    /// The name of its binding, where it is not the first.
    pub binding: Option<String>,
    /// The media type of the body, where it is not the first.
    pub media_type: Option<Arc<str>>,
    /// Its keys.
    pub shown: Shown,
    /// The parameters, by part.
    values: Vec<(Part, Map)>,
    /// The body.
    pub body: Option<Value>,
}

impl Sent {
    pub(super) fn new(operation: OperationId) -> Self {
        Self {
            operation,
            binding: None,
            media_type: None,
            shown: Shown::File,
            values: Vec::new(),
            body: None,
        }
    }

    /// The parameters of a part.
    pub(super) fn values(&self, part: Part) -> Option<&Map> {
        self.values.iter().find(|(known, _)| *known == part).map(|(_, map)| map)
    }

    fn root(&self, part: Part) -> Option<Value> {
        match part {
            Part::Body => self.body.clone(),
            part => self.values(part).map(|map| Value::map(map.clone())),
        }
    }

    fn set_root(&mut self, part: Part, value: Option<Value>) {
        if part == Part::Body {
            self.body = value;
            return;
        }
        let map = match value {
            Some(Value::Map(map)) => (*map).clone(),
            _ => Map::new(),
        };
        match self.values.iter_mut().find(|(known, _)| *known == part) {
            Some((_, known)) => *known = map,
            None => self.values.push((part, map)),
        }
    }

    /// The value at a place.
    pub(super) fn get(&self, spot: &Spot) -> Option<Value> {
        let mut value = self.root(spot.part)?;
        for step in &spot.path {
            value = match step {
                Into::Member(name) => value.get(name)?.clone(),
                Into::Item(at) => value.as_list()?.get(*at)?.clone(),
            };
        }
        Some(value)
    }

    /// The places of all its values.
    pub(super) fn spots(&self) -> Vec<Spot> {
        let roots = Part::ALL.into_iter().filter(|part| self.root(*part).is_some());
        let mut all: Vec<Spot> = roots.map(|part| Spot { part, path: Vec::new() }).collect();
        let mut at = 0;
        while let Some(spot) = all.get(at).cloned() {
            at += 1;
            let Some(value) = self.get(&spot) else { continue };
            let names = value.members().into_iter().flatten().map(|(name, _)| spot.member(name));
            all.extend(names);
            let items = value.as_list().unwrap_or_default().len();
            all.extend((0..items).map(|item| spot.item(item)));
        }
        all
    }

    /// Whether a condition is true; nothing where it looks at more than the request.
    pub(super) fn holds(&self, condition: &Expression) -> Option<bool> {
        let roots = condition.parsed.roots().iter();
        let variables: Option<Vec<Option<Value>>> = roots
            .map(|root| {
                let part = Part::named(root)?;
                Some(Some(self.root(part).unwrap_or_else(|| Value::map(Map::new()))))
            })
            .collect();
        condition.parsed.is_true(&variables?).ok()
    }

    /// The same with another value at a place, or without it. Objects around it that are not there
    /// are made.
    pub(super) fn with(&self, spot: &Spot, value: Option<Value>) -> Self {
        let mut other = self.clone();
        let root = other.root(spot.part);
        other.set_root(spot.part, replaced(root.as_ref(), &spot.path, value));
        other
    }

    /// As the step of a scenario: `call`, `with` and what goes beside them. At `hole`, if there is
    /// one, stands what the column `value` of the row holds.
    pub(super) fn step(&self, operation: &Operation, hole: Option<&Spot>) -> Piece {
        let mut step = Piece::map().with("call", &*operation.id);
        if let Some(binding) = &self.binding {
            step.set("binding", binding);
        }
        if let Some(media_type) = &self.media_type {
            step.set("mediaType", &**media_type);
        }
        match &self.shown {
            Shown::File => {}
            Shown::Nothing => step.set("authenticate", "none"),
            Shown::Keys(keys) => {
                let mut shown = Piece::map();
                for (scheme, key) in keys {
                    shown.set(&**scheme, tree(key));
                }
                step.set("authenticate", shown);
            }
        }
        let with_hole = match hole {
            Some(hole) => self.with(hole, Some(variable("value"))),
            None => self.clone(),
        };
        let mut with = Piece::map();
        for part in Part::ALL {
            match with_hole.root(part) {
                Some(Value::Map(map)) if map.is_empty() && part != Part::Body => {}
                Some(root) => with.set(part.key(), tree(&root)),
                None => {}
            }
        }
        if !with.is_empty() {
            step.set("with", with);
        }
        step
    }
}

fn replaced(root: Option<&Value>, path: &[Into], value: Option<Value>) -> Option<Value> {
    let Some((step, rest)) = path.split_first() else { return value };
    match step {
        Into::Member(name) => {
            let mut map: Map = match root {
                Some(root) => root
                    .members()
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect(),
                None => Map::new(),
            };
            match replaced(map.get(name), rest, value) {
                Some(value) => map.insert(name.clone(), value),
                None => {
                    map.remove(name);
                }
            }
            Some(Value::map(map))
        }
        Into::Item(at) => {
            let mut items = root.and_then(Value::as_list).unwrap_or_default().to_vec();
            let held = items.get(*at).cloned();
            match (replaced(held.as_ref(), rest, value), items.get_mut(*at)) {
                (Some(value), Some(item)) => *item = value,
                (Some(value), None) => items.push(value),
                (None, Some(_)) => {
                    items.remove(*at);
                }
                (None, None) => {}
            }
            Some(Value::list(items))
        }
    }
}

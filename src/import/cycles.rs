//! Schemas that contain themselves: a spec has them where a member or an item leads back, and a
//! value can end.

use std::collections::{HashMap, HashSet};

use super::api::Api;
use super::notes::Notes;
use super::schema::{Applied, Schema};

/// How many references to bases are followed when they are written out.
const BASES: usize = 16;

/// Takes out what makes a schema nothing but itself, or without an end.
pub(super) fn end(api: &mut Api, notes: &mut Notes) {
    let names: Vec<String> = api.schemas.iter().map(|(name, _)| name.clone()).collect();
    // A schema that is an alternative of its own base: the base's other words hold for it.
    let mut reach = Reach::of(api);
    for bases_alone in [true, false] {
        for name in &names {
            let Some(schema) = api.shared(name).filter(|_| reach.leads(name, name)) else {
                continue;
            };
            let mut cut = schema.clone();
            Cut { api, reach: &reach, name, bases_alone, notes }.apart(&mut cut);
            reach.note(name, &cut);
            replace(api, name, cut);
        }
    }
    for name in &names {
        let Some(schema) = api.shared(name) else { continue };
        let leads = |inner: &Schema| holds(api, inner, name, &mut HashSet::new());
        if leads(schema) {
            let mut cut = schema.clone();
            optional(&mut cut, &leads);
            let text = format!("`required` in `{name}`, by which no value of it would ever end");
            notes.leave(text, None);
            replace(api, name, cut);
        }
    }
}

fn replace(api: &mut Api, name: &str, schema: Schema) {
    if let Some((_, known)) = api.schemas.iter_mut().find(|(known, _)| known == name) {
        *known = schema;
    }
}

/// Which shared schemas say something of the same value as others.
struct Reach {
    edges: HashMap<String, Vec<String>>,
}

impl Reach {
    fn of(api: &Api) -> Self {
        let mut reach = Self { edges: HashMap::new() };
        api.schemas.iter().for_each(|(name, schema)| reach.note(name, schema));
        reach
    }

    fn note(&mut self, name: &str, schema: &Schema) {
        let mut targets = Vec::new();
        in_place(schema, &mut targets);
        self.edges.insert(name.to_owned(), targets);
    }

    /// Whether one of them leads to the other.
    fn leads(&self, from: &str, to: &str) -> bool {
        let mut seen: HashSet<&str> = HashSet::new();
        let mut waiting: Vec<&str> = vec![from];
        while let Some(name) = waiting.pop() {
            for next in self.edges.get(name).into_iter().flatten() {
                if next == to {
                    return true;
                }
                if seen.insert(next) {
                    waiting.push(next);
                }
            }
        }
        false
    }
}

/// The names of the schemas that say something of the same value.
pub(super) fn in_place(schema: &Schema, into: &mut Vec<String>) {
    into.extend(schema.refers.clone());
    for inner in schema.applied.iter().filter(|one| one.is_in_place()).flat_map(Applied::schemas) {
        in_place(inner, into);
    }
}

/// Takes references out of a schema that lead back to it at the same value.
struct Cut<'c> {
    api: &'c Api,
    reach: &'c Reach,
    name: &'c str,
    bases_alone: bool,
    notes: &'c mut Notes,
}

impl Cut<'_> {
    fn leads_back(&self, schema: &Schema) -> bool {
        let mut targets = Vec::new();
        in_place(schema, &mut targets);
        targets.iter().any(|target| target == self.name || self.reach.leads(target, self.name))
    }

    fn apart(&mut self, schema: &mut Schema) {
        if let Some(target) = schema.refers.clone()
            && (target == self.name || self.reach.leads(&target, self.name))
        {
            let mut base = self.base(&target, BASES);
            schema.refers = None;
            base.merge(std::mem::take(schema));
            *schema = base;
        }
        for one in &mut schema.applied {
            if one.word == "allOf" || !self.bases_alone && one.is_in_place() {
                one.schemas.iter_mut().for_each(|(_, inner)| self.apart(inner));
            }
            if one.is_choice() && !self.bases_alone {
                let before = one.schemas.len();
                one.schemas.retain(|(_, inner)| !says_nothing(inner));
                if one.schemas.len() < before {
                    let text = format!("alternatives of `{}` that are it again", self.name);
                    self.notes.leave(text, None);
                }
            }
        }
        schema.applied.retain(|one| !one.schemas.is_empty() || !one.beside.is_empty());
    }

    /// What a schema says but for what leads back.
    fn base(&self, target: &str, depth: usize) -> Schema {
        let Some(schema) = self.api.shared(target).filter(|_| target != self.name) else {
            return Schema::default();
        };
        let mut base = schema.clone();
        let leads_back = |one: &Applied| one.schemas().any(|inner| self.leads_back(inner));
        base.applied.retain(|one| !one.is_in_place() || !leads_back(one));
        if let Some(next) = base.refers.clone()
            && (next == self.name || self.reach.leads(&next, self.name))
        {
            base.refers = None;
            if depth > 0 {
                let mut below = self.base(&next, depth - 1);
                below.merge(base);
                base = below;
            }
        }
        base
    }
}

fn says_nothing(schema: &Schema) -> bool {
    schema.to_piece().is_empty()
}

/// Whether each value of a schema holds one of the shared schema of that name.
fn holds(api: &Api, schema: &Schema, name: &str, seen: &mut HashSet<String>) -> bool {
    if schema.nullable {
        return false;
    }
    if let Some(target) = &schema.refers {
        if target == name {
            return true;
        }
        if seen.insert(target.clone())
            && api.shared(target).is_some_and(|target| holds(api, target, name, seen))
        {
            return true;
        }
    }
    let all = schema.applied.iter().filter(|one| one.word == "allOf").flat_map(Applied::schemas);
    let required = schema.properties.iter().filter(|(property, inner)| {
        schema.is("object") && schema.required.contains(property) && !inner.read_only
    });
    let needs_item = schema.is("array")
        && schema
            .keyword("minItems")
            .is_some_and(|least| *least != crate::value::Value::Integer(0));
    let items = schema.items.as_deref().filter(|_| needs_item);
    let inner: Vec<&Schema> = all.chain(required.map(|(_, inner)| inner)).chain(items).collect();
    inner.into_iter().any(|inner| holds(api, inner, name, seen))
}

/// Lets members be absent that lead back.
fn optional(schema: &mut Schema, leads: &impl Fn(&Schema) -> bool) {
    let back: Vec<&String> =
        schema.properties.iter().filter(|(_, inner)| leads(inner)).map(|(name, _)| name).collect();
    schema.required.retain(|name| !back.contains(&name));
    if schema.items.as_deref().is_some_and(leads) {
        schema.unset("minItems");
    }
    for one in schema.applied.iter_mut().filter(|one| one.word == "allOf") {
        one.schemas.iter_mut().for_each(|(_, inner)| optional(inner, leads));
    }
}

/// The names that a schema and all that stand in it refer to; those that a discriminator chooses
/// among are read once more for it.
pub(super) fn targets<'s>(schema: &'s Schema, into: &mut Vec<&'s str>) {
    into.extend(schema.refers.as_deref());
    for child in schema.children() {
        targets(child, into);
    }
    for one in schema.applied.iter().filter(|one| one.discriminator.is_some()) {
        into.extend(one.schemas().filter_map(|schema| schema.refers.as_deref()));
    }
}

/// The shared schemas that contain themselves, each with the number of its circle.
pub(super) fn circles(api: &Api) -> HashMap<String, usize> {
    let index: HashMap<&str, usize> =
        api.schemas.iter().enumerate().map(|(at, (name, _))| (name.as_str(), at)).collect();
    let edges: Vec<Vec<usize>> = api
        .schemas
        .iter()
        .map(|(_, schema)| {
            let mut names = Vec::new();
            targets(schema, &mut names);
            names.iter().filter_map(|name| index.get(name).copied()).collect()
        })
        .collect();
    let mut back: Vec<Vec<usize>> = vec![Vec::new(); edges.len()];
    for (from, all) in edges.iter().enumerate() {
        for to in all {
            if let Some(list) = back.get_mut(*to) {
                list.push(from);
            }
        }
    }
    // Those that are finished last come first, against the edges (Kosaraju).
    let mut seen = vec![false; edges.len()];
    let mut order = Vec::new();
    for root in 0..edges.len() {
        visit(root, &edges, &mut seen, &mut order);
    }
    let mut seen = vec![false; edges.len()];
    let mut circles = HashMap::new();
    for (number, root) in order.into_iter().rev().enumerate() {
        let mut members = Vec::new();
        visit(root, &back, &mut seen, &mut members);
        let loops = |at: &usize| edges.get(*at).is_some_and(|all| all.contains(at));
        if members.len() > 1 || members.first().is_some_and(loops) {
            let names = members.iter().filter_map(|at| api.schemas.get(*at));
            circles.extend(names.map(|(name, _)| (name.clone(), number)));
        }
    }
    circles
}

/// Depth first without recursion, since chains of references can be long; children first.
fn visit(root: usize, edges: &[Vec<usize>], seen: &mut [bool], order: &mut Vec<usize>) {
    if seen.get_mut(root).is_none_or(|seen| std::mem::replace(seen, true)) {
        return;
    }
    let mut path: Vec<(usize, usize)> = vec![(root, 0)];
    while let Some((at, next)) = path.last_mut() {
        let to = edges.get(*at).and_then(|all| all.get(*next)).copied();
        *next += 1;
        match to {
            Some(to) => {
                if seen.get_mut(to).is_some_and(|seen| !std::mem::replace(seen, true)) {
                    path.push((to, 0));
                }
            }
            None => {
                order.push(*at);
                path.pop();
            }
        }
    }
}

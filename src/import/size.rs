//! How much schemas come to when all that they refer to is written out, as a spec is read.

use std::collections::{HashMap, HashSet};

use super::api::Api;
use super::cycles::{circles, targets};
use super::notes::Notes;
use super::schema::Schema;

/// How many schemas, those of properties too, all references of a spec may come to when they are
/// written out.
const WRITTEN_OUT: u64 = 30_000;
/// How many one that contains itself may come to.
const CIRCLE: u64 = 3_000;

/// Cuts references to schemas that come to too much, the largest first, until a spec can be read.
pub(super) fn bound(api: &mut Api, notes: &mut Notes) {
    open_circles(api, notes);
    let mut limit = u64::MAX;
    loop {
        let known = sizes(api);
        let mut names = Vec::new();
        api.used().for_each(|schema| targets(schema, &mut names));
        let total = names
            .iter()
            .fold(0_u64, |sum, name| sum.saturating_add(known.get(*name).copied().unwrap_or(0)));
        if total <= WRITTEN_OUT {
            return;
        }
        let largest = known.values().copied().filter(|size| *size < limit).max().unwrap_or(1);
        limit = (largest / 2).max(1);
        if largest <= 1 {
            return;
        }
        let mut cut = Vec::new();
        let types = types(api);
        for (_, schema) in &mut api.schemas {
            each(schema, &mut |inner| {
                let is_large = |target: &str| known.get(target).is_some_and(|size| *size > limit);
                if let Some(target) = inner.refers.take_if(|target| is_large(target)) {
                    loosen(inner, &target, &types, &mut cut);
                }
            });
        }
        if !cut.is_empty() {
            let text = format!("schemas below those that grow too large: {}", listed(&cut));
            notes.leave(text, None);
        }
    }
}

fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn each(schema: &mut Schema, act: &mut impl FnMut(&mut Schema)) {
    act(schema);
    for child in schema.children_mut() {
        each(child, act);
    }
}

fn types(api: &Api) -> HashMap<String, Vec<&'static str>> {
    api.schemas.iter().map(|(name, schema)| (name.clone(), api.resolved(schema).types)).collect()
}

/// What stays of a schema when what it referred to is cut off.
fn loosen(
    schema: &mut Schema,
    target: &str,
    types: &HashMap<String, Vec<&'static str>>,
    cut: &mut Vec<String>,
) {
    if schema.types.is_empty() {
        schema.types = types.get(target).cloned().unwrap_or_default();
    }
    schema.loose = true;
    if !cut.iter().any(|known| known == target) {
        cut.push(target.to_owned());
    }
}

/// How many schemas there are in a schema.
fn count(schema: &Schema) -> u64 {
    1 + schema.children().map(count).sum::<u64>()
}

/// Works out what each shared schema comes to. Where one contains itself, it is written out up to
/// there, on each way that leads to it.
struct Sizes<'a> {
    counts: HashMap<&'a str, u64>,
    edges: HashMap<&'a str, Vec<&'a str>>,
    circles: HashMap<String, usize>,
    known: HashMap<&'a str, u64>,
}

impl<'a> Sizes<'a> {
    fn of(api: &'a Api) -> Self {
        let mut counts = HashMap::new();
        let mut edges = HashMap::new();
        for (name, schema) in &api.schemas {
            let mut names = Vec::new();
            targets(schema, &mut names);
            counts.insert(name.as_str(), count(schema));
            edges.insert(name.as_str(), names);
        }
        Self { counts, edges, circles: circles(api), known: HashMap::new() }
    }

    /// What a schema comes to from outside of its circle.
    fn size(&mut self, name: &'a str) -> u64 {
        if let Some(size) = self.known.get(name) {
            return *size;
        }
        let mut left = CIRCLE;
        let mut on_way = HashSet::new();
        let size = self.within(name, &mut on_way, &mut left);
        let size = if left == 0 { u64::MAX / 4 } else { size };
        self.known.insert(name, size);
        size
    }

    fn within(&mut self, name: &'a str, on_way: &mut HashSet<&'a str>, left: &mut u64) -> u64 {
        let mut sum = self.counts.get(name).copied().unwrap_or(0);
        let circle = self.circles.get(name).copied();
        if circle.is_some() {
            *left = left.saturating_sub(sum);
            on_way.insert(name);
        }
        for next in self.edges.get(name).cloned().unwrap_or_default() {
            if *left == 0 {
                break;
            }
            let is_around = circle.is_some() && self.circles.get(next).copied() == circle;
            let size = match is_around {
                true if on_way.contains(next) => 1,
                true => self.within(next, on_way, left),
                false => self.size(next),
            };
            sum = sum.saturating_add(size);
        }
        on_way.remove(name);
        sum
    }
}

/// How many schemas each shared one comes to when it is written out.
fn sizes(api: &Api) -> HashMap<String, u64> {
    let mut sizes = Sizes::of(api);
    let all = api.schemas.iter().map(|(name, _)| name.as_str());
    all.map(|name| (name.to_owned(), sizes.size(name))).collect()
}

/// Opens circles of schemas that come to too much: those of many schemas that refer to each other.
/// Where there is a WSDL, which has no words for them, all are opened.
fn open_circles(api: &mut Api, notes: &mut Notes) {
    let all = !api.soap.is_empty();
    let mut sizes = Sizes::of(api);
    let circles = sizes.circles.clone();
    let large: HashSet<usize> = api
        .schemas
        .iter()
        .filter_map(|(name, _)| {
            let circle = circles.get(name)?;
            let mut left = CIRCLE;
            sizes.within(name, &mut HashSet::new(), &mut left);
            (left == 0 || all).then_some(*circle)
        })
        .collect();
    if large.is_empty() {
        return;
    }
    let within = |name: &str| circles.get(name).filter(|circle| large.contains(circle)).copied();
    let back = back_edges(api, &within, all);
    let types = types(api);
    let mut cut = Vec::new();
    for (name, schema) in &mut api.schemas {
        each(schema, &mut |inner| {
            let is_back = |target: &String| back.contains(&(name.clone(), target.clone()));
            if let Some(target) = inner.refers.take_if(|target| is_back(target)) {
                loosen(inner, &target, &types, &mut cut);
            }
        });
    }
    let what = match all {
        true => "schemas that contain themselves",
        false => "schemas that contain each other in more ways than can be written out",
    };
    notes.leave(format!("{what}, where they do: {}", listed(&cut)), None);
}

/// The references that lead back within circles; those of schemas to themselves only where `all` are
/// wanted.
fn back_edges(
    api: &Api,
    within: &impl Fn(&str) -> Option<usize>,
    all: bool,
) -> HashSet<(String, String)> {
    let sizes = Sizes::of(api);
    let mut done: HashSet<&str> = HashSet::new();
    let mut back = HashSet::new();
    for root in api.schemas.iter().map(|(name, _)| name.as_str()) {
        let Some(circle) = within(root).filter(|_| !done.contains(root)) else { continue };
        let mut path: Vec<(&str, usize)> = vec![(root, 0)];
        let mut on_path: HashSet<&str> = HashSet::from([root]);
        while let Some((name, at)) = path.last_mut() {
            let next = sizes.edges.get(name).and_then(|names| names.get(*at)).copied();
            *at += 1;
            match next {
                Some(next) if next == *name && !all || within(next) != Some(circle) => {}
                Some(next) if on_path.contains(next) => {
                    back.insert((name.to_owned(), next.to_owned()));
                }
                Some(next) if !done.contains(next) => {
                    on_path.insert(next);
                    path.push((next, 0));
                }
                Some(_) => {}
                None => {
                    let Some((name, _)) = path.pop() else { break };
                    on_path.remove(name);
                    done.insert(name);
                }
            }
        }
    }
    back
}

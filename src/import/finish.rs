//! Schemas as the spec language takes them: none contains itself or grows without bound, and each
//! keyword says something about its type.

use std::collections::{HashMap, HashSet};

use super::api::Api;
use super::notes::Notes;
use super::schema::{Additional, Schema};
use crate::value::{Number, Value};

/// How many schemas, those of properties too, all references of a spec may come to when they are
/// written out.
const WRITTEN_OUT: u64 = 30_000;

/// Makes all schemas of an API ones that a spec can have.
pub(super) fn finish(api: &mut Api, notes: &mut Notes) {
    fit_all(api, notes);
    let cut = break_cycles(api);
    if !cut.is_empty() {
        let names = listed(&cut);
        let text = format!("schemas that contain themselves, where they do: {names}");
        notes.leave(text, None);
    }
    bound(api, notes);
    drop_unused(api);
}

fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Does something to a schema and all that stand in it.
fn each(schema: &mut Schema, act: &mut impl FnMut(&mut Schema)) {
    act(schema);
    for child in schema.children_mut() {
        each(child, act);
    }
}

/// The names that a schema and all that stand in it refer to.
fn targets<'s>(schema: &'s Schema, into: &mut Vec<&'s str>) {
    into.extend(schema.refers.as_deref());
    for child in schema.children() {
        targets(child, into);
    }
}

fn fit_all(api: &mut Api, notes: &mut Notes) {
    let types: HashMap<String, Schema> =
        api.schemas.iter().map(|(name, schema)| (name.clone(), api.resolved(schema))).collect();
    let mut fit = |schema: &mut Schema| fit(schema, &types, notes);
    for (_, schema) in &mut api.schemas {
        each(schema, &mut fit);
    }
    for schema in api.used_mut() {
        each(schema, &mut fit);
    }
}

/// The types that a keyword is about; nothing for those about all.
fn about(keyword: &str) -> Option<&'static [&'static str]> {
    Some(match keyword {
        "minLength" | "maxLength" | "pattern" => &["string"],
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            &["integer", "number"]
        }
        "minItems" | "maxItems" | "uniqueItems" => &["array"],
        "minProperties" | "maxProperties" => &["object"],
        _ => return None,
    })
}

fn fit(schema: &mut Schema, shared: &HashMap<String, Schema>, notes: &mut Notes) {
    let target = schema.refers.as_ref().and_then(|name| shared.get(name));
    if schema.nullable && schema.types.is_empty() {
        schema.types = target.map(|target| target.types.clone()).unwrap_or_default();
    }
    if schema.types.is_empty()
        && let Some(Value::List(choices)) = schema.keyword("enum")
        && choices.iter().all(|choice| choice.as_str().is_some())
    {
        schema.types.push("string");
    }
    let types = match schema.types.is_empty() {
        true => target.map(|target| target.types.clone()).unwrap_or_default(),
        false => schema.types.clone(),
    };
    // A file or whatever else is binary is a text here.
    schema.keywords.retain(|(name, value)| {
        let fits = about(name)
            .is_none_or(|about| types.is_empty() || types.iter().any(|kind| about.contains(kind)));
        if !fits {
            let text = format!("`{name}` on a value of type {}", types.join(" or "));
            notes.leave(text, None);
        }
        let negative = matches!(value, Value::Integer(number) if *number < 0);
        let count =
            name.contains("Length") || name.contains("Items") || name.contains("Properties");
        fits && !(count && negative && *name != "uniqueItems")
    });
    if let Some(Value::List(choices)) = schema.keyword("enum").cloned() {
        let mut kept: Vec<Value> = Vec::with_capacity(choices.len());
        for choice in choices.iter() {
            match fitted(choice, &types) {
                Some(value) if !kept.contains(&value) => kept.push(value),
                Some(_) => {}
                None => {
                    notes.leave(format!("`{choice}` in `enum`, which is not of its type"), None);
                }
            }
        }
        schema.unset("enum");
        if !kept.is_empty() {
            schema.set("enum", Value::list(kept));
        }
    }
    if let Some(value) = schema.keyword("default").cloned() {
        let choices = schema.keyword("enum").or_else(|| target?.keyword("enum"));
        let chosen = |value: &Value| match choices {
            Some(Value::List(choices)) => choices.contains(value),
            _ => true,
        };
        match fitted(&value, &types).filter(chosen) {
            Some(value) => schema.set("default", value),
            None => {
                notes.leave(format!("the default `{value}`, which does not fit its schema"), None);
                schema.unset("default");
            }
        }
    }
    // A property that is asked for in a request, and ignored there, would never come.
    if schema.properties.iter().any(|(_, property)| property.read_only) {
        let ignored: HashSet<&String> =
            schema.properties.iter().filter(|(_, p)| p.read_only).map(|(name, _)| name).collect();
        schema.required.retain(|name| !ignored.contains(name));
    }
    if matches!(schema.additional, Additional::Refused) && schema.properties.is_empty() {
        schema.additional = Additional::Unsaid;
    }
}

/// The value as one of the types, if it is one or spells one.
fn fitted(value: &Value, types: &[&'static str]) -> Option<Value> {
    if types.is_empty() {
        return Some(value.clone());
    }
    let has = |kind: &str| types.contains(&kind);
    let fits = match value {
        Value::Null => false,
        Value::Bool(_) => has("boolean"),
        Value::Integer(_) => has("integer") || has("number"),
        Value::Number(number) => has("number") || has("integer") && number.is_integer(),
        Value::Text(_) => has("string"),
        Value::List(_) => has("array"),
        Value::Map(_) | Value::Record(_) => has("object"),
    };
    if fits {
        return Some(value.clone());
    }
    match value {
        Value::Bool(_) | Value::Integer(_) | Value::Number(_) if has("string") => {
            Some(Value::text(value.to_string()))
        }
        Value::Text(text) if has("boolean") => text.parse().ok().map(Value::Bool),
        Value::Text(text) if has("integer") || has("number") => text
            .parse()
            .map(Value::Integer)
            .ok()
            .or_else(|| Number::parse(text).filter(|_| has("number")).map(Value::Number)),
        _ => None,
    }
}

/// Takes out the references by which schemas contain themselves; gives the names of those.
fn break_cycles(api: &mut Api) -> Vec<String> {
    let edges: HashMap<String, Vec<String>> = api
        .schemas
        .iter()
        .map(|(name, schema)| {
            let mut names = Vec::new();
            targets(schema, &mut names);
            (name.clone(), names.into_iter().map(str::to_owned).collect())
        })
        .collect();
    // Depth first without recursion: chains of references can be long.
    let mut done: HashSet<String> = HashSet::new();
    let mut back: HashSet<(String, String)> = HashSet::new();
    let order: Vec<String> = api.schemas.iter().map(|(name, _)| name.clone()).collect();
    for root in order {
        let mut path: Vec<(String, usize)> = vec![(root.clone(), 0)];
        let mut on_path: HashSet<String> = HashSet::from([root]);
        while let Some((name, at)) = path.last_mut() {
            let next = edges.get(name).and_then(|names| names.get(*at)).cloned();
            *at += 1;
            match next {
                Some(next) if on_path.contains(&next) => {
                    back.insert((name.clone(), next));
                }
                Some(next) if !done.contains(&next) => {
                    on_path.insert(next.clone());
                    path.push((next, 0));
                }
                Some(_) => {}
                None => {
                    let Some((name, _)) = path.pop() else { break };
                    on_path.remove(&name);
                    done.insert(name);
                }
            }
        }
    }
    let types: HashMap<String, Vec<&'static str>> =
        api.schemas.iter().map(|(name, schema)| (name.clone(), schema.types.clone())).collect();
    let mut names = Vec::new();
    for (name, schema) in &mut api.schemas {
        each(schema, &mut |inner| {
            let Some(target) = inner.refers.clone() else { return };
            if back.contains(&(name.clone(), target.clone())) {
                inner.refers = None;
                inner.types = types.get(&target).cloned().unwrap_or_default();
                if !names.contains(&target) {
                    names.push(target);
                }
            }
        });
    }
    names
}

/// How many schemas there are in a schema.
fn count(schema: &Schema) -> u64 {
    1 + schema.children().map(count).sum::<u64>()
}

/// How many schemas each shared one comes to when it is written out.
fn sizes(api: &Api) -> HashMap<String, u64> {
    fn size(name: &str, api: &HashMap<&str, &Schema>, known: &mut HashMap<String, u64>) -> u64 {
        if let Some(size) = known.get(name) {
            return *size;
        }
        let mut names = Vec::new();
        let mut sum = 1;
        if let Some(schema) = api.get(name) {
            targets(schema, &mut names);
            sum = count(schema);
        }
        let sum = names.iter().fold(sum, |sum, name| sum.saturating_add(size(name, api, known)));
        known.insert(name.to_owned(), sum);
        sum
    }
    let schemas: HashMap<&str, &Schema> =
        api.schemas.iter().map(|(name, schema)| (name.as_str(), schema)).collect();
    let mut known = HashMap::new();
    for (name, _) in &api.schemas {
        size(name, &schemas, &mut known);
    }
    known
}

/// Cuts references to schemas that come to too much, the largest first, until a spec can be read.
fn bound(api: &mut Api, notes: &mut Notes) {
    let mut limit = u64::MAX;
    loop {
        let known = sizes(api);
        let mut names = Vec::new();
        for operation in &api.operations {
            let body = operation.body.iter().flat_map(|body| &body.content).map(|(_, s)| s);
            let answers = operation.answers.iter().flat_map(|answer| &answer.content);
            let parameters = operation.parameters.iter().map(|parameter| &parameter.schema);
            for schema in parameters.chain(body).chain(answers.filter_map(|c| c.schema.as_ref())) {
                targets(schema, &mut names);
            }
        }
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
        for (_, schema) in &mut api.schemas {
            each(schema, &mut |inner| {
                let Some(target) = inner.refers.clone() else { return };
                if known.get(&target).is_some_and(|size| *size > limit) {
                    inner.refers = None;
                    if !cut.contains(&target) {
                        cut.push(target);
                    }
                }
            });
        }
        if !cut.is_empty() {
            let text = format!("what stands below schemas that come to too much: {}", listed(&cut));
            notes.leave(text, None);
        }
    }
}

/// Drops shared schemas that nothing refers to.
fn drop_unused(api: &mut Api) {
    let mut used: HashSet<String> = HashSet::new();
    let mut waiting: Vec<String> = Vec::new();
    for schema in api.used_mut() {
        let mut names = Vec::new();
        targets(schema, &mut names);
        waiting.extend(names.into_iter().map(str::to_owned));
    }
    while let Some(name) = waiting.pop() {
        if !used.insert(name.clone()) {
            continue;
        }
        let mut names = Vec::new();
        if let Some(schema) = api.shared(&name) {
            targets(schema, &mut names);
        }
        waiting.extend(names.into_iter().map(str::to_owned));
    }
    api.schemas.retain(|(name, _)| used.contains(name));
}

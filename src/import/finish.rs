//! Schemas as the spec language takes them: none is nothing but itself or grows without bound, and
//! each keyword says something about its type.

use std::collections::{HashMap, HashSet};

use super::api::{Api, Wire, wire_of};
use super::cycles;
use super::notes::Notes;
use super::schema::{Additional, Applied, Schema};
use super::size::bound;
use super::spelled::{fitted, spelled};
use crate::value::Value;
use crate::wire::xml::is_unprefixed_name;

/// Makes all schemas of an API ones that a spec can have.
pub(super) fn finish(api: &mut Api, notes: &mut Notes) {
    cycles::end(api, notes);
    fit_all(api, notes);
    name_roots(api);
    bound(api, notes);
    settle_choices(api, notes);
    drop_unused(api);
}

/// Does something to a schema and all that stand in it.
fn each(schema: &mut Schema, act: &mut impl FnMut(&mut Schema)) {
    act(schema);
    for child in schema.children_mut() {
        each(child, act);
    }
}

fn fit_all(api: &mut Api, notes: &mut Notes) {
    let shared: HashMap<String, Schema> =
        api.schemas.iter().map(|(name, schema)| (name.clone(), api.resolved(schema))).collect();
    let circles = cycles::circles(api);
    let mut fit = |schema: &mut Schema| {
        let target = schema.refers.as_ref().and_then(|name| shared.get(name));
        let in_circle = schema.refers.as_ref().is_some_and(|name| circles.contains_key(name));
        fit(schema, target, notes);
        nullable(schema, target, in_circle);
        if let Some(example) = schema.example.take() {
            schema.example = Some(spelled(&example, schema, &shared));
        }
    };
    for (_, schema) in &mut api.schemas {
        each(schema, &mut fit);
    }
    for schema in api.used_mut() {
        each(schema, &mut fit);
    }
    let answers = api.operations.iter_mut().flat_map(|operation| &mut operation.answers);
    for content in answers.flat_map(|answer| &mut answer.content) {
        if let (Some(example), Some(schema)) = (&mut content.example, &content.schema) {
            *example = spelled(example, schema, &shared);
        }
    }
}

/// Where a document gives no name to the element of an answer in XML, it is that of the schema.
fn name_roots(api: &mut Api) {
    let shared: HashMap<String, Schema> =
        api.schemas.iter().map(|(name, schema)| (name.clone(), api.resolved(schema))).collect();
    let answers = api.operations.iter_mut().flat_map(|operation| &mut operation.answers);
    for answer in answers {
        if !answer.content.iter().any(|content| wire_of(&content.media_type) == Wire::Xml) {
            continue;
        }
        for schema in answer.content.iter_mut().filter_map(|content| content.schema.as_mut()) {
            let target = schema.refers.as_ref().and_then(|name| shared.get_key_value(name));
            let Some((name, target)) = target else { continue };
            let is_unnamed = schema.xml.is_none() && target.xml.is_none();
            if is_unnamed && target.is("object") && is_unprefixed_name(name) {
                schema.xml = Some((name.clone(), None));
            }
        }
    }
}

/// The types that a keyword is about; nothing for those about all.
fn about(keyword: &str) -> Option<&'static [&'static str]> {
    Some(match keyword {
        "minLength" | "maxLength" | "pattern" => &["string"],
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            &["integer", "number"]
        }
        "minItems" | "maxItems" | "uniqueItems" | "contains" | "prefixItems"
        | "unevaluatedItems" => &["array"],
        "minProperties"
        | "maxProperties"
        | "patternProperties"
        | "propertyNames"
        | "dependentRequired"
        | "dependentSchemas"
        | "unevaluatedProperties" => &["object"],
        _ => return None,
    })
}

fn fit(schema: &mut Schema, target: Option<&Schema>, notes: &mut Notes) {
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
    let mut applies = |name: &str| {
        let fits = about(name)
            .is_none_or(|about| types.is_empty() || types.iter().any(|kind| about.contains(kind)));
        if !fits {
            let text = format!("`{name}` on a value of type {}", types.join(" or "));
            notes.leave(text, None);
        }
        fits
    };
    schema.applied.retain(|one| applies(one.word));
    // A file or whatever else is binary is a text here.
    schema.keywords.retain(|(name, value)| {
        let fits = applies(name);
        let negative = matches!(value, Value::Integer(number) if *number < 0);
        let count =
            name.contains("Length") || name.contains("Items") || name.contains("Properties");
        fits && !(count && negative && *name != "uniqueItems")
    });
    if let Some(Value::List(choices)) = schema.keyword("enum").cloned() {
        let mut kept: Vec<Value> = Vec::with_capacity(choices.len());
        for choice in &choices {
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
        let required = target.into_iter().flat_map(|target| &target.required);
        let required: Vec<&String> = schema.required.iter().chain(required).collect();
        let whole = |value: &Value| {
            value.members().is_none() || required.iter().all(|name| value.get(name).is_some())
        };
        match fitted(&value, &types).filter(chosen).filter(whole) {
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

/// Says that null fits, which has to fit whatever else is said of the value.
fn nullable(schema: &mut Schema, target: Option<&Schema>, in_circle: bool) {
    if !schema.nullable || schema.only_null {
        return;
    }
    let composes = |schema: &Schema| schema.applied.iter().any(Applied::is_in_place);
    let takes_null = |one: &Applied| one.is_choice() && one.schemas().any(|it| it.nullable);
    if !in_circle
        && let Some(target) = target
        && !composes(target)
        && schema.types.is_empty()
    {
        schema.types.clone_from(&target.types);
    }
    let is_apart = in_circle
        || target.is_some_and(composes)
        || schema.types.is_empty() && target.is_some()
        || schema.types.is_empty() && schema.keyword("enum").is_some()
        || composes(schema) && !schema.applied.iter().all(takes_null);
    if !is_apart {
        return;
    }
    let null = Schema { nullable: true, only_null: true, ..Schema::default() };
    let mut inner = Schema {
        refers: schema.refers.take(),
        types: std::mem::take(&mut schema.types),
        properties: std::mem::take(&mut schema.properties),
        required: std::mem::take(&mut schema.required),
        items: schema.items.take(),
        additional: std::mem::take(&mut schema.additional),
        applied: std::mem::take(&mut schema.applied),
        ..Schema::default()
    };
    let is_around = |name: &str| matches!(name, "default" | "description");
    for (name, value) in std::mem::take(&mut schema.keywords) {
        if is_around(name) { &mut *schema } else { &mut inner }.set(name, value);
    }
    schema.nullable = false;
    schema.apply(Applied::list("anyOf", vec![inner, null]));
}

/// Makes alternatives that are not taken whole ones that a value may have several of, and names
/// only references in discriminators.
fn settle_choices(api: &mut Api, notes: &mut Notes) {
    let loose: HashSet<String> = api
        .schemas
        .iter()
        .filter(|(_, schema)| is_loose(api, schema, LOOKS))
        .map(|(name, _)| name.clone())
        .collect();
    let chosen = discriminated(api);
    let mut act = |schema: &mut Schema| {
        for one in &mut schema.applied {
            settle_choice(one, &loose, &chosen, notes);
        }
        schema.applied.retain(|one| {
            let kept = !matches!(one.word, "not" | "if")
                || !one.schemas().any(|inner| is_loose_here(inner, &loose));
            if !kept {
                let text = format!("`{}` of schemas that are taken only in part", one.word);
                notes.leave(text, None);
            }
            kept
        });
    };
    for (_, schema) in &mut api.schemas {
        each(schema, &mut act);
    }
    for schema in api.used_mut() {
        each(schema, &mut act);
    }
}

/// How many schemas at the same value are looked at.
const LOOKS: usize = 12;

fn is_loose(api: &Api, schema: &Schema, looks: usize) -> bool {
    let target = schema.refers.as_deref().and_then(|name| api.shared(name));
    let in_place = schema.applied.iter().filter(|one| one.is_in_place());
    let inner = in_place.flat_map(Applied::schemas).chain(target);
    let inner: Vec<&Schema> = if looks > 0 { inner.collect() } else { Vec::new() };
    schema.loose || inner.into_iter().any(|inner| is_loose(api, inner, looks - 1))
}

fn is_loose_here(schema: &Schema, shared: &HashSet<String>) -> bool {
    let in_place = schema.applied.iter().filter(|one| one.is_in_place());
    schema.loose
        || schema.refers.as_ref().is_some_and(|name| shared.contains(name))
        || in_place.flat_map(Applied::schemas).any(|inner| is_loose_here(inner, shared))
}

/// The values that shared schemas name for the members that discriminators look at.
fn discriminated(api: &Api) -> HashMap<(String, String), Vec<String>> {
    let mut wanted: HashSet<(String, String)> = HashSet::new();
    let mut note = |schema: &Schema| {
        for one in &schema.applied {
            let Some(discriminator) = &one.discriminator else { continue };
            let names = one.schemas().filter_map(|schema| schema.refers.clone());
            wanted.extend(names.map(|name| (name, discriminator.member.clone())));
        }
    };
    api.schemas.iter().map(|(_, schema)| schema).for_each(|schema| look(schema, &mut note));
    api.used().for_each(|schema| look(schema, &mut note));
    wanted
        .into_iter()
        .map(|(name, member)| {
            let schema = api.shared(&name).map(|schema| api.resolved(schema));
            let member_schema = schema.as_ref().and_then(|schema| schema.property(&member));
            let member_schema = member_schema.map(|schema| api.resolved(schema));
            let values = member_schema.map(|schema| {
                let choices = match schema.keyword("enum") {
                    Some(Value::List(choices)) => choices.to_vec(),
                    _ => schema.keyword("const").cloned().into_iter().collect(),
                };
                choices.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            });
            ((name, member), values.unwrap_or_default())
        })
        .collect()
}

fn look(schema: &Schema, act: &mut impl FnMut(&Schema)) {
    act(schema);
    schema.children().for_each(|child| look(child, act));
}

fn settle_choice(
    one: &mut Applied,
    loose: &HashSet<String>,
    chosen: &HashMap<(String, String), Vec<String>>,
    notes: &mut Notes,
) {
    let names: Vec<String> = one.schemas().filter_map(|schema| schema.refers.clone()).collect();
    if names.len() < one.schemas.len() && one.discriminator.take().is_some() {
        notes.leave("`discriminator` of alternatives that are not references any more", None);
    }
    if let Some(discriminator) = &mut one.discriminator {
        discriminator.mapping.retain(|(_, name)| names.contains(name));
        // Each alternative says itself by which value it is chosen, unless `mapping` does.
        for name in &names {
            let said = chosen.get(&(name.clone(), discriminator.member.clone()));
            let others = |value: &&String| {
                let of_others = |other: &&String| {
                    *other != name
                        && chosen
                            .get(&((*other).clone(), discriminator.member.clone()))
                            .is_some_and(|values| values.contains(value))
                };
                !names.contains(value)
                    && !names.iter().any(|other| of_others(&other))
                    && discriminator.mapping.iter().all(|(known, _)| known != *value)
            };
            let values: Vec<String> = said.into_iter().flatten().filter(others).cloned().collect();
            discriminator.mapping.extend(values.into_iter().map(|value| (value, name.clone())));
        }
    }
    if one.word == "oneOf"
        && one.discriminator.is_none()
        && one.schemas().any(|schema| is_loose_here(schema, loose))
    {
        one.word = "anyOf";
        let text =
            "`oneOf` of schemas that are taken only in part: what any of them allows is accepted";
        notes.leave(text, None);
    }
}

/// Drops shared schemas that nothing refers to.
fn drop_unused(api: &mut Api) {
    let mut used: HashSet<String> = HashSet::new();
    let mut waiting: Vec<String> = Vec::new();
    for schema in api.used_mut() {
        let mut names = Vec::new();
        cycles::targets(schema, &mut names);
        waiting.extend(names.into_iter().map(str::to_owned));
    }
    while let Some(name) = waiting.pop() {
        if !used.insert(name.clone()) {
            continue;
        }
        let mut names = Vec::new();
        if let Some(schema) = api.shared(&name) {
            cycles::targets(schema, &mut names);
        }
        waiting.extend(names.into_iter().map(str::to_owned));
    }
    api.schemas.retain(|(name, _)| used.contains(name));
}

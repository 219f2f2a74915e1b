//! The steps of operations on a collection, and the collection itself.

use super::api::{Api, Operation};
use super::behaviour::{good, good_status, has_content};
use super::errors::Errors;
use super::names::{snake, words};
use super::parents::{expression, in_path, member, parent_field};
use super::resource::{Creates, Many, Parent, Resource, answered, many, one, sent};
use super::sample::sample;
use super::schema::Schema;
use super::tree::{tree, whole};
use crate::write::Piece;

/// Properties that nobody has twice, where an API answers that something is there already.
const UNIQUE: [&str; 9] =
    ["email", "mail", "username", "user_name", "login", "slug", "code", "sku", "name"];

/// Makes the steps of the operations on one collection.
pub(super) struct Actions<'a> {
    api: &'a Api,
    resource: &'a Resource,
    others: &'a [Resource],
    errors: &'a mut Errors,
    /// What is unique besides the key, and the error that says so.
    pub(super) conflict: Option<(String, String)>,
    /// What can be done, in words.
    pub(super) verbs: Vec<&'static str>,
    /// How rows come to be.
    pub(super) creates: Creates,
}

impl<'a> Actions<'a> {
    pub(super) fn new(
        api: &'a Api,
        resource: &'a Resource,
        others: &'a [Resource],
        errors: &'a mut Errors,
    ) -> Self {
        let creates = Creates::Never;
        Self { api, resource, others, errors, conflict: None, verbs: Vec::new(), creates }
    }

    /// The steps of an operation, if it is one on this collection.
    pub(super) fn steps(&mut self, operation: &Operation) -> Option<Vec<Piece>> {
        if !operation.soap.is_empty() {
            return None;
        }
        let path = operation.path.trim_end_matches('/');
        let item = format!("{}/{{{}}}", self.resource.path, self.resource.parameter);
        let steps = match (operation.method.as_str(), path) {
            ("GET", path) if path == item => self.read(operation),
            ("PUT" | "PATCH", path) if path == item => self.update(operation),
            ("DELETE", path) if path == item => self.delete(operation),
            ("GET", path) if path == self.resource.path => self.list(operation),
            ("POST", path) if path == self.resource.path => self.create(operation),
            // Which one it is says the body.
            ("PUT" | "PATCH", path) if path == self.resource.path => self.update(operation),
            _ => return None,
        }?;
        let mut all = self.parents(operation);
        all.extend(steps);
        Some(all.into_iter().map(|step| step.with("evidence", "assumed")).collect())
    }

    /// What has the collection has to be there.
    fn parents(&mut self, operation: &Operation) -> Vec<Piece> {
        let resource = self.resource;
        let known = |parent: &'a Parent| Some((parent, self.others.get(parent.resource?)?));
        let found: Vec<_> = resource.parents.iter().filter_map(known).collect();
        found
            .into_iter()
            .map(|(parent, other)| {
                let mut place = Piece::map();
                for above in &other.parents {
                    let field = parent_field(above, other, self.others);
                    place.set(&above.field, in_path(operation, &above.parameter, field.as_ref()));
                }
                let key = other.resolved.property(&other.key);
                place.set(&other.key, in_path(operation, &parent.parameter, key));
                let error = self.errors.of(self.api, operation, 404);
                let find = Piece::map()
                    .with("in", &other.name)
                    .with("where", place)
                    .with("as", format!("{}_of_it", other.variable))
                    .with("orElse", error);
                Piece::map().with("find", find)
            })
            .collect()
    }

    fn place(&self, operation: &Operation) -> Piece {
        let mut place = Piece::map();
        for parent in &self.resource.parents {
            let field = parent_field(parent, self.resource, self.others);
            place.set(&parent.field, in_path(operation, &parent.parameter, field.as_ref()));
        }
        place
    }

    fn found(&mut self, operation: &Operation) -> Piece {
        let resource = self.resource;
        let key = resource.resolved.property(&resource.key);
        self.found_by(operation, in_path(operation, &resource.parameter, key))
    }

    fn found_by(&mut self, operation: &Operation, key: impl Into<Piece>) -> Piece {
        let resource = self.resource;
        let mut place = self.place(operation);
        place.set(&resource.key, key);
        let error = self.errors.of(self.api, operation, 404);
        let find = Piece::map()
            .with("in", &resource.name)
            .with("where", place)
            .with("as", &resource.variable)
            .with("orElse", error);
        Piece::map().with("find", find)
    }

    fn read(&mut self, operation: &Operation) -> Option<Vec<Piece>> {
        let respond = self.respond(operation)?;
        self.verbs.push("read");
        Some(vec![self.found(operation), respond])
    }

    fn delete(&mut self, operation: &Operation) -> Option<Vec<Piece>> {
        let respond = self.respond(operation)?;
        self.verbs.push("delete");
        let delete = Piece::map().with("record", &self.resource.variable);
        Some(vec![self.found(operation), Piece::map().with("delete", delete), respond])
    }

    fn update(&mut self, operation: &Operation) -> Option<Vec<Piece>> {
        let (values, body) = self.values(operation)?;
        let is_named = operation.path.trim_end_matches('/') != self.resource.path;
        if !is_named && body.property(&self.resource.key).is_none_or(|key| key.read_only) {
            return None;
        }
        let respond = self.respond(operation)?;
        self.verbs.push(if operation.method == "PUT" { "replace" } else { "change" });
        let key = &self.resource.key;
        let is_sent = body.property(key).is_some_and(|key| !key.read_only);
        let found = match is_named {
            true => self.found(operation),
            false if values.contains('|') => {
                self.found_by(operation, whole(&member(&format!("({values})"), key)))
            }
            false => self.found_by(operation, whole(&member(&values, key))),
        };
        let values = if is_sent { format!("{values} | omit(['{key}'])") } else { values };
        let counts = operation.counted.iter().map(|name| {
            let own = member(&self.resource.variable, name);
            format!("'{}': ({own} | default(0)) + 1", name.replace('\'', ""))
        });
        let counts: Vec<String> = counts.collect();
        let values = match counts.is_empty() {
            true => values,
            false => format!("{values} | merge({{{}}})", counts.join(", ")),
        };
        let update =
            Piece::map().with("record", &self.resource.variable).with("values", whole(&values));
        Some(vec![found, Piece::map().with("update", update), respond])
    }

    fn create(&mut self, operation: &Operation) -> Option<Vec<Piece>> {
        let (mut values, body) = self.values(operation)?;
        let respond = self.respond(operation)?;
        self.verbs.push("create");
        let resource = self.resource;
        let key = &resource.key;
        self.creates = match body.required.contains(key) {
            true => Creates::Chosen,
            false => Creates::WithKey,
        };
        if !resource.parents.is_empty() {
            let pairs: Vec<String> = resource
                .parents
                .iter()
                .map(|parent| {
                    let field = parent_field(parent, resource, self.others);
                    let value = expression(operation, &parent.parameter, field.as_ref());
                    format!("'{}': {value}", parent.field.replace('\'', ""))
                })
                .collect();
            values = format!("{values} | merge({{{}}})", pairs.join(", "));
        }
        let mut insert = Piece::map()
            .with("in", &resource.name)
            .with("values", whole(&values))
            .with("as", &resource.variable);
        if let Some(error) = self.errors.documented(self.api, operation, &[409]) {
            if self.creates == Creates::Chosen {
                insert.set("onConflict", &error);
            } else {
                self.conflict = unique_field(&body).map(|field| (field, error));
            }
        }
        Some(vec![Piece::map().with("insert", insert), respond])
    }

    fn list(&mut self, operation: &Operation) -> Option<Vec<Piece>> {
        let resource = self.resource;
        let schema = answered(operation)?;
        let found = many(self.api, schema, &resource.key)?;
        self.verbs.push("list");
        let mut list = Piece::map().with("in", &resource.name);
        let place = self.place(operation);
        if !place.is_empty() {
            list.set("where", place);
        }
        let conditions: Vec<String> = operation
            .parameters
            .iter()
            .filter(|parameter| parameter.place == "query")
            .filter_map(|parameter| condition(resource, &parameter.name, &parameter.schema))
            .collect();
        if !conditions.is_empty() {
            list.set("filter", format!("${{ {} }}", conditions.join(" and ")));
        }
        page(operation, &mut list);
        list.set("as", &resource.name);
        let rows = match self.hidden() {
            Some(hidden) => format!("${{ {} | map('omit', {hidden}) | list }}", resource.name),
            None => format!("${{{}}}", resource.name),
        };
        let body = match found {
            Many::Itself => Piece::from(rows),
            Many::Property(property) => self.around(schema, &property, &rows, true),
        };
        let respond = Piece::map().with("status", good_status(operation)).with("body", body);
        Some(vec![Piece::map().with("list", list), Piece::map().with("respond", respond)])
    }

    /// What a client sends as the members of a row: an expression, and its schema.
    fn values(&self, operation: &Operation) -> Option<(String, Schema)> {
        let resource = self.resource;
        let schema = sent(operation)?;
        let resolved = self.api.resolved(schema);
        let required = operation.body.as_ref().is_some_and(|body| body.required);
        let shared = |schema: &Schema| {
            let known = |(name, _): &&(String, Schema)| resource.resolved.property(name).is_some();
            schema.properties.iter().filter(known).count()
        };
        let own = shared(&resolved);
        if own > 0 {
            let body = if required { "body" } else { "body | default({})" };
            return Some((body.to_owned(), resolved));
        }
        // `{"pet": {...}}`
        let inner = resolved.properties.iter().find_map(|(name, property)| {
            let property = self.api.resolved(property);
            (shared(&property) > 0).then_some((name, property))
        });
        let (name, property) = inner?;
        Some((format!("{} | default({{}})", member("body", name)), property))
    }

    /// The fields of a row that answers don't have, as a list of an expression.
    fn hidden(&self) -> Option<String> {
        let names: Vec<String> = self
            .resource
            .parents
            .iter()
            .filter(|parent| parent.hidden)
            .map(|parent| format!("'{}'", parent.field))
            .collect();
        (!names.is_empty()).then(|| format!("[{}]", names.join(", ")))
    }

    /// The answer with the row in it.
    fn respond(&mut self, operation: &Operation) -> Option<Piece> {
        let resource = self.resource;
        let status = good_status(operation);
        let mut respond = Piece::map().with("status", status);
        let creates = operation.method == "POST";
        let names = |(name, _): &(String, Option<String>)| name.eq_ignore_ascii_case("location");
        if creates && good(operation).is_some_and(|answer| answer.headers.iter().any(names)) {
            let path: String = operation.path.trim_end_matches('/').split('/').skip(1).fold(
                String::new(),
                |path, segment| match segment.strip_prefix('{') {
                    Some(name) => {
                        format!("{path}/${{{}}}", member("path", name.trim_end_matches('}')))
                    }
                    None => format!("{path}/{segment}"),
                },
            );
            let key = member(&resource.variable, &resource.key);
            let location = format!("${{request.base}}{path}/${{{key}}}");
            respond.set("headers", Piece::map().with("Location", location));
        }
        let content = good(operation).and_then(|answer| answer.chosen());
        if content.is_none() || !has_content(status) {
            return Some(Piece::map().with("respond", respond));
        }
        let Some(schema) = answered(operation) else {
            // In another form than JSON, or of no known shape.
            return operation.method.eq("DELETE").then(|| Piece::map().with("respond", respond));
        };
        let row = match self.hidden() {
            Some(hidden) => format!("${{ {} | omit({hidden}) }}", resource.variable),
            None => format!("${{{}}}", resource.variable),
        };
        let thing = super::names::singular(&snake(resource.path.rsplit('/').next()?));
        let found = one(self.api, schema, &resource.parameter, &thing)
            .filter(|found| found.key == resource.key);
        let body = match found {
            Some(found) if self.is_row(&found.schema) => match found.wrapper {
                None => Piece::from(row),
                Some(property) => self.around(schema, &property, &row, false),
            },
            _ => {
                let resolved = self.api.resolved(schema);
                let any = resolved.properties.iter().any(|(name, _)| *name == resource.key);
                if !any && operation.method != "DELETE" {
                    return None;
                }
                self.picked(schema, &resolved)
            }
        };
        respond.set("body", body);
        Some(Piece::map().with("respond", respond))
    }

    /// Whether a schema is that of a row rather than of a few fields of one.
    fn is_row(&self, schema: &Schema) -> bool {
        if schema.refers.is_some() && schema.refers == self.resource.schema.refers {
            return true;
        }
        let resolved = self.api.resolved(schema);
        let own = &self.resource.resolved;
        let shared =
            resolved.properties.iter().filter(|(name, _)| own.property(name).is_some()).count();
        shared * 2 > own.properties.len() && shared * 2 > resolved.properties.len()
    }

    /// An answer that has the row's values where it has its fields.
    fn picked(&self, schema: &Schema, resolved: &Schema) -> Piece {
        let shown = sample(self.api, schema, "");
        let mut body = tree(&shown);
        for (name, _) in &resolved.properties {
            if self.resource.resolved.property(name).is_some() && body.get(name).is_some() {
                body.set(name, format!("${{{}}}", member(&self.resource.variable, name)));
            }
        }
        body
    }

    /// An answer in which the row, or the list of them, is one property.
    fn around(&self, schema: &Schema, property: &str, rows: &str, list: bool) -> Piece {
        let mut around = self.api.resolved(schema);
        if let Some(shown) = &around.example
            && shown.get(property).is_none()
        {
            around.example = None;
        }
        let mut body = tree(&sample(self.api, &around, ""));
        let counts = ["total", "count", "total_count", "size", "total_results", "total_items"];
        for (name, inner) in &around.properties {
            let number = inner.is("integer") || inner.is("number");
            if list && number && counts.contains(&words(name).join("_").as_str()) {
                body.set(name, format!("${{ {} | length }}", self.resource.name));
            }
        }
        body.set(property, rows);
        body
    }
}

/// A condition that a parameter of a query puts on a row, if it is there.
fn condition(resource: &Resource, name: &str, schema: &Schema) -> Option<String> {
    let field = resource.resolved.property(name)?;
    let scalar = |schema: &Schema| {
        schema.refers.is_none()
            && schema.types.iter().all(|kind| matches!(*kind, "string" | "integer" | "boolean"))
            && !schema.types.is_empty()
    };
    let given = member("query", name);
    let own = member("it", name);
    if scalar(field) && scalar(schema) && schema.types == field.types {
        return Some(format!("({given} is undefined or {own} == {given})"));
    }
    None
}

/// How many rows a client asks for, and from which on.
fn page(operation: &Operation, list: &mut Piece) {
    let named = |names: &[&str]| {
        let of_page = |parameter: &&super::api::Parameter| {
            let name = words(&parameter.name).join("_");
            parameter.place == "query"
                && parameter.schema.is("integer")
                && names.contains(&name.as_str())
        };
        operation.parameters.iter().find(of_page).map(|parameter| member("query", &parameter.name))
    };
    let size = named(&["limit", "per_page", "page_size", "size", "max_results", "top"]);
    if let Some(start) = named(&["offset", "skip", "start"]) {
        list.set("offset", format!("${{{start}}}"));
    } else if let (Some(page), Some(size)) = (named(&["page", "page_number"]), &size) {
        list.set("offset", format!("${{ ({page} - 1) * {size} }}"));
    }
    if let Some(size) = size {
        list.set("limit", format!("${{{size}}}"));
    }
}

/// A property that is likely nobody's twice.
fn unique_field(body: &Schema) -> Option<String> {
    UNIQUE.iter().find_map(|wanted| {
        let found = body.properties.iter().find(|(name, _)| words(name).join("_") == *wanted);
        found.filter(|(_, property)| property.is("string")).map(|(name, _)| name.clone())
    })
}

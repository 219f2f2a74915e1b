//! Parameters and request bodies.

use super::Reader;
use super::documents::At;
use crate::import::api::{Api, Body, Operation, PARTS, Parameter, Wire, wire_of};
use crate::import::notes::Notes;
use crate::import::schema::Schema;
use crate::value::Value;

/// Headers that OpenAPI says are no parameters.
const NO_PARAMETERS: [&str; 3] = ["accept", "content-type", "authorization"];

/// What no parameter is taken for.
const OBJECTS: &str = "objects in parameters other than `style: deepObject`";

/// Takes no object for a parameter that is a text, whose schema was not known to be one when it was
/// read: one in a path is a text, the others are left out.
pub(super) fn without_objects(api: &mut Api, notes: &mut Notes) {
    let is_object = |parameter: &Parameter| {
        let is_text = parameter.media_type.is_none() && !parameter.deep;
        is_text && parameter.schema.refers.is_some() && api.resolved(&parameter.schema).is("object")
    };
    let found: Vec<Vec<bool>> = api
        .operations
        .iter()
        .map(|operation| operation.parameters.iter().map(is_object).collect())
        .collect();
    for (operation, found) in api.operations.iter_mut().zip(found) {
        let mut found = found.into_iter();
        operation.parameters.retain_mut(|parameter| {
            if !found.next().unwrap_or_default() {
                return true;
            }
            notes.leave(OBJECTS, None);
            parameter.schema = Schema::of("string");
            parameter.place == "path"
        });
    }
}

impl<'d> Reader<'d> {
    /// The parameters of an operation: its own, and those of its path that it does not have.
    pub(super) fn parameters(
        &mut self,
        at: At<'d>,
        shared: Option<At<'d>>,
        root: At<'d>,
        operation: &mut Operation,
    ) {
        let mut seen: Vec<(String, String)> = Vec::new();
        let mut form: Vec<(String, Schema, bool)> = Vec::new();
        let lists = [at.get("parameters"), shared];
        for item in lists.into_iter().flatten().flat_map(At::items) {
            let Some(item) = self.resolve(item) else { continue };
            let (Some(name), Some(place)) = (item.text("name"), item.text("in")) else {
                self.notes.leave("parameters without `name` or `in`", Some(&item.node.span));
                continue;
            };
            let key = (name.to_owned(), place.to_owned());
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            match place {
                "body" => operation.body = self.old_body(item, at, root),
                "formData" => {
                    let mut schema = self.schema(item);
                    schema.required.clear();
                    form.push((name.to_owned(), schema, item.flag("required")));
                }
                _ => operation.parameters.extend(self.parameter(item, name, place)),
            }
        }
        if !form.is_empty() {
            operation.body = Some(self.form(form, at, root));
        }
        // What stands in the path is a parameter, whether the document says so or not.
        for name in path_parameters(&operation.path) {
            let known = |p: &Parameter| p.place == "path" && p.name == name;
            if !operation.parameters.iter().any(known) {
                operation.parameters.push(path_parameter(name));
            }
        }
        let path = operation.path.clone();
        operation.parameters.retain(|parameter| {
            parameter.place != "path" || path_parameters(&path).any(|name| name == parameter.name)
        });
    }

    fn parameter(&mut self, at: At<'d>, name: &str, place: &str) -> Option<Parameter> {
        let span = &at.node.span;
        let place = ["path", "query", "header", "cookie"].into_iter().find(|known| *known == place);
        let Some(place) = place else {
            self.notes
                .leave("parameters in other places than path, query, header, cookie", Some(span));
            return None;
        };
        if place == "header" && NO_PARAMETERS.contains(&name.to_ascii_lowercase().as_str()) {
            return None;
        }
        let mut media_type = None;
        let mut schema = if self.old {
            let mut schema = self.schema(at);
            schema.required.clear();
            schema.unset("description");
            schema
        } else if let Some(schema) = at.get("schema") {
            self.schema(schema)
        } else if let Some((name, entry)) = self.content(at) {
            media_type = Some(name);
            entry.get("schema").map_or_else(Self::anything, |schema| self.schema(schema))
        } else {
            Schema::of("string")
        };
        let example = at.get("example").map(|at| at.node.to_value());
        schema.example = example.or_else(|| self.first_example(at)).or(schema.example);
        schema.unset_description_of(at.text("description"));
        let format = at.text("collectionFormat");
        let style = at.text("style");
        if matches!(style, Some("spaceDelimited" | "pipeDelimited" | "matrix" | "label"))
            || matches!(format, Some("ssv" | "tsv" | "pipes"))
        {
            let text = "lists that are joined by something other than commas";
            self.notes.leave(format!("{text}: they are taken as texts"), Some(span));
            schema = Schema::of("string");
        }
        if schema.is("object") && media_type.is_none() && style != Some("deepObject") {
            self.notes.leave(OBJECTS, Some(span));
            if place != "path" {
                return None;
            }
            schema = Schema::of("string");
        }
        let joined = match (self.old, place) {
            (true, _) => format != Some("multi"),
            (false, _) => at.get("explode").is_some() && !at.flag("explode"),
        };
        let required = at.flag("required") || place == "path";
        let description = at.text("description").map(str::trim).filter(|text| !text.is_empty());
        Some(Parameter {
            name: name.to_owned(),
            place,
            required,
            joined,
            deep: style == Some("deepObject") && media_type.is_none(),
            media_type,
            description: description.map(str::to_owned),
            schema,
        })
    }

    /// The media type and what belongs to it of a parameter whose text is JSON.
    fn content(&mut self, at: At<'d>) -> Option<(String, At<'d>)> {
        let (key, span, entry) = at.get("content")?.members().next()?;
        let name = self.media_type(key, entry)?;
        if name == "application/json" || name.ends_with("+json") {
            return Some((name, entry));
        }
        let text = format!("parameters in `{name}`: they are taken as texts");
        self.notes.leave(text, Some(span));
        None
    }

    /// The first of `examples`.
    pub(super) fn first_example(&mut self, at: At<'d>) -> Option<Value> {
        let (_, _, first) = at.get("examples")?.members().next()?;
        let example = self.resolve(first)?;
        Some(example.node.get("value")?.to_value())
    }

    /// `requestBody`.
    pub(super) fn body(&mut self, at: At<'d>) -> Option<Body> {
        let at = self.resolve(at)?;
        let mut body =
            Body { required: at.flag("required"), content: Vec::new(), encoding: Vec::new() };
        for (key, _, entry) in at.get("content")?.members() {
            let Some(media_type) = self.media_type(key, entry) else { continue };
            if wire_of(&media_type) == Wire::Other && media_type != PARTS {
                let text = format!("bodies of requests in `{media_type}`: they are not read");
                self.notes.leave(text, Some(&entry.node.span));
                continue;
            }
            let mut schema = match entry.get("schema") {
                Some(schema) => self.schema(schema),
                None => Self::anything(),
            };
            let example = entry.get("example").map(|at| at.node.to_value());
            schema.example = example.or_else(|| self.first_example(entry)).or(schema.example);
            if media_type == PARTS {
                body.encoding = self.encoding(entry, &schema);
            }
            if body.content.iter().all(|(known, _)| *known != media_type) {
                body.content.push((media_type, schema));
            }
        }
        (!body.content.is_empty()).then_some(body)
    }

    /// `encoding`: the media types that parts may have.
    fn encoding(&mut self, entry: At<'d>, schema: &Schema) -> Vec<(String, String)> {
        let mut encoding = Vec::new();
        for (name, _, part) in entry.get("encoding").into_iter().flat_map(At::members) {
            let Some(types) = part.text("contentType") else { continue };
            let is_type =
                |name: &str| name.trim().split('/').filter(|s| !s.is_empty()).count() == 2;
            let is_known = schema.properties.iter().any(|(known, _)| known == name)
                || schema.properties.is_empty();
            // What stands behind `;`, no media type of a part is held against.
            let types: Vec<&str> = types
                .split(',')
                .map(|one| one.split(';').next().unwrap_or_default().trim())
                .collect();
            if is_known && types.iter().all(|one| is_type(one)) {
                encoding.push((name.to_owned(), types.join(", ")));
            } else {
                let text =
                    format!("the `encoding` of `{name}`, which is no part, or of no media type");
                self.notes.leave(text, Some(&part.node.span));
            }
        }
        encoding
    }

    /// A key of `content` as one media type.
    pub(super) fn media_type(&mut self, key: &str, at: At<'d>) -> Option<String> {
        let name = key.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if name.contains('*') {
            let text = "ranges of media types: they are taken as `application/json`";
            self.notes.leave(text, Some(&at.node.span));
            return Some("application/json".to_owned());
        }
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$&^_.+-/".contains(c);
        if name.split('/').filter(|part| !part.is_empty()).count() != 2 || !name.chars().all(token)
        {
            let text = format!("`{key}`, which is not a media type");
            self.notes.leave(text, Some(&at.node.span));
            return None;
        }
        Some(name)
    }

    /// The media types of an operation of Swagger 2.0.
    pub(super) fn old_media_types(&mut self, key: &str, at: At<'d>, root: At<'d>) -> Vec<String> {
        let list = at.get(key).or_else(|| root.get(key));
        let mut names = Vec::new();
        for item in list.into_iter().flat_map(At::items) {
            if let Some(name) = item.node.as_text().and_then(|text| self.media_type(text, item))
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        if names.is_empty() { vec!["application/json".to_owned()] } else { names }
    }

    fn old_body(&mut self, item: At<'d>, at: At<'d>, root: At<'d>) -> Option<Body> {
        let schema = item.get("schema").map_or_else(Self::anything, |at| self.schema(at));
        let mut content = Vec::new();
        for media_type in self.old_media_types("consumes", at, root) {
            match wire_of(&media_type) {
                Wire::Other if media_type != PARTS => {
                    let text = format!("bodies of requests in `{media_type}`: they are not read");
                    self.notes.leave(text, Some(&item.node.span));
                }
                _ => content.push((media_type, schema.clone())),
            }
        }
        let required = item.flag("required");
        (!content.is_empty()).then_some(Body { required, content, encoding: Vec::new() })
    }

    /// A body of form fields of Swagger 2.0.
    fn form(&mut self, fields: Vec<(String, Schema, bool)>, at: At<'d>, root: At<'d>) -> Body {
        let types = self.old_media_types("consumes", at, root);
        let mut schema = Schema::of("object");
        for (name, field, required) in fields {
            if required {
                schema.required.push(name.clone());
            }
            schema.properties.push((name, field));
        }
        let required = !schema.required.is_empty();
        let mut content = Vec::new();
        for media_type in types.iter().filter(|name| *name == PARTS || wire_of(name) == Wire::Form)
        {
            content.push((media_type.clone(), schema.clone()));
        }
        if content.is_empty() {
            content.push(("application/x-www-form-urlencoded".to_owned(), schema));
        }
        Body { required, content, encoding: Vec::new() }
    }
}

impl Schema {
    /// Leaves out a description that says the same as what is around.
    fn unset_description_of(&mut self, other: Option<&str>) {
        if self.keyword("description").and_then(Value::as_str).map(str::trim)
            == other.map(str::trim)
        {
            self.unset("description");
        }
    }
}

/// The names of the parameters in a path.
pub(super) fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

fn path_parameter(name: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        place: "path",
        required: true,
        joined: false,
        deep: false,
        media_type: None,
        description: None,
        schema: Schema::of("string"),
    }
}

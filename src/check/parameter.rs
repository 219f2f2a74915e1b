//! Parameters.

use std::sync::Arc;

use super::Checker;
use super::layer::{Layer, PARAMETER_KEYS};
use super::media::STYLES;
use super::names::reference;
use super::reading::Around;
use super::records;
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::model::{Parameter, Place, RuleKind, Schema, Type};
use crate::source::{Located, Span};
use crate::syntax::{Node, ReadNode};

/// What expressions call the parameters of each place.
pub(super) const PLACE_NAMES: [(&str, Place); 5] = [
    ("path", Place::Path),
    ("query", Place::Query),
    ("header", Place::Header),
    ("cookie", Place::Cookie),
    ("parameters", Place::Bound),
];

/// A parameter whose name and place are known; the rest is read when all of them are.
pub(super) struct Declared<'n> {
    pub(super) name: Located<Arc<str>>,
    /// Nothing when what is written is no place.
    pub(super) place: Option<Place>,
    pub(super) schema: Option<&'n Node>,
    pub(super) required: Option<bool>,
    explode: Option<bool>,
    deep: bool,
    media_type: Option<Arc<str>>,
    description: Option<Arc<str>>,
    pub(super) node: &'n Node,
    /// Where the operation has it: there, or the reference that leads there.
    written: &'n Node,
}

impl<'n> Declared<'n> {
    /// Where an operation names it, in its own words or by a reference.
    fn place_of_name<'d>(&'d self, written: &'n Node) -> &'d Span {
        if std::ptr::eq(written, self.node) { &self.name.span } else { &written.span }
    }
}

impl<'n> Checker<'n> {
    /// The parameters by name and place.
    pub(super) fn declared(&mut self, node: Option<&'n Node>) -> Vec<Declared<'n>> {
        let nodes = self.optional_items(node);
        let mut declared: Vec<Declared<'n>> = Vec::with_capacity(nodes.len());
        for node in nodes {
            let Some(mut parameter) =
                self.shared_parameter(node).and_then(|node| self.declare(node))
            else {
                continue;
            };
            let twin = declared.iter().find(|other| {
                other.name.value == parameter.name.value && other.place == parameter.place
            });
            if let Some(twin) = twin {
                let message = format!("there are two parameters `{}`", parameter.name.value);
                self.report(
                    Diagnostic::error(
                        "duplicate-name",
                        message,
                        parameter.place_of_name(node),
                        "here again",
                    )
                    .related(twin.place_of_name(twin.written), "first here"),
                );
                continue;
            }
            parameter.written = node;
            declared.push(parameter);
        }
        declared
    }

    /// The parameter that a `$ref` leads to, or the one that is written there.
    fn shared_parameter(&mut self, node: &'n Node) -> Option<&'n Node> {
        let Some(target) = node.get("$ref") else { return Some(node) };
        let mut mapping = self.open(node, records::SHARED_PARAMETER.called("a reference"))?;
        mapping.take("$ref");
        mapping.finish();
        let path = self.read_text(target)?;
        let Some(name) = reference(&path.value, "parameters") else {
            self.bad_reference(target, "parameters");
            return None;
        };
        let span = path.span.narrow(name);
        let at = self.names.parameters.resolve_name(name, &span)?;
        self.names.parameters.node(at)
    }

    /// Reads a parameter that no operation has, for its mistakes.
    pub(super) fn unused_parameter(&mut self, node: &'n Node, scope: &Scope) {
        if let Some(declared) = self.declare(node) {
            self.parameters(&[declared], "", scope, false);
        }
    }

    fn declare(&mut self, node: &'n Node) -> Option<Declared<'n>> {
        // The keys that belong to the schema are checked with it.
        let mut mapping = self.open(node, records::PARAMETER.called("a parameter"))?;
        if let Some([(key, about)]) = node.as_map()
            && about.as_map().is_some()
            && !PARAMETER_KEYS.contains(&&*key.value)
        {
            let message = format!("the name of a parameter is its `name`: `{}`", key.value);
            let help = format!("write `{{name: {}, in: path, schema: ...}}`", key.value);
            let problem = Diagnostic::error("missing-key", message, &key.span, "is not a key");
            self.report(problem.help(help));
            return None;
        }
        let name = mapping.required_text("name");
        if name.is_none() {
            self.check_keys(&Layer {
                node,
                name: String::new(),
                beside: true,
                root: node,
                recursive: None,
            });
        }
        let places = [
            (Place::Path, "path"),
            (Place::Query, "query"),
            (Place::Header, "header"),
            (Place::Cookie, "cookie"),
        ];
        let place = match mapping.take("in") {
            Some(node) if matches!(node.as_text(), Some("body" | "formData")) => {
                let message = format!("`in` cannot be `{}`", node.span.text());
                self.report(
                    Diagnostic::error("unknown-word", message, &node.span, "is not a parameter")
                        .help("the body is described in `requestBody: {schema: ...}`"),
                );
                None
            }
            Some(node) => self.read_word(node, "in", &places),
            None => Some(Place::Bound),
        };
        let required = mapping.boolean("required");
        let explode = mapping.boolean("explode");
        let style = mapping.take("style");
        let deep = style.and_then(|node| {
            let deep = self.read_word(node, "style", &STYLES)?;
            if deep && !matches!(place, None | Some(Place::Query | Place::Bound)) {
                let message = "`deepObject` is a style of queries and forms";
                self.error("contradiction", message, &node.span, "not of this place");
            }
            Some(deep)
        });
        let description = mapping.plain_text("description");
        let content = mapping.entry("content");
        let schema = match content {
            Some(_) => mapping.take("schema"),
            None => mapping.require("schema"),
        };
        let (media_type, schema) = match content {
            Some((key, content)) => {
                // One that is misspelled was told, and what stands beside it may be meant.
                if key.value == "content" {
                    self.check_content_alone(key, node);
                }
                self.parameter_content(content).unzip()
            }
            None => (None, schema),
        };
        Some(Declared {
            name: name?,
            place,
            schema,
            required,
            explode,
            // A style that is none was meant to be one that has to be written.
            deep: deep.unwrap_or(style.is_some()),
            media_type,
            description,
            node,
            written: node,
        })
    }

    /// What a parameter whose text is JSON may be, and the media type that says so.
    fn parameter_content(&mut self, node: &'n Node) -> Option<(Arc<str>, &'n Node)> {
        let entries = self.read_members(node);
        let [(key, entry)] = entries else {
            if node.as_map().is_some() {
                let message = "the text of a parameter is of one media type";
                let label = if entries.is_empty() { "has none" } else { "has several" };
                self.error("wrong-count", message, &node.span, label);
            }
            return None;
        };
        let mut mapping =
            self.open(entry, records::PARAMETER_CONTENT.called("an entry of `content`"))?;
        let schema = mapping.require("schema");
        mapping.finish();
        let essence = key.value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence != "application/json" && !essence.ends_with("+json") {
            let message = format!("the text of a parameter is JSON, not `{}`", key.value);
            self.report(
                Diagnostic::error("unknown-value", message, &key.span, "is not JSON")
                    .help("write `application/json`, or `schema` for a string of another kind"),
            );
        }
        Some((key.value.as_str().into(), schema?))
    }

    /// What says how a value is written as text says nothing of JSON.
    fn check_content_alone(&mut self, key: &Located<String>, node: &'n Node) {
        for word in ["schema", "style", "explode"] {
            if let Some((other, _)) = node.entry(word) {
                let message = format!("a parameter has `content` or `{word}`");
                self.report(
                    Diagnostic::error("contradiction", message, &other.span, "has both")
                        .related(&key.span, "its text is JSON"),
                );
            }
        }
    }

    /// The parameters with their schemas. `need_place` says whether nothing else says where they
    /// are.
    pub(super) fn parameters(
        &mut self,
        declared: &[Declared<'n>],
        id: &str,
        scope: &Scope,
        need_place: bool,
    ) -> Vec<Parameter> {
        let siblings: Vec<Arc<str>> = declared.iter().map(|p| p.name.value.clone()).collect();
        let around =
            Around { siblings: &siblings, kind: RuleKind::Parameter, ..Around::scope(scope) };
        let mut parameters = Vec::with_capacity(declared.len());
        for parameter in declared {
            let Some(place) = parameter.place else { continue };
            if place == Place::Bound && need_place {
                self.report(
                    Diagnostic::error(
                        "missing-key",
                        format!("the parameter `{}` needs `in`", parameter.name.value),
                        &parameter.name.span,
                        "where is it?",
                    )
                    .help(
                        "only with `bindings`, which say where they are, do parameters have none",
                    ),
                );
            }
            let name = format!("{id}.{}", parameter.name.value);
            let mark = self.following.len();
            let mut layers = match parameter.schema {
                Some(node) => self.layers(node, name.clone(), node),
                None => Vec::new(),
            };
            let node = parameter.node;
            layers.push(Layer { node, name, beside: true, root: node, recursive: None });
            let schema = self.schema_of(&layers, &around);
            self.following.truncate(mark);
            self.check_prefix(&parameter.name, place, &schema);
            if parameter.media_type.is_some() && parameter.name.value.ends_with('*') {
                let message = "several values by name are not the JSON of one parameter";
                let span = &parameter.name.span;
                self.error("contradiction", message, span, "ends in `*`, and has `content`");
            }
            if !parameter.deep && parameter.media_type.is_none() {
                self.check_writable(&parameter.name, place, &schema);
            }
            parameters.push(Parameter {
                name: parameter.name.value.clone(),
                header: parameter.name.value.parse().ok(),
                place,
                required: parameter.required.unwrap_or(place == Place::Path),
                explode: parameter.explode.unwrap_or(!matches!(place, Place::Path | Place::Header)),
                deep: parameter.deep,
                media_type: parameter.media_type.clone(),
                schema,
                description: parameter.description.clone(),
            });
        }
        parameters
    }

    /// No text is an object, so that a request could never give one.
    fn check_writable(&mut self, name: &Located<Arc<str>>, place: Place, schema: &Schema) {
        let named = matches!(place, Place::Path | Place::Query | Place::Header | Place::Cookie);
        if !named || name.value.ends_with('*') || schema.types != [Type::Object] {
            return;
        }
        let message = format!("`{}` is an object, and a request could give none here", name.value);
        let help = match place {
            Place::Query => {
                "write `style: deepObject` for a[b]=1, `content: {application/json: ...}` for JSON, \
                 or a parameter for each member"
            }
            _ => {
                "write `content: {application/json: ...}` for JSON, or a parameter for each member"
            }
        };
        let problem = Diagnostic::error("contradiction", message, &name.span, "is of type object");
        self.report(problem.help(help));
    }

    /// A name with a `*` at its end stands for all that begin so.
    fn check_prefix(&mut self, name: &Located<Arc<str>>, place: Place, schema: &Schema) {
        if !name.value.ends_with('*') {
            return;
        }
        if place == Place::Path {
            let message = "a path has no names, so none that begin alike";
            let help = "{name+} is a parameter for all that is left of a path";
            let span = &name.span;
            self.report(
                Diagnostic::error("contradiction", message, span, "ends in `*`").help(help),
            );
        } else if !schema.types.contains(&Type::Object) {
            let message =
                format!("`{}` matches several names, so its value is an object", name.value);
            self.report(
                Diagnostic::error("contradiction", message, &name.span, "is not of type object")
                    .help("write schema: {type: object, additionalProperties: {type: string}}"),
            );
        }
    }
}

//! Operations: what they take, how they are reached, what they document.

use std::sync::Arc;

use super::Checker;
use super::defaults::Defaults;
use super::parameter::Declared;
use super::reading::Around;
use super::records;
use super::route::RouteKeys;
use super::schema::schema_word;
use super::scope::Scope;
use super::shape::Shape;
use super::verb::StepContext;
use crate::diagnostic::Diagnostic;
use crate::model::Fitting;
use crate::model::{
    ApiKeyPlace, MediaType, MediaTypeId, Operation, Parameter, Place, RequestBody, Response,
    RuleKind, Schema, SecurityKind, SecurityRequirement,
};
use crate::source::{Located, Span};
use crate::syntax::{Mapping, Node, ReadNode};

impl<'n> Checker<'n> {
    /// `operations`, at the positions that their names have.
    pub(super) fn operations(
        &mut self,
        node: Option<&'n Node>,
        defaults: &Defaults<'_, 'n>,
    ) -> Vec<Operation> {
        let nodes = self.optional_items(node);
        nodes.iter().filter_map(|node| self.operation(node, defaults)).collect()
    }

    fn operation(&mut self, node: &'n Node, defaults: &Defaults<'_, 'n>) -> Option<Operation> {
        let mut mapping = self.open(node, records::OPERATION.called("an operation"))?;
        let id = mapping.required_text("operationId");
        if let Some(id) = &id
            && !id.value.contains(char::is_control)
            && http::HeaderValue::from_str(&id.value).is_err()
        {
            let message = "an `operationId` is one line of visible ASCII characters";
            self.error("bad-name", message, &id.span, "is written in headers and reports");
        }
        let span = id.as_ref().map_or_else(|| node.span.clone(), |id| id.span.clone());
        let id: Arc<str> = id.map(|id| id.value).unwrap_or_default();
        self.operation = Some(span.clone());
        let rule = self.rule(RuleKind::Operation, "operation", &id, &mut mapping);
        let summary = mapping.plain_text("summary");
        let description = mapping.plain_text("description");
        let tags = mapping.items("tags").iter();
        let tags: Vec<_> = tags.filter_map(|tag| Some(self.read_text(tag)?.value)).collect();
        let security = match mapping.take("security") {
            Some(node) => self.security(node),
            None => defaults.security.to_vec(),
        };
        let words = [(true, "all"), (false, "first")];
        let validate_all = mapping.word("validation", &words).unwrap_or(false);
        let consumes = self.consumed(mapping.take("consumes"));
        let mut consumes = defaults.media_types(consumes, defaults.consumes);
        consumes.retain(|id| defaults.media_types.get(id.0).is_none_or(MediaType::is_read));
        let produces = self.produced(mapping.take("produces"));
        let mut produces = defaults.media_types(produces, defaults.produces);
        // Where nothing is said, all there are are meant that can be.
        produces.retain(|id| defaults.media_types.get(id.0).is_none_or(MediaType::is_written));
        let codings = self.content_codings(mapping.take("contentCoding"));
        let content_codings = codings.unwrap_or_else(|| defaults.content_codings.to_vec());
        let failures = self.failures(mapping.take("failures"), &id);
        let disturbances = self.disturbances(&mut mapping);
        let own_disturbances = disturbances.delay.is_some() || disturbances.faults.is_some();
        let disturbances = disturbances.or(defaults.disturbances);

        let mut route_keys = RouteKeys::take(&mut mapping);
        let parameters_node = mapping.take("parameters");
        let declared = self.declared(parameters_node);
        let written = parameters_node.map_or(Some(0), |node| Some(node.as_list()?.len()));
        route_keys.incomplete = written != Some(declared.len())
            || declared.iter().any(|parameter| parameter.place.is_none());
        let body_node = mapping.take("requestBody");
        let scope = self.operation_scope(&declared, body_node, &route_keys, &security, defaults);
        let parameters = self.parameters(&declared, &id, &scope, route_keys.is_plain());
        let mut bindings = self.bindings(&route_keys, &parameters, &id, &span, &consumes, defaults);
        self.check_sometimes_in_path(&declared, &bindings);
        self.check_key_parameters(&security, &parameters, defaults, &span);
        let body = body_node.and_then(|node| self.request_body(node, &id, &scope));
        let responses_node = mapping.take("responses");
        let mut responses = self.responses(responses_node, &id);
        // One that could not be read may be any.
        let written = responses_node.and_then(Node::as_map).map(<[_]>::len);
        let complete = written == Some(responses.len());
        responses.extend(defaults.responses(&responses));
        let statuses = complete.then(|| responses.iter().map(|r| r.status).collect());
        let batch = Self::batch(&mut mapping);
        if let Some(batch) = batch {
            self.batch_bindings(
                batch,
                &mut mapping,
                &mut bindings,
                &consumes,
                defaults.media_types,
            );
        }
        let steps = match batch {
            Some(_) => None,
            None => mapping.require("steps"),
        };
        mapping.finish();
        let mut context = StepContext { scope, statuses, answers: true };
        let fits = Fitting { id: &id, tags: &tags, bindings: &bindings };
        let mut all = match batch {
            Some(_) => Vec::new(),
            None => self.steps_around(defaults.shared_steps, &fits, &mut context),
        };
        if let Some(node) = steps {
            all.extend(self.answering_steps(node, &id, &mut context));
        }
        self.operation = None;
        let operation = Operation {
            id,
            summary,
            description,
            tags,
            rule,
            bindings,
            parameters,
            batch: batch.is_some(),
            body,
            security,
            validate_all,
            consumes,
            produces,
            content_codings,
            failures,
            disturbances,
            own_disturbances,
            steps: all.into(),
            responses,
            span,
        };
        self.check_answered(&operation, defaults.media_types);
        self.check_undeclared(&operation);
        self.check_encodings(&operation, body_node, defaults.media_types);
        self.check_kept_coding(&operation, body_node, defaults.media_types);
        self.check_body_is_legible(&operation, body_node, defaults.media_types);
        self.check_streams(&operation, defaults.media_types);
        Some(operation)
    }

    /// What expressions of the operation see before its first step.
    fn operation_scope(
        &self,
        declared: &[Declared<'n>],
        body: Option<&'n Node>,
        route: &RouteKeys<'n>,
        security: &[SecurityRequirement],
        defaults: &Defaults<'_, 'n>,
    ) -> Scope {
        let mut scope = self.account_scope();
        for (id, _) in security.iter().flat_map(|alternative| &alternative.schemes) {
            for (name, shape) in self.verified.get(id.0).into_iter().flatten() {
                scope.add(name.clone(), shape.clone());
            }
        }
        scope.add("credential", Self::credential(security, defaults.security_schemes));
        for (name, place) in super::parameter::PLACE_NAMES {
            let own = declared
                .iter()
                .filter(|parameter| parameter.place.is_none_or(|known| known == place))
                .map(|parameter| {
                    let shape = parameter.schema.map_or(Shape::Any, |node| self.names.shape(node));
                    (parameter.name.value.clone(), shape)
                });
            // What the path names and nobody declares is told there.
            let named = route.names().filter(|_| place == Place::Path);
            let members = own.chain(named.map(|name| (name.into(), Shape::Any))).collect();
            scope.add(name, if route.incomplete { Shape::Any } else { Shape::closed(members) });
        }
        if let Some(body) = body {
            scope.add("body", self.body_shape(body));
        }
        scope
    }

    fn body_shape(&self, body: &'n Node) -> Shape {
        let own = body.get("schema");
        let content = body.get("content").and_then(Node::as_map).unwrap_or_default();
        let others = content.iter().filter_map(|(_, node)| node.get("schema"));
        own.into_iter()
            .chain(others)
            .map(|schema| self.names.shape(schema))
            .reduce(Shape::or)
            .unwrap_or(Shape::Any)
    }

    /// A key that is a parameter has to be one of the operation's.
    fn check_key_parameters(
        &mut self,
        security: &[SecurityRequirement],
        parameters: &[Parameter],
        defaults: &Defaults<'_, 'n>,
        span: &Span,
    ) {
        for (id, _) in security.iter().flat_map(|alternative| &alternative.schemes) {
            let Some(Some(scheme)) = defaults.security_schemes.get(id.0) else { continue };
            if let SecurityKind::ApiKey { place: ApiKeyPlace::Parameter, name } = &scheme.kind
                && !parameters.iter().any(|parameter| parameter.name == *name)
            {
                let message = format!(
                    "`{}` takes its key from the parameter `{name}`, which an operation lacks",
                    scheme.name
                );
                let node = self.names.schemes.node(id.0).and_then(|node| node.get("name"));
                let place = node.map_or(span, |node| &node.span);
                self.report(
                    Diagnostic::error("unknown-parameter", message, place, "no such parameter")
                        .related(span, "the operation that lacks it"),
                );
            }
        }
    }

    fn request_body(&mut self, node: &'n Node, id: &str, scope: &Scope) -> Option<RequestBody> {
        let mut mapping = self.open(node, records::REQUEST_BODY.called("`requestBody`"))?;
        let name = format!("{id}.body");
        let backing = self.backing(&mut mapping).unwrap_or_default();
        let rule = self.rules.add(RuleKind::Operation, "requestBody", &name, &backing, &node.span);
        mapping.text("description");
        let required = mapping.boolean("required").unwrap_or(false);
        let around = Around { inherited: backing, ..Around::scope(scope) };
        let path = mapping.plain_text("path");
        let keeps_coding = mapping.word("contentCoding", &[(true, "kept")]).unwrap_or(false);
        let schema = mapping.take("schema").map(|node| self.schema(node, id, &around));
        let mut encoding = self.part_encodings(None, mapping.take("encoding"), node.get("schema"));
        let content_node = mapping.take("content");
        let astray = self.schema_words_astray(&mut mapping);
        mapping.finish();
        let mut content: Vec<(MediaTypeId, Schema)> = Vec::new();
        for (key, node) in content_node.map_or(&[][..], |node| self.read_members(node)) {
            let at = self.names.media_types.resolve_name(&key.value, &key.span);
            let Some(mut entry) =
                self.open(node, records::REQUEST_BODY_CONTENT.called("an entry of `content`"))
            else {
                continue;
            };
            let schema = entry.require("schema");
            let own = (entry.take("encoding"), node.get("schema"));
            encoding.extend(self.part_encodings(at.map(MediaTypeId), own.0, own.1));
            entry.finish();
            let schema = schema.map(|node| self.schema(node, id, &around));
            content.extend(at.map(MediaTypeId).zip(schema));
        }
        let no_content = content_node.is_none_or(|content| {
            content.as_map().is_some_and(<[(Located<String>, Node)]>::is_empty)
        });
        if schema.is_none() && no_content && !astray {
            self.report(
                Diagnostic::error(
                    "missing-key",
                    "a `requestBody` says what it may be",
                    &node.span,
                    "neither `schema` nor `content`",
                )
                .help("`schema: {}` takes anything"),
            );
        }
        Some(RequestBody { required, schema, content, encoding, path, keeps_coding, rule })
    }

    /// Words of a schema that stand beside `schema` instead of in it. Says whether there are any.
    fn schema_words_astray(&mut self, body: &mut Mapping<'n>) -> bool {
        let own = ["description", "required", "implements", "evidence", "source"];
        let mut astray = false;
        for (key, _) in body.node().as_map().unwrap_or_default() {
            let word = schema_word(&key.value).filter(|word| !own.contains(word));
            if let Some(word) = word.and_then(|word| body.misplaced(word).map(|_| word)) {
                let message = format!("`{word}` belongs in the body's `schema`");
                self.report(
                    Diagnostic::error("unknown-key", message, &key.span, "not known here")
                        .help(format!("write schema: {{{word}: ...}}")),
                );
                astray = true;
            }
        }
        astray
    }

    /// `responses` of an operation, or, without an id, of the vendor.
    pub(super) fn responses(&mut self, node: Option<&'n Node>, id: &str) -> Vec<Response> {
        let entries = self.optional_members(node);
        let within = if id.is_empty() { "responses".to_owned() } else { format!("{id}.responses") };
        entries.iter().filter_map(|(key, node)| self.response(key, node, &within)).collect()
    }

    fn response(
        &mut self,
        key: &'n Located<String>,
        node: &'n Node,
        within: &str,
    ) -> Option<Response> {
        let status = self.status_key(key);
        let mut mapping = self.open(node, records::RESPONSES.called("a response"))?;
        if let Some((key, _)) = mapping.misplaced("content") {
            let message = "a response has no key `content`";
            self.report(
                Diagnostic::error("unknown-key", message, &key.span, "not known here")
                    .help("`schema` goes in the response itself; `produces` names the media types"),
            );
        }
        let name = format!("{within}.{}", key.value);
        let rule = self.rule(RuleKind::Response, "response", &name, &mut mapping);
        let description = mapping.plain_text("description");
        // Nothing is worked out for an answer's schema, which may be shared with requests.
        let scope = Scope::lenient();
        let schema =
            mapping.take("schema").map(|node| self.schema(node, &name, &Around::scope(&scope)));
        if let Some(schema) = &schema {
            self.check_root_name(schema);
        }
        mapping.finish();
        Some(Response { status: status?, description, schema, rule })
    }
}

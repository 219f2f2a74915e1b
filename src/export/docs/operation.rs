//! One operation.

use super::page::{Inline, Line, Page, id};
use super::{Docs, fields, prose, shown};
use crate::export::openapi::answers;
use crate::generate::Exchange;
use crate::model::matching::{About, Wanted};
use crate::model::{Binding, Operation, OperationId, Parameter, Place, RequestBody, Route};
use crate::plan::{operation as compiled, refusals};

const HEAD: [&str; 6] = ["Name", "In", "Type", "Required", "Default", "What there is to know"];

impl Docs<'_> {
    pub(super) fn operation(&self, at: usize, operation: &Operation, page: &mut Page) {
        let Some(compiled) = self.plan.operations.get(at) else { return };
        let title = operation.summary.as_deref().unwrap_or(&operation.id);
        page.heading(3, id("operation", &operation.id), title);
        let backing = self.backed(operation.rule);
        page.paragraph(Line::new().code(&*operation.id).line(backing));
        let ways = operation.bindings.iter().map(|binding| self.way(operation, binding));
        page.list(ways.collect());
        if operation.bindings.is_empty() {
            page.paragraph("It is reached by a link in a message, or by a schedule.".into());
        }
        page.blocks.extend(operation.description.iter().flat_map(|text| prose::blocks(text)));
        if !operation.security.is_empty() {
            page.paragraph(Line::from("Authentication: ").line(self.asked(operation)).text("."));
        }
        self.parameters(operation, compiled, page);
        if let Some(body) = &operation.body {
            self.body(operation, compiled, body, page);
        }
        self.answers(operation, page);
        let names: Vec<String> = operation.bindings.iter().map(name).collect();
        self.refusals(operation, compiled, &names, page);
        self.examples(at, operation, page);
    }

    fn way(&self, operation: &Operation, binding: &Binding) -> Line {
        let mut line = Line::new();
        match &binding.route {
            Route::Http { .. } => line = line.code(name(binding)),
            Route::Soap(at) => {
                let Some(soap) = self.service.soap_services.get(at.0) else { return line };
                let versions = [(soap.v11, "1.1"), (soap.v12, "1.2")];
                let versions = versions.iter().filter(|(is, _)| *is).map(|(_, name)| *name);
                let versions: Vec<&str> = versions.collect();
                line = line.strong("SOAP").text(format!(" {} at ", versions.join(" and ")));
                line = line.code(format!("POST {}", soap.path)).text(", the element ");
                let element = &**binding.request_element(operation);
                line = line.code(element).text(" of the namespace ").code(&*soap.namespace);
            }
        }
        let parameters = operation.parameters.iter().any(|one| one.place == Place::Bound);
        if let (true, Some(place)) = (parameters, place(binding.parameters_in)) {
            line = line.text(format!(", parameters in the {place}"));
        }
        for condition in &binding.matching.conditions {
            let what = match &condition.about {
                About::Query(_) => "the parameter of the query ",
                About::Header(_) => "the header ",
                About::Cookie(_) => "the cookie ",
                About::Path(_) => "what is in the body at ",
                About::List => {
                    line = line.text(", with a list of requests as the body");
                    continue;
                }
                About::Body(_) | About::Root | About::RootNamespace => "of the body ",
            };
            line = line.text(", by ").text(what).code(condition.about.name());
            line = match &condition.wanted {
                Wanted::Present => line.text(" being there"),
                Wanted::Absent => line.text(" being absent"),
                Wanted::Pattern(pattern) => line.text(" matching ").code(pattern.as_str()),
                Wanted::OneOf(values) => {
                    let values: Vec<String> = values.iter().map(shown::value).collect();
                    line.text(" being ").codes(values.iter().map(|value| &**value))
                }
            };
        }
        line.line(self.backed(binding.rule))
    }

    fn parameters(&self, operation: &Operation, compiled: &compiled::Operation, page: &mut Page) {
        let mut rows = Vec::new();
        for parameter in &operation.parameters {
            let required = parameter.required
                && operation.bindings.iter().any(|binding| binding.parameters_required)
                || parameter.place == Place::Path;
            for (at, mut field) in
                fields::fields(&parameter.name, required, &parameter.schema).into_iter().enumerate()
            {
                field.required = field.required && (at > 0 || parameter.place != Place::Path);
                let mut know = self.rules(&field, &compiled.bindings);
                if let (0, Some(description)) = (at, &parameter.description) {
                    know = Line::stacked([prose::line(description), know]);
                }
                let is_required = if at == 0 { required } else { field.required };
                rows.push((
                    None,
                    vec![
                        Line::new().code(field.path),
                        if at == 0 { places(operation, parameter) } else { Line::new() },
                        Line::from(&*fields::kind(field.schema)),
                        needed(is_required, operation, parameter.place == Place::Path || at > 0),
                        standard(field.schema),
                        know,
                    ],
                ));
            }
        }
        if !rows.is_empty() {
            page.heading(4, id("parameters", &operation.id), "Parameters");
        }
        page.table(format!("Parameters of {}", operation.id), &HEAD, rows);
    }

    fn body(
        &self,
        operation: &Operation,
        compiled: &compiled::Operation,
        body: &RequestBody,
        page: &mut Page,
    ) {
        page.heading(4, id("body", &operation.id), "Body");
        let types = operation.consumes.iter().filter_map(|id| self.service.media_types.get(id.0));
        let mut line = Line::from(if body.required { "Required, " } else { "" });
        line = line.codes(types.map(|media_type| &*media_type.name));
        page.paragraph(line.line(self.backed(body.rule)));
        let special = body.content.iter().filter_map(|(id, schema)| {
            Some((self.service.media_types.get(id.0)?.name.to_string(), schema))
        });
        let general = body.schema.iter().map(|schema| (String::new(), schema));
        for (media_type, schema) in general.chain(special) {
            let rows = fields::fields("", false, schema).into_iter().map(|field| {
                let cells = vec![
                    Line::new().code(&*field.path),
                    Line::new(),
                    Line::from(&*fields::kind(field.schema)),
                    Line::from(if field.required { "yes" } else { "" }),
                    standard(field.schema),
                    self.rules(&field, &compiled.bindings),
                ];
                (None, cells)
            });
            let label = format!("Body of {} {media_type}", operation.id);
            page.table(label.trim_end(), &HEAD, rows.collect());
            let all = fields::Field { path: String::new(), required: false, schema };
            if !schema.properties.is_empty() {
                let know = self.rules(&all, &compiled.bindings);
                if !know.is_empty() {
                    page.paragraph(Line::from("The body as a whole: ").line(know));
                }
            }
        }
    }

    /// The answers that are no errors.
    fn answers(&self, operation: &Operation, page: &mut Page) {
        let given = answers::given(self.plan, operation);
        if given.is_empty() {
            return;
        }
        page.heading(4, id("answers", &operation.id), "Answers");
        let rows = given.iter().map(|(code, status)| {
            let types = status.content.iter().map(|(name, _)| &**name);
            let headers = status.headers.iter().map(|name| &**name);
            let reason = http::StatusCode::from_u16(*code).ok();
            let reason = reason.and_then(|code| code.canonical_reason()).unwrap_or_default();
            let about = status.descriptions.iter().map(|text| prose::line(text));
            let cells = vec![
                Line::from(&*format!("{code} {reason}")),
                Line::new().codes(types),
                Line::new().codes(headers),
                Line::stacked(about),
            ];
            (None, cells)
        });
        let head = ["Status", "Media type", "Headers", "What it is"];
        page.table(format!("Answers of {}", operation.id), &head, rows.collect());
        for response in operation.responses.iter().filter(|one| given.contains_key(&one.status)) {
            let Some(schema) = &response.schema else { continue };
            if response.status >= 400 || schema.takes_anything() {
                continue;
            }
            let rows = fields::fields("", false, schema).into_iter().map(|field| {
                let cells = vec![
                    Line::new().code(&*field.path),
                    Line::from(&*fields::kind(field.schema)),
                    Line::from(if field.required { "yes" } else { "" }),
                    self.answered_rules(field.schema),
                ];
                (None, cells)
            });
            let label = format!("Answer {} of {}", response.status, operation.id);
            // An error with the same status has a body of its own.
            let there = match self.refuses_with(operation, response.status) {
                true => "There unless refused",
                false => "Always there",
            };
            let head = ["Member", "Type", there, "What there is to know"];
            page.table(label, &head, rows.collect());
        }
    }

    /// Whether an error that the operation can give has that status.
    fn refuses_with(&self, operation: &Operation, status: u16) -> bool {
        let compiled = self.plan.operations.iter().find(|one| one.id == operation.id);
        let bindings = compiled.into_iter().flat_map(|one| {
            one.bindings.iter().flat_map(|binding| refusals::of_operation(self.plan, one, binding))
        });
        let mut errors = bindings.filter_map(|error| self.service.errors.get(error.0));
        errors.any(|error| error.respond.status.as_u16() == status)
    }

    /// A request and an answer for each way.
    fn examples(&self, at: usize, operation: &Operation, page: &mut Page) {
        let own: Vec<&Exchange> =
            self.exchanges.iter().filter(|one| one.operation == OperationId(at)).collect();
        let mut shown: Vec<&Exchange> = Vec::new();
        for exchange in own.iter().filter(|one| !one.refused) {
            if !shown.iter().any(|known| known.binding == exchange.binding) {
                shown.push(exchange);
            }
        }
        if shown.is_empty() {
            shown.extend(own.first());
        }
        if !shown.is_empty() {
            page.heading(4, id("example", &operation.id), "Example");
        }
        for exchange in shown {
            let way = exchange.binding.as_ref().map(|name| format!(" by {name}"));
            let way = way.unwrap_or_default();
            let of = |what: &str| format!("{what} of {}{way}", operation.id);
            page.code(of("Request"), shown::request(&exchange.request));
            page.code(of("Answer"), shown::response(&exchange.response));
        }
    }
}

/// What a way to reach an operation is called.
fn name(binding: &Binding) -> String {
    match &binding.route {
        Route::Http { method, path } => {
            let path: Vec<String> = path.iter().map(ToString::to_string).collect();
            format!("{method} /{}", path.join("/"))
        }
        Route::Soap(_) => "SOAP".to_owned(),
    }
}

/// Where a parameter is, by the ways in which the operation is reached.
fn places(operation: &Operation, parameter: &Parameter) -> Line {
    let mut places: Vec<&str> = Vec::new();
    for binding in &operation.bindings {
        let found = place(match parameter.place {
            Place::Bound => binding.parameters_in,
            place => place,
        });
        places.extend(found.filter(|found| !places.contains(found)));
    }
    let as_json = if parameter.media_type.is_some() { ", as JSON" } else { "" };
    Line::from(&*format!("{}{as_json}", places.join(", ")))
}

/// Whether something has to be there, and where only in some ways in which.
fn needed(required: bool, operation: &Operation, always: bool) -> Line {
    if !required {
        return Line::new();
    }
    let asks = |binding: &&Binding| binding.parameters_required;
    let some = operation.bindings.iter().filter(asks).count();
    if always || some == operation.bindings.len() {
        return Line::from("yes");
    }
    let places = operation.bindings.iter().filter(asks);
    let places = places.filter_map(|binding| place(binding.parameters_in));
    let places = places.map(|place| Line::from(&*format!("in the {place}")));
    Line::joined(places, &Inline::Text(", ".into()))
}

fn standard(schema: &crate::model::Schema) -> Line {
    schema.default.as_ref().map_or_else(Line::new, |value| {
        let shown = shown::value(value);
        Line::new().code(if shown.is_empty() { "\"\"".to_owned() } else { shown })
    })
}

fn place(place: Place) -> Option<&'static str> {
    Some(match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
        Place::Form => "form",
        Place::Body => "body",
        Place::Soap => "SOAP body",
        Place::Bound => return None,
    })
}

//! How operations are reached: bindings, and routes in each other's way.

use std::collections::HashMap;
use std::sync::Arc;

use super::Checker;
use super::defaults::Defaults;
use super::records;
use super::rules::Backing;
use crate::diagnostic::Diagnostic;
use crate::model::path::in_url;
use crate::model::{
    Binding, Failures, Match, MediaTypeId, Operation, Parameter, Place, Route, Routing, RuleKind,
    Segment, SoapMessage, SoapServiceId, Type, WireOptions,
};
use crate::source::Span;
use crate::syntax::{Entry, Mapping, Node, ReadNode};

/// The keys of an operation that say how it is reached.
pub(super) struct RouteKeys<'n> {
    method: Option<Entry<'n>>,
    path: Option<Entry<'n>>,
    matching: Option<Entry<'n>>,
    bindings: Option<Entry<'n>>,
    /// Whether there may be more parameters than could be read.
    pub(super) incomplete: bool,
}

impl<'n> RouteKeys<'n> {
    pub(super) fn take(mapping: &mut Mapping<'n>) -> Self {
        Self {
            method: mapping.entry("method"),
            path: mapping.entry("path"),
            matching: mapping.entry("match"),
            bindings: mapping.entry("bindings"),
            incomplete: false,
        }
    }

    /// The names in the path, declared or not.
    pub(super) fn names(&self) -> impl Iterator<Item = &'n str> {
        let path = self.path.and_then(|(_, node)| node.as_text()).unwrap_or_default();
        path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
    }

    /// Whether the operation has one method and path, so that its parameters say where they are.
    pub(super) fn is_plain(&self) -> bool {
        self.bindings.is_none() && self.own().is_some()
    }

    /// The first of the operation's own keys.
    fn own(&self) -> Option<Entry<'n>> {
        self.method.or(self.path).or(self.matching)
    }
}

/// Where a binding has its parameters, and in a body the names that lead to them.
type BoundTo = (Place, Box<[Arc<str>]>);

/// What a binding is read for.
pub(super) struct Owner<'o> {
    id: &'o str,
    pub(super) parameters: &'o [Parameter],
    consumes: &'o [MediaTypeId],
    /// Whether there may be more parameters than these.
    pub(super) incomplete: bool,
}

impl<'n> Checker<'n> {
    /// The ways to reach an operation.
    pub(super) fn bindings(
        &mut self,
        keys: &RouteKeys<'n>,
        parameters: &[Parameter],
        id: &str,
        span: &Span,
        consumes: &[MediaTypeId],
        defaults: &Defaults<'_, 'n>,
    ) -> Vec<Binding> {
        let owner = Owner { id, parameters, consumes, incomplete: keys.incomplete };
        if let Some((key, node)) = keys.bindings {
            if let Some((other, _)) = keys.own() {
                self.report(
                    Diagnostic::error(
                        "contradiction",
                        format!("`{}` belongs in one of the `bindings`", other.value),
                        &other.span,
                        "beside `bindings`",
                    )
                    .related(&key.span, "the bindings"),
                );
            }
            let nodes = self.read_list(node, |_| None).iter().enumerate();
            return nodes
                .filter_map(|(at, node)| self.binding(node, at, &owner, defaults))
                .collect();
        }
        if !keys.is_plain() {
            return Vec::new();
        }
        let present = keys.own().map_or(span, |(key, _)| &key.span);
        let lacks = match (keys.method, keys.path) {
            (Some(_), Some(_)) => None,
            (None, Some(_)) => Some("`method`"),
            (Some(_), None) => Some("`path`"),
            (None, None) => Some("`method` and `path`"),
        };
        if let Some(lacks) = lacks {
            let message = format!("an operation needs {lacks} too");
            self.error("missing-key", message, present, "this alone is not enough");
        }
        let method = keys.method.and_then(|(_, node)| self.method(node));
        let path = keys.path.and_then(|(_, node)| self.path(node, &owner));
        let matching = self.matching(keys.matching.map(|(_, node)| node));
        let backing = Backing::default();
        let rule = self.rules.add(RuleKind::Operation, "binding", id, &backing, span);
        method
            .zip(path)
            .zip(matching)
            .map(|((method, path), matching)| Binding {
                route: Route::Http { method, path },
                matching,
                parameters_in: Place::Query,
                parameters_at: Box::default(),
                parameters_required: true,
                failures: Failures::default(),
                message: SoapMessage::default(),
                rule,
                span: keys.path.map_or_else(|| span.clone(), |(_, node)| node.span.clone()),
            })
            .into_iter()
            .collect()
    }

    fn binding(
        &mut self,
        node: &'n Node,
        at: usize,
        owner: &Owner<'_>,
        defaults: &Defaults<'_, 'n>,
    ) -> Option<Binding> {
        let mut mapping = self.open(node, records::BINDING.called("a binding"))?;
        let name = format!("{}.bindings[{at}]", owner.id);
        let rule = self.rule(RuleKind::Operation, "binding", &name, &mut mapping);
        let required = mapping.boolean("parametersRequired");
        let failures = self.failures(mapping.take("failures"), &name);
        let mut matching = Some(Match::default());
        let mut message = SoapMessage::default();
        let mut parameters_at = Box::default();
        let (route, parameters_in, span) = if let Some(service) = mapping.take("soap") {
            let at = self.names.soap_services.resolve(service);
            self.no_path_parameters(owner, &service.span);
            let name = self.message_name(&mut mapping);
            let element = mapping.text("requestElement");
            let action = mapping.plain_text("soapAction");
            message = SoapMessage { name, element: element.map(|it| it.value), action };
            (at.map(|at| Route::Soap(SoapServiceId(at))), Place::Soap, &service.span)
        } else {
            matching = self.matching(mapping.take("match"));
            let (route, place) = self.http_binding(&mut mapping, owner, defaults);
            let (place, at) = place;
            parameters_at = at;
            (route, place, mapping.take("path").map_or(&node.span, |path| &path.span))
        };
        mapping.finish();
        Some(Binding {
            route: route?,
            matching: matching?,
            parameters_in,
            parameters_at,
            parameters_required: required.unwrap_or(true),
            failures,
            message,
            rule,
            span: span.clone(),
        })
    }

    /// `messageName`, from which the names of elements are made.
    fn message_name(&mut self, mapping: &mut Mapping<'n>) -> Option<Arc<str>> {
        let name = mapping.text("messageName")?;
        if crate::wire::xml::is_unprefixed_name(&name.value) {
            return Some(name.value);
        }
        let message = format!("`{}` is not a valid name of an element", name.value);
        self.error("bad-name", message, &name.span, "is not valid");
        None
    }

    fn http_binding(
        &mut self,
        mapping: &mut Mapping<'n>,
        owner: &Owner<'_>,
        defaults: &Defaults<'_, 'n>,
    ) -> (Option<Route>, BoundTo) {
        let method = mapping.require("method");
        let method = method.and_then(|node| self.method(node));
        let path = mapping.require("path");
        let path = path.and_then(|node| self.path(node, owner));
        let bound = owner.parameters.iter().any(|parameter| parameter.place == Place::Bound);
        let place =
            if bound { mapping.require("parametersIn") } else { mapping.take("parametersIn") };
        let places = [
            (Place::Query, "query"),
            (Place::Form, "form"),
            (Place::Header, "header"),
            (Place::Cookie, "cookie"),
            (Place::Body, "body"),
        ];
        let place_span = place.map(|node| &node.span);
        let mut at = Box::default();
        let place = place.and_then(|node| {
            if node.as_map().is_none() {
                return self.read_word(node, "parametersIn", &places);
            }
            let keys = records::BINDING_PARAMETERS_IN.called("`parametersIn`");
            let mut mapping = self.open(node, keys)?;
            let path = mapping.require("body");
            mapping.finish();
            let path = self.read_text(path?)?;
            at = self.member_path(&path.map(|path| path.to_string()))?;
            Some(Place::Body)
        });
        let is_form = |id: &MediaTypeId| {
            defaults.media_types.get(id.0).is_some_and(|m| {
                matches!(m.wire, WireOptions::Form { .. } | WireOptions::Multipart)
            })
        };
        // Where some could not be read, there may be others.
        let are_known = defaults.media_types.len() == self.names.media_types.list.len()
            && !self.names.media_types.has_others();
        if place == Some(Place::Form)
            && are_known
            && !owner.consumes.iter().any(is_form)
            && let Some(span) = place_span
        {
            self.report(
                Diagnostic::error(
                    "contradiction",
                    "the operation consumes no media type with `wire: form` or `wire: multipart`",
                    span,
                    "cannot be read",
                )
                .help("add one to `mediaTypes` and `consumes`"),
            );
        }
        let route = method.zip(path).map(|(method, path)| Route::Http { method, path });
        (route, (place.unwrap_or(Place::Query), at))
    }

    fn no_path_parameters(&mut self, owner: &Owner<'_>, span: &Span) {
        let asked = owner.parameters.iter().filter(|p| p.place == Place::Path && p.required);
        for parameter in asked {
            let message = format!("SOAP has no path for the parameter `{}`", parameter.name);
            self.error("contradiction", message, span, "no path");
        }
    }

    /// Reports routes that never get a request, because an earlier one takes them all, and those
    /// of which a request may mean either.
    pub(super) fn check_collisions(&mut self, operations: &[Operation], routing: Routing) {
        let routes = operations.iter().flat_map(|operation| {
            operation.bindings.iter().filter_map(move |binding| match &binding.route {
                Route::Http { method, path } => Some((operation, binding, method, path)),
                Route::Soap(_) => None,
            })
        });
        // Only those that look alike can be in each other's way: each is held against these.
        let mut alike: HashMap<_, Vec<_>> = HashMap::new();
        for (operation, binding, method, path) in routes {
            let before: &mut Vec<(&Operation, &Binding, &[Segment])> =
                alike.entry((method, look(path))).or_default();
            for (other, other_binding, other_path) in before.iter().copied() {
                let (earlier, later) = ((other, other_path), (operation, path.as_slice()));
                let (one, two) = (&other_binding.matching, &binding.matching);
                let in_way = takes_all(earlier, later, routing);
                if in_way && two.implies(one) && one.implies(two) {
                    self.never_reached((other, other_binding), (operation, binding), path);
                    break;
                }
                if (in_way || takes_all(later, earlier, routing))
                    && !(one.excludes(two) || one.implies(two) || two.implies(one))
                    && !one.is_ordered_with(two)
                    && !(operation.id == other.id && binding.is_like(other_binding))
                {
                    self.undecided((other, other_binding), (operation, binding));
                }
            }
            before.push((operation, binding, path));
        }
    }

    fn never_reached(
        &mut self,
        (other, other_binding): (&Operation, &Binding),
        (operation, binding): (&Operation, &Binding),
        path: &[Segment],
    ) {
        let is_fixed = path.iter().all(Segment::is_literal);
        self.report(
            Diagnostic::error(
                "route-collision",
                format!("requests for `{}` all go to `{}`", operation.id, other.id),
                &binding.span,
                "never reached",
            )
            .related(&other_binding.span, "takes them all")
            .help(match (is_fixed, binding.matching.is_empty()) {
                (false, true) => "let the types, patterns or formats of the segments differ, or put the narrower one first",
                (true, true) => "tell them apart with `match`, by query, header or body, or make one of the two, with `when` in its steps",
                (_, false) => "their `match` asks for the same",
            }),
        );
    }

    fn undecided(
        &mut self,
        (other, other_binding): (&Operation, &Binding),
        (operation, binding): (&Operation, &Binding),
    ) {
        let message =
            format!("a request can fit the `match` of `{}` and of `{}`", other.id, operation.id);
        self.report(
            Diagnostic::error("route-collision", message, &binding.span, "could mean this one")
                .related(&other_binding.span, "or this one")
                .help("let one of them ask for all that the other asks for, and more, or for another value of the same thing"),
        );
    }
}

/// What paths have in common that may leave nothing for each other: their fixed texts, without
/// regard to case, and where their parameters are.
fn look(path: &[Segment]) -> Vec<(&'static str, String)> {
    let fixed = |text: &str| in_url(text).to_ascii_lowercase();
    let look = |segment: &Segment| match segment {
        Segment::Literal(text) => ("literal", fixed(text)),
        Segment::Mixed { more, .. } => {
            ("mixed", more.iter().map(|(text, _)| fixed(text) + "{}").collect())
        }
        Segment::Parameter(_) => ("parameter", String::new()),
        Segment::Rest(_) => ("rest", String::new()),
    };
    path.iter().map(look).collect()
}

/// Whether a path leaves nothing for another of the same shape.
fn takes_all(
    (first, first_path): (&Operation, &[Segment]),
    (second, second_path): (&Operation, &[Segment]),
    routing: Routing,
) -> bool {
    let same = |one: &str, two: &str| {
        let (one, two) = (in_url(one), in_url(two));
        one == two || !routing.case_sensitive && one.eq_ignore_ascii_case(&two)
    };
    let shapes = |one: &Segment, two: &Segment| match (one, two) {
        (Segment::Literal(one), Segment::Literal(two)) => same(one, two),
        (Segment::Mixed { more: one, .. }, Segment::Mixed { more: two, .. }) => {
            one.len() == two.len() && one.iter().zip(two).all(|((one, _), (two, _))| same(one, two))
        }
        (Segment::Parameter(_), Segment::Parameter(_)) | (Segment::Rest(_), Segment::Rest(_)) => {
            true
        }
        _ => false,
    };
    first_path.len() == second_path.len()
        && first_path.iter().zip(second_path).all(|(one, two)| {
            let (around, other) = (one.around(), two.around());
            shapes(one, two)
                && same(around.0, other.0)
                && same(around.1, other.1)
                && one
                    .parameters()
                    .zip(two.parameters())
                    .all(|(one, two)| same_kind((first, one), (second, two)))
        })
}

/// Whether the first parameter takes all that the second one takes.
fn same_kind((first, one): (&Operation, &str), (second, two): (&Operation, &str)) -> bool {
    match (kind(first, one), kind(second, two)) {
        (Some(one), Some(two)) => one == two || one == Kind::default(),
        _ => false,
    }
}

/// What tells a segment from others.
#[derive(Debug, PartialEq, Default)]
struct Kind {
    /// None for texts, which take anything.
    types: Vec<Type>,
    constraints: Vec<String>,
}

fn kind(operation: &Operation, name: &str) -> Option<Kind> {
    let schema = &operation.parameters.iter().find(|p| *p.name == *name)?.schema;
    let types =
        if schema.types.contains(&Type::String) { Vec::new() } else { schema.types.clone() };
    let constraints = schema
        .constraints
        .iter()
        .filter(|constraint| constraint.keyword.word.tells_routes_apart())
        .map(|constraint| constraint.keyword.shown())
        .collect();
    Some(Kind { types, constraints })
}

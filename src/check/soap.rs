//! SOAP services.

use super::Checker;
use super::path::RESOLVED;
use super::records;
use crate::diagnostic::Diagnostic;
use crate::model::path::{dots, values_in};
use crate::model::{
    Binding, Operation, Route, Routing, RoutingStyle, RuleKind, Segment, SoapService, SoapServiceId,
};
use crate::source::Span;
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    /// `soapServices`, at the positions that their names have.
    pub(super) fn soap_services(&mut self, node: Option<&'n Node>) -> Vec<SoapService> {
        let members = self.optional_members(node);
        members.iter().filter_map(|(key, node)| self.soap_service(&key.value, node)).collect()
    }

    fn soap_service(&mut self, name: &str, node: &'n Node) -> Option<SoapService> {
        let mut mapping = self.open(node, records::SOAP_SERVICE.called("a SOAP service"))?;
        let rule_name = format!("soapServices.{name}");
        let rule = self.rule(RuleKind::Operation, "soap", &rule_name, &mut mapping);
        let path = mapping.required_text("path");
        let namespace = mapping.required_text("namespace");
        let versions = mapping.take("versions");
        let strict = mapping.boolean("strictNamespaces");
        let routing = mapping.take("routingStyle");
        let parameters = mapping.take("parameterStyle");
        let form = mapping.take("elementFormDefault");
        let failures = self.failures(mapping.take("failures"), &rule_name);
        mapping.text("description");
        mapping.finish();
        let (mut v11, mut v12) = (versions.is_none(), versions.is_none());
        if let Some(node) = versions.filter(|node| node.as_list().is_some_and(<[_]>::is_empty)) {
            self.report(
                Diagnostic::error(
                    "contradiction",
                    "a SOAP service without versions refuses each request",
                    &node.span,
                    "none",
                )
                .help("write `[\"1.1\"]` or `[\"1.2\"]`, or leave it out for both"),
            );
        }
        for item in versions.map_or(&[][..], |node| self.read_items(node)) {
            match self.read_word(item, "versions", &[(false, "1.1"), (true, "1.2")]) {
                Some(true) => v12 = true,
                Some(false) => v11 = true,
                None => {}
            }
        }
        let styles = [
            (RoutingStyle::SoapAction, "soapAction"),
            (RoutingStyle::RequestElement, "requestElement"),
        ];
        let routing = routing.and_then(|it| self.read_word(it, "routingStyle", &styles));
        let styles = [(false, "wrapped"), (true, "bare")];
        let bare = parameters.and_then(|it| self.read_word(it, "parameterStyle", &styles));
        let forms = [(false, "qualified"), (true, "unqualified")];
        let unqualified = form.and_then(|it| self.read_word(it, "elementFormDefault", &forms));
        let path = path?;
        if !path.starts_with('/') {
            self.error("bad-path", "a path begins with /", &path.span, "does not");
        } else if let Some(stray) = path.value.chars().find(|c| !may_stand(*c)) {
            let message = format!("the path of a SOAP service is fixed, and has no `{stray}`");
            let help = "operations over SOAP take their parameters from the envelope";
            let problem = Diagnostic::error("bad-path", message, &path.span, "not a fixed path");
            self.report(if stray == '{' { problem.help(help) } else { problem });
        }
        if path.split('/').any(|segment| dots(segment) > 0) {
            let message = "the path of a SOAP service has no `.` or `..`";
            self.problems.push(
                Diagnostic::error("bad-path", message, &path.span, "is never requested")
                    .help(RESOLVED),
            );
        }
        let namespace = namespace?.value;
        Some(SoapService {
            id: SoapServiceId(self.names.soap_services.position(name)?),
            name: name.into(),
            path: path.value,
            namespace,
            v11,
            v12,
            strict_namespaces: strict.unwrap_or(true),
            routing: routing.unwrap_or_default(),
            bare: bare.unwrap_or_default(),
            unqualified: unqualified.unwrap_or_default(),
            failures,
            rule,
        })
    }

    /// Reports operations of SOAP services that no message tells from others, and answers whose
    /// element has no name.
    pub(super) fn check_messages(&mut self, operations: &[Operation], services: &[SoapService]) {
        for (at, service) in services.iter().enumerate() {
            let mut known: Vec<(&Operation, &Binding)> = Vec::new();
            for (operation, binding) in bound(operations, at) {
                let element = binding.request_element(operation);
                let action = binding.soap_action(service, operation);
                let same = known.iter().find(|(other, found)| {
                    let by_action = service.routing == RoutingStyle::SoapAction;
                    found.request_element(other) == element
                        && !(by_action && found.soap_action(service, other) != action)
                });
                if let Some((other, found)) = same {
                    let message = format!(
                        "a message with the element `{element}` could be for `{}` or for `{}`",
                        other.id, operation.id
                    );
                    let help = "give each another `requestElement`, or another `soapAction`, by which `routingStyle: soapAction` tells them apart";
                    self.report(
                        Diagnostic::error(
                            "route-collision",
                            message,
                            &binding.span,
                            "never reached",
                        )
                        .related(&found.span, "takes them all")
                        .help(help),
                    );
                }
                known.push((operation, binding));
                if service.bare {
                    self.check_root(operation, service);
                }
            }
        }
    }

    fn check_root(&mut self, operation: &Operation, service: &SoapService) {
        let answer = operation.responses.iter().find(|response| response.status == 200);
        let Some(schema) = answer.and_then(|response| response.schema.as_ref()) else { return };
        if schema.xml.is_none() {
            let message = format!(
                "the answer of `{}` has no element: `{}` has `parameterStyle: bare`",
                operation.id, service.name
            );
            self.report(
                Diagnostic::error("missing-key", message, &schema.span, "has no name")
                    .help("add `xml: {name: ..., namespace: ...}` beside it"),
            );
        }
    }

    /// Reports services that are in each other's way, and operations that take the requests of
    /// one: what is at a path is found before an envelope is opened.
    pub(super) fn check_soap_paths(
        &mut self,
        services: &[SoapService],
        operations: &[Operation],
        routing: Routing,
    ) {
        let place = |checker: &Self, soap: &SoapService| -> Option<Span> {
            let at = checker.names.soap_services.position(&soap.name)?;
            Some(checker.names.soap_services.node(at)?.get("path")?.span.clone())
        };
        let same = |one: &str, other: &str| {
            let end = |path: &str| match routing.ignore_trailing_slash {
                true => path.trim_end_matches('/').to_owned(),
                false => path.to_owned(),
            };
            match routing.case_sensitive {
                true => end(one) == end(other),
                false => end(one).eq_ignore_ascii_case(&end(other)),
            }
        };
        for (at, soap) in services.iter().enumerate() {
            let Some(here) = place(self, soap) else { continue };
            let mut before = services.iter().take(at);
            if let Some(other) = before.find(|other| same(&other.path, &soap.path))
                && let Some(there) = place(self, other)
            {
                let message = format!(
                    "the SOAP services `{}` and `{}` are at one path, where only one is found",
                    other.name, soap.name
                );
                self.report(
                    Diagnostic::error("route-collision", message, &here, "the same path")
                        .related(&there, "the other one")
                        .help("give each a path of its own"),
                );
            }
            for operation in operations {
                for binding in &operation.bindings {
                    let Route::Http { method, path } = &binding.route else { continue };
                    let is_fixed = path.iter().all(Segment::is_literal);
                    let exact = routing.case_sensitive;
                    let fits = is_fixed && values_in(path, &soap.path, exact).is_some();
                    if *method != http::Method::POST || !fits {
                        continue;
                    }
                    let message = format!(
                        "`{}` takes the requests for the SOAP service `{}`",
                        operation.id, soap.name
                    );
                    self.report(
                        Diagnostic::error("route-collision", message, &binding.span, "takes them")
                            .related(&here, "is at the same path")
                            .help("give one of them another path"),
                    );
                }
            }
        }
    }
}

/// The operations of a service, with the bindings by which they are.
fn bound(operations: &[Operation], at: usize) -> impl Iterator<Item = (&Operation, &Binding)> {
    operations.iter().filter_map(move |operation| {
        let is_here = |binding: &&Binding| matches!(binding.route, Route::Soap(SoapServiceId(one)) if one == at);
        Some((operation, operation.bindings.iter().find(is_here)?))
    })
}

/// Whether a character stands in a path as it is (RFC 3986, section 3.3), or encoded.
fn may_stand(character: char) -> bool {
    character.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@%".contains(character)
}

//! WSDL 1.1 with bindings for SOAP 1.1 and 1.2: document/literal, and rpc, which is written as wrapped document/literal.

mod built_in;
mod derived;
mod documents;
mod messages;
mod particles;
mod rpc;
mod simple;
mod types;

use std::collections::HashMap;
use std::path::Path;

use super::api::{Api, Bound, Operation, Parameter, Server, SoapService};
use super::notes::Notes;
use super::schema::Schema;
use crate::diagnostic::Diagnostic;
use documents::{At, Documents, Name};
use types::{Types, documentation};

pub(super) use messages::{Answered, Form, settle};

pub(super) const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
/// The types of SOAP 1.1's encoding (section 5).
pub(super) const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";
pub(super) const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";
const BINDINGS: [(&str, &str); 2] = [
    ("http://schemas.xmlsoap.org/wsdl/soap/", "1.1"),
    ("http://schemas.xmlsoap.org/wsdl/soap12/", "1.2"),
];

/// Reads a WSDL and what it imports. Fails when there is no operation to be taken from it.
pub(super) fn read(path: &Path, notes: &mut Notes) -> Result<Api, Vec<Diagnostic>> {
    let documents = documents::load(path, notes)?;
    let mut reader = Reader {
        declared: declared(&documents),
        types: Types::new(&documents.schemas),
        api: Api::default(),
        requests: HashMap::new(),
        answers: Vec::new(),
    };
    for definitions in &documents.definitions {
        for service in definitions.all(WSDL, "service") {
            reader.service(service, notes);
        }
    }
    let root = documents.definitions.first();
    let title = reader.api.soap.first().map(|service| service.name.clone());
    let title = title.or_else(|| root?.attribute("name").map(str::to_owned));
    let answers = std::mem::take(&mut reader.answers);
    let mut api = reader.api;
    api.schemas = reader.types.finish(notes);
    settle(&mut api, answers);
    api.title = title;
    api.description = root.and_then(documentation);
    if api.operations.is_empty() {
        let mut why: Vec<String> = notes.left.iter().map(|note| note.text.clone()).collect();
        if why.is_empty() {
            why.push("it has no `service` with a port of SOAP".to_owned());
        }
        let message = format!("{} has no operation that can be taken", path.display());
        let mut found = Diagnostic::without_place("nothing-to-import", message);
        for reason in why.into_iter().take(20) {
            found = found.help(reason);
        }
        return Err(vec![found]);
    }
    Ok(api)
}

/// Messages, port types and bindings by their names.
fn declared(documents: &Documents) -> HashMap<(&'static str, Name), &At> {
    let mut declared = HashMap::new();
    for definitions in &documents.definitions {
        let namespace = definitions.attribute("targetNamespace").unwrap_or_default();
        for word in ["message", "portType", "binding"] {
            for node in definitions.all(WSDL, word) {
                if let Some(name) = node.attribute("name") {
                    let name = (namespace.to_owned(), name.to_owned());
                    declared.entry((word, name)).or_insert(node);
                }
            }
        }
    }
    declared
}

struct Reader<'d> {
    declared: HashMap<(&'static str, Name), &'d At>,
    types: Types<'d>,
    api: Api,
    /// The elements of requests and the names of their operations, by how these are called here.
    requests: HashMap<String, (Name, String)>,
    /// What each operation answers.
    answers: Vec<Answered>,
}

/// How a binding writes an operation.
#[derive(Clone, Copy)]
struct Way<'d, 'n> {
    bound: &'d At,
    /// The namespace of the binding's extensions.
    space: &'static str,
    rpc: bool,
    /// The namespace of the binding itself.
    own: &'n str,
}

impl Way<'_, '_> {
    /// An attribute of the body of the `input` or the `output`.
    fn body(&self, word: &str, attribute: &str) -> Option<&str> {
        self.bound.one(WSDL, word)?.one(self.space, "body")?.attribute(attribute)
    }

    fn is_encoded(&self, word: &str) -> bool {
        self.body(word, "use").is_some_and(|it| it != "literal")
    }

    /// The namespace of the element around the parts of rpc.
    fn namespace(&self, word: &str) -> String {
        self.body(word, "namespace").unwrap_or(self.own).to_owned()
    }
}

impl<'d> Reader<'d> {
    fn find(&self, word: &'static str, name: Option<Name>) -> Option<&'d At> {
        self.declared.get(&(word, name?)).copied()
    }

    fn service(&mut self, service: &'d At, notes: &mut Notes) {
        let name = service.attribute("name").unwrap_or("service");
        for port in service.all(WSDL, "port") {
            let shown = format!("{name}, port `{}`", port.attribute("name").unwrap_or_default());
            let Some(binding) = self.find("binding", port.named("binding")) else {
                notes.leave(format!("{shown}: its binding is not declared"), None);
                continue;
            };
            let version =
                BINDINGS.iter().find(|(space, _)| binding.one(space, "binding").is_some());
            let Some((space, version)) = version.copied() else {
                notes.leave(format!("{shown}: it is not of SOAP"), None);
                continue;
            };
            let address = port.one(space, "address").and_then(|it| it.attribute("location"));
            let (server, path) = parts(address.unwrap_or_default());
            let of_binding = port.named("binding").map(|it| it.0).unwrap_or_default();
            let binding = (binding, of_binding.as_str());
            self.port((name, &shown), &path, binding, (space, version), notes);
            let is_known = |known: &Server| Some(&known.url) == server.as_ref();
            if let Some(url) = server.clone().filter(|_| !self.api.servers.iter().any(is_known)) {
                // Further hosts would each serve all paths.
                if self.api.servers.is_empty() {
                    self.api.servers.push(Server { url, variables: Vec::new() });
                } else {
                    notes.leave(
                        format!("{shown}: the host of `{url}`; the first one is taken"),
                        None,
                    );
                }
            }
        }
    }

    fn port(
        &mut self,
        (name, shown): (&str, &str),
        path: &str,
        (binding, own): (&'d At, &str),
        (space, version): (&'static str, &'static str),
        notes: &mut Notes,
    ) {
        let Some(port_type) = self.find("portType", binding.named("type")) else {
            notes.leave(format!("{shown}: its port type is not declared"), None);
            return;
        };
        let style = binding.one(space, "binding").and_then(|it| it.attribute("style"));
        for bound in binding.all(WSDL, "operation") {
            let operation = bound.attribute("name").unwrap_or_default();
            let extension = bound.one(space, "operation");
            let style =
                extension.and_then(|it| it.attribute("style")).or(style).unwrap_or("document");
            let way = Way { bound, space, rpc: style == "rpc", own };
            let encoded = way.is_encoded("input") || way.is_encoded("output");
            if encoded && style != "rpc" {
                let text = format!("{shown}, `{operation}`: {style}/encoded");
                notes.leave(format!("{text}; document/literal and rpc are taken"), None);
                continue;
            }
            if encoded {
                notes.leave("what rpc/encoded has beyond rpc/literal: `href`, `xsi:type`", None);
            }
            let is_it = |it: &&At| it.attribute("name") == Some(operation);
            let Some(abstract_one) = port_type.all(WSDL, "operation").find(is_it) else {
                notes.leave(format!("{shown}, `{operation}`: its port type has none"), None);
                continue;
            };
            let shown = format!("{shown}, `{operation}`");
            let request = match way.rpc {
                true => Some((way.namespace("input"), operation.to_owned())),
                false => self.message(abstract_one, way, "input").flatten(),
            };
            let Some(request) = request else {
                notes.leave(format!("{shown}: its request is not one declared element"), None);
                continue;
            };
            let ways = ["input", "output"].into_iter().filter_map(|word| bound.one(WSDL, word));
            if ways.flat_map(|it| it.all(space, "header")).next().is_some() {
                notes.leave(format!("{shown}: its headers in the envelope"), None);
            }
            let action = extension.and_then(|it| it.attribute("soapAction")).unwrap_or_default();
            let service = self.soap_service(name, path, &request.0, version, way.rpc);
            self.operation(&service, (abstract_one, way), request, action, &shown, notes);
        }
    }

    /// The element of the only part of a message that is in the body, or that there is no part.
    #[expect(clippy::option_option, reason = "a message without a part is one too")]
    fn message(&self, operation: &At, way: Way<'d, '_>, word: &str) -> Option<Option<Name>> {
        match self.parts(operation, way, word)?.as_slice() {
            [] => Some(None),
            [one] => Some(Some(one.named("element")?)),
            many => {
                let named = many.iter().find(|it| it.attribute("name") == Some("parameters"));
                Some(Some(named?.named("element")?))
            }
        }
    }

    /// The parts of a message that are in the body: those that the binding names for it, or those that it has not for
    /// headers.
    fn parts(&self, operation: &At, way: Way<'d, '_>, word: &str) -> Option<Vec<&'d At>> {
        let name = operation.one(WSDL, word)?.named("message")?;
        let message = self.find("message", Some(name.clone()))?;
        let body = way.body(word, "parts");
        let headers: Vec<&str> = way
            .bound
            .one(WSDL, word)
            .into_iter()
            .flat_map(|it| it.all(way.space, "header"))
            .filter(|header| header.named("message").as_ref() == Some(&name))
            .filter_map(|header| header.attribute("part"))
            .collect();
        let is_in_body = |part: &&At| {
            let part = part.attribute("name").unwrap_or_default();
            match body {
                Some(named) => named.split_whitespace().any(|one| one == part),
                None => !headers.contains(&part),
            }
        };
        Some(message.all(WSDL, "part").filter(is_in_body).collect())
    }

    /// What stands in the body of an answer.
    fn answered(
        &mut self,
        node: &At,
        way: Way<'d, '_>,
        operation: &str,
        shown: &str,
        notes: &mut Notes,
    ) -> Form {
        if node.one(WSDL, "output").is_none() {
            return Form::None;
        }
        if way.rpc {
            let parts = self.parts(node, way, "output").unwrap_or_default();
            let members = self.types.of_parts(&parts, way.is_encoded("output"), notes);
            let element = (way.namespace("output"), format!("{operation}Response"));
            return Form::Element(element, Box::new(Types::of_members(members)));
        }
        let left = match self.message(node, way, "output") {
            Some(None) => return Form::Empty,
            Some(Some(element)) => match self.types.global(&element, notes) {
                Some(schema) => return Form::Element(element, Box::new(schema)),
                None => format!("the element `{}` of its answer is not declared", element.1),
            },
            None => "its answer is not one declared element".to_owned(),
        };
        notes.leave(format!("{shown}: {left}"), None);
        Form::Empty
    }

    /// The name of the service at a path, which is there from then on. Its namespace is that of the
    /// first message: those of others are found by their elements' names.
    fn soap_service(
        &mut self,
        name: &str,
        path: &str,
        namespace: &str,
        version: &'static str,
        rpc: bool,
    ) -> String {
        if let Some(known) = self.api.soap.iter_mut().find(|it| it.path == path) {
            if !known.versions.contains(&version) {
                known.versions.push(version);
                known.versions.sort_unstable();
            }
            known.several |= known.namespace != namespace;
            return known.name.clone();
        }
        let mut taken = self.api.soap.iter().map(|it| it.name.clone()).collect();
        let name = super::names::unique(name, &mut taken);
        self.api.soap.push(SoapService {
            name: name.clone(),
            path: path.to_owned(),
            namespace: namespace.to_owned(),
            versions: vec![version],
            unqualified: rpc || self.types.are_unqualified(namespace),
            by_element: false,
            bare: false,
            mixed: false,
            several: false,
        });
        name
    }

    fn operation(
        &mut self,
        service: &str,
        (node, way): (&'d At, Way<'d, '_>),
        request: Name,
        action: &str,
        shown: &str,
        notes: &mut Notes,
    ) {
        let name = node.attribute("name").unwrap_or_default().to_owned();
        let bound_here = |service: &str| Bound {
            service: service.to_owned(),
            element: request.1.clone(),
            action: action.to_owned(),
        };
        let same = (request.clone(), name.clone());
        let known = self.requests.iter().find(|(_, known)| **known == same).map(|(id, _)| id);
        if let Some(id) = known {
            let operation = self.api.operations.iter_mut().find(|it| it.id == *id);
            let Some(operation) = operation else { return };
            match operation.soap.iter_mut().find(|known| known.service == service) {
                // Its action does not tell it.
                Some(known) if known.action != action => known.action.clear(),
                Some(_) => {}
                None => operation.soap.push(bound_here(service)),
            }
            return;
        }
        let mut taken = self.requests.keys().cloned().collect();
        let id = super::names::unique(&name, &mut taken);
        let members = match way.rpc {
            true => {
                let parts = self.parts(node, way, "input").unwrap_or_default();
                Some(self.types.of_parts(&parts, way.is_encoded("input"), notes))
            }
            false => self.types.members(&request, notes),
        };
        let Some(members) = members else {
            notes.leave(format!("{shown}: the element `{}` is not declared", request.1), None);
            return;
        };
        let parameters = members.into_iter().map(|member| Parameter {
            name: member.name,
            place: "",
            required: member.required,
            joined: false,
            deep: false,
            media_type: None,
            description: None,
            schema: Schema { namespace: Some(member.namespace), ..member.schema },
        });
        let parameters = parameters.collect();
        let form = self.answered(node, way, &name, shown, notes);
        self.answers.push(Answered { operation: id.clone(), service: service.to_owned(), form });
        if node.one(WSDL, "fault").is_some() {
            notes.leave(format!("{shown}: its faults; write them as errors"), None);
        }
        let soap = vec![bound_here(service)];
        self.requests.insert(id.clone(), (request, name));
        self.api.operations.push(Operation {
            id,
            method: "POST".to_owned(),
            soap,
            summary: documentation(node),
            parameters,
            ..Operation::default()
        });
    }
}

/// The scheme and host of an address, and its path.
fn parts(address: &str) -> (Option<String>, String) {
    let Some((scheme, rest)) = address.split_once("://") else {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        return (None, format!("/{}", path.trim_start_matches('/')));
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let host = host.split(['?', '#']).next().unwrap_or_default();
    let server = (!host.is_empty()).then(|| format!("{scheme}://{host}"));
    (server, format!("/{path}"))
}

//! WSDL 1.1 with bindings for SOAP 1.1 and 1.2, document/literal.

mod built_in;
mod derived;
mod documents;
mod messages;
mod particles;
mod simple;
mod types;

use std::collections::HashMap;
use std::path::Path;

use super::api::{Api, Bound, Operation, Parameter, Server, SoapService};
use super::notes::Notes;
use super::schema::Schema;
use crate::diagnostic::Diagnostic;
use documents::{At, Documents, Name};
use messages::{Answered, Form};
use types::{Types, documentation};

pub(super) const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
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
    messages::settle(&mut api, answers);
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
        binding: &'d At,
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
            let own = bound.one(space, "operation");
            let style = own.and_then(|it| it.attribute("style")).or(style).unwrap_or("document");
            let used = |word| {
                let body = bound.one(WSDL, word).and_then(|it| it.one(space, "body"));
                body.and_then(|it| it.attribute("use")).unwrap_or("literal")
            };
            if style != "document" || used("input") != "literal" || used("output") != "literal" {
                let text = format!("{shown}, `{operation}`: {style}/{}", used("input"));
                notes.leave(format!("{text}; document/literal is taken"), None);
                continue;
            }
            let is_it = |it: &&At| it.attribute("name") == Some(operation);
            let Some(abstract_one) = port_type.all(WSDL, "operation").find(is_it) else {
                notes.leave(format!("{shown}, `{operation}`: its port type has none"), None);
                continue;
            };
            let shown = format!("{shown}, `{operation}`");
            let Some(Some(request)) = self.message(abstract_one, bound, space, "input") else {
                notes.leave(format!("{shown}: its request is not one declared element"), None);
                continue;
            };
            let ways = ["input", "output"].into_iter().filter_map(|word| bound.one(WSDL, word));
            if ways.flat_map(|it| it.all(space, "header")).next().is_some() {
                notes.leave(format!("{shown}: its headers in the envelope"), None);
            }
            let action = own.and_then(|it| it.attribute("soapAction")).unwrap_or_default();
            let service = self.soap_service(name, path, &request.0, version);
            self.operation(&service, (abstract_one, bound, space), request, action, &shown, notes);
        }
    }

    /// The element of the only part of a message that is in the body, or that there is no part: of the parts that the
    /// binding names for it, or of those that it has not for headers.
    #[expect(clippy::option_option, reason = "a message without a part is one too")]
    fn message(&self, operation: &At, bound: &At, space: &str, word: &str) -> Option<Option<Name>> {
        let name = operation.one(WSDL, word)?.named("message")?;
        let message = self.find("message", Some(name.clone()))?;
        let bound = bound.one(WSDL, word);
        let body = bound.and_then(|it| it.one(space, "body")?.attribute("parts"));
        let headers: Vec<&str> = bound
            .into_iter()
            .flat_map(|it| it.all(space, "header"))
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
        let parts: Vec<&At> = message.all(WSDL, "part").filter(is_in_body).collect();
        match parts.as_slice() {
            [] => Some(None),
            [one] => Some(Some(one.named("element")?)),
            many => {
                let named = many.iter().find(|it| it.attribute("name") == Some("parameters"));
                Some(Some(named?.named("element")?))
            }
        }
    }

    /// The name of the service at a path and in a namespace, which is there from then on.
    fn soap_service(
        &mut self,
        name: &str,
        path: &str,
        namespace: &str,
        version: &'static str,
    ) -> String {
        let is_it = |it: &&mut SoapService| it.path == path && it.namespace == namespace;
        if let Some(known) = self.api.soap.iter_mut().find(is_it) {
            if !known.versions.contains(&version) {
                known.versions.push(version);
                known.versions.sort_unstable();
            }
            return known.name.clone();
        }
        let mut taken = self.api.soap.iter().map(|it| it.name.clone()).collect();
        let name = super::names::unique(name, &mut taken);
        self.api.soap.push(SoapService {
            name: name.clone(),
            path: path.to_owned(),
            namespace: namespace.to_owned(),
            versions: vec![version],
            unqualified: self.types.are_unqualified(namespace),
            by_element: false,
            bare: false,
            mixed: false,
        });
        name
    }

    fn operation(
        &mut self,
        service: &str,
        (node, bound, space): (&'d At, &At, &str),
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
            let is_new =
                |it: &&mut Operation| !it.soap.iter().any(|known| known.service == service);
            if let Some(operation) = operation.filter(is_new) {
                operation.soap.push(bound_here(service));
            }
            return;
        }
        let mut taken = self.requests.keys().cloned().collect();
        let id = super::names::unique(&name, &mut taken);
        let Some(members) = self.types.members(&request, notes) else {
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
        let answered = match (node.one(WSDL, "output"), self.message(node, bound, space, "output"))
        {
            (None, _) => Form::None,
            (Some(_), Some(None)) => Form::Empty,
            (Some(_), Some(Some(element))) => match self.types.global(&element, notes) {
                Some(schema) => Form::Element(element, Box::new(schema)),
                None => {
                    notes.leave(
                        format!(
                            "{shown}: the element `{}` of its answer is not declared",
                            element.1
                        ),
                        None,
                    );
                    Form::Empty
                }
            },
            (Some(_), None) => {
                notes.leave(format!("{shown}: its answer is not one declared element"), None);
                Form::Empty
            }
        };
        self.answers.push(Answered {
            operation: id.clone(),
            service: service.to_owned(),
            form: answered,
        });
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

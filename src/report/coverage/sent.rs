//! What a request carried, flat: names and values.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::model::path::{normal, values_in};
use crate::model::{MediaType, Operation, Route, Segment, Service, WireOptions};
use crate::run::event::SentRequest;
use crate::value::Value;
use crate::wire::deep_object::DeepForm;
use crate::wire::form::Form;
use crate::wire::json::Json;
use crate::wire::multipart::{Part, parts, tree};
use crate::wire::soap::open;
use crate::wire::xml::decode_element;
use crate::wire::{Limits, Wire};

/// Names and values, wherever in the request they were; headers apart.
#[derive(Debug, Default)]
pub(super) struct Sent {
    fold: bool,
    values: Vec<(String, Option<String>)>,
    headers: Vec<(String, Option<String>)>,
}

impl Sent {
    /// Reads a request as far as it can be read.
    pub(super) fn new(request: &SentRequest, operation: &Operation, service: &Service) -> Self {
        let mut sent = Self { fold: !service.routing.case_sensitive, ..Self::default() };
        let url = request.url.split('#').next().unwrap_or_default();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        sent.read_path(path, &request.method, operation, service);
        let deep = operation.parameters.iter().any(|parameter| parameter.deep);
        sent.read_form(query.as_bytes(), deep);
        sent.read_json_texts(operation);
        let mut media_type = "";
        for (name, value) in &request.headers {
            let name = name.to_ascii_lowercase();
            match &*name {
                "content-type" => media_type = value,
                "cookie" => {
                    for (name, value) in value.split(';').filter_map(|c| c.split_once('=')) {
                        sent.values.push((name.trim().to_owned(), Some(value.to_owned())));
                    }
                }
                _ => {}
            }
            sent.headers.push((name, Some(value.clone())));
        }
        let name = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let known = service.media_types.iter().find(|known| *known.name == *name);
        let is_form = |known: &MediaType| matches!(known.wire, WireOptions::Form { .. });
        if name.starts_with("multipart/") {
            sent.read_parts(&request.body, media_type);
        } else if name.contains("json") {
            sent.read(&Json, &request.body);
        } else if name == "application/x-www-form-urlencoded" || known.is_some_and(is_form) {
            let nests = |known: &MediaType| matches!(known.wire, WireOptions::Form { deep: true });
            sent.read_form(&request.body, deep || known.is_some_and(nests));
        } else if name.contains("xml") {
            sent.read_xml(&request.body);
        }
        sent
    }

    /// The values of a name; none of a name that only stands for more names.
    pub(super) fn values(&self, header: bool, path: &str) -> impl Iterator<Item = &str> {
        let found = self.named(header, path);
        found.filter_map(|(_, value)| value.as_deref())
    }

    /// Whether the name was there at all.
    pub(super) fn has(&self, header: bool, path: &str) -> bool {
        self.named(header, path).next().is_some()
    }

    fn named(&self, header: bool, path: &str) -> impl Iterator<Item = &(String, Option<String>)> {
        let values = if header { &self.headers } else { &self.values };
        let fold = header || self.fold;
        let is = move |name: &str, path: &str| match fold {
            true => name.eq_ignore_ascii_case(path),
            false => name == path,
        };
        values.iter().filter(move |(name, _)| match path.strip_suffix('*') {
            Some(prefix) => name.get(..prefix.len()).is_some_and(|start| is(start, prefix)),
            None => is(name, path),
        })
    }

    /// The path against the operation's own; what stands before it is the base path.
    fn read_path(&mut self, path: &str, method: &str, operation: &Operation, service: &Service) {
        let path = normal(path);
        let trimmed = path.trim_end_matches('/');
        for binding in &operation.bindings {
            let Route::Http { method: known, path: route } = &binding.route else { continue };
            let tail = match route.last() {
                Some(Segment::Rest(_)) => below_base(&path, service),
                // As many segments as there are, from the end.
                _ => match trimmed.rmatch_indices('/').nth(route.len().saturating_sub(1)) {
                    Some((start, _)) => trimmed.get(start..).unwrap_or_default(),
                    None => continue,
                },
            };
            let Some(values) = values_in(route, tail, false).filter(|_| known.as_str() == method)
            else {
                continue;
            };
            for (name, value) in route.iter().flat_map(Segment::parameters).zip(values) {
                self.values.push((name.to_string(), Some(decoded(value).into_owned())));
            }
            return;
        }
    }

    fn read(&mut self, wire: &dyn Wire, bytes: &[u8]) {
        if let Ok(decoded) = wire.decode(bytes, &Limits::default()) {
            self.flatten("", &decoded.value);
        }
    }

    /// A form or a query; where names have structure in them, also by what they stand for.
    fn read_form(&mut self, bytes: &[u8], deep: bool) {
        self.read(&Form, bytes);
        if deep {
            self.read(&DeepForm, bytes);
        }
    }

    /// What stands in the parameters whose texts are JSON.
    fn read_json_texts(&mut self, operation: &Operation) {
        let known = operation.parameters.iter().filter(|one| one.media_type.is_some());
        let names: Vec<String> = known.map(|parameter| parameter.name.to_string()).collect();
        let texts: Vec<(String, String)> = names
            .into_iter()
            .flat_map(|name| {
                let texts: Vec<String> = self.values(false, &name).map(str::to_owned).collect();
                texts.into_iter().map(move |text| (name.clone(), text))
            })
            .collect();
        for (name, text) in texts {
            if let Ok(decoded) = Json.decode(text.as_bytes(), &Limits::default()) {
                let text = decoded.value.scalar_text().map(|text| text.to_string());
                self.values.extend(text.map(|text| (name.clone(), Some(text))));
                self.flatten(&name, &decoded.value);
            }
        }
    }

    /// The parts of a form with files; of a file only that there is one.
    fn read_parts(&mut self, body: &[u8], content_type: &str) {
        let value = |part: &Part| {
            let is_json = part.media_type().is_some_and(|name| name.contains("json"));
            let tree = Json.decode(part.bytes(body), &Limits::default());
            Ok(match (&part.filename, tree) {
                (_, Ok(tree)) if is_json => tree.value,
                (Some(_), _) => Value::Null,
                (None, _) => part.text(body).unwrap_or_default(),
            })
        };
        if let Ok(tree) = parts(body, content_type).and_then(|parts| tree(&parts, value)) {
            self.flatten("", &tree);
        }
    }

    fn read_xml(&mut self, bytes: &[u8]) {
        let limits = Limits::default();
        if let Ok(message) = open(bytes, &limits) {
            self.flatten("", &message.parameters);
        } else if let Ok(root) = decode_element(bytes, &limits) {
            self.flatten("", &root.to_value());
        }
    }

    /// Members with the names down to them; items of lists under the name of the list.
    fn flatten(&mut self, path: &str, value: &Value) {
        if let Some(members) = value.members() {
            for (name, member) in members {
                let path = match path {
                    "" => name.to_string(),
                    _ => format!("{path}.{name}"),
                };
                let text = member.scalar_text().map(|text| text.to_string());
                self.values.push((path.clone(), text));
                self.flatten(&path, member);
            }
        }
        for item in value.as_list().unwrap_or_default() {
            if let Some(text) = item.scalar_text() {
                self.values.push((path.to_owned(), Some(text.to_string())));
            }
            self.flatten(path, item);
        }
    }
}

fn decoded(segment: &str) -> Cow<'_, str> {
    percent_decode_str(segment).decode_utf8_lossy()
}

/// What stands behind the base path, or the vendor's name, of a URL.
fn below_base<'p>(url: &'p str, service: &Service) -> &'p str {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = path.find('/').and_then(|at| path.get(at..)).unwrap_or_default();
    let vendor = format!("/{}", service.vendor);
    let bases = service.servers.iter().map(|server| &*server.base_path);
    let mut bases = bases.filter(|base| !base.is_empty()).chain([&*vendor]);
    let after = |base: &str| path.get(path.find(&format!("{base}/"))? + base.len()..);
    bases.find_map(after).unwrap_or(path)
}

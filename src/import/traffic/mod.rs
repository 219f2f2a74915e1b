//! Requests that somebody made or wrote down: Postman collections, HAR files, curl commands.

mod asked;
mod atoms;
mod called;
mod cases;
mod curl;
mod differences;
mod draft;
mod expected;
mod fault;
mod flow;
mod form;
mod har;
mod http_call;
mod identity;
mod infer;
mod keys;
mod links;
mod listed;
mod message;
mod message_call;
mod pattern;
mod postman;
mod recorded;
mod refused;
mod renewed;
mod said;
mod scenario;
mod schemes;
mod secret_names;
mod secrets;
mod soap_draft;
mod step;
mod supplied;
mod template;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::api::Api;
use super::names;
use super::notes::Notes;
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::model::Service;
use crate::source::{Source, Span};
use crate::syntax::{Node, Problems, parse_foreign};

pub(super) use recorded::traffic as recorded;
pub(super) use scenario::scenario;

use called::Called;
use keys::Key;
use said::Said;

pub use differences::Differences;
pub use recorded::Recording;
pub use secrets::shown;

/// What the requests are written down in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A Postman collection, version 2.0 or 2.1.
    Postman,
    /// An HTTP archive, as browsers save it.
    Har,
    /// Command lines of curl.
    Curl,
}

/// Requests in their order.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    pub(super) name: Option<String>,
    /// What the scenario is called.
    pub(super) title: Option<String>,
    /// Where it comes from: the first line of the file.
    pub(super) made: Option<String>,
    /// Whether the answers were held against a spec already.
    pub(super) compared: bool,
    /// When it was recorded.
    pub(super) now: Timestamp,
    /// Names for values in the requests.
    pub(super) variables: Vec<(String, String)>,
    pub(super) requests: Vec<Recorded>,
}

impl Traffic {
    /// Whether there are messages of SOAP.
    pub(super) fn sends_messages(&self) -> bool {
        self.requests.iter().any(|recorded| message::sent(recorded).is_some())
    }

    /// Makes calls of the messages that operations of the service take.
    pub(super) fn call_messages(&mut self, service: &Service) {
        for recorded in &mut self.requests {
            let mut bindings = service
                .operations
                .iter()
                .flat_map(|operation| (0..operation.bindings.len()).map(move |at| (operation, at)));
            recorded.called = bindings
                .find_map(|(operation, at)| message_call::called(service, operation, at, recorded));
        }
    }
}

/// A request, and what was answered if that is known.
#[derive(Debug, Default, Clone)]
pub(super) struct Recorded {
    pub(super) name: Option<String>,
    pub(super) method: String,
    /// Scheme and host; empty where it is not known.
    pub(super) host: String,
    /// The path with the query.
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
    /// The body, where it is no text.
    pub(super) binary: Option<Vec<u8>>,
    pub(super) status: Option<u16>,
    /// The body of the answer.
    pub(super) answer: Option<Said>,
    pub(super) answer_headers: Vec<(String, String)>,
    /// Why there is no text of the answer, although there was a body.
    pub(super) left: Option<String>,
    /// The keys that it shows, by the security schemes of the spec.
    pub(super) keys: Vec<Key>,
    /// The call that makes it.
    pub(super) called: Option<Called>,
    /// How the answer differs from the spec.
    pub(super) undocumented: Option<String>,
    pub(super) place: Option<Span>,
}

impl Recorded {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let is = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
        self.headers.iter().find(is).map(|(_, value)| value.as_str())
    }
}

/// Reads requests. Fails when there are none.
pub(super) fn read(
    format: Format,
    path: &Path,
    notes: &mut Notes,
) -> Result<Traffic, Vec<Diagnostic>> {
    let bytes = files::read(path).map_err(|error| {
        let message = format!("{} cannot be read: {error}", path.display());
        vec![Diagnostic::without_place("unreadable", message)]
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let source = Source::new(path, text.strip_prefix('\u{feff}').unwrap_or(&text));
    let mut traffic = match format {
        Format::Curl => curl::read(&source, notes),
        Format::Har => har::read(&tree(&source, "log", "a HAR file", notes)?, notes),
        Format::Postman => {
            postman::read(&tree(&source, "item", "a Postman collection", notes)?, notes)
        }
    };
    keep_one_host(&mut traffic, notes);
    if traffic.requests.is_empty() {
        let message = format!("there is no request in {}", path.display());
        return Err(vec![Diagnostic::without_place("no-requests", message)]);
    }
    Ok(traffic)
}

/// The tree of a document that has a key by which it is known.
fn tree(
    source: &Arc<Source>,
    key: &str,
    what: &str,
    notes: &mut Notes,
) -> Result<Node, Vec<Diagnostic>> {
    let problems = Problems::default();
    let node = parse_foreign(source, &problems);
    let Some(node) = node else { return Err(problems.into_sorted()) };
    if node.get(key).is_none() {
        let message = format!("this is not {what}");
        let label = format!("no `{key}`");
        return Err(vec![Diagnostic::error("other-format", message, &node.span, label)]);
    }
    problems.into_sorted().into_iter().for_each(|problem| notes.wrong(problem));
    Ok(node)
}

/// A vendor is one host: that of most requests.
fn keep_one_host(traffic: &mut Traffic, notes: &mut Notes) {
    let count = |host: &str| traffic.requests.iter().filter(|r| r.host == host).count();
    let best = traffic.requests.iter().map(|r| r.host.clone()).rev().max_by_key(|host| count(host));
    let Some(best) = best else { return };
    for request in traffic.requests.iter().filter(|request| request.host != best) {
        let text = format!("requests to {}: a vendor is one host, {best}", request.host);
        notes.leave(text, request.place.as_ref());
    }
    traffic.requests.retain(|request| request.host == best);
}

/// What the requests show of an API.
pub(super) fn api(traffic: &Traffic, vendor: &str) -> Api {
    draft::api(traffic, vendor)
}

/// A URL as scheme with host, and path with query.
fn split_url(url: &str) -> (String, String) {
    let url = url.split('#').next().unwrap_or_default();
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (scheme, rest),
        None if url.starts_with('/') => return (String::new(), url.to_owned()),
        None => ("https", url),
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    // What stands before an `@` is a secret.
    let host = host.rsplit('@').next().unwrap_or_default();
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    (format!("{scheme}://{host}"), path)
}

/// The vendor's name: the collection's, or the host's.
pub(super) fn vendor(traffic: &Traffic) -> String {
    if let Some(name) = &traffic.name {
        return names::vendor(name);
    }
    let host = traffic.requests.first().map(|request| request.host.as_str()).unwrap_or_default();
    let host = host.split("://").nth(1).unwrap_or(host).split(':').next().unwrap_or_default();
    let label = host.split('.').find(|label| !matches!(*label, "api" | "www"));
    names::vendor(label.unwrap_or(host))
}

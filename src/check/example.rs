//! Examples: exchanges that have to hold.

use std::sync::Arc;

use http::HeaderValue;

use super::Checker;
use super::records;
use super::undeclared::Exchange;
use crate::model::{Collection, CollectionId, Example, ExampleResponse, Operation, Routing};
use crate::source::Span;
use crate::syntax::{Node, ReadNode};
use crate::value::Map;

struct Request {
    method: http::Method,
    path: Arc<str>,
    headers: Vec<(http::HeaderName, HeaderValue)>,
    body: Option<Arc<str>>,
}

impl<'n> Checker<'n> {
    /// `examples`.
    pub(super) fn examples(
        &mut self,
        node: Option<&'n Node>,
        collections: &[Collection],
        operations: &[Operation],
        routing: Routing,
    ) -> Vec<Example> {
        let nodes = self.optional_items(node);
        let examples = nodes.iter().filter_map(|node| {
            let example = self.example(node, collections)?;
            let [sent, answered] = ["request", "response"].map(|key| node.get(key)?.get("body"));
            let exchange = Exchange {
                method: &example.method,
                path: &example.path,
                headers: &example.headers,
                sent,
                status: example.response.status,
                answered,
            };
            self.check_exchange(&exchange, operations, routing);
            Some(example)
        });
        examples.collect()
    }

    fn example(&mut self, node: &'n Node, collections: &[Collection]) -> Option<Example> {
        let mut mapping = self.open(node, records::EXAMPLE.called("an example"))?;
        let name = mapping.required_text("name");
        let given = self.given(mapping.take("given"), collections);
        let request = mapping.require("request");
        let request = request.and_then(|node| self.example_request(node));
        let response = mapping.require("response");
        let response = response.and_then(|node| self.example_response(node));
        mapping.finish();
        let (name, request) = (name?, request?);
        Some(Example {
            name: name.value,
            given,
            method: request.method,
            path: request.path,
            headers: request.headers,
            body: request.body,
            response: response?,
            span: name.span,
        })
    }

    fn given(
        &mut self,
        node: Option<&'n Node>,
        collections: &[Collection],
    ) -> Vec<(CollectionId, Vec<Map>)> {
        let mut given = Vec::new();
        for (key, node) in self.optional_members(node) {
            let at = self.names.collections.resolve_name(&key.value, &key.span);
            let Some(collection) = at.and_then(|at| collections.get(at)) else { continue };
            let at = at.unwrap_or_default();
            let mut rows: Vec<(Map, Span)> = Vec::new();
            for item in self.read_items(node) {
                let row = self.row_of(item, &collection.schema, at);
                rows.extend(row.map(|row| (row, item.span.clone())));
            }
            let borrowed: Vec<(&Map, Span)> =
                rows.iter().map(|(row, span)| (row, span.clone())).collect();
            self.check_rows(collection, &borrowed);
            given.push((CollectionId(at), rows.into_iter().map(|(row, _)| row).collect()));
        }
        given
    }

    fn example_request(&mut self, node: &'n Node) -> Option<Request> {
        let mut mapping = self.open(node, records::EXAMPLE_REQUEST.called("a request"))?;
        let method = mapping.require("method");
        let method = method.and_then(|node| self.method(node));
        let path = mapping.required_text("path");
        let headers = self.example_headers(mapping.take("headers"));
        let body = mapping.take("body").and_then(|node| self.literal(node));
        mapping.finish();
        let path = path?;
        if !path.starts_with('/') || path.parse::<http::Uri>().is_err() {
            self.error(
                "bad-path",
                "a request's path begins with / and is percent-encoded",
                &path.span,
                "cannot be sent",
            );
        }
        let mut read = Vec::new();
        for (name, value, span) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                read.push((name, value));
            } else {
                let message = "a header's value is one line of visible characters";
                self.error("bad-header", message, &span, "cannot be sent");
            }
        }
        Some(Request { method: method?, path: path.value, headers: read, body })
    }

    fn example_headers(
        &mut self,
        node: Option<&'n Node>,
    ) -> Vec<(http::HeaderName, Arc<str>, Span)> {
        let mut headers = Vec::new();
        for (key, node) in self.optional_members(node) {
            let name = http::HeaderName::from_bytes(key.value.as_bytes());
            if name.is_err() {
                let message = format!("`{}` is not a valid header name", key.value);
                self.error("bad-header", message, &key.span, "is not a valid header name");
            }
            let value = self.literal(node);
            if let (Ok(name), Some(value)) = (name, value) {
                headers.push((name, value, node.span.clone()));
            }
        }
        headers
    }

    fn example_response(&mut self, node: &'n Node) -> Option<ExampleResponse> {
        let mut mapping = self.open(node, records::EXAMPLE_RESPONSE.called("a response"))?;
        let status = mapping.require("status");
        let status = status.and_then(|node| self.status(node));
        let headers = self.example_headers(mapping.take("headers"));
        let body = mapping.entry("body");
        let text = mapping.entry("text");
        mapping.finish();
        self.only_one(&[body, text]);
        Some(ExampleResponse {
            status: status?,
            headers: headers.into_iter().map(|(name, value, _)| (name, value)).collect(),
            body: body.map(|(_, node)| node.to_value()),
            text: text.and_then(|(_, node)| self.literal(node)),
            span: node.span.clone(),
        })
    }

    /// A text that is data, without expressions.
    fn literal(&mut self, node: &Node) -> Option<Arc<str>> {
        self.read_text(node).map(|text| text.value)
    }
}

//! `sign` of a security scheme: what clients put into a request to get past its steps.

use std::sync::Arc;

use super::Checker;
use super::records;
use super::scope::Scope;
use super::shape::Shape;
use crate::diagnostic::Diagnostic;
use crate::model::{CollectionId, Sign, Text};
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    pub(super) fn sign(&mut self, node: &'n Node) -> Option<Sign> {
        let mut mapping = self.open(node, records::SECURITY_SCHEME_SIGN.called("`sign`"))?;
        let collection = mapping.take("collection");
        let collection = collection.and_then(|node| self.names.collections.resolve(node));
        let (query, headers) = (mapping.take("query"), mapping.take("headers"));
        mapping.finish();
        if query.is_none() && headers.is_none() {
            let message = "`sign` needs `query` or `headers`";
            self.report(
                Diagnostic::error("missing-key", message, &node.span, "puts nothing anywhere")
                    .help("such as `headers: {X-Signature: \"${ request.bytes | hmac(key.secret, of='base64') }\"}`"),
            );
        }
        let mut scope = Scope::default();
        let key = collection.map_or(Shape::Any, |at| Shape::Row(CollectionId(at)));
        scope.add("key", key);
        scope.add("request", Shape::scalars(&["method", "path", "bytes"]));
        scope.add("query", Shape::Any);
        scope.add("header", Shape::Any);
        scope.add("now", Shape::Scalar);
        scope.add("uuid", Shape::Scalar);
        let query = query.map_or_else(Vec::new, |node| self.signed_texts(node, &scope));
        let headers = headers.map_or_else(Vec::new, |node| {
            let headers = self.headers(node, &scope).into_iter();
            headers.map(|header| (header.written, header.value)).collect()
        });
        Some(Sign { collection: collection.map(CollectionId), query, headers })
    }

    fn signed_texts(&mut self, node: &'n Node, scope: &Scope) -> Vec<(Arc<str>, Text)> {
        let members = self.read_members(node).iter();
        let texts = members
            .filter_map(|(key, node)| Some((key.value.as_str().into(), self.text(node, scope)?)));
        texts.collect()
    }
}

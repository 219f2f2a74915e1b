//! Calls of operations.

use std::sync::Arc;

use super::Reader;
use super::called::CallNodes;
use super::written::is_worked_out;
use crate::model::{MediaTypeId, Tree};
use crate::scenario::{Action, Call, Given};
use crate::source::Located;
use crate::syntax::{Mapping, Node, ReadNode};

impl<'n> Reader<'n, '_> {
    /// `call`, with what stands beside it.
    pub(super) fn call(&mut self, node: &'n Node, mapping: &mut Mapping<'n>) -> Option<Action> {
        let shown = mapping.take("authenticate");
        let authenticate = self.shown(shown);
        let host = mapping.take("host").and_then(|node| self.host(node));
        let nodes = CallNodes::open(self, node, mapping);
        let operation = self.name_or_expression(node, |reader, name| {
            reader.known_operation(&name.value, &name.span)
        });
        let binding =
            nodes.binding.map(|node| self.name_or_expression(node, |_, name| Some(name.value)));
        let media_type = nodes.media_type.map(|node| {
            self.name_or_expression(node, |reader, name| {
                let known = reader.service.media_types.iter().map(|media| &*media.name);
                let (code, span) = ("unknown-media-type", &name.span);
                reader.position(code, "media type", &name.value, span, known).map(MediaTypeId)
            })
        });
        self.trees.only_one(&[nodes.body, nodes.parts]);
        if let (Some(node), None) = (nodes.media_type, nodes.body.or(nodes.parts)) {
            let message = "`mediaType` says what the body is, and there is no body";
            self.error("contradiction", message, &node.span, "has no effect");
        }
        let mut tree = |node: Option<&'n Node>| node.map(|node| self.members_or_expression(node));
        let (path, query) = (tree(nodes.path), tree(nodes.query));
        let (cookies, parameters) = (tree(nodes.cookies), tree(nodes.parameters));
        let headers = nodes.headers.map(|node| match is_worked_out(node) {
            true => self.trees.sole_expression(node, &self.scope).map(Given::Expression),
            false => {
                let headers = self.trees.headers(node, &self.scope).into_iter();
                Some(Given::Written(headers.map(|header| (header.name, header.value)).collect()))
            }
        });
        let body = nodes.body.map(|(_, node)| self.trees.tree(node, &self.scope));
        let parts = nodes.parts.map(|(_, node)| self.multipart(node));
        self.check_call(&nodes);
        Some(Action::Call(Box::new(Call {
            operation: operation?,
            binding: whole(binding)?,
            path,
            query,
            headers: whole(headers)?,
            cookies,
            parameters,
            body,
            parts,
            media_type: whole(media_type)?,
            authenticate,
            host,
        })))
    }

    /// A name of the spec, or an expression that gives one.
    fn name_or_expression<T>(
        &mut self,
        node: &'n Node,
        find: impl FnOnce(&mut Self, Located<Arc<str>>) -> Option<T>,
    ) -> Option<Given<T>> {
        self.or_expression(node, |reader, node| {
            let name = reader.fixed(node)?;
            find(reader, name)
        })
    }

    /// Members, or an expression that gives such.
    pub(super) fn members_or_expression(&mut self, node: &'n Node) -> Tree {
        if is_worked_out(node) {
            let expression = self.trees.sole_expression(node, &self.scope);
            return expression.map_or_else(|| Tree::Map(Vec::new()), Tree::Expression);
        }
        let members = self.read_members(node);
        Tree::Map(self.trees.members(members, &self.scope))
    }
}

/// Nothing where what is there has mistakes.
#[expect(clippy::option_option, reason = "what is not there is no mistake")]
fn whole<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        Some(None) => None,
        Some(read) => Some(read),
        None => Some(None),
    }
}

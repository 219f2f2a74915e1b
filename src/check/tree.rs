//! Trees: data with expressions and directives in it.

use std::sync::Arc;

use super::names::reference;
use super::reader::TreeReader;
use super::scope::Scope;
use super::shape::Shape;
use super::special::{DIRECTIVES, is_matcher, is_special, member_name};
use crate::diagnostic::Diagnostic;
use crate::expression::holds_expression;
use crate::model::{Text, TextPart, Tree};
use crate::source::Located;
use crate::syntax::{Node, NodeKind, ReadNode};
use crate::value::{Map, Value};

/// What can be done about a name that has to be worked out.
const TREE_HELP: &str = "an expression can give the whole mapping: `${ {name: value} }`, or \
                         `${ map | merge({name: value}) }`";

impl<'n> TreeReader<'n> {
    /// Reads a tree. Mistakes in it leave holes, so that there always is one.
    pub(super) fn tree(&mut self, node: &'n Node, scope: &Scope) -> Tree {
        if !self.enter(&node.span) {
            return Tree::Constant(Value::Null);
        }
        let tree = self.tree_here(node, scope);
        self.leave();
        tree
    }

    fn tree_here(&mut self, node: &'n Node, scope: &Scope) -> Tree {
        match &node.kind {
            NodeKind::Text(text) => self.text_tree(node, text, scope),
            NodeKind::List(items) => {
                fold_list(items.iter().map(|item| self.tree(item, scope)).collect())
            }
            NodeKind::Map(entries) if self.names_are_fixed(entries, TREE_HELP) => {
                self.warn_of_lost_quotes(node, scope);
                match entries.iter().any(|(key, _)| is_special(&key.value)) {
                    true => self.directive(node, entries, scope),
                    false => fold_map(self.members(entries, scope)),
                }
            }
            NodeKind::Map(_) => Tree::Constant(Value::Null),
            _ => Tree::Constant(node.to_value()),
        }
    }

    /// Whether no name of a mapping is to be worked out, which none can be; `help` says what can be
    /// done instead.
    pub(super) fn names_are_fixed(
        &mut self,
        entries: &[(Located<String>, Node)],
        help: &'static str,
    ) -> bool {
        let mut fixed = true;
        for (key, _) in entries.iter().filter(|(key, _)| holds_expression(&key.value)) {
            let message = "a name is fixed, so it cannot hold an expression";
            let diagnostic = Diagnostic::error("fixed-value", message, &key.span, "holds `${`");
            self.report(diagnostic.help(help));
            fixed = false;
        }
        fixed
    }

    /// The members of a mapping, each a tree.
    pub(super) fn members(
        &mut self,
        entries: &'n [(Located<String>, Node)],
        scope: &Scope,
    ) -> Vec<(Arc<str>, Tree)> {
        entries
            .iter()
            .map(|(key, node)| (Arc::from(member_name(&key.value)), self.tree(node, scope)))
            .collect()
    }

    fn text_tree(&mut self, node: &Node, text: &str, scope: &Scope) -> Tree {
        let Some(parts) = self.parts(node, text, scope) else {
            return Tree::Constant(Value::Null);
        };
        match parts.as_slice() {
            [] => Tree::Constant(Value::text("")),
            [TextPart::Literal(literal)] => Tree::Constant(Value::Text(literal.clone())),
            [TextPart::Expression(expression)] => match expression.parsed.constant() {
                Some(value) => Tree::Constant(value),
                None => Tree::Expression(expression.clone()),
            },
            _ => Tree::Text(Text { parts }),
        }
    }

    fn directive(
        &mut self,
        node: &'n Node,
        entries: &'n [(Located<String>, Node)],
        scope: &Scope,
    ) -> Tree {
        let has = |key: &str| entries.iter().any(|(name, _)| name.value == key);
        let hole = Tree::Constant(Value::Null);
        if has("$ref") {
            return self.shared_tree(node, scope).unwrap_or(hole);
        }
        if has("$if") {
            return self.choice(node, scope).unwrap_or(hole);
        }
        if has("$forEach") {
            return self.loop_tree(node, scope).unwrap_or(hole);
        }
        for (key, _) in entries {
            if is_matcher(&key.value) {
                let message = format!("`{}` is a matcher, and nothing is matched here", key.value);
                self.report(
                    Diagnostic::error("unknown-key", message, &key.span, "not known here")
                        .help(format!("a member of that name is written `${}`", key.value)),
                );
            } else if is_special(&key.value) {
                self.unknown_key(key, "a tree", DIRECTIVES, node);
            }
        }
        hole
    }

    fn loop_tree(&mut self, node: &'n Node, scope: &Scope) -> Option<Tree> {
        let mut mapping = self.open(node, "a `$forEach`")?;
        let list = mapping.require("$forEach");
        let name = mapping.required_text("$as");
        let at = mapping.text("$at");
        let item = mapping.require("$yield");
        mapping.finish();
        let list = list.and_then(|list| self.sole_expression(list, scope));
        let name = name.and_then(|name| self.new_name(&name.value, &name.span))?;
        let at = match at {
            Some(at) => Some(self.new_name(&at.value, &at.span)?),
            None => None,
        };
        let shape = match &list {
            Some(list) => self.item_shape(list, scope),
            None => Shape::Any,
        };
        let mut inner = scope.with(name.clone(), shape);
        if let Some(at) = &at {
            inner.add(Arc::clone(at), Shape::Scalar);
        }
        let item = self.tree(item?, &inner);
        Some(Tree::ForEach { list: list?, name, at, item: Box::new(item) })
    }

    fn choice(&mut self, node: &'n Node, scope: &Scope) -> Option<Tree> {
        let mut mapping = self.open(node, "an `$if`")?;
        let condition = mapping.require("$if");
        let then = mapping.require("$then");
        let otherwise = mapping.take("$else");
        mapping.finish();
        let condition = condition.and_then(|node| self.sole_expression(node, scope));
        let then = then.map(|node| self.tree(node, scope));
        let otherwise = otherwise.map(|node| Box::new(self.tree(node, scope)));
        Some(Tree::If { condition: condition?, then: Box::new(then?), otherwise })
    }

    fn shared_tree(&mut self, node: &'n Node, scope: &Scope) -> Option<Tree> {
        let mut mapping = self.open(node, "a reference to a shared tree")?;
        let target = mapping.take("$ref")?;
        mapping.finish();
        let path = self.read_text(target)?;
        let Some(name) = reference(&path.value, "trees") else {
            self.bad_reference(target, "trees");
            return None;
        };
        let span = path.span.narrow(name);
        let at = self.trees.resolve_name(name, &span)?;
        if self.inside_trees.contains(&at) {
            self.error(
                "recursive-reference",
                format!("the tree `{name}` contains itself"),
                &target.span,
                "leads back here",
            );
            return None;
        }
        if !self.may_follow(self.inside_trees.len(), target) {
            return None;
        }
        self.inside_trees.push(at);
        let tree = self.trees.node(at).map(|node| self.tree(node, scope));
        self.inside_trees.pop();
        tree
    }

    /// Data without expressions.
    pub(super) fn constant(&mut self, node: &Node) -> Value {
        self.no_expressions(node);
        node.to_value()
    }

    fn no_expressions(&self, node: &Node) {
        match &node.kind {
            NodeKind::Text(text) if holds_expression(text) => {
                let message = "this value is fixed, so it cannot hold an expression";
                self.error("fixed-value", message, &node.span, "holds `${`");
            }
            NodeKind::List(items) => {
                for item in items {
                    self.no_expressions(item);
                }
            }
            NodeKind::Map(entries) => {
                for (_, member) in entries {
                    self.no_expressions(member);
                }
            }
            _ => {}
        }
    }

    /// What a tree that is a lone path looks at.
    pub(super) fn tree_shape(&self, tree: &Tree, scope: &Scope) -> Shape {
        match tree {
            Tree::Expression(expression) => self.expression_shape(expression, scope),
            Tree::Map(members) => Shape::closed(
                members
                    .iter()
                    .map(|(name, tree)| (name.clone(), self.tree_shape(tree, scope)))
                    .collect(),
            ),
            Tree::Constant(value) if value.as_list().is_none() && value.members().is_none() => {
                Shape::Scalar
            }
            Tree::Text(_) => Shape::Scalar,
            _ => Shape::Any,
        }
    }

    /// What an expression that is a lone path looks at.
    pub(super) fn expression_shape(
        &self,
        expression: &crate::model::Expression,
        scope: &Scope,
    ) -> Shape {
        let Some(path) = expression.parsed.path() else { return Shape::Any };
        let mut shape = scope.get(&path.root).unwrap_or(Shape::Any);
        for member in &path.members {
            let members = match &shape {
                Shape::Object(members) => Some(members),
                Shape::Row(collection) => self.row(collection.0),
                _ => None,
            };
            shape = members.and_then(|m| m.get(member)).cloned().unwrap_or(Shape::Any);
        }
        shape
    }

    /// What the items of an expression that is a lone path are.
    pub(super) fn item_shape(&self, list: &crate::model::Expression, scope: &Scope) -> Shape {
        match self.expression_shape(list, scope) {
            Shape::List(item) => (*item).clone(),
            _ => Shape::Any,
        }
    }
}

/// A map of constants is a constant.
fn fold_map(members: Vec<(Arc<str>, Tree)>) -> Tree {
    if !members.iter().all(|(_, tree)| matches!(tree, Tree::Constant(_))) {
        return Tree::Map(members);
    }
    let mut map = Map::with_capacity(members.len());
    for (name, tree) in members {
        if let Tree::Constant(value) = tree {
            map.push(name, value);
        }
    }
    Tree::Constant(Value::map(map))
}

/// A list of constants is a constant.
fn fold_list(items: Vec<Tree>) -> Tree {
    if !items.iter().all(|tree| matches!(tree, Tree::Constant(_))) {
        return Tree::List(items);
    }
    let values = items
        .into_iter()
        .filter_map(|tree| match tree {
            Tree::Constant(value) => Some(value),
            _ => None,
        })
        .collect();
    Tree::Constant(Value::list(values))
}

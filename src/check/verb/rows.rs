//! Which rows a verb is about, and what names hold them.

use std::sync::Arc;

use super::StepContext;
use crate::check::Checker;
use crate::check::scope::Scope;
use crate::check::shape::Shape;
use crate::diagnostic::Diagnostic;
use crate::expression::holds_expression;
use crate::model::{CollectionId, Lookup, Rows, Tree, Variable};
use crate::source::{Located, Span};
use crate::syntax::{Mapping, Node, NodeKind, ReadNode};
use crate::value::Value;

impl<'n> Checker<'n> {
    pub(in crate::check::verb) fn collection_of(
        &mut self,
        mapping: &mut Mapping<'n>,
    ) -> Option<usize> {
        let node = mapping.require("in")?;
        self.names.collections.resolve(node)
    }

    /// `as`: from here on the name holds this.
    pub(in crate::check::verb) fn result(
        &mut self,
        name: Option<Located<Arc<str>>>,
        shape: Shape,
        context: &mut StepContext,
    ) -> Option<Variable> {
        let name = name?;
        let named = self.new_name(&name.value, &name.span);
        match &named {
            Some(name) => context.scope.add(name.clone(), shape),
            None => context.scope.lose_track(),
        }
        named
    }

    /// Which rows, and in which order: what `find` and `list` have in common.
    pub(in crate::check::verb) fn rows(
        &mut self,
        mapping: &mut Mapping<'n>,
        scope: &Scope,
    ) -> Option<Rows> {
        let at = self.collection_of(mapping);
        let fields = mapping.take("where");
        let filter = mapping.take("filter");
        let order_by = mapping.text("orderBy");
        let descending = mapping.take("descending");
        let fields = fields.map(|node| self.fields(node, at, scope));
        let row = at.map_or(Shape::Any, |at| Shape::Row(CollectionId(at)));
        let filter = filter.and_then(|node| self.sole_expression(node, &scope.with("it", row)));
        if let (Some(field), Some(at)) = (&order_by, at) {
            self.names.check_field(at, &field.value, &field.span);
        }
        let descending = descending.and_then(|node| match node.kind {
            NodeKind::Bool(descending) => Some(Tree::Constant(Value::Bool(descending))),
            NodeKind::Text(_) => self.sole_expression(node, scope).map(Tree::Expression),
            _ => {
                self.wrong_type(node, "`true`, `false` or an expression");
                None
            }
        });
        Some(Rows {
            lookup: Lookup { collection: CollectionId(at?), access: fields.unwrap_or_default() },
            filter,
            order_by: order_by.map(|field| field.value),
            descending,
        })
    }

    /// A name that holds a row, and the row's collection.
    pub(in crate::check::verb) fn row_variable(
        &mut self,
        name: &str,
        span: &Span,
        context: &StepContext,
    ) -> Option<(Variable, usize)> {
        let shape = context.scope.get(name);
        if let Some(Shape::Row(collection)) = shape {
            return Some((Variable(name.into()), collection.0));
        }
        let unknown = matches!(shape, None | Some(Shape::Any)) && context.scope.is_lenient();
        if unknown || shape.is_some() && !context.answers {
            return None;
        }
        let message = match shape {
            Some(_) => format!("`{name}` holds no row"),
            None => format!("nothing here is called `{name}`"),
        };
        let mut diagnostic = Diagnostic::error("no-row", message, span, "no row");
        let rows: Vec<&str> = context
            .scope
            .names()
            .filter(|name| matches!(context.scope.get(name), Some(Shape::Row(_))))
            .collect();
        diagnostic = match rows.is_empty() {
            true => diagnostic.help("rows come from the `as` of `find`, `insert` or `forEach`"),
            false => {
                diagnostic.suggest(name.trim_matches(['$', '{', '}', ' ']), rows.iter().copied())
            }
        };
        self.report(diagnostic);
        None
    }

    /// `values`: a tree whose members are fields.
    pub(in crate::check::verb) fn row_values(
        &mut self,
        node: &'n Node,
        at: Option<usize>,
        context: &StepContext,
    ) -> Tree {
        if let Some(at) = at {
            self.written.push((node, at));
            for (key, _) in node.as_map().unwrap_or_default() {
                if !key.value.starts_with('$') {
                    self.names.check_field(at, &key.value, &key.span);
                }
            }
        }
        if node.as_map().is_none() && node.as_text().is_none_or(|text| !holds_expression(text)) {
            let expected = "a mapping of fields, or an expression";
            self.wrong_type(node, expected);
        }
        self.tree(node, &context.scope)
    }

    /// A number of rows: fixed or worked out.
    pub(in crate::check::verb) fn row_count(
        &mut self,
        node: &'n Node,
        scope: &Scope,
    ) -> Option<Tree> {
        match node.kind {
            NodeKind::Integer(_) | NodeKind::Number(_)
                if node.whole().is_some_and(|count| count >= 0) =>
            {
                Some(Tree::Constant(node.to_value()))
            }
            NodeKind::Text(_) => self.sole_expression(node, scope).map(Tree::Expression),
            _ => {
                let expected = "a whole number from 0 on, or an expression";
                self.wrong_type(node, expected);
                None
            }
        }
    }
}

/// What a name holds that stands for one of the rows.
pub(in crate::check::verb) fn row_of(rows: Option<&Rows>) -> Shape {
    rows.map_or(Shape::Any, |rows| Shape::Row(rows.collection()))
}

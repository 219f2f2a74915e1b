//! The steps that look at rows and change them.

use std::sync::Arc;

use super::Checker;
use super::scope::Scope;
use super::shape::Shape;
use super::step::StepContext;
use crate::diagnostic::Diagnostic;
use crate::expression::holds_expression;
use crate::model::verb::{Change, Delete, Find, Insert, List, Update};
use crate::model::{CollectionId, ListChange, Lookup, Rows, Tree, Variable, Verb};
use crate::source::{Located, Span};
use crate::syntax::mapping::wrong_type;
use crate::syntax::{Mapping, Node, NodeKind};
use crate::value::Value;

impl<'n> Checker<'n> {
    fn collection_of(&mut self, mapping: &mut Mapping<'n>) -> Option<usize> {
        let node = mapping.require("in", &mut self.problems)?;
        self.names.collections.resolve(node, &mut self.problems)
    }

    /// `as`: from here on the name holds this.
    pub(super) fn result(
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

    pub(super) fn find(&mut self, node: &'n Node, context: &mut StepContext) -> Option<Verb> {
        let mut mapping = Mapping::open(node, "`find`", &mut self.problems)?;
        if ["where", "filter", "orderBy"].iter().all(|key| node.get(key).is_none()) {
            // What is missed most often.
            mapping.require("where", &mut self.problems);
        }
        let rows = self.rows(&mut mapping, &context.scope);
        let name = mapping.required_text("as", &mut self.problems);
        let or_else = mapping.take("orElse");
        mapping.finish(&mut self.problems);
        let or_else = or_else.and_then(|node| self.rejection(node, &context.scope));
        if name.is_none() || rows.is_none() {
            context.scope.lose_track();
        }
        let name = self.result(name, row_of(rows.as_ref()), context)?;
        Some(Verb::Find(Find { rows: rows?, name, or_else }))
    }

    /// Which rows, and in which order: what `find` and `list` have in common.
    fn rows(&mut self, mapping: &mut Mapping<'n>, scope: &Scope) -> Option<Rows> {
        let at = self.collection_of(mapping);
        let fields = mapping.take("where");
        let filter = mapping.take("filter");
        let order_by = mapping.text("orderBy", &mut self.problems);
        let descending = mapping.take("descending");
        let fields = fields.map(|node| self.fields(node, at, scope));
        let row = at.map_or(Shape::Any, |at| Shape::Row(CollectionId(at)));
        let filter = filter.and_then(|node| self.sole_expression(node, &scope.with("it", row)));
        if let (Some(field), Some(at)) = (&order_by, at) {
            self.names.check_field(at, &field.value, &field.span, &mut self.problems);
        }
        let descending = descending.and_then(|node| match node.kind {
            NodeKind::Bool(descending) => Some(Tree::Constant(Value::Bool(descending))),
            NodeKind::Text(_) => self.sole_expression(node, scope).map(Tree::Expression),
            _ => {
                wrong_type(node, "`true`, `false` or an expression", &mut self.problems);
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

    pub(super) fn list(&mut self, node: &'n Node, context: &mut StepContext) -> Option<Verb> {
        let mut mapping = Mapping::open(node, "`list`", &mut self.problems)?;
        let rows = self.rows(&mut mapping, &context.scope);
        let offset = mapping.take("offset");
        let limit = mapping.take("limit");
        let page = mapping.take("page");
        let name = mapping.required_text("as", &mut self.problems);
        mapping.finish(&mut self.problems);
        if let Some(page) = page {
            self.beside_page(page, &[("offset", offset), ("limit", limit)]);
        }
        let page = page.map(|node| self.page(node, context));
        let offset = offset.and_then(|node| self.row_count(node, &context.scope));
        let limit = limit.and_then(|node| self.row_count(node, &context.scope));
        if name.is_none() || rows.is_none() {
            context.scope.lose_track();
        }
        let shape = Shape::List(Arc::new(row_of(rows.as_ref())));
        let name = self.result(name, shape, context)?;
        let page = match page {
            Some(page) => Some(Box::new(page?)),
            None => None,
        };
        Some(Verb::List(List { rows: rows?, offset, limit, page, name }))
    }

    pub(super) fn insert(&mut self, node: &'n Node, context: &mut StepContext) -> Option<Verb> {
        let mut mapping = Mapping::open(node, "`insert`", &mut self.problems)?;
        let at = self.collection_of(&mut mapping);
        let values = mapping.require("values", &mut self.problems);
        let on_conflict = mapping.take("onConflict").and_then(|node| self.error_name(node));
        let name = mapping.text("as", &mut self.problems);
        mapping.finish(&mut self.problems);
        let values = values.map(|node| self.row_values(node, at, context));
        let row = at.map_or(Shape::Any, |at| Shape::Row(CollectionId(at)));
        let name = self.result(name, row, context);
        let (collection, values) = (CollectionId(at?), values?);
        Some(Verb::Insert(Insert { collection, values, name, on_conflict }))
    }

    pub(super) fn update(&mut self, node: &'n Node, context: &mut StepContext) -> Option<Verb> {
        let mut mapping = Mapping::open(node, "`update`", &mut self.problems)?;
        let record = mapping.required_text("record", &mut self.problems);
        let values = mapping.require("values", &mut self.problems);
        let words = [(false, "overwrite"), (true, "fill")];
        let fill = mapping.word("mode", &words, &mut self.problems).unwrap_or(false);
        let on_conflict = mapping.take("onConflict").and_then(|node| self.error_name(node));
        mapping.finish(&mut self.problems);
        let row = record.and_then(|record| self.row_variable(&record.value, &record.span, context));
        let at = row.as_ref().map(|(_, at)| *at);
        let values = values.map(|node| self.row_values(node, at, context));
        let (record, at) = row?;
        let (collection, values) = (CollectionId(at), values?);
        Some(Verb::Update(Update { record, collection, values, fill, on_conflict }))
    }

    pub(super) fn delete(&mut self, node: &'n Node, context: &mut StepContext) -> Option<Verb> {
        let mut mapping = Mapping::open(node, "`delete`", &mut self.problems)?;
        let record = mapping.required_text("record", &mut self.problems);
        mapping.finish(&mut self.problems);
        let record = record?;
        let (record, at) = self.row_variable(&record.value, &record.span, context)?;
        Some(Verb::Delete(Delete { record, collection: CollectionId(at) }))
    }

    pub(super) fn change(
        &mut self,
        verb: &str,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Option<Verb> {
        let (change, what, key) = match verb {
            "add" => (ListChange::Add, "`add`", "to"),
            "remove" => (ListChange::Remove, "`remove`", "from"),
            _ => (ListChange::Replace, "`replace`", "list"),
        };
        let mut mapping = Mapping::open(node, what, &mut self.problems)?;
        let target = mapping.required_text(key, &mut self.problems);
        let values = mapping.require("values", &mut self.problems);
        mapping.finish(&mut self.problems);
        let values = values.map(|node| self.tree(node, &context.scope));
        let target = target?;
        let Some((record, field)) = target.value.split_once('.') else {
            let message = format!("`{}` names no field of a row", target.value);
            self.problems.push(
                Diagnostic::error("no-row", message, &target.span, "not a row and a field")
                    .help("write ROW.FIELD"),
            );
            return None;
        };
        let (record, at) = self.row_variable(record, &target.span.narrow(record), context)?;
        let span = Span {
            start: (target.span.narrow(&target.value).start + record.len() + 1)
                .min(target.span.end),
            ..target.span.clone()
        };
        let span = span.narrow(field);
        let known = self.names.check_field(at, field, &span, &mut self.problems);
        let shape = self.names.row(at).and_then(|row| row.get(field));
        if known && shape.is_some_and(|shape| matches!(shape, Shape::Scalar)) {
            let message = format!("`{field}` is not a list");
            self.problems.error("wrong-type", message, &span, "its type is not array");
        }
        let (collection, field, values) = (CollectionId(at), field.into(), values?);
        Some(Verb::Change(Change { how: change, record, collection, field, values }))
    }

    /// A name that holds a row, and the row's collection.
    fn row_variable(
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
        self.problems.push(diagnostic);
        None
    }

    /// `values`: a tree whose members are fields.
    fn row_values(&mut self, node: &'n Node, at: Option<usize>, context: &StepContext) -> Tree {
        if let Some(at) = at {
            for (key, _) in node.as_map().unwrap_or_default() {
                if !key.value.starts_with('$') {
                    self.names.check_field(at, &key.value, &key.span, &mut self.problems);
                }
            }
        }
        if node.as_map().is_none() && node.as_text().is_none_or(|text| !holds_expression(text)) {
            let expected = "a mapping of fields, or an expression";
            wrong_type(node, expected, &mut self.problems);
        }
        self.tree(node, &context.scope)
    }

    /// A text that has to be there, as the value of a required key.
    pub(super) fn required_template(
        &mut self,
        mapping: &mut Mapping<'n>,
        key: &'static str,
        context: &StepContext,
    ) -> Option<crate::model::Text> {
        let node = mapping.require(key, &mut self.problems)?;
        self.text(node, &context.scope)
    }
}

/// What a name holds that stands for one of the rows.
fn row_of(rows: Option<&Rows>) -> Shape {
    rows.map_or(Shape::Any, |rows| Shape::Row(rows.collection()))
}

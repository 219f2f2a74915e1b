//! Whether rows of a collection go somewhere, or come from somewhere, with all of their fields: the
//! names of these are names outside of the spec then.

use std::collections::HashSet;
use std::sync::Arc;

use crate::model::{
    CollectionId, Content, Expression, Given, Part, Service, Text, TextPart, Tree, Verb,
};
use crate::source::Span;

/// The first place where that is so.
pub(super) fn whole(service: &Service, collection: CollectionId) -> Option<Span> {
    service.operations.iter().find_map(|operation| {
        let mut rows = Rows { collection, named: HashSet::from([Arc::from("credential")]) };
        let steps = operation.steps.all();
        let mut known = 0;
        // What a loop gathers is known after what its steps name is.
        while known != rows.named.len() {
            known = rows.named.len();
            for step in &steps {
                step.verb.parts().iter().for_each(|part| rows.name(part));
            }
        }
        steps.iter().find_map(|step| {
            rows.written(&step.verb)
                .or_else(|| step.verb.parts().iter().find_map(|part| rows.shown(part)))
        })
    })
}

struct Rows {
    collection: CollectionId,
    /// The variables that hold rows of it, or lists of them.
    named: HashSet<Arc<str>>,
}

impl Rows {
    fn name(&mut self, part: &Part<'_>) {
        let Part::Gives(name, given) = part else { return };
        let are_rows = match given {
            Given::Row(of) | Given::Rows(of) => *of == self.collection,
            Given::Value(Tree::Expression(expression)) => self.is_named(expression),
            Given::Item(list) => self.is_named(list),
            Given::Value(_) | Given::Told => false,
        };
        if are_rows {
            self.named.insert(name.0.clone());
        }
    }

    /// Whether an expression is a variable with rows, and nothing else.
    fn is_named(&self, expression: &Expression) -> bool {
        let path = expression.parsed.path();
        path.is_some_and(|path| path.members.is_empty() && self.named.contains(&path.root))
    }

    /// Where rows get fields that are not named.
    fn written(&self, verb: &Verb) -> Option<Span> {
        match verb {
            Verb::Insert(insert) if insert.collection == self.collection => unnamed(&insert.values),
            Verb::Update(update) if update.collection == self.collection => unnamed(&update.values),
            _ => None,
        }
    }

    fn shown(&self, part: &Part<'_>) -> Option<Span> {
        match part {
            // It is only another name of them.
            Part::Gives(_, Given::Value(Tree::Expression(it))) if self.is_named(it) => None,
            Part::Gives(_, Given::Value(tree)) | Part::Tree(tree) => self.in_tree(tree),
            Part::Rejection(rejection) => {
                let mut texts = rejection.field.iter().chain(&rejection.message);
                let in_trees = || rejection.trees().find_map(|tree| self.in_tree(tree));
                texts.find_map(|text| self.in_text(text)).or_else(in_trees)
            }
            Part::Answer(respond) => {
                let mut headers = respond.headers.iter();
                let content = match &respond.content {
                    Content::Text(text, _) => self.in_text(text),
                    _ => respond.tree().and_then(|tree| self.in_tree(tree)),
                };
                content.or_else(|| headers.find_map(|header| self.in_text(&header.value)))
            }
            _ => None,
        }
    }

    fn in_tree(&self, tree: &Tree) -> Option<Span> {
        match tree {
            Tree::Constant(_) => None,
            Tree::Expression(expression) => self.in_expression(expression),
            Tree::Text(text) => self.in_text(text),
            Tree::Map(members) => members.iter().find_map(|(_, tree)| self.in_tree(tree)),
            Tree::List(items) => items.iter().find_map(|tree| self.in_tree(tree)),
            Tree::ForEach { list, name, item, .. } if self.is_named(list) => {
                let mut named = self.named.clone();
                named.insert(name.0.clone());
                Self { named, ..*self }.in_tree(item)
            }
            Tree::ForEach { list, item, .. } => {
                self.in_expression(list).or_else(|| self.in_tree(item))
            }
            Tree::If { then, otherwise, .. } => self
                .in_tree(then)
                .or_else(|| otherwise.as_ref().and_then(|tree| self.in_tree(tree))),
        }
    }

    fn in_text(&self, text: &Text) -> Option<Span> {
        text.parts.iter().find_map(|part| match part {
            TextPart::Literal(_) => None,
            TextPart::Expression(expression) => self.in_expression(expression),
        })
    }

    fn in_expression(&self, expression: &Expression) -> Option<Span> {
        let mut names = expression.parsed.references().iter();
        let is_whole = names.any(|it| it.members.is_empty() && self.named.contains(&it.root));
        is_whole.then(|| expression.span.clone())
    }
}

/// Where a tree gives a map of which the members are not written out.
fn unnamed(tree: &Tree) -> Option<Span> {
    match tree {
        Tree::Expression(expression) => Some(expression.span.clone()),
        Tree::If { then, otherwise, .. } => {
            unnamed(then).or_else(|| otherwise.as_ref().and_then(|tree| unnamed(tree)))
        }
        Tree::ForEach { list, .. } => Some(list.span.clone()),
        Tree::Constant(_) | Tree::Map(_) | Tree::List(_) | Tree::Text(_) => None,
    }
}

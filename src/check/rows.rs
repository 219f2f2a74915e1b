//! Rows that are written as CSV: a field of one is one value.

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Collection, Content, Given, MediaType, Operation, Part, Respond, Schema, Tree, Type,
    WireOptions,
};
use crate::source::Span;
use crate::syntax::ReadNode;

impl Checker<'_> {
    /// Reports columns in which nothing can be written: as soon as a row had a value there, the
    /// answer would be the mock's own 500.
    pub(super) fn check_written_rows(
        &mut self,
        operations: &[Operation],
        collections: &[Collection],
        media_types: &[MediaType],
    ) {
        for operation in operations {
            let mut produced = operation.produces.iter().filter_map(|id| media_types.get(id.0));
            let is_csv = |known: &&MediaType| matches!(known.wire, WireOptions::Csv { .. });
            let Some(media_type) = produced.find(is_csv) else { continue };
            let mut statuses = Vec::new();
            for response in &operation.responses {
                if let Some(items) = response.schema.as_ref().and_then(|it| it.items.as_deref()) {
                    statuses.push(response.status);
                    self.check_columns(items, &media_type.name, None);
                }
            }
            for (respond, span) in self.answers(operation) {
                // Columns that are declared are all that there are.
                if statuses.contains(&respond.status.as_u16()) {
                    continue;
                }
                let rows = listed(operation, respond).and_then(|at| collections.get(at));
                if let Some(rows) = rows {
                    self.check_columns(&rows.schema, &media_type.name, Some(&span));
                }
            }
        }
    }

    pub(super) fn answers<'o>(&self, operation: &'o Operation) -> Vec<(&'o Respond, Span)> {
        let mut answers = Vec::new();
        for step in operation.steps.all() {
            let Some(rule) = self.rules.list.get(step.rule.0 as usize) else { continue };
            for part in step.verb.parts() {
                if let Part::Answer(respond) = part {
                    answers.push((respond, rule.span.clone()));
                }
            }
        }
        answers
    }

    fn check_columns(&mut self, row: &Schema, media_type: &str, answered: Option<&Span>) {
        for property in &row.properties {
            let types = &property.schema.types;
            let is_tree = |one: &Type| matches!(one, Type::Object | Type::Array);
            let (Some(first), true) = (types.first(), types.iter().all(is_tree)) else { continue };
            let message = format!(
                "a field of a row is one value in {media_type}, and `{}` is of type {}",
                property.name,
                first.name()
            );
            let place = &property.schema.span;
            let mut problem =
                Diagnostic::error("unwritable", message, place, "cannot be written in a field");
            if let Some(answered) = answered {
                problem = problem.related(answered, "answers with such rows");
            }
            self.report(problem.help(
                "name the columns in the schema of that status in `responses`, without this one, \
                 or answer with a string in its place",
            ));
        }
    }
}

/// The collection whose rows are answered as they are, by its position.
fn listed(operation: &Operation, respond: &Respond) -> Option<usize> {
    let Content::Tree(Tree::Expression(body), _) = &respond.content else { return None };
    let path = body.parsed.path().filter(|path| path.members.is_empty())?;
    let steps = operation.steps.all();
    let parts = steps.iter().flat_map(|step| step.verb.parts());
    let given = parts.filter_map(|part| match part {
        Part::Gives(name, Given::Rows(collection)) if **name == path.root => Some(collection.0),
        _ => None,
    });
    given.last()
}

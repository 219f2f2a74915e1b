//! What values may be: a row for each parameter or member, with what has to hold of it and what
//! who breaks that is answered with.

use super::page::{Inline, Line};
use super::{Docs, prose, shown};
use crate::model::{
    Additional, Constraint, ErrorId, Failure, Keyword, Operand, Schema, SchemaId, Type, Word,
};
use crate::plan::operation::Binding;

/// How deep members are shown.
const DEPTH: usize = 8;
/// So many values of an `enum` are shown.
const CHOICES: usize = 40;

/// A value that has a row.
pub(super) struct Field<'s> {
    /// How it is reached.
    pub path: String,
    /// Whether it has to be there.
    pub required: bool,
    /// What it may be.
    pub schema: &'s Schema,
}

/// The rows of a value: it, and all in it. Where it has no name only what is in it, unless there
/// is nothing.
pub(super) fn fields<'s>(path: &str, required: bool, schema: &'s Schema) -> Vec<Field<'s>> {
    let mut found = Vec::new();
    descend(path, required, schema, DEPTH, &mut found);
    if found.is_empty() && path.is_empty() {
        found.push(Field { path: "(the body)".to_owned(), required, schema });
    }
    found
}

fn descend<'s>(
    path: &str,
    required: bool,
    schema: &'s Schema,
    depth: usize,
    found: &mut Vec<Field<'s>>,
) {
    if !path.is_empty() {
        found.push(Field { path: path.to_owned(), required, schema });
    }
    inside(path, schema, depth, found);
}

fn inside<'s>(path: &str, schema: &'s Schema, depth: usize, found: &mut Vec<Field<'s>>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let member = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    for property in &schema.properties {
        descend(&member(&property.name), property.required, &property.schema, depth, found);
    }
    for (pattern, inner) in &schema.patterns {
        descend(&member(&format!("/{}/", pattern.as_str())), false, inner, depth, found);
    }
    if let Additional::Schema(inner) = &schema.additional
        && !inner.takes_anything()
    {
        descend(&member("*"), false, inner, depth, found);
    }
    for (at, inner) in schema.prefix.iter().enumerate() {
        descend(&format!("{path}[{at}]"), false, inner, depth, found);
    }
    if let Some(items) = &schema.items {
        let path = format!("{path}[]");
        // What is said of items by their type alone stands with the list.
        match items.constraints.is_empty() && items.description.is_none() {
            true => inside(&path, items, depth, found),
            false => descend(&path, false, items, depth, found),
        }
    }
    for constraint in &schema.constraints {
        if let (Word::AllOf | Word::AnyOf | Word::OneOf, Operand::Schemas(all)) =
            (constraint.keyword.word, &constraint.keyword.operand)
        {
            for inner in all {
                inside(path, inner, depth, found);
            }
        }
    }
}

/// The type, in words.
pub(super) fn kind(schema: &Schema) -> String {
    let names = schema.types.iter().map(|kind| match (kind, schema.items.as_deref()) {
        (Type::Array, Some(items)) if !items.types.is_empty() => {
            format!("array of {}", self::kind(items))
        }
        (kind, _) => kind.name().to_owned(),
    });
    let names: Vec<String> = names.chain(schema.nullable.then(|| "null".to_owned())).collect();
    names.join(" or ")
}

impl Docs<'_> {
    /// What there is to say of a value in a request: what it is for, what has to hold of it, each
    /// with the errors of who breaks it, by the ways in which the operation is reached.
    pub(super) fn rules(&self, field: &Field<'_>, bindings: &[Binding]) -> Line {
        let schema = field.schema;
        let mut lines = about(schema);
        let failed =
            |error: Option<ErrorId>, failure: Failure| self.errors_of(error, failure, bindings);
        if field.required {
            let errors = failed(schema.error_for(Failure::Required), Failure::Required);
            lines.push(given("if it is missing", errors));
        }
        if !schema.types.is_empty() && schema.types != [Type::String] {
            let errors = failed(schema.error_for(Failure::Type), Failure::Type);
            lines.push(given("if it is of another type", errors));
        }
        for constraint in &schema.constraints {
            let Some(says) = self.constraint(constraint) else { continue };
            let failure = Failure::Keyword(constraint.keyword.word);
            let mut line = says.line(given("", failed(schema.error_of(constraint), failure)));
            if let Some(message) = constraint.message.as_ref().or(schema.message.as_ref()) {
                line = line.text(": “").line(shown::text(message)).text("”");
            }
            lines.push(line.line(self.backed(constraint.rule)));
        }
        let undeclared = schema.error_for(Failure::AdditionalProperties);
        let refused = Failure::AdditionalProperties;
        match &schema.additional {
            Additional::Refused => {
                lines.push(given("if it has other members", failed(undeclared, refused)));
            }
            Additional::Defined(by) => {
                let collection = self.service.collections.get(by.collection.0);
                let name = collection.map_or("", |collection| &*collection.name);
                let line = Line::from("other members are those that rows of ").code(name);
                let errors = failed(by.error.or(undeclared), refused);
                lines.push(line.text(" describe").line(given("", errors)));
            }
            Additional::Allowed | Additional::Schema(_) => {}
        }
        if lines.iter().all(Line::is_empty) || schema.constraints.is_empty() {
            lines.push(self.backing(schema.rule));
        }
        Line::stacked(lines)
    }

    /// What there is to say of a value in an answer or a row.
    pub(super) fn answered_rules(&self, schema: &Schema) -> Line {
        let mut lines = about(schema);
        lines.extend(schema.constraints.iter().filter_map(|one| self.constraint(one)));
        Line::stacked(lines)
    }

    /// The errors that a failure gives, in each way in which an operation is reached.
    fn errors_of(&self, own: Option<ErrorId>, failure: Failure, bindings: &[Binding]) -> Line {
        let mut errors: Vec<ErrorId> = own.into_iter().collect();
        if own.is_none() {
            for binding in bindings {
                let error = binding.failures.get(failure).map(|answer| answer.error);
                errors.extend(error.filter(|error| !errors.contains(error)));
            }
        }
        let links = errors.into_iter().map(|error| self.error(error));
        Line::joined(links, &Inline::Text(" or ".into()))
    }

    /// What a constraint asks for; nothing where it only says what stands in rows of its own.
    fn constraint(&self, constraint: &Constraint) -> Option<Line> {
        let line = self.keyword(&constraint.keyword)?;
        Some(match &constraint.when {
            Some(when) => line.text(" when ").line(shown::expression(when)),
            None => line,
        })
    }

    fn keyword(&self, keyword: &Keyword) -> Option<Line> {
        let collection = |at: usize| self.service.collections.get(at).map_or("", |one| &*one.name);
        Some(match (keyword.word, &keyword.operand) {
            (Word::Enum, Operand::Value(values)) => {
                let values = values.as_list().unwrap_or_default();
                let shown: Vec<String> = values.iter().take(CHOICES).map(shown::value).collect();
                let line = Line::from("one of ").codes(shown.iter().map(|one| &**one));
                match values.len().checked_sub(CHOICES) {
                    None | Some(0) => line,
                    Some(more) => line.text(format!(" and {more} more")),
                }
            }
            (Word::Const, Operand::Value(value)) => Line::from("is ").code(shown::value(value)),
            (_, Operand::Condition(condition)) => {
                Line::from("has to hold: ").line(shown::expression(condition))
            }
            (_, Operand::Row(lookup)) => {
                let line = Line::from("a row of ").code(collection(lookup.collection.0));
                let fields: Vec<Line> = lookup
                    .access
                    .iter()
                    .map(|(name, tree)| {
                        Line::new().code(&**name).text(" = ").line(shown::tree(tree))
                    })
                    .collect();
                let fields = Line::joined(fields, &Inline::Text(", ".into()));
                let line = line.text(" has to be there");
                if fields.is_empty() { line } else { line.text(" with ").line(fields) }
            }
            (_, Operand::Collection(id)) => Line::from("names a row of ").code(collection(id.0)),
            (_, Operand::Computed(expression)) => {
                Line::new().code(keyword.word.name()).text(": ").line(shown::expression(expression))
            }
            (_, Operand::Pattern(pattern)) => Line::from("matches ").code(pattern.as_str()),
            (_, Operand::Format(format)) => Line::from("has the form ").code(format.name()),
            (_, Operand::Name(name)) => Line::from("must not contain ").code(&**name),
            (_, Operand::Groups(groups)) => {
                let groups = groups.iter().map(|group| {
                    let names = group.iter().map(|name| Line::new().code(&**name));
                    Line::joined(names, &Inline::Text(" and ".into()))
                });
                let groups = Line::joined(groups, &Inline::Text(", or ".into()));
                Line::from("has to have ").line(groups)
            }
            (Word::AllOf, Operand::Schemas(_)) => return None,
            (Word::AnyOf, Operand::Schemas(all)) => {
                format!("fits at least one of {} alternatives", all.len()).as_str().into()
            }
            (Word::OneOf, Operand::Schemas(all)) => {
                format!("fits exactly one of {} alternatives", all.len()).as_str().into()
            }
            (_, Operand::Recursive(SchemaId(_))) => {
                Line::from("has the structure of what it is in")
            }
            (_, Operand::Chosen(member, kinds)) => Line::from("is of the type that ")
                .code(&**member)
                .text(" says: ")
                .codes(kinds.iter().map(|(name, _)| &**name)),
            (_, Operand::Needs(needs)) => {
                let needs = needs.iter().map(|(name, all)| {
                    let all = all.iter().map(|one| &**one);
                    Line::new().code(&**name).text(" needs ").codes(all)
                });
                Line::joined(needs, &Inline::Text(", ".into()))
            }
            (word, _) => {
                let limit = keyword.fixed().map(|value| shown::value(&value)).unwrap_or_default();
                word.message("", &limit, "that").trim().into()
            }
        })
    }
}

fn about(schema: &Schema) -> Vec<Line> {
    let mut lines: Vec<Line> = schema.description.iter().map(|text| prose::line(text)).collect();
    let meanings = schema.meanings.iter().map(|(value, meaning)| {
        Line::new().code(shown::value(value)).text(": ").line(prose::line(meaning))
    });
    lines.extend(meanings);
    let notes = [
        (schema.read_only, "not read from requests"),
        (schema.write_only, "never in an answer"),
        (schema.allow_empty, "may be empty whatever else has to hold"),
        (schema.case_insensitive, "case makes no difference"),
    ];
    lines.extend(notes.into_iter().filter(|(is, _)| *is).map(|(_, note)| Line::from(note)));
    if let Some(unless) = &schema.ignored_unless {
        lines.push(Line::from("ignored unless ").line(shown::expression(unless)));
    }
    lines
}

fn given(what: &str, errors: Line) -> Line {
    match errors.is_empty() {
        true => Line::new(),
        false => Line::from(what).text(if what.is_empty() { " → " } else { ": " }).line(errors),
    }
}

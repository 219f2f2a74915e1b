//! Whether a value fits a schema that a scenario expects.

use super::super::answer::{Answer, Body, BodyForm};
use super::super::event::Mismatch;
use super::finder::{Finder, Recursive};
use crate::scenario::ExpectedSchema;
use crate::value::Value;

/// What breaks it, each with its path and the place of the word.
pub(in crate::run) fn fit(
    expected: &ExpectedSchema,
    value: &Value,
    form: BodyForm,
    path: &str,
) -> Vec<Mismatch> {
    let mut finder = finder(expected, form);
    finder.schema(&expected.schema, value, path);
    finder.found
}

/// The same of a body; a schema of the root of XML is of what is in that root.
pub(in crate::run) fn fit_body(expected: &ExpectedSchema, answer: &Answer) -> Vec<Mismatch> {
    let mut finder = finder(expected, answer.form);
    let schema = &*expected.schema;
    let has = expected.says();
    match answer.body() {
        Ok(Body::Nothing) => {
            let message = format!("there is no body to fit {has}");
            finder.note("body", "a body", "nothing", &message);
        }
        Ok(Body::Bytes) => {
            let message = format!("the body is not text but bytes, which cannot fit {has}");
            finder.note("body", "a tree", "bytes", &message);
        }
        Ok(Body::Document(_, tree)) => match &schema.xml {
            Some(root) => {
                if let Some(content) = finder.root(root, tree) {
                    finder.schema(schema, content, &format!("/{}", root.name));
                }
            }
            None => finder.schema(schema, tree, ""),
        },
        Ok(Body::Tree(tree)) => {
            let path = if answer.form == BodyForm::Text { "body" } else { "$" };
            finder.schema(schema, tree, path);
        }
        Err(error) => {
            let message = format!("the body is not {}: {error}", answer.form.name());
            finder.note("body", answer.form.name(), &error.message, &message);
        }
    }
    finder.found
}

fn finder(expected: &ExpectedSchema, form: BodyForm) -> Finder<'_> {
    let mut finder = Finder::expected(form, &expected.span, expected.says());
    finder.recursive = Recursive::Shared(&expected.recursive);
    finder
}

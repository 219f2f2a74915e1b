//! The order in which the generated fields of a row are filled.

use crate::model::{Expression, Generate, Generator, Property, TextPart, Tree};

/// The generated fields with their positions, so that one which looks at another comes after it.
///
/// Those whose value is not worked out keep their order and come first. Where some look at each
/// other in a circle, they keep the order of the spec.
pub(super) fn in_order(properties: &[Property]) -> Vec<(usize, &Generate)> {
    let mut waiting: Vec<(usize, &Generate)> = properties
        .iter()
        .enumerate()
        .filter_map(|(at, property)| Some((at, property.schema.generate.as_ref()?)))
        .collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let free = waiting.iter().position(|(at, generate)| {
            let mut others = waiting.iter().filter(|(other, _)| other != at);
            !others.any(|(other, _)| looks_at(generate, properties, *other))
        });
        ordered.push(waiting.remove(free.unwrap_or(0)));
    }
    // Random values are drawn in the order of the spec, whatever else looks at them.
    ordered.sort_by_key(|(at, generate)| match generate.with {
        Generator::Tree(_) => (true, 0),
        _ => (false, *at),
    });
    ordered
}

fn looks_at(generate: &Generate, properties: &[Property], other: usize) -> bool {
    let Generator::Tree(tree) = &generate.with else { return false };
    let Some(other) = properties.get(other) else { return false };
    expressions(tree).iter().flat_map(|expression| expression.parsed.references()).any(
        |reference| {
            let whole_row = reference.members.is_empty();
            let this = reference.members.first().is_some_and(|member| *member == other.name);
            &*reference.root == "row" && (whole_row || this)
        },
    )
}

/// The expressions of a scalar, which is all that `generate` takes.
fn expressions(tree: &Tree) -> Vec<&Expression> {
    match tree {
        Tree::Expression(expression) => vec![expression],
        Tree::Text(text) => text
            .parts
            .iter()
            .filter_map(|part| match part {
                TextPart::Expression(expression) => Some(expression),
                TextPart::Literal(_) => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

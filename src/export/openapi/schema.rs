//! Schemas in the words of JSON Schema, which are those of specs for the most part.

use crate::model::keyword::Reads;
use crate::model::{Additional, Constraint, Operand, Schema, Word};
use crate::write::Piece;

/// The words that JSON Schema does not have, or means otherwise.
const OURS: [Word; 4] = [Word::References, Word::MustNotContain, Word::Must, Word::Exists];

/// A schema. What only a spec can say is left out, so that whatever the spec takes fits it.
pub(super) fn piece(schema: &Schema) -> Piece {
    let mut piece = Piece::map();
    let mut types: Vec<Piece> = schema.types.iter().map(|kind| kind.name().into()).collect();
    if schema.nullable && !types.is_empty() {
        types.push("null".into());
    }
    match types.len() {
        0 => {}
        1 => piece.set("type", types.swap_remove(0)),
        _ => piece.set("type", Piece::list(types)),
    }
    piece = piece.with_some("description", description(schema));
    piece = piece.with_some("default", schema.default.as_ref().map(Piece::from));
    if schema.read_only {
        piece.set("readOnly", true);
    }
    if schema.write_only {
        piece.set("writeOnly", true);
    }
    let mut further = Vec::new();
    for constraint in schema.constraints.iter().filter(|constraint| says(schema, constraint)) {
        let name = constraint.keyword.word.name();
        let Some(value) = constraint.keyword.fixed() else { continue };
        match piece.get(name) {
            None => piece.set(name, &value),
            Some(_) => further.push(Piece::map().with(name, &value)),
        }
    }
    if !further.is_empty() {
        piece.set("allOf", Piece::list(further));
    }
    if let Some(items) = &schema.items {
        piece.set("items", self::piece(items));
    }
    members(schema, piece)
}

fn members(schema: &Schema, mut piece: Piece) -> Piece {
    let required = schema.properties.iter().filter(|property| property.required);
    let required: Vec<Piece> = required.map(|property| (&*property.name).into()).collect();
    if !required.is_empty() {
        piece.set("required", Piece::list(required));
    }
    if !schema.properties.is_empty() {
        let mut properties = Piece::map();
        for property in &schema.properties {
            properties = properties.with(&*property.name, self::piece(&property.schema));
        }
        piece.set("properties", properties.block());
    }
    match &schema.additional {
        Additional::Refused => piece.set("additionalProperties", false),
        Additional::Schema(schema) => piece.set("additionalProperties", self::piece(schema)),
        Additional::Allowed | Additional::Defined(_) => {}
    }
    if let Some(xml) = &schema.xml {
        let name = Piece::map().with("name", &*xml.name);
        piece.set("xml", name.with_some("namespace", xml.namespace.as_deref()));
    }
    piece
}

/// Whether a constraint can be told: it holds for each request, and JSON Schema has its word. An
/// empty text that passes whatever the constraints are has to fit.
fn says(schema: &Schema, constraint: &Constraint) -> bool {
    let word = constraint.keyword.word;
    let is_fixed =
        constraint.when.is_none() && !matches!(constraint.keyword.operand, Operand::Computed(_));
    let is_ours =
        OURS.contains(&word) || word.reads().is_check() || word.reads() == Reads::Collection;
    let is_loose = schema.allow_empty || schema.case_insensitive && word == Word::Enum;
    is_fixed && !is_ours && !is_loose
}

fn description(schema: &Schema) -> Option<String> {
    let mut lines: Vec<String> = schema.description.iter().map(ToString::to_string).collect();
    lines.extend(schema.meanings.iter().map(|(value, meaning)| format!("- `{value}`: {meaning}")));
    (!lines.is_empty()).then(|| lines.join("\n"))
}

//! Schemas in the words of JSON Schema, which are those of specs for the most part.

use super::shared;
use crate::model::keyword::Reads;
use crate::model::{Additional, Constraint, Operand, Schema, Service, Word};
use crate::write::Piece;

/// The words that JSON Schema does not have, or means otherwise.
const OURS: [Word; 4] = [Word::References, Word::MustNotContain, Word::Must, Word::Exists];
/// How many schemas that contain themselves are followed.
const FOLLOWED: usize = 4;

/// A schema. What only a spec can say is left out, so that whatever the spec takes fits it.
pub(super) fn piece(service: &Service, schema: &Schema) -> Piece {
    match shared::name(service, schema) {
        Some(name) => Piece::map().with("$ref", shared::reference(&name)),
        None => written(service, schema),
    }
}

/// The same, in its own words even where it has a name.
pub(super) fn written(service: &Service, schema: &Schema) -> Piece {
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
        let keys = keys(service, schema, constraint);
        let is_same = |key: &str| piece.get(key).is_some_and(|known| Some(known) == keys.get(key));
        let is_taken = |key: &str| piece.get(key).is_some() && !is_same(key);
        if keys.members().iter().any(|member| is_taken(&member.key)) {
            match (keys.get("allOf"), keys.members().len()) {
                (Some(all), 1) => further.extend(all.items().iter().cloned()),
                _ => further.push(keys),
            }
            continue;
        }
        for member in keys.members() {
            piece.set(&member.key, member.value.clone());
        }
    }
    if !further.is_empty() {
        let own = piece.get("allOf").map(|all| all.items().to_vec()).unwrap_or_default();
        piece.set("allOf", Piece::list(own.into_iter().chain(further)));
    }
    if !schema.prefix.is_empty() {
        let prefix = schema.prefix.iter().map(|item| self::piece(service, item));
        piece.set("prefixItems", Piece::list(prefix));
    }
    if let Some(items) = &schema.items {
        piece.set("items", self::piece(service, items));
    }
    members(service, schema, piece)
}

fn members(service: &Service, schema: &Schema, mut piece: Piece) -> Piece {
    let required = schema.properties.iter().filter(|property| property.required);
    let required = required.map(|property| &property.name).chain(&schema.undeclared);
    let required: Vec<Piece> = required.map(|name| (&**name).into()).collect();
    if !required.is_empty() {
        piece.set("required", Piece::list(required));
    }
    if !schema.properties.is_empty() {
        let mut properties = Piece::map();
        for property in &schema.properties {
            properties = properties.with(&*property.name, self::piece(service, &property.schema));
        }
        piece.set("properties", properties.block());
    }
    if !schema.patterns.is_empty() {
        let mut patterns = Piece::map();
        for (pattern, inner) in &schema.patterns {
            patterns.set(pattern.as_str(), self::piece(service, inner));
        }
        piece.set("patternProperties", patterns);
    }
    match &schema.additional {
        Additional::Refused => piece.set("additionalProperties", false),
        Additional::Schema(inner) => {
            piece.set("additionalProperties", self::piece(service, inner));
        }
        Additional::Allowed if schema.evaluates_all => piece.set("additionalProperties", true),
        Additional::Allowed | Additional::Defined(_) => {}
    }
    if let Some(xml) = &schema.xml {
        let name = Piece::map().with("name", &*xml.name);
        piece.set("xml", name.with_some("namespace", xml.namespace.as_deref()));
    }
    piece
}

/// The keys that a constraint is; none where it cannot be told without refusing more.
fn keys(service: &Service, schema: &Schema, constraint: &Constraint) -> Piece {
    let word = constraint.keyword.word;
    let inner = |schema: &Schema| piece(service, schema);
    let is_whole = |schema: &Schema| is_whole(service, schema, FOLLOWED);
    let mut keys = Piece::map();
    match &constraint.keyword.operand {
        Operand::Recursive(id) => {
            keys.set("$ref", shared::reference(&shared::recursive(service, *id)));
        }
        Operand::Schema(schema) if word == Word::Not && !is_whole(schema) => {}
        Operand::Schema(schema) => keys.set(word.name(), inner(schema)),
        Operand::Schemas(three) if word == Word::If => {
            if let [condition, then, otherwise] = &**three
                && is_whole(condition)
            {
                keys.set("if", inner(condition));
                for (word, schema) in [("then", then), ("else", otherwise)] {
                    if !schema.takes_anything() {
                        keys.set(word, inner(schema));
                    }
                }
            }
        }
        Operand::Schemas(all) => {
            let kinds = shared::kinds_of(schema, all.len());
            let list: Vec<Piece> = match &kinds {
                Some(kinds) => kinds
                    .iter()
                    .map(|name| Piece::map().with("$ref", shared::reference(name)))
                    .collect(),
                None => all.iter().map(inner).collect(),
            };
            // Of schemas that are told in part, several may fit where one does.
            let is_any = word == Word::OneOf && kinds.is_none() && !all.iter().all(is_whole);
            keys.set(if is_any { "anyOf" } else { word.name() }, Piece::list(list));
        }
        Operand::Named(named) => {
            let mut all = Piece::map();
            for (name, schema) in named {
                all.set(&**name, inner(schema));
            }
            keys.set(word.name(), all);
        }
        Operand::Counted(contained, count) => {
            if word != Word::MaxContains || is_whole(contained) {
                keys.set("contains", inner(contained));
                keys.set(word.name(), count);
            }
        }
        Operand::Chosen(member, _) => {
            let mut mapping = Piece::map();
            for (value, name) in shared::mapping(constraint) {
                mapping.set(value, shared::reference(&name));
            }
            let chosen = Piece::map().with("propertyName", &**member);
            let mapping = (!mapping.members().is_empty()).then_some(mapping);
            keys.set("discriminator", chosen.with_some("mapping", mapping));
        }
        _ => {
            if let Some(value) = constraint.keyword.fixed() {
                keys.set(word.name(), &value);
            }
        }
    }
    keys
}

/// Whether all that a schema says can be told.
fn is_whole(service: &Service, schema: &Schema, followed: usize) -> bool {
    let told = |constraint: &Constraint| {
        says(schema, constraint) && {
            let recursive = match constraint.keyword.operand {
                Operand::Recursive(id) => service.recursive.get(id.0).filter(|_| followed > 0),
                _ => None,
            };
            recursive.is_none_or(|schema| is_whole(service, schema, followed - 1))
        }
    };
    let is_own = schema.ignored_unless.is_some()
        || schema.allow_empty
        || schema.case_insensitive
        || matches!(schema.additional, Additional::Defined(_));
    !is_own
        && schema.constraints.iter().all(told)
        && schema.inner().all(|inner| is_whole(service, inner, followed))
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

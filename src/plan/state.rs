//! Collections, ready to take rows.

use std::collections::HashMap;
use std::sync::Arc;

use super::compiler::Compiler;
use super::generation;
use super::schema::Schema;
use super::value::Tree;
use crate::model::{self, CollectionId, ErrorId, Foldable, Operand, RuleId, Service, Unique};
use crate::value::{Map, Record, Shape, Value};

/// A collection, ready to take rows.
#[derive(Debug)]
pub struct Collection {
    /// Its name.
    pub name: Arc<str>,
    /// The name of the field that identifies a row.
    pub key: Arc<str>,
    /// The fields.
    pub shape: Arc<Shape>,
    /// What variables have of a row, where something is `writeOnly`.
    pub seen: Option<Seen>,
    /// What a row may be.
    pub schema: Schema,
    /// What fills fields, with their slots, those that another looks at before it.
    pub generators: Box<[(usize, Generator)]>,
    /// Values that absent fields get, with their slots.
    pub defaults: Box<[(usize, Value)]>,
    /// The slots of fields with members that have defaults, however deep.
    pub filled: Box<[usize]>,
    /// What the unique indexes give; the position is that of the index.
    pub unique: Vec<Unique>,
    /// Fields that name rows of other collections.
    pub references: Box<[Reference]>,
    /// What it starts with.
    pub fixtures: Vec<Map>,
}

/// A field that names a row of another collection.
#[derive(Debug)]
pub struct Reference {
    /// The field.
    pub field: Arc<str>,
    /// Its slot.
    pub slot: usize,
    /// The other collection.
    pub collection: CollectionId,
    /// What a dangling one gets.
    pub error: Option<ErrorId>,
    /// The rule that it is.
    pub rule: RuleId,
}

/// What fills a field.
#[derive(Debug)]
pub enum Generator {
    /// The next of the sequence in that position.
    Sequence(usize),
    /// Random bytes.
    Random {
        /// How many.
        bytes: usize,
        /// How they are written.
        encoding: model::Encoding,
        /// What stands before them.
        prefix: Arc<str>,
    },
    /// A random UUID.
    Uuid,
    /// The next of the sequence in that position, as eight bytes in base64.
    RowVersion(usize),
    /// The clock's time.
    Now {
        /// An strftime pattern; none: RFC 3339.
        pattern: Option<Arc<str>>,
        /// Anew with every update.
        on_write: bool,
    },
    /// An expression or text that sees the row.
    Tree {
        /// The tree.
        tree: Tree,
        /// Anew with every update.
        on_write: bool,
    },
}

/// What variables have of a row.
#[derive(Debug)]
pub struct Seen {
    /// The fields, of which those that are `writeOnly` are found by their names only.
    shape: Arc<Shape>,
    /// The slots of fields in whose members something is `writeOnly`.
    within: Vec<usize>,
}

impl Collection {
    /// A row as a variable holds it.
    pub fn seen(&self, row: Arc<Record>) -> Arc<Record> {
        let Some(seen) = &self.seen else { return row };
        let mut row = row.with_shape(&seen.shape);
        for slot in &seen.within {
            if let (Some(value), Some(property)) =
                (row.slot(*slot), self.schema.properties.get(*slot))
            {
                let value = without_write_only(&property.schema, value);
                row.set_slot(*slot, Some(value));
            }
        }
        Arc::new(row)
    }
}

fn seen(schema: &Schema, shape: &Shape) -> Option<Seen> {
    let properties = schema.properties.iter();
    // They stand behind the others.
    let hidden = properties.clone().rev().take_while(|one| one.schema.write_only).count();
    let within = properties.enumerate().filter(|(_, one)| hides(&one.schema));
    let within: Vec<usize> = within.map(|(slot, _)| slot).collect();
    (hidden > 0 || !within.is_empty()).then(|| Seen { shape: shape.hiding(hidden), within })
}

/// Whether a member of a value is `writeOnly`.
fn hides(schema: &Schema) -> bool {
    let mut properties = schema.properties.iter();
    properties.any(|one| one.schema.write_only || hides(&one.schema))
        || schema.items.as_deref().is_some_and(hides)
}

fn without_write_only(schema: &Schema, value: &Value) -> Value {
    if let (Some(items), Some(inner)) = (value.as_list(), &schema.items) {
        return Value::list(items.iter().map(|item| without_write_only(inner, item)).collect());
    }
    let Some(members) = value.members() else { return value.clone() };
    let members = members.filter_map(|(name, member)| {
        match schema.properties.iter().find(|property| property.name == *name) {
            Some(property) if property.schema.write_only => None,
            Some(property) => Some((name.clone(), without_write_only(&property.schema, member))),
            None => Some((name.clone(), member.clone())),
        }
    });
    Value::map(members.collect())
}

impl Generator {
    /// Whether an update fills the field anew.
    pub fn on_write(&self) -> bool {
        match self {
            Self::Sequence(_) | Self::Random { .. } | Self::Uuid => false,
            Self::RowVersion(_) => true,
            Self::Now { on_write, .. } | Self::Tree { on_write, .. } => *on_write,
        }
    }
}

/// The shapes of a spec's collections, in order.
pub fn shapes(service: &Service) -> Vec<Arc<Shape>> {
    let shape = |collection: &model::Collection| {
        Shape::new(collection.schema.properties.iter().map(|p| p.name.clone()).collect())
    };
    service.collections.iter().map(shape).collect()
}

/// The sequences of a spec, with the slots that they fill.
#[derive(Debug, Default)]
pub struct Sequences {
    firsts: Vec<i64>,
    known: HashMap<(usize, usize), usize>,
}

impl Sequences {
    /// Where each begins.
    pub fn firsts(self) -> Vec<i64> {
        self.firsts
    }

    fn add(&mut self, collection: usize, slot: usize, first: i64) -> usize {
        *self.known.entry((collection, slot)).or_insert_with(|| {
            self.firsts.push(first);
            self.firsts.len() - 1
        })
    }
}

/// Compiles the collections.
pub fn compile(
    service: &Service,
    shapes: &[Arc<Shape>],
    compiler: &mut Compiler<'_>,
    sequences: &mut Sequences,
) -> Vec<Collection> {
    let mut collections = Vec::with_capacity(service.collections.len());
    for (at, (collection, shape)) in service.collections.iter().zip(shapes).enumerate() {
        let mut generators = Vec::new();
        let mut defaults = Vec::new();
        let mut filled = Vec::new();
        let mut references = Vec::new();
        for (slot, generate) in generation::in_order(&collection.schema.properties) {
            generators.push((slot, generator(generate, (at, slot), compiler, sequences)));
        }
        for (slot, property) in collection.schema.properties.iter().enumerate() {
            if let Some(default) = &property.schema.default {
                defaults.push((slot, default.clone()));
            }
            if has_defaults_below(&property.schema) {
                filled.push(slot);
            }
            for constraint in &property.schema.constraints {
                if let Operand::Collection(other) = constraint.keyword.operand {
                    references.push(Reference {
                        field: property.name.clone(),
                        slot,
                        collection: other,
                        error: property.schema.error_of(constraint),
                        rule: constraint.rule,
                    });
                }
            }
        }
        let schema = collection.schema.fold(compiler);
        collections.push(Collection {
            name: collection.name.clone(),
            key: collection.key.clone(),
            shape: shape.clone(),
            seen: seen(&schema, shape),
            schema,
            generators: generators.into(),
            defaults: defaults.into(),
            filled: filled.into(),
            unique: collection.unique.clone(),
            references: references.into(),
            fixtures: collection.fixtures.clone(),
        });
    }
    collections
}

/// Whether a member or an item has a default. What contains itself is not followed.
fn has_defaults_below(schema: &model::Schema) -> bool {
    let member =
        |one: &model::Property| one.schema.default.is_some() || has_defaults_below(&one.schema);
    schema.properties.iter().any(member)
        || schema.items.as_ref().is_some_and(|items| has_defaults_below(items))
}

fn generator(
    generate: &model::Generate,
    place: (usize, usize),
    compiler: &mut Compiler<'_>,
    sequences: &mut Sequences,
) -> Generator {
    match &generate.with {
        model::Generator::Sequence { first } => {
            Generator::Sequence(sequences.add(place.0, place.1, *first))
        }
        model::Generator::Random { bits, encoding, prefix } => Generator::Random {
            bytes: bits.div_ceil(8),
            encoding: *encoding,
            prefix: prefix.clone(),
        },
        model::Generator::Uuid => Generator::Uuid,
        // Row versions of real databases do not start at one either.
        model::Generator::RowVersion => {
            Generator::RowVersion(sequences.add(place.0, place.1, 2001))
        }
        model::Generator::Now { pattern } => {
            Generator::Now { pattern: pattern.clone(), on_write: generate.on_write }
        }
        model::Generator::Tree(tree) => {
            Generator::Tree { tree: tree.fold(compiler), on_write: generate.on_write }
        }
    }
}

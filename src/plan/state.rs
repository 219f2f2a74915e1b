//! Collections: their layout in the store, and the indexes that the spec's look-ups need.

use std::collections::HashMap;
use std::sync::Arc;

use super::generation;
use super::names::Names;
use super::schema::{self, Schema};
use super::value::{Tree, compile_members};
use crate::model::{self, CollectionId, ErrorId, Operand, RuleId, Service};
use crate::state::{CollectionLayout, IndexLayout, Layout};
use crate::value::{Map, Shape, Value};

/// A collection, ready to take rows.
#[derive(Debug)]
pub struct Collection {
    /// Its name.
    pub name: Arc<str>,
    /// The name of the field that identifies a row.
    pub key: Arc<str>,
    /// The fields.
    pub shape: Arc<Shape>,
    /// What a row may be.
    pub schema: Schema,
    /// What fills fields, with their slots, those that another looks at before it.
    pub generators: Box<[(usize, Generator)]>,
    /// Values that absent fields get, with their slots.
    pub defaults: Box<[(usize, Value)]>,
    /// What the unique indexes give; the position is that of the index.
    pub unique: Box<[Unique]>,
    /// Fields that name rows of other collections.
    pub references: Box<[Reference]>,
    /// What it starts with.
    pub fixtures: Vec<Map>,
}

/// A unique constraint.
#[derive(Debug)]
pub struct Unique {
    /// The fields.
    pub fields: Box<[Arc<str>]>,
    /// What a second one gets.
    pub error: Option<ErrorId>,
    /// The rule that it is.
    pub rule: RuleId,
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

/// The indexes found to be needed so far.
#[derive(Debug)]
pub struct Indexes {
    shapes: Vec<Arc<Shape>>,
    keys: Vec<usize>,
    layouts: Vec<Vec<IndexLayout>>,
}

impl Indexes {
    /// Starts with the unique constraints, in their order, so that they are the first indexes.
    pub fn of_unique(service: &Service, shapes: &[Arc<Shape>]) -> Self {
        let slots = |shape: &Shape, names: &[Arc<str>]| {
            let mut slots: Vec<usize> = names.iter().filter_map(|name| shape.slot(name)).collect();
            slots.sort_unstable();
            slots
        };
        let collections = service.collections.iter().zip(shapes);
        Self {
            shapes: shapes.to_vec(),
            keys: collections.clone().map(|(c, shape)| shape.slot(&c.key).unwrap_or(0)).collect(),
            layouts: collections
                .map(|(collection, shape)| {
                    let unique = collection.unique.iter();
                    unique
                        .map(|u| IndexLayout { slots: slots(shape, &u.fields), unique: true })
                        .collect()
                })
                .collect(),
        }
    }

    /// The index over those fields, made if there is none; `None` when they are just the key, for
    /// which no index is needed.
    pub fn over(&mut self, collection: CollectionId, fields: &[Arc<str>]) -> Option<usize> {
        let slots: Vec<usize> =
            self.sorted(collection, fields).iter().map(|(slot, _)| *slot).collect();
        if slots.len() == 1 && slots.first() == self.keys.get(collection.0) {
            return None;
        }
        let indexes = self.layouts.get_mut(collection.0)?;
        Some(indexes.iter().position(|index| index.slots == slots).unwrap_or_else(|| {
            indexes.push(IndexLayout { slots, unique: false });
            indexes.len() - 1
        }))
    }

    /// The fields in the order of their slots, with where each stood.
    fn sorted(&self, collection: CollectionId, fields: &[Arc<str>]) -> Vec<(usize, usize)> {
        let shape = self.shapes.get(collection.0);
        let mut slots: Vec<(usize, usize)> = fields
            .iter()
            .enumerate()
            .filter_map(|(at, field)| Some((shape?.slot(field)?, at)))
            .collect();
        slots.sort_unstable();
        slots
    }
}

/// How rows are found.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// Where.
    pub collection: CollectionId,
    /// By what.
    pub access: Access,
}

/// By what rows are found.
#[derive(Debug, Clone)]
pub enum Access {
    /// All of them.
    All,
    /// By the key.
    Key(Tree),
    /// By an index, with the values in its order.
    Index(usize, Box<[Tree]>),
}

impl Lookup {
    /// Chooses the key or an index for the fields.
    pub fn compile(
        collection: CollectionId,
        fields: &[(Arc<str>, model::Tree)],
        names: &Names,
        indexes: &mut Indexes,
    ) -> Self {
        let field_names: Vec<Arc<str>> = fields.iter().map(|(name, _)| name.clone()).collect();
        let trees = compile_members(fields, names);
        if trees.is_empty() {
            return Self { collection, access: Access::All };
        }
        let access = match indexes.over(collection, &field_names) {
            None => trees.into_iter().next().map_or(Access::All, |(_, tree)| Access::Key(tree)),
            Some(index) => {
                let order = indexes.sorted(collection, &field_names);
                let mut trees: Vec<Option<Tree>> =
                    trees.into_iter().map(|(_, tree)| Some(tree)).collect();
                let ordered = order
                    .iter()
                    .filter_map(|(_, at)| trees.get_mut(*at).and_then(Option::take))
                    .collect();
                Access::Index(index, ordered)
            }
        };
        Self { collection, access }
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
    names: &Names,
    indexes: &mut Indexes,
    sequences: &mut Sequences,
) -> Vec<Collection> {
    let mut collections = Vec::with_capacity(service.collections.len());
    for (at, (collection, shape)) in service.collections.iter().zip(shapes).enumerate() {
        let mut generators = Vec::new();
        let mut defaults = Vec::new();
        let mut references = Vec::new();
        for (slot, generate) in generation::in_order(&collection.schema.properties) {
            generators.push((slot, generator(generate, (at, slot), names, sequences)));
        }
        for (slot, property) in collection.schema.properties.iter().enumerate() {
            if let Some(default) = &property.schema.default {
                defaults.push((slot, default.clone()));
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
        collections.push(Collection {
            name: collection.name.clone(),
            key: collection.key.clone(),
            shape: shape.clone(),
            schema: schema::compile(&collection.schema, names, indexes),
            generators: generators.into(),
            defaults: defaults.into(),
            unique: collection
                .unique
                .iter()
                .map(|u| Unique { fields: u.fields.clone().into(), error: u.error, rule: u.rule })
                .collect(),
            references: references.into(),
            fixtures: collection.fixtures.clone(),
        });
    }
    collections
}

fn generator(
    generate: &model::Generate,
    place: (usize, usize),
    names: &Names,
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
            Generator::Tree { tree: Tree::compile(tree, names), on_write: generate.on_write }
        }
    }
}

/// What the store has to hold, once all look-ups are compiled.
pub fn layout(service: &Service, indexes: Indexes, sequences: Sequences) -> Arc<Layout> {
    let parts =
        service.collections.iter().zip(indexes.shapes).zip(indexes.keys).zip(indexes.layouts);
    let collections = parts
        .map(|(((collection, shape), key), indexes)| CollectionLayout {
            name: collection.name.clone(),
            shape,
            key,
            folded: collection
                .schema
                .properties
                .iter()
                .map(|p| p.schema.case_insensitive)
                .collect(),
            indexes,
        })
        .collect();
    Arc::new(Layout { collections, sequences: sequences.firsts })
}

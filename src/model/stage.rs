//! Stages: what of a checked spec is another thing once it is compiled.
//!
//! What a spec consists of is one type before and after, such as [`Tree<S>`]: what differs is what
//! the [`Stage`] says. A [`Folder`] makes the one of the other: it says what becomes of an
//! expression or a variable, and [`Foldable`] carries it through what stands around these.

use std::fmt::Debug;
use std::ops::Deref;
use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method};

use super::{
    CollectionId, Concerned, ErrorId, Expression, ListChange, MediaTypeId, Merges, OperationId,
    Pace, PageKind, Place, RuleId, Schema, Tree,
};
use crate::value::Value;

/// What is another thing once a spec is compiled.
pub trait Stage: Debug + Clone + 'static {
    /// What is worked out.
    type Expression: Debug + Clone;
    /// What a value is put into.
    type Variable: Debug + Clone;
    /// How rows are found by several fields.
    type Access: Debug + Clone;
    /// How a row is found by one field.
    type Index: Debug + Clone;

    /// What several fields equal.
    fn trees(access: &Self::Access) -> Vec<&Tree<Self>>;
}

/// Names are names.
#[derive(Debug, Clone)]
pub enum Checked {}

impl Stage for Checked {
    type Expression = Expression;
    type Variable = Variable;
    /// The fields and what they equal.
    type Access = Vec<(Arc<str>, Tree)>;
    type Index = Arc<str>;

    fn trees(access: &Self::Access) -> Vec<&Tree> {
        access.iter().map(|(_, tree)| tree).collect()
    }
}

/// The name of a variable, where something gives it a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable(pub Arc<str>);

impl Deref for Variable {
    type Target = Arc<str>;

    fn deref(&self) -> &Arc<str> {
        &self.0
    }
}

impl From<Variable> for Arc<str> {
    fn from(variable: Variable) -> Self {
        variable.0
    }
}

/// Where to look for rows, and by what.
#[derive(Debug, Clone)]
pub struct Lookup<S: Stage = Checked> {
    /// The collection.
    pub collection: CollectionId,
    /// How they are found.
    pub access: S::Access,
}

/// Makes of a checked spec what it is at another stage.
pub trait Folder {
    /// That stage.
    type To: Stage;

    /// What an expression becomes.
    fn expression(&mut self, expression: &Expression) -> <Self::To as Stage>::Expression;

    /// What a variable becomes.
    fn variable(&mut self, variable: &Variable) -> <Self::To as Stage>::Variable;

    /// How rows are found by these fields.
    fn access(
        &mut self,
        collection: CollectionId,
        fields: &[(Arc<str>, Tree)],
    ) -> <Self::To as Stage>::Access;

    /// How a row is found by one field.
    fn index(&mut self, collection: CollectionId, field: &Arc<str>) -> <Self::To as Stage>::Index;

    /// What a schema becomes.
    fn schema(&mut self, schema: &Schema) -> Schema<Self::To>;

    /// Whether a step stays.
    fn keeps(&self, _: RuleId) -> bool {
        true
    }
}

/// What a checked spec consists of, which is the same thing at each stage.
pub trait Foldable {
    /// What it is at a stage.
    type At<S: Stage>;

    /// Makes of it what it is at the folder's stage.
    fn fold<F: Folder>(&self, folder: &mut F) -> Self::At<F::To>;
}

impl Foldable for Expression {
    type At<S: Stage> = S::Expression;

    fn fold<F: Folder>(&self, folder: &mut F) -> Self::At<F::To> {
        folder.expression(self)
    }
}

impl Foldable for Variable {
    type At<S: Stage> = S::Variable;

    fn fold<F: Folder>(&self, folder: &mut F) -> Self::At<F::To> {
        folder.variable(self)
    }
}

impl Foldable for Lookup {
    type At<S: Stage> = Lookup<S>;

    fn fold<F: Folder>(&self, folder: &mut F) -> Self::At<F::To> {
        Lookup { collection: self.collection, access: folder.access(self.collection, &self.access) }
    }
}

impl Foldable for Schema {
    type At<S: Stage> = Schema<S>;

    fn fold<F: Folder>(&self, folder: &mut F) -> Self::At<F::To> {
        folder.schema(self)
    }
}

impl<T: Foldable> Foldable for Option<T> {
    type At<S: Stage> = Option<T::At<S>>;

    fn fold<F: Folder>(&self, folder: &mut F) -> Self::At<F::To> {
        self.as_ref().map(|one| one.fold(folder))
    }
}

impl<T: Foldable> Foldable for Box<T> {
    type At<S: Stage> = Box<T::At<S>>;

    fn fold<F: Folder>(&self, folder: &mut F) -> Self::At<F::To> {
        Box::new((**self).fold(folder))
    }
}

impl<T: Foldable> Foldable for Vec<T> {
    type At<S: Stage> = Vec<T::At<S>>;

    fn fold<F: Folder>(&self, folder: &mut F) -> Self::At<F::To> {
        self.iter().map(|one| one.fold(folder)).collect()
    }
}

impl<T: Foldable, U: Foldable> Foldable for (T, U) {
    type At<S: Stage> = (T::At<S>, U::At<S>);

    fn fold<F: Folder>(&self, folder: &mut F) -> Self::At<F::To> {
        (self.0.fold(folder), self.1.fold(folder))
    }
}

/// What is the same at each stage.
macro_rules! same {
    ($($type:ty),* $(,)?) => {$(
        impl Foldable for $type {
            type At<S: Stage> = Self;

            fn fold<F: Folder>(&self, _: &mut F) -> Self {
                self.clone()
            }
        }
    )*};
}

same! {
    Arc<str>, Arc<[Arc<str>]>, Value, bool, i64, CollectionId, Concerned, ErrorId, ListChange, MediaTypeId, Merges, OperationId,
    Pace, PageKind, Place, RuleId, HeaderName, HeaderValue,
    Method,
}

/// Declares what is the same at each stage but for what it holds: `S` is the stage.
macro_rules! staged {
    (
        $(#[$note:meta])*
        pub struct $name:ident {
            $($(#[$about:meta])* pub $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$note])*
        #[derive(Debug, Clone)]
        pub struct $name<S: $crate::model::Stage = $crate::model::Checked> {
            $($(#[$about])* pub $field: $type,)*
        }

        impl $crate::model::Foldable for $name {
            type At<S: $crate::model::Stage> = $name<S>;

            fn fold<F: $crate::model::Folder>(&self, folder: &mut F) -> $name<F::To> {
                $name { $($field: $crate::model::Foldable::fold(&self.$field, folder),)* }
            }
        }
    };
    (
        $(#[$note:meta])*
        pub enum $name:ident {
            $($(#[$about:meta])* $variant:ident($($held:ident: $type:ty),+),)*
        }
    ) => {
        $(#[$note])*
        #[derive(Debug, Clone)]
        pub enum $name<S: $crate::model::Stage = $crate::model::Checked> {
            $($(#[$about])* $variant($($type),+),)*
        }

        impl $crate::model::Foldable for $name {
            type At<S: $crate::model::Stage> = $name<S>;

            fn fold<F: $crate::model::Folder>(&self, folder: &mut F) -> $name<F::To> {
                match self {
                    $(Self::$variant($($held),+) => {
                        $name::$variant($($crate::model::Foldable::fold($held, folder)),+)
                    })*
                }
            }
        }
    };
}
pub(super) use staged;

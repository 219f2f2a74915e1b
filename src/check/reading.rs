//! What a schema is read with.

use std::sync::Arc;

use super::layer::Layer;
use super::rules::Backing;
use super::scope::Scope;
use crate::model::RuleKind;

/// What stands around a schema.
#[derive(Debug, Clone)]
pub(super) struct Around<'c> {
    /// The names its expressions see.
    pub(super) scope: &'c Scope,
    /// What backs it when it says nothing of that itself.
    pub(super) inherited: Backing,
    /// The names beside it: the other parameters, or the properties of its object.
    pub(super) siblings: &'c [Arc<str>],
    /// What its rule is.
    pub(super) kind: RuleKind,
    /// Whether it says more of a value that another schema describes.
    pub(super) in_place: bool,
}

impl<'c> Around<'c> {
    /// Nothing but a scope.
    pub(super) fn scope(scope: &'c Scope) -> Self {
        Self {
            scope,
            inherited: Backing::default(),
            siblings: &[],
            kind: RuleKind::Schema,
            in_place: false,
        }
    }
}

/// A schema while it is read: its layers and what backs each of them.
pub(super) struct Reading<'l, 'n> {
    pub(super) layers: &'l [Layer<'n>],
    pub(super) backings: Vec<Option<Backing>>,
    pub(super) backing: Backing,
}

impl Reading<'_, '_> {
    /// What backs a key of that layer: the layer's own annotations, else the nearest.
    pub(super) fn backing_at(&self, layer: &Layer<'_>) -> &Backing {
        let at = self.layers.iter().position(|other| std::ptr::eq(other.node, layer.node));
        at.and_then(|at| self.backings.get(at)).and_then(Option::as_ref).unwrap_or(&self.backing)
    }
}

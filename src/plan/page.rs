//! A part of the rows that are looked for, ready to be taken.

use std::sync::Arc;

use super::names::{Names, Slot};
use super::rejection::Rejection;
use super::value::Tree;
use crate::model::{self, PageKind};

/// A part of the rows.
#[derive(Debug)]
pub struct Page {
    /// How it is said where it begins.
    pub kind: PageKind,
    /// Where it begins.
    pub start: Tree,
    /// How many rows it has at the most.
    pub size: Tree,
    /// The parameter of the query that links to other pages change, and the request's slot.
    pub parameter: Option<(Arc<str>, Slot)>,
    /// Where what is told of it is put.
    pub slot: Slot,
    /// Rejects when there is no such page.
    pub or_else: Option<Rejection>,
}

impl Page {
    /// Resolves the variables of a checked page.
    pub(super) fn compile(page: &model::Page, names: &Names) -> Self {
        let parameter = page.parameter.clone();
        Self {
            kind: page.kind,
            start: Tree::compile(&page.start, names),
            size: Tree::compile(&page.size, names),
            // Asked for by its name, the request is there.
            parameter: parameter.map(|parameter| (parameter, names.slot("request"))),
            slot: names.slot(&page.name),
            or_else: page.or_else.as_ref().map(|or_else| Rejection::compile(or_else, names)),
        }
    }
}

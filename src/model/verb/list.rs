//! `list`, with its `page`.

use std::sync::Arc;

use super::{Describe, Given, Part, Rejection, Rows};
use crate::model::Tree;
use crate::model::stage::{Stage, staged};

staged! {
    /// All rows that fit.
    pub struct List {
        /// Which, and in which order.
        pub rows: Rows<S>,
        /// How many to pass over.
        pub offset: Option<Tree<S>>,
        /// How many at the most.
        pub limit: Option<Tree<S>>,
        /// Which part of them, in place of `offset` and `limit`.
        pub page: Option<Box<Page<S>>>,
        /// What it is called.
        pub name: S::Variable,
    }
}

staged! {
    /// A part of the rows that are looked for, and what is told of it.
    pub struct Page {
        /// How it is said where it begins.
        pub kind: PageKind,
        /// Where it begins.
        pub start: Tree<S>,
        /// The key of the row behind it, where nothing says where it begins.
        pub before: Option<Tree<S>>,
        /// How many rows it has at the most; absent: all there are.
        pub size: Tree<S>,
        /// The parameter that says where it begins; one of the query has the request, for the links to
        /// other pages.
        pub parameter: Option<(Arc<str>, Option<S::Variable>)>,
        /// The relations of the pages that links lead to, in their order; none: all that there are,
        /// this page among them.
        pub relations: Option<Arc<[Arc<str>]>>,
        /// What is told of it is called so.
        pub name: S::Variable,
        /// Rejects when there is no such page.
        pub or_else: Option<Rejection<S>>,
    }
}

/// How it is said where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageKind {
    /// How many rows come before it.
    Offset,
    /// Its number, from 1.
    Number,
    /// What the page before it gave.
    Cursor,
    /// The key of the row before it.
    After,
}

impl<S: Stage> Describe<S> for List<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        let mut parts = vec![Part::Gives(&self.name, Given::Rows(self.rows.collection()))];
        parts.extend(self.rows.parts());
        parts.extend(self.offset.iter().chain(&self.limit).map(Part::Tree));
        parts.extend(self.page.iter().flat_map(|page| page.parts()));
        parts
    }
}

impl<S: Stage> Page<S> {
    /// What it holds.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'_, S>> {
        let trees = [&self.start, &self.size].into_iter().chain(&self.before).map(Part::Tree);
        let rejections = self.or_else.iter().map(Part::Rejection);
        [Part::Gives(&self.name, Given::Told)].into_iter().chain(trees).chain(rejections)
    }
}

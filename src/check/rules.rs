//! The rules of a spec, each registered once with what backs it.

use std::collections::HashMap;
use std::sync::Arc;

use super::Checker;
use crate::model::{Evidence, Rule, RuleId, RuleKind};
use crate::source::{Source, Span};
use crate::syntax::{Mapping, Node, NodeKind, ReadNode};

/// What backs a rule.
#[derive(Debug, Clone, Default)]
pub(super) struct Backing {
    statements: Vec<usize>,
    /// Nothing where it is what the spec says of all rules.
    evidence: Option<Evidence>,
    source: Option<Arc<str>>,
}

/// A node is read wherever it is referred to, but is one rule.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Place {
    source: *const Source,
    start: usize,
    tag: &'static str,
}

/// The rules so far.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) list: Vec<Rule>,
    /// Of rules that say nothing of it.
    pub(super) evidence: Evidence,
    places: HashMap<Place, RuleId>,
}

impl Rules {
    /// Registers a rule, or finds the one that was registered for the same place.
    ///
    /// `tag` tells rules apart that begin at the same character, such as a schema and its first
    /// keyword.
    pub(super) fn add(
        &mut self,
        kind: RuleKind,
        tag: &'static str,
        name: &str,
        backing: &Backing,
        span: &Span,
    ) -> RuleId {
        let place = Place { source: Arc::as_ptr(&span.source), start: span.start, tag };
        let next = RuleId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        let (list, unsaid) = (&mut self.list, self.evidence);
        *self.places.entry(place).or_insert_with(|| {
            list.push(Rule {
                name: name.into(),
                kind,
                statements: backing.statements.clone(),
                evidence: backing.evidence.unwrap_or(unsaid),
                source: backing.source.clone(),
                span: span.clone(),
            });
            next
        })
    }
}

impl Rules {
    /// Drops those from a position on, so that their places are free for others.
    pub(super) fn truncate(&mut self, length: usize) {
        self.list.truncate(length);
        self.places.retain(|_, id| (id.0 as usize) < length);
    }
}

impl<'n> Checker<'n> {
    /// Reads `implements`, `evidence` and `source`; `None` when none of them is there.
    pub(super) fn backing(&mut self, mapping: &mut Mapping<'n>) -> Option<Backing> {
        self.backing_of(
            mapping.take("implements"),
            mapping.take("evidence"),
            mapping.take("source"),
        )
    }

    /// The same for keys that are at hand already.
    pub(super) fn backing_of(
        &mut self,
        implements: Option<&'n Node>,
        evidence: Option<&'n Node>,
        source: Option<&'n Node>,
    ) -> Option<Backing> {
        if implements.is_none() && evidence.is_none() && source.is_none() {
            return None;
        }
        let mut statements = Vec::new();
        if let Some(node) = implements {
            let ids = match &node.kind {
                NodeKind::List(items) => items.as_slice(),
                _ => std::slice::from_ref(node),
            };
            for id in ids {
                statements.extend(self.names.statements.resolve(id));
            }
        }
        let words = Evidence::ALL.map(|evidence| (evidence, evidence.name()));
        let evidence = evidence
            .and_then(|node| self.read_word(node, "evidence", &words))
            .or_else(|| (!statements.is_empty()).then_some(Evidence::Documented));
        let source = source.and_then(|node| self.read_text(node)).map(|source| source.value);
        Some(Backing { statements, evidence, source })
    }

    /// Registers the rule that a mapping states, with its own annotations.
    pub(super) fn rule(
        &mut self,
        kind: RuleKind,
        tag: &'static str,
        name: &str,
        mapping: &mut Mapping<'n>,
    ) -> RuleId {
        let backing = self.backing(mapping).unwrap_or_default();
        self.rules.add(kind, tag, name, &backing, mapping.span())
    }
}

//! Differences between two targets, each once, with where it occurs.

use std::collections::HashMap;

use crate::run::pair::{Difference, Likeness, Pair, PairedStep};

/// What makes two targets differ.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told<'p> {
    /// In what their answers differ.
    Difference(&'p Difference),
    /// That only one of them came to a step, and why.
    Only(&'p PairedStep),
}

/// Something in which two targets differ, wherever it occurs.
#[derive(Debug)]
pub(super) struct Occurrences<'p> {
    /// Where it occurs first.
    pub(super) first: Told<'p>,
    /// The trials and steps in which it occurs, in order.
    pub(super) places: Vec<(&'p Pair, &'p PairedStep)>,
    /// How often it occurs: in a step it may do so for several items.
    pub(super) count: usize,
    /// Whether its values are others elsewhere.
    pub(super) varies: bool,
}

impl<'p> Occurrences<'p> {
    /// The names of the trials, each once.
    pub(super) fn trials(&self) -> Vec<&'p str> {
        let mut names: Vec<&str> = self.places.iter().map(|(pair, _)| &*pair.name).collect();
        names.dedup();
        names
    }

    fn add(&mut self, pair: &'p Pair, step: &'p PairedStep, told: Told<'p>) {
        self.count += 1;
        if !self.places.last().is_some_and(|(_, known)| std::ptr::eq(*known, step)) {
            self.places.push((pair, step));
        }
        if let (Told::Difference(first), Told::Difference(other)) = (self.first, told) {
            self.varies |= (&first.left, &first.right) != (&other.left, &other.right);
        }
    }
}

/// All differences, each once, in the order in which they come.
#[derive(Debug, Default)]
pub(super) struct Everywhere<'p> {
    pub(super) all: Vec<Occurrences<'p>>,
    by_identity: HashMap<String, usize>,
}

impl<'p> Everywhere<'p> {
    pub(super) fn of(pairs: &'p [Pair]) -> Self {
        let mut everywhere = Self::default();
        for pair in pairs {
            for step in pair.steps.iter().filter(|step| step.counts) {
                if step.differences.is_empty() {
                    everywhere.add(pair, step, Told::Only(step));
                }
                for difference in &step.differences {
                    everywhere.add(pair, step, Told::Difference(difference));
                }
            }
        }
        everywhere
    }

    fn add(&mut self, pair: &'p Pair, step: &'p PairedStep, told: Told<'p>) {
        let next = self.all.len();
        let at = *self.by_identity.entry(identity(told)).or_insert(next);
        if at == next {
            let (places, count, varies) = (Vec::new(), 0, false);
            self.all.push(Occurrences { first: told, places, count, varies });
        }
        if let Some(known) = self.all.get_mut(at) {
            known.add(pair, step, told);
        }
    }

    /// The position of something in all of them.
    pub(super) fn position(&self, told: Told<'_>) -> Option<usize> {
        self.by_identity.get(&identity(told)).copied()
    }
}

fn identity(told: Told<'_>) -> String {
    match told {
        Told::Difference(difference) => difference.identity.clone(),
        Told::Only(step) => {
            let likeness: Likeness = step.likeness;
            format!("{}\n{}", likeness.name(), step.reason.as_deref().unwrap_or(&step.name))
        }
    }
}

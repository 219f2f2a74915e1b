//! Differences of which the spec knows already.

use super::difference::Difference;
use crate::model::{Deviation, Service};
use crate::value::Value;

/// In place of what is not there, as reports of a run say it.
const NOTHING: &str = "nothing";

/// A difference of which the spec says that the vendor is so.
#[derive(Debug, Clone)]
pub struct KnownDifference {
    /// What the spec says.
    pub deviation: Deviation,
    /// What differs.
    pub difference: Difference,
}

/// What a spec knows of the sides that are no mock.
pub(super) struct Deviating<'s> {
    deviations: &'s [Deviation],
    /// Whether the left and the right side may deviate: a mock does what the spec says.
    may: [bool; 2],
}

impl<'s> Deviating<'s> {
    pub(super) fn new(service: &'s Service, may: [bool; 2]) -> Self {
        Self { deviations: &service.deviations, may }
    }

    /// Takes out what is known of the answers of an operation.
    pub(super) fn take(
        &self,
        operation: Option<&str>,
        differences: &mut Vec<Difference>,
    ) -> Vec<KnownDifference> {
        let Some(operation) = operation else { return Vec::new() };
        let mut known = Vec::new();
        let all = std::mem::take(differences);
        for difference in all {
            let explains = |it: &&Deviation| self.explains(it, operation, &difference);
            match self.deviations.iter().find(explains) {
                Some(deviation) => {
                    known.push(KnownDifference { deviation: deviation.clone(), difference });
                }
                None => differences.push(difference),
            }
        }
        known
    }

    fn explains(&self, deviation: &Deviation, operation: &str, difference: &Difference) -> bool {
        let Difference { path, left, right, .. } = difference;
        let sides = [(left, right), (right, left)];
        sides.into_iter().zip(self.may).any(|((actual, expected), may)| {
            let expected = match &deviation.expected {
                Some(words) if !is_value(words) => words.to_string(),
                _ => told(expected.as_ref()),
            };
            may && deviation.is_about(operation, path, &expected, &told(actual.as_ref()))
        })
    }
}

/// A side as a report of a run tells it.
fn told(side: Option<&Value>) -> String {
    side.map_or_else(|| NOTHING.to_owned(), Value::to_string)
}

/// Whether a value was expected, and not what a scenario or a schema says in words (`a number`),
/// which cannot be held against the other side's value.
fn is_value(expected: &str) -> bool {
    expected == NOTHING || expected.starts_with('"') || expected.parse::<f64>().is_ok()
}

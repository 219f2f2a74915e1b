//! Looking for all secrets at once.

use aho_corasick::AhoCorasick;

use super::Secret;

/// Looks for secrets in one pass, but for long ones, which would make the automaton large.
#[derive(Debug, Clone)]
pub(super) struct Search {
    automaton: Option<AhoCorasick>,
    /// The numbers of the secrets that the automaton looks for.
    numbers: Vec<usize>,
    /// Those that are looked for one by one.
    others: Vec<usize>,
    /// How far from a part of a secret the rest of it may be, however that is escaped.
    pub(super) reach: usize,
}

/// How many bytes a byte may be where it is escaped, and that is escaped again: `%5Cu005C`.
const LONGEST_ESCAPE: usize = 24;

/// The longest secret, in bytes, that the automaton knows.
const LONGEST_IN_AUTOMATON: usize = 256;

impl Search {
    pub(super) fn new(secrets: &[Secret]) -> Self {
        let is_short = |at: &usize| {
            secrets.get(*at).is_some_and(|secret| secret.text.len() <= LONGEST_IN_AUTOMATON)
        };
        let (mut numbers, mut others) = (0..secrets.len()).partition::<Vec<_>, _>(is_short);
        let texts = numbers.iter().filter_map(|at| secrets.get(*at)).map(|secret| &*secret.text);
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(texts).ok();
        if automaton.is_none() {
            others.append(&mut numbers);
        }
        let longest = secrets.iter().map(|secret| secret.text.len()).max().unwrap_or(0);
        Self { automaton, numbers, others, reach: longest.saturating_mul(LONGEST_ESCAPE) }
    }

    /// Each place where a secret starts, in small or in large letters.
    pub(super) fn starts<'m>(&self, secrets: &'m [Secret], text: &str) -> Vec<(&'m Secret, usize)> {
        let mut starts = Vec::new();
        let found =
            self.automaton.iter().filter_map(|all| all.try_find_overlapping_iter(text).ok());
        for found in found.flatten() {
            let number = self.numbers.get(found.pattern().as_usize());
            if let Some(secret) = number.and_then(|at| secrets.get(*at)) {
                starts.push((secret, found.start()));
            }
        }
        for secret in self.others.iter().filter_map(|at| secrets.get(*at)) {
            starts.extend(text.match_indices(&*secret.text).map(|(start, _)| (secret, start)));
        }
        starts
    }
}

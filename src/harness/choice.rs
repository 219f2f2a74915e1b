//! Which scenarios are run.

use std::str::FromStr;
use std::sync::Arc;

use crate::expression::{Parsed, parse};
use crate::scenario::Scenario;
use crate::value::Value;

/// Which scenarios are run.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Only those whose tags make it true.
    pub tag: Option<TagExpression>,
    /// Only this part of the trials.
    pub shard: Option<Shard>,
    /// None after the first failure.
    pub fail_fast: bool,
}

impl Choice {
    /// Whether the tags of a scenario are those that are wanted.
    pub fn takes(&self, scenario: &Scenario) -> bool {
        self.tag.as_ref().is_none_or(|tag| tag.takes(&scenario.tags))
    }

    /// The part of the trials that is this shard's: every N-th, so that a file's trials are
    /// spread evenly.
    pub fn shard<T>(&self, trials: Vec<T>) -> Vec<T> {
        let Some(shard) = self.shard else { return trials };
        let skipped = shard.number - 1;
        trials.into_iter().skip(skipped).step_by(shard.of).collect()
    }
}

/// One part of the trials: `2/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub number: usize,
    /// Of how many.
    pub of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(number, of)| {
            Some(Self { number: number.parse().ok()?, of: of.parse().ok()? })
        });
        parts
            .filter(|shard| shard.number >= 1 && shard.number <= shard.of)
            .ok_or_else(|| "a shard is written 2/5: the second of five".to_owned())
    }
}

/// An expression over tags: `smoke and not slow`.
#[derive(Debug, Clone)]
pub struct TagExpression {
    parsed: Arc<Parsed>,
    roots: Arc<[Arc<str>]>,
}

impl TagExpression {
    fn takes(&self, tags: &[Arc<str>]) -> bool {
        let has = |tag: &Arc<str>| tags.iter().any(|known| name(known) == **tag);
        let values = self.roots.iter().map(|tag| Some(Value::Bool(has(tag)))).collect();
        self.parsed.is_true(&self.roots, values).unwrap_or(false)
    }
}

impl FromStr for TagExpression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = parse(&name(text)).map_err(|error| {
            format!("{}; tags are joined with `and`, `or`, `not`", error.message)
        })?;
        let roots = parsed.roots().into();
        Ok(Self { parsed: Arc::new(parsed), roots })
    }
}

/// Tags may have dashes, which expressions take for a minus.
fn name(tag: &str) -> String {
    tag.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_joined_as_words() {
        let tags: Vec<Arc<str>> = vec!["smoke".into(), "double-opt-in".into()];
        for (text, expected) in [
            ("smoke", true),
            ("smoke and not slow", true),
            ("slow or double-opt-in", true),
            ("not smoke", false),
        ] {
            assert_eq!(text.parse::<TagExpression>().unwrap().takes(&tags), expected, "{text}");
        }
        assert!("smoke and".parse::<TagExpression>().is_err());
    }

    #[test]
    fn shards_cover_all_trials_once() {
        let all: Vec<usize> = (0..23).collect();
        let mut seen: Vec<usize> = (1..=5)
            .flat_map(|number| {
                let shard = Some(Shard { number, of: 5 });
                Choice { shard, ..Choice::default() }.shard(all.clone())
            })
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, all);
        assert!("0/5".parse::<Shard>().is_err());
        assert!("6/5".parse::<Shard>().is_err());
    }
}

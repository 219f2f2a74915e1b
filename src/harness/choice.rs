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
    /// In the order of what stands for them in the expression.
    tags: Vec<Arc<str>>,
}

impl TagExpression {
    fn takes(&self, tags: &[Arc<str>]) -> bool {
        let values: Vec<Option<Value>> =
            self.tags.iter().map(|tag| Some(Value::Bool(tags.contains(tag)))).collect();
        self.parsed.is_true(&values).unwrap_or(false)
    }

    /// The tags that it names, each once.
    pub fn tags(&self) -> &[Arc<str>] {
        &self.tags
    }
}

impl FromStr for TagExpression {
    type Err = String;

    /// A tag may be any word, so names take the place of tags in the expression.
    fn from_str(text: &str) -> Result<Self, String> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let mut tags: Vec<Arc<str>> = Vec::new();
        let mut words = Vec::new();
        for word in spaced.split_whitespace() {
            if matches!(word, "(" | ")" | "and" | "or" | "not") {
                words.push(word.to_owned());
                continue;
            }
            let at = tags.iter().position(|tag| **tag == *word).unwrap_or_else(|| {
                tags.push(word.into());
                tags.len() - 1
            });
            words.push(format!("tag{at}"));
        }
        let parsed = parse(&words.join(" ")).map_err(|error| {
            format!("{}; tags are joined with `and`, `or`, `not`", error.message)
        })?;
        if tags.is_empty() {
            return Err("it names no tag".to_owned());
        }
        Ok(Self { parsed: Arc::new(parsed), tags })
    }
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
        for text in ["smoke and", "", "()", "a b", "(a", "not"] {
            assert!(text.parse::<TagExpression>().is_err(), "{text}");
        }
        let odd: Vec<Arc<str>> = vec!["v1.2".into(), "2024".into(), "a-b".into()];
        for (text, expected) in
            [("v1.2", true), ("v1.3", false), ("2024", true), ("(a-b)and(not a_b)", true)]
        {
            assert_eq!(text.parse::<TagExpression>().unwrap().takes(&odd), expected, "{text}");
        }
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

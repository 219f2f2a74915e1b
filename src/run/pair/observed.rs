//! What is known of one side of a pair.

use std::sync::Arc;

use crate::run::event::TrialResult;
use crate::run::url::Url;
use crate::value::Value;

/// A trial with what only it has.
#[derive(Debug, Clone)]
pub struct Observed {
    /// What it came to.
    pub result: TrialResult,
    /// What only it has.
    pub known: Known,
    /// Whether its target is something else than a mock.
    pub is_endpoint: bool,
}

/// What a trial has that the same trial on another target has differently.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Its own texts and what each of them is, the longest first.
    pub own: Vec<(String, &'static str)>,
    /// What it captured, in order.
    pub captured: Vec<Captured>,
    /// What time it was in its session when it began, in milliseconds since 1970.
    pub clock: Option<i64>,
}

/// A captured value.
#[derive(Debug, Clone)]
pub struct Captured {
    /// The position of its step in the trial's result.
    pub step: usize,
    /// The name.
    pub name: Arc<str>,
    /// The value.
    pub value: Value,
}

impl Known {
    /// In place of the position of a step: what all trials share.
    pub(in crate::run) const SHARED: usize = usize::MAX;

    /// Of a trial whose requests went below `base`, in a session of its own where the target
    /// has sessions.
    pub(in crate::run) fn new(
        base: &Url,
        unique: &str,
        has_session: bool,
        captured: Vec<Captured>,
    ) -> Self {
        let mut own = vec![(base.to_string(), "base")];
        if has_session {
            own.push((format!("{}/@{unique}", base.origin), "root"));
        }
        own.push((base.origin.to_string(), "root"));
        own.push((base.origin.authority(), "authority"));
        own.push((unique.to_string(), "unique"));
        Self { own, captured, clock: None }
    }

    /// A text in which what only this trial has is replaced by what it is.
    pub(super) fn neutral(&self, text: &str) -> String {
        let mut neutral = text.to_owned();
        for (own, name) in &self.own {
            if !own.is_empty() && neutral.contains(own.as_str()) {
                // A character that no word has on either side.
                neutral = neutral.replace(own.as_str(), &format!("\u{1}{name}\u{1}"));
            }
        }
        neutral
    }

    /// What a step captured.
    pub(super) fn captured_in(&self, step: usize) -> impl Iterator<Item = &Captured> {
        self.captured.iter().filter(move |captured| captured.step == step)
    }
}

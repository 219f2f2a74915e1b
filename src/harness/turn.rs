//! Who of those that share something is the last.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::run::Runner;
use crate::run::event::TrialResult;
use crate::scenario::Suite;

/// How many trials are still to come of those that share `beforeAll` and `afterAll`.
pub(super) struct Turns {
    runner: Arc<Runner>,
    left: Mutex<HashMap<Arc<str>, usize>>,
}

/// One of them.
pub(super) struct Turn {
    turns: Arc<Turns>,
    suite: Arc<Suite>,
    key: Arc<str>,
    ended: bool,
}

impl Turns {
    pub(super) fn new(runner: Arc<Runner>) -> Arc<Self> {
        Arc::new(Self { runner, left: Mutex::default() })
    }

    /// The turn of a trial that is to come; none where its file shares nothing.
    pub(super) fn take(self: &Arc<Self>, suite: &Arc<Suite>) -> Option<Turn> {
        let key = suite.once.as_ref()?.key.clone();
        *self.left.lock().entry(key.clone()).or_default() += 1;
        Some(Turn { turns: self.clone(), suite: suite.clone(), key, ended: false })
    }

    /// Whether none is left.
    fn end(&self, key: &Arc<str>) -> bool {
        let mut left = self.left.lock();
        let Some(count) = left.get_mut(key) else { return false };
        *count = count.saturating_sub(1);
        *count == 0
    }
}

impl Turn {
    /// The trial is over; the last one tells what becomes of `afterAll`.
    pub(super) fn end(mut self, result: &mut TrialResult) {
        self.ended = true;
        if self.turns.end(&self.key) {
            self.turns.runner.after_all(&self.suite, result);
        }
    }
}

/// A trial that was left out does not keep the others from coming to an end.
impl Drop for Turn {
    fn drop(&mut self) {
        if !self.ended && self.turns.end(&self.key) {
            let Some((scenario, row)) =
                self.suite.scenarios.first().and_then(|s| Some((s, s.rows.first()?)))
            else {
                return;
            };
            let mut nobody = self.turns.runner.skipped(&self.suite, scenario, row, "");
            self.turns.runner.after_all(&self.suite, &mut nobody);
        }
    }
}

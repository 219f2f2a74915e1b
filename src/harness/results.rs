//! Results as they come in, from any number of threads.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::run::event::TrialResult;

/// What trials came to; a clone sees the same ones.
#[derive(Debug, Clone, Default)]
pub struct Results {
    all: Arc<Mutex<Vec<TrialResult>>>,
}

impl Results {
    /// Adds one.
    pub fn push(&self, result: TrialResult) {
        self.all.lock().push(result);
    }

    /// Takes all so far, by name.
    pub fn take_sorted(&self) -> Vec<TrialResult> {
        let mut all = std::mem::take(&mut *self.all.lock());
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }
}

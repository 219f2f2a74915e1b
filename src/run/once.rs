//! What is done once for all trials of a file: how far it is, and what came of it.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::jar::Jar;
use super::mask::Mask;
use super::scope::NotCaptured;
use crate::value::Value;

/// What `beforeAll` leaves for all trials.
#[derive(Debug, Clone, Default)]
pub(super) struct Common {
    /// What it captured.
    pub(super) captured: Vec<(Arc<str>, Value)>,
    /// What it did not capture, though it should have.
    pub(super) not_captured: Vec<(Arc<str>, NotCaptured)>,
    /// Its secrets.
    pub(super) mask: Mask,
    /// Its cookies, where they are kept.
    pub(super) jar: Option<Jar>,
}

/// How far `beforeAll` is.
#[derive(Debug, Default)]
pub(super) struct Once {
    /// How often it was tried.
    tries: u32,
    /// Whether it is done, or why it cannot be.
    outcome: Option<Result<(), String>>,
    /// What came of it, also of one that failed half-way.
    pub(super) common: Common,
}

impl Once {
    /// Why no trial that needs it can be done, where it failed as often as it may be tried.
    pub(super) fn given_up(&self, retries: u32) -> Option<String> {
        match &self.outcome {
            Some(Err(reason)) if self.tries > retries => Some(reason.clone()),
            _ => None,
        }
    }

    /// Whether it was done well.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.outcome, Some(Ok(())))
    }

    /// Whether it was begun, so that there is something to clean up.
    pub(super) fn is_begun(&self) -> bool {
        self.outcome.is_some()
    }

    /// Takes note of a try.
    pub(super) fn tried(&mut self, outcome: Result<(), String>, common: Common) {
        self.tries += 1;
        self.outcome = Some(outcome);
        self.common = common;
    }
}

/// That of each file, or of each file of steps that several files name.
#[derive(Debug, Default)]
pub(super) struct AllOnce {
    known: Mutex<HashMap<Arc<str>, Arc<Mutex<Once>>>>,
}

impl AllOnce {
    /// The one with that key. Whoever holds its lock does it; the others wait for what comes of it.
    pub(super) fn of(&self, key: &Arc<str>) -> Arc<Mutex<Once>> {
        self.known.lock().entry(key.clone()).or_default().clone()
    }
}

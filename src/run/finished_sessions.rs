//! The sessions of trials that are over and need not be looked at.

use std::sync::Arc;

use parking_lot::Mutex;

use super::client::{Client, Patience};
use super::control::Control;
use super::url::Url;
use crate::value::{Map, Value};

/// How many are named in one call.
const AT_ONCE: usize = 1000;

/// Names of sessions that the mock need not keep.
#[derive(Debug, Default)]
pub(super) struct FinishedSessions {
    names: Mutex<Vec<Arc<str>>>,
}

impl FinishedSessions {
    pub(super) fn add(&self, name: Arc<str>) {
        self.names.lock().push(name);
    }

    /// Has the mock drop them before it would do so by itself.
    pub(super) fn drop_at(&self, base_url: &Url, client: &Client, patience: Patience<'_>) {
        let names = std::mem::take(&mut *self.names.lock());
        let control = Control::new(client.clone(), base_url.clone(), "".into());
        for some in names.chunks(AT_ONCE) {
            let names = some.iter().cloned().map(Value::Text).collect();
            let mut body = Map::new();
            body.insert("names", Value::list(names));
            // A mock that does not do it drops them later.
            _ = control.call("POST", "sessions/drop", Some(&Value::map(body)), patience);
        }
    }
}

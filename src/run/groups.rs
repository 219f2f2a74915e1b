//! Groups of scenarios of which only one runs at a time.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// A vendor and the name of a group.
type Key = (Arc<str>, Arc<str>);

/// Groups by vendor and name.
#[derive(Debug, Default)]
pub(super) struct Groups {
    known: Mutex<HashMap<Key, Arc<Mutex<()>>>>,
}

impl Groups {
    /// What is held by the one of the group that runs.
    pub(super) fn of(&self, vendor: &Arc<str>, group: &Arc<str>) -> Arc<Mutex<()>> {
        self.known.lock().entry((vendor.clone(), group.clone())).or_default().clone()
    }
}

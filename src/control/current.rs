//! The mock that answers now. Where specs may be loaded again, another one takes its place
//! between two requests.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;

use crate::mock::Mock;
use crate::worker::may_wait;

/// How long one may wait on a thread that others wait for.
const PATIENCE: Duration = Duration::from_micros(200);

/// The mock that answers now.
#[derive(Debug)]
pub(super) enum Current {
    /// Always the same.
    Fixed(Arc<Mock>),
    /// Held by each request until it is answered, so that whoever puts another in its place is
    /// alone with what sessions remember.
    Changing(RwLock<Arc<Mock>>),
}

impl Current {
    /// Does something with the mock.
    pub(super) fn with<T>(&self, act: impl FnOnce(&Arc<Mock>) -> T) -> T {
        match self {
            Self::Fixed(mock) => act(mock),
            Self::Changing(mock) => {
                let soon = mock.try_read_for(PATIENCE);
                act(&soon.unwrap_or_else(|| may_wait(|| mock.read())))
            }
        }
    }

    /// Puts another mock in the place of this one, once nobody is being answered.
    pub(super) fn replace<T>(&self, next: impl FnOnce(&Mock) -> (Mock, T)) -> Option<T> {
        let Self::Changing(current) = self else { return None };
        let mut current = current.write();
        let (mock, value) = next(&current);
        let old = std::mem::replace(&mut *current, Arc::new(mock));
        drop(current);
        drop(old);
        Some(value)
    }
}

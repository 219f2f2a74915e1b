//! `serve --store`: the database in which replicas keep what is remembered.

use std::sync::Arc;

use tokio::runtime::Runtime;

use super::Serve;
use crate::control::Control;
use crate::exchange::Handler;
use crate::ledger::StoredSession;
use crate::mock::session::Start;
use crate::plan::Plan;
use crate::replicas::{Replicated, Shared};

/// The variable with the URL, which may have a password that no list of processes should show.
const VARIABLE: &str = "COUNTERPART_STORE";

/// Opens the database, if one is asked for. Fails with what is wrong with it.
pub(super) fn open(
    serve: &Serve,
    plans: &[Arc<Plan>],
    start: &Start,
    runtime: &Runtime,
) -> Result<Option<Shared>, String> {
    let said = serve.store.clone().or_else(|| {
        let said = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
        said.filter(|_| serve.state.is_none())
    });
    let Some(url) = said else { return Ok(None) };
    runtime.block_on(Shared::open(&url, plans, start)).map(Some)
}

/// The seed of new sessions: that of whoever came first, so that it is the same whoever makes one.
pub(super) fn seed(given: Option<u64>, shared: Option<&Shared>) -> Option<u64> {
    given.or(shared.map(|shared| shared.default.made.seed))
}

/// The number of the default session, and what is known of it.
pub(super) fn default(shared: &Shared) -> (u64, StoredSession) {
    (Shared::DEFAULT, shared.default.clone())
}

/// Who answers: the control plane itself, or a replica around it.
pub(super) fn handler(
    plain: Arc<dyn Handler>,
    control: &Arc<Control>,
    shared: Option<Shared>,
    runtime: &Runtime,
) -> Arc<dyn Handler> {
    match shared {
        None => plain,
        Some(shared) => {
            Arc::new(Replicated::new(control.clone(), shared, runtime.handle().clone()))
        }
    }
}

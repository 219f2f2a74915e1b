//! Snapshots that are not written down yet.

use super::event::{Mismatch, MismatchKind};
use crate::scenario::Snapshot;

/// The path of the mismatch where nothing was written down yet.
const UNWRITTEN: &str = "snapshot";

/// Whether all that does not hold is that nothing was written down yet.
pub(super) fn is_only_unwritten(mismatches: &[Mismatch]) -> bool {
    mismatches.iter().all(|it| it.kind == MismatchKind::Scenario && it.path == UNWRITTEN)
}

/// That there has to be one, and what writes it.
pub(super) fn unwritten(snapshot: &Snapshot) -> Mismatch {
    let message = format!(
        "there is no snapshot `{}` yet; `counterpart-test bless REPORT --as snapshot` writes this \
         answer to {}, where REPORT is of `run --report json=REPORT`",
        snapshot.name,
        snapshot.path.display()
    );
    Mismatch {
        kind: MismatchKind::Scenario,
        path: UNWRITTEN.to_owned(),
        expected: snapshot.name.to_string(),
        actual: String::new(),
        message,
        span: snapshot.span.clone(),
    }
}

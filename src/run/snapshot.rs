//! Answers against what was written down of them.

use super::answer::Answer;
use super::event::{Difference, Mismatch, MismatchKind};
use super::expect::examine;
use super::scope::Scope;
use crate::scenario::Snapshot;

/// The path of the mismatch where nothing was written down yet.
const UNWRITTEN: &str = "snapshot";

/// Whether all that does not hold is that nothing was written down yet.
pub(super) fn is_only_unwritten(mismatches: &[Mismatch]) -> bool {
    mismatches.iter().all(|it| it.kind == MismatchKind::Scenario && it.path == UNWRITTEN)
}

/// Looks at all that a snapshot says; there has to be one.
pub(super) fn check_snapshot(
    snapshot: &Snapshot,
    answer: &Answer,
    scope: &Scope<'_>,
) -> (Vec<Mismatch>, Option<Difference>) {
    if let Some(expect) = &snapshot.expect {
        return examine(expect, answer, false, scope);
    }
    let message = format!(
        "there is no snapshot `{}` yet; `counterpart-test bless REPORT --as snapshot` writes this \
         answer to {}, where REPORT is of `run --report json=REPORT`",
        snapshot.name,
        snapshot.path.display()
    );
    let mismatch = Mismatch {
        kind: MismatchKind::Scenario,
        path: UNWRITTEN.to_owned(),
        expected: snapshot.name.to_string(),
        actual: String::new(),
        message,
        span: snapshot.span.clone(),
    };
    (vec![mismatch], None)
}

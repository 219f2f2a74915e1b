//! What a commit changed, as it was before and as it is after.

use std::sync::Arc;

use crate::value::Record;

/// What a commit changed. A row or a sequence that was changed several times may be told several
/// times: taken back from the last to the first, all is as before; done again from the first to
/// the last, all is as after.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Rows that came, changed or went.
    pub rows: Vec<RowChange>,
    /// Sequences that stepped.
    pub sequences: Vec<SequenceChange>,
}

/// A row that came, changed or went.
#[derive(Debug, Clone)]
pub struct RowChange {
    /// Where.
    pub collection: usize,
    /// Its number, which no other row of the collection ever had.
    pub row: u64,
    /// What it was; none: it was not there.
    pub before: Option<Arc<Record>>,
    /// What it is once all is done; none: it is gone.
    pub after: Option<Arc<Record>>,
}

/// A sequence that stepped.
#[derive(Debug, Clone, Copy)]
pub struct SequenceChange {
    /// Which.
    pub sequence: usize,
    /// What it would have given next.
    pub before: i64,
    /// What it gives next once all is done.
    pub after: i64,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.sequences.is_empty()
    }
}

//! An answer that was written down.

use std::path::PathBuf;
use std::sync::Arc;

use super::Expect;
use crate::source::Span;

/// An answer as it was, kept in a file, with matchers for what differs each time.
#[derive(Debug)]
pub struct Snapshot {
    /// What it is called.
    pub name: Arc<str>,
    /// The file, whether it is there or not.
    pub path: PathBuf,
    /// What the file says; none where there is no such file yet.
    pub expect: Option<Expect>,
    /// Where it is asked for.
    pub span: Span,
}

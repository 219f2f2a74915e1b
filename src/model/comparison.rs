//! What does not count when two targets are compared.

use http::HeaderName;

use crate::selector::path_pattern::PathPattern;

/// Headers and places in answers that are not compared.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// The headers, besides those that never are.
    pub ignore_headers: Vec<HeaderName>,
    /// Headers that are compared, though they are of those that never are otherwise.
    pub compare_headers: Vec<HeaderName>,
    /// What is at or below these.
    pub ignore_paths: Vec<PathPattern>,
}

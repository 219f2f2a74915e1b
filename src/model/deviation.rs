//! In what the real vendor is known to differ from the spec.

use std::sync::Arc;

use super::Evidence;
use crate::digest::sha256;
use crate::selector::path_pattern::{HEADER, PathPattern};
use crate::source::Span;

/// Something in which answers of the real vendor differ from the spec, and who is right.
#[derive(Debug, Clone)]
pub struct Deviation {
    /// Its id in reports.
    pub id: Arc<str>,
    /// Who is right.
    pub ruling: Ruling,
    /// The operation whose answers differ; all of them where none is named.
    pub operation: Option<Arc<str>>,
    /// Where in the answer, as reports say it: `status`, `$.title`.
    pub path: Arc<str>,
    /// The paths that it stands for, where it has wildcards: `$..code`, `$.list[*].id`.
    pub paths: Option<PathPattern>,
    /// What was expected, as reports say it; anything where it is not there.
    pub expected: Option<Arc<str>>,
    /// What there was, as reports say it; anything where it is not there.
    pub actual: Option<Arc<str>>,
    /// The day on which it was seen.
    pub since: Arc<str>,
    /// Where the knowledge is from.
    pub evidence: Evidence,
    /// Which run, page or client, in words.
    pub source: Option<Arc<str>>,
    /// What there is to say about it.
    pub says: Option<Arc<str>>,
    /// Where it is written.
    pub span: Span,
}

/// Who is right where a vendor differs from the spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// The vendor deviates from its document, which the spec keeps to.
    Vendor,
    /// The spec is wrong.
    Spec,
    /// Both are allowed.
    Both,
}

impl Ruling {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Vendor, Self::Spec, Self::Both];

    /// The word in specs and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Spec => "spec",
            Self::Both => "both",
        }
    }

    /// What it says, in a few words.
    pub fn says(self) -> &'static str {
        match self {
            Self::Vendor => "the vendor deviates from its document",
            Self::Spec => "the spec is wrong",
            Self::Both => "both are allowed",
        }
    }
}

impl Deviation {
    /// Whether it is about a difference.
    pub fn is_about(&self, operation: &str, path: &str, expected: &str, actual: &str) -> bool {
        let fits = |given: &Option<Arc<str>>, text| {
            given.as_deref().is_none_or(|it| bare(path, it) == bare(path, text))
        };
        self.is_at(operation, path) && fits(&self.expected, expected) && fits(&self.actual, actual)
    }

    /// What is known, in a few words: who is right, and since when.
    pub fn sentence(&self) -> String {
        let says = self.says.as_deref().unwrap_or_else(|| self.ruling.says());
        format!("{says}, since {}, {}", self.since, self.id)
    }

    /// Whether it is about this place in the answers of an operation, whatever stands there.
    pub fn is_at(&self, operation: &str, path: &str) -> bool {
        self.operation.as_deref().is_none_or(|own| own == operation)
            && (&*self.path == path || self.paths.as_ref().is_some_and(|it| it.is_exactly(path)))
    }
}

/// What a report tells at a path. Headers are texts, with and without quotes.
fn bare<'t>(path: &str, told: &'t str) -> &'t str {
    let quoted = told.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    quoted.filter(|_| path.starts_with(HEADER)).unwrap_or(told)
}

/// The id of a difference: the same wherever the same is expected and found.
pub fn difference_id(operation: &str, path: &str, expected: &str, actual: &str) -> String {
    let text = [operation, path, expected, actual].join("\0");
    sha256(text.as_bytes()).chars().take(8).collect()
}

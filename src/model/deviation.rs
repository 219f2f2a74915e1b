//! In what the real vendor is known to differ from the spec.

use std::sync::Arc;

use super::Evidence;
use crate::digest::sha256;
use crate::source::Span;

/// Something in which answers of the real vendor differ from the spec, and who is right.
#[derive(Debug, Clone)]
pub struct Deviation {
    /// Its id in reports.
    pub id: Arc<str>,
    /// Who is right.
    pub ruling: Ruling,
    /// The operation whose answers differ.
    pub operation: Arc<str>,
    /// Where in the answer, as reports say it: `status`, `$.title`.
    pub path: Arc<str>,
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
        let fits = |given: &Option<Arc<str>>, text| given.as_deref().is_none_or(|it| it == text);
        &*self.operation == operation
            && &*self.path == path
            && fits(&self.expected, expected)
            && fits(&self.actual, actual)
    }
}

/// The id of a difference: the same wherever the same is expected and found.
pub fn difference_id(operation: &str, path: &str, expected: &str, actual: &str) -> String {
    let text = [operation, path, expected, actual].join("\0");
    sha256(text.as_bytes()).chars().take(8).collect()
}

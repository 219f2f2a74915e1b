//! Statements of a vendor's document, and the rules of a spec that implement them.

use std::fmt;
use std::sync::Arc;

use crate::source::Span;

/// Position of a rule in [`super::Service::rules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub u32);

/// Where the knowledge behind a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Evidence {
    /// A page of the vendor says so.
    Documented,
    /// It was seen on the real vendor.
    Recorded,
    /// A real client sends it or insists on it.
    Client,
    /// Nobody knows; somebody chose.
    #[default]
    Assumed,
}

impl Evidence {
    /// All of them, for messages.
    pub const ALL: [Self; 4] = [Self::Documented, Self::Recorded, Self::Client, Self::Assumed];

    /// The word in specs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Recorded => "recorded",
            Self::Client => "client",
            Self::Assumed => "assumed",
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One sentence of the vendor's document.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its id, such as `L01`.
    pub id: Arc<str>,
    /// What it says.
    pub says: Arc<str>,
    /// Where it stands.
    pub source: Option<Arc<str>>,
    /// Which reading the spec takes where the document leaves more than one.
    pub decision: Option<Arc<str>>,
    /// Where it is written in the spec.
    pub span: Span,
}

/// What kind of thing in a spec a rule is; said in explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleKind {
    /// A base URL.
    Server,
    /// A media type.
    MediaType,
    /// A security scheme.
    Security,
    /// The rate limit.
    RateLimit,
    /// Which pages of other origins may read answers.
    Cors,
    /// What idempotency keys do.
    Idempotency,
    /// A named error.
    Error,
    /// An entry of `failures`.
    Failure,
    /// An account setting.
    Setting,
    /// A collection, or a unique constraint of one.
    State,
    /// An operation, or a binding of one.
    Operation,
    /// A parameter.
    Parameter,
    /// A schema as a whole, or a keyword of it.
    Schema,
    /// An item of `checks`.
    Check,
    /// A step.
    Step,
    /// A documented answer.
    Response,
}

/// A node of a spec that states something, and what backs it.
#[derive(Debug, Clone)]
pub struct Rule {
    /// A name within the vendor, such as `create_book.title.maxLength`.
    pub name: Arc<str>,
    /// What it is.
    pub kind: RuleKind,
    /// Positions in [`super::Service::statements`] of what it implements.
    pub statements: Vec<usize>,
    /// Where the knowledge comes from.
    pub evidence: Evidence,
    /// Which page, recording or client.
    pub source: Option<Arc<str>>,
    /// Where it is written in the spec.
    pub span: Span,
}

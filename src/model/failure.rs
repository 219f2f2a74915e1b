//! What can go wrong in every API, under the names that `failures` uses.

use http::StatusCode;

use super::{ErrorId, RuleId, Word};

macro_rules! failures {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A way for a request to be refused that every API has.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Failure {
            $($(#[$doc])* $variant,)*
            /// The keyword does not hold.
            Keyword(Word),
        }

        impl Failure {
            const OTHERS: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in specs.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Keyword(word) => word.name(),
                }
            }

            /// The position among all.
            pub fn index(self) -> usize {
                enum At { $($variant,)* Keyword }
                match self {
                    $(Self::$variant => At::$variant as usize,)*
                    Self::Keyword(word) => At::Keyword as usize + word as usize,
                }
            }

            /// All of them in order.
            pub fn all() -> impl Iterator<Item = Self> {
                let keywords = Word::ALL.iter().copied().map(Self::Keyword);
                Self::OTHERS.iter().copied().chain(keywords)
            }
        }
    };
}

impl Failure {
    /// The status that says it, where the vendor's answer is not known.
    pub fn status(self) -> StatusCode {
        match self {
            Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unique => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

failures! {
    /// No route has this path.
    UnknownPath = "unknownPath",
    /// The path is known, with other methods.
    MethodNotAllowed = "methodNotAllowed",
    /// Broken percent-encoding, or no UTF-8, in the path or the query.
    MalformedUrl = "malformedUrl",
    /// The body's media type is not one that the operation consumes.
    UnsupportedMediaType = "unsupportedMediaType",
    /// `Accept` asks for what the operation does not produce.
    NotAcceptable = "notAcceptable",
    /// A body is required and there is none.
    MissingBody = "missingBody",
    /// The body is not what its media type says.
    MalformedBody = "malformedBody",
    /// The body is larger than the limit.
    BodyTooLarge = "bodyTooLarge",
    /// A parameter that is not a list was given twice.
    RepeatedParameter = "repeatedParameter",
    /// The operation has no such parameter.
    UnknownParameter = "unknownParameter",
    /// SOAP: nothing names an operation.
    UnknownAction = "unknownAction",
    /// A value is missing.
    Required = "required",
    /// A value is not of its type.
    Type = "type",
    /// Any constraint without a nearer entry.
    Invalid = "invalid",
    /// `additionalProperties`.
    AdditionalProperties = "additionalProperties",
    /// A unique constraint of a collection.
    Unique = "unique",
}

impl Failure {
    /// Whether it is about one value, so that `invalid` stands in for it.
    pub fn is_constraint(self) -> bool {
        self >= Self::Required
    }

    /// The failure of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|failure| failure.name() == name)
    }
}

/// What a failure gives.
#[derive(Debug, Clone, Copy)]
pub struct FailureAnswer {
    /// The error that answers.
    pub error: ErrorId,
    /// The rule that says so.
    pub rule: RuleId,
}

/// The entries of one `failures` map.
#[derive(Debug, Clone, Default)]
pub struct Failures(pub Vec<(Failure, FailureAnswer)>);

//! Ways to show a key, who needs which, and how many requests are allowed.

use std::sync::Arc;

use super::stage::staged;
use super::{CollectionId, Concerned, ErrorId, Expression, RuleId, SchemeId, Steps, Text, Tree};

/// A way to show a key.
#[derive(Debug, Clone)]
pub struct SecurityScheme {
    /// Its name.
    pub name: Arc<str>,
    /// Where the key is.
    pub kind: SecurityKind,
    /// Which rows hold the keys; none where steps alone say whose a key is.
    pub keys: Option<KeyFields>,
    /// What has to be passed besides.
    pub steps: Steps,
    /// Who it is, as the steps have found.
    pub credential: Option<Expression>,
    /// What they may do, as the steps have found.
    pub permissions: Option<Expression>,
    /// What clients make of a key and the request they send.
    pub sign: Option<Sign>,
    /// What each outcome gives.
    pub errors: SecurityErrors,
    /// The rule that it is.
    pub rule: RuleId,
}

/// How a client signs a request: texts that see the key as `key`, `request.method`,
/// `request.path`, `request.bytes` (base64), and what is in the query and the headers by then.
#[derive(Debug, Clone)]
pub struct Sign {
    /// The collection whose fixtures are keys.
    pub collection: Option<CollectionId>,
    /// Parameters of the query, in this order.
    pub query: Vec<(Arc<str>, Text)>,
    /// Headers, after them.
    pub headers: Vec<(Arc<str>, Text)>,
}

/// Where a key is.
#[derive(Debug, Clone)]
pub enum SecurityKind {
    /// RFC 7617.
    Basic {
        /// What stands in base64.
        colon: Colon,
        /// Whether user and password are encoded as in a form (RFC 6749, section 2.3.1).
        form: bool,
    },
    /// Any other scheme of `Authorization` (RFC 9110, section 11.4), such as `bearer` (RFC 6750):
    /// the word as it is written.
    Http(Arc<str>),
    /// A named place.
    ApiKey {
        /// Where.
        place: ApiKeyPlace,
        /// The name there.
        name: Arc<str>,
    },
    /// A certificate of the client (RFC 8446 section 4.4.2), and what of it is the key.
    MutualTls(CertificatePart),
}

/// Whether a text can be the name of a scheme: a token of RFC 9110, section 5.6.2.
pub fn is_token(word: &str) -> bool {
    let is_sign = |byte: u8| b"!#$%&'*+-.^_`|~".contains(&byte);
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_sign(byte))
}

/// What a client is known by, of its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificatePart {
    /// The common name of its subject.
    CommonName,
    /// The whole distinguished name of its subject (RFC 4514).
    Subject,
    /// The first name of a host in `subjectAltName`.
    DnsName,
    /// The SHA-256 of it in DER, in lower-case hexadecimal.
    Fingerprint,
}

impl CertificatePart {
    /// The parts by their words in specs.
    pub const WORDS: [(Self, &'static str); 4] = [
        (Self::CommonName, "commonName"),
        (Self::Subject, "subject"),
        (Self::DnsName, "dnsName"),
        (Self::Fingerprint, "fingerprint"),
    ];

    /// The word in specs.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(part, _)| *part == self).map_or("", |(_, word)| word)
    }
}

/// What stands in base64 after `Basic`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colon {
    /// The key alone.
    None,
    /// The key and a password.
    Required,
    /// The key, with or without a colon after it.
    Optional,
    /// Any user name, and the key as the password.
    BeforeKey,
}

/// Where an API key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiKeyPlace {
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
    /// The operation's parameter of that name, wherever the binding has it.
    Parameter,
}

/// The fields of the collection that holds the keys.
#[derive(Debug, Clone)]
pub struct KeyFields {
    /// The collection.
    pub collection: CollectionId,
    /// The key itself.
    pub field: Arc<str>,
    /// The password, for basic.
    pub password: Option<Arc<str>>,
    /// When it ends.
    pub expires: Option<Arc<str>>,
    /// A list of methods it is good for; absent or null: all.
    pub methods: Option<Arc<str>>,
    /// A list of permissions it has.
    pub permissions: Option<Arc<str>>,
}

/// What each outcome of a security scheme gives; none: a problem document.
#[derive(Debug, Clone, Default)]
pub struct SecurityErrors {
    /// No key was shown.
    pub missing: Option<ErrorId>,
    /// Nobody has that key.
    pub unknown: Option<ErrorId>,
    /// The key has ended.
    pub expired: Option<ErrorId>,
    /// The key is not good for the method.
    pub method: Option<ErrorId>,
    /// The key lacks a permission.
    pub permission: Option<ErrorId>,
}

/// An alternative of `security`: all its schemes are needed.
#[derive(Debug, Clone)]
pub struct SecurityRequirement {
    /// The schemes, and the permissions that the key must have.
    pub schemes: Vec<(SchemeId, Vec<Arc<str>>)>,
}

staged! {
    /// How many requests are allowed.
    pub struct RateLimit {
        /// How many; an expression or a number.
        pub limit: Tree<S>,
        /// How there are more again.
        pub pace: Pace,
        /// How much a request takes, an expression or a number; none: one.
        pub cost: Option<Tree<S>>,
        /// Counted for each value of it; none: for all together.
        pub by: Option<S::Expression>,
        /// Whether any of these looks at what was sent.
        pub looks_at_request: bool,
        /// What one too many gets.
        pub error: Option<ErrorId>,
        /// The operations to which requests count.
        pub of: Concerned,
        /// Whether a request counts that is answered with a 304.
        pub counts_not_modified: bool,
        /// The rule that it is.
        pub rule: RuleId,
    }
}

/// How there may be more requests again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// All at once, when the next window of so many milliseconds begins.
    Window(i64),
    /// So many at a time, every so many milliseconds, until the bucket is full.
    Refill {
        /// How long that takes, in milliseconds; at least one.
        every: i64,
        /// How many come back; at least one.
        by: i64,
    },
}

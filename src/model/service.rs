//! A vendor's spec as a whole.

use std::sync::Arc;

use super::stage::staged;
use super::{
    CollectionId, Comparison, Cors, Deviation, Disturbances, ErrorId, Failures, Header,
    Idempotency, MediaType, MediaTypeId, Operation, Respond, Response, Rule, RuleId, Schema,
    SchemeId, SoapService, Statement, Text, Tree, WireOptions,
};
use crate::coding::Coding;
use crate::source::Span;
use crate::value::{Map, Value};

/// A vendor's API: routes, rules, state and behaviour.
#[derive(Debug, Clone)]
pub struct Service {
    /// The name in URLs and messages.
    pub vendor: Arc<str>,
    /// For people.
    pub info: Info,
    /// Base URLs, the first being the one that is shown.
    pub servers: Vec<Server>,
    /// How paths compare.
    pub routing: Routing,
    /// Headers of every answer.
    pub response_headers: Vec<Header>,
    /// What the document says.
    pub statements: Vec<Statement>,
    /// All rules, in the order they were read.
    pub rules: Vec<Rule>,
    /// Media types and their wire formats.
    pub media_types: Vec<MediaType>,
    /// The content codings of answers that no operation gives, and of operations that have none
    /// of their own, those that are preferred first.
    pub content_codings: Vec<Coding>,
    /// Named errors.
    pub errors: Vec<ErrorAnswer>,
    /// The vendor-wide failures.
    pub failures: Failures,
    /// Texts of `error.message` by keyword.
    pub messages: Vec<(super::Failure, Text)>,
    /// Account settings.
    pub settings: Vec<Setting>,
    /// What the vendor remembers.
    pub collections: Vec<Collection>,
    /// The schemas that contain themselves.
    pub recursive: Vec<Schema>,
    /// The shared schemas by their names, as they are by themselves.
    pub schemas: Vec<(Arc<str>, Arc<Schema>)>,
    /// Ways to show a key.
    pub security_schemes: Vec<SecurityScheme>,
    /// How many requests are allowed.
    pub rate_limit: Option<RateLimit>,
    /// What befalls requests to operations that do not say it themselves.
    pub disturbances: Disturbances,
    /// Which requests may be sent again.
    pub idempotency: Option<Idempotency>,
    /// Which pages of other origins may read answers.
    pub cors: Option<Cors>,
    /// SOAP services.
    pub soap_services: Vec<SoapService>,
    /// The documented answers of whatever is asked; operations have theirs with them.
    pub responses: Vec<Response>,
    /// Operations.
    pub operations: Vec<Operation>,
    /// Examples that have to hold.
    pub examples: Vec<Example>,
    /// What does not count when two targets are compared.
    pub comparison: Comparison,
    /// In what the real vendor is known to differ.
    pub deviations: Vec<Deviation>,
}

impl Service {
    /// Whether something befalls requests to any operation.
    pub fn is_disturbed(&self) -> bool {
        self.operations.iter().any(|operation| !operation.disturbances.list().is_empty())
    }

    /// The first server that has that host, a name without a port.
    pub fn server_at(&self, host: &str) -> Option<&Server> {
        self.servers.iter().find(|server| {
            let pattern = server.host.as_deref().and_then(|host| regex_lite::Regex::new(host).ok());
            pattern.is_some_and(|pattern| pattern.is_match(host))
        })
    }
}

/// For people.
#[derive(Debug, Clone, Default)]
pub struct Info {
    /// The API's name.
    pub title: Option<Arc<str>>,
    /// The API's version.
    pub version: Option<Arc<str>>,
    /// What it is.
    pub description: Option<Arc<str>>,
    /// The vendor's document.
    pub document: Option<Arc<str>>,
}

/// A base URL.
#[derive(Debug, Clone)]
pub struct Server {
    /// As written, with variables in braces.
    pub url: Arc<str>,
    /// A regular expression for the `Host` (without port), where it can tell vendors apart.
    pub host: Option<Arc<str>>,
    /// The path, with the variables' defaults, without a slash at the end.
    pub base_path: Arc<str>,
    /// The variables in the URL with their defaults.
    pub variables: Vec<(Arc<str>, Arc<str>)>,
    /// The rule that it is.
    pub rule: RuleId,
}

impl Server {
    /// The URL with the variables' defaults, without a slash at the end.
    pub fn address(&self) -> String {
        let mut url = self.url.to_string();
        for (name, default) in &self.variables {
            url = url.replace(&format!("{{{name}}}"), default);
        }
        url.truncate(url.trim_end_matches('/').len());
        url
    }
}

/// How paths compare.
#[derive(Debug, Clone, Copy)]
pub struct Routing {
    /// `/a/` is `/a`.
    pub ignore_trailing_slash: bool,
    /// `/A` is not `/a`.
    pub case_sensitive: bool,
}

impl Default for Routing {
    fn default() -> Self {
        Self { ignore_trailing_slash: false, case_sensitive: true }
    }
}

staged! {
    /// An answer with a name.
    pub struct ErrorAnswer {
        /// Its name.
        pub name: Arc<str>,
        /// The answer.
        pub respond: Respond<S>,
        /// The rule that it is.
        pub rule: RuleId,
    }
}

staged! {
    /// An account setting.
    pub struct Setting {
        /// Its name.
        pub name: Arc<str>,
        /// What it may be, with its default.
        pub schema: Schema<S>,
    }
}

/// Rows with a key.
#[derive(Debug, Clone)]
pub struct Collection {
    /// Its name.
    pub name: Arc<str>,
    /// The field that identifies a row.
    pub key: Arc<str>,
    /// What a row may be; its properties are the fields.
    pub schema: Schema,
    /// Whether a row may have other fields too because the schema says so itself.
    pub open: bool,
    /// Fields that no two rows share, in the order they are looked at.
    pub unique: Vec<Unique>,
    /// What it starts with; checked against the schema.
    pub fixtures: Vec<Map>,
    /// The rule that it is.
    pub rule: RuleId,
}

/// Fields that no two rows share.
#[derive(Debug, Clone)]
pub struct Unique {
    /// The fields; a row that lacks one of them collides with none.
    pub fields: Vec<Arc<str>>,
    /// What a second one gets.
    pub error: Option<ErrorId>,
    /// The rule that it is.
    pub rule: RuleId,
}

/// A way to show a key.
#[derive(Debug, Clone)]
pub struct SecurityScheme {
    /// Its name.
    pub name: Arc<str>,
    /// Where the key is.
    pub kind: SecurityKind,
    /// Which rows hold the keys.
    pub keys: KeyFields,
    /// What each outcome gives.
    pub errors: SecurityErrors,
    /// The rule that it is.
    pub rule: RuleId,
}

/// Where a key is.
#[derive(Debug, Clone)]
pub enum SecurityKind {
    /// RFC 7617.
    Basic(Colon),
    /// RFC 6750.
    Bearer,
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
        /// In how long, in seconds; at least one.
        pub window_seconds: i64,
        /// Counted for each value of it; none: for all together.
        pub by: Option<S::Expression>,
        /// What one too many gets.
        pub error: Option<ErrorId>,
        /// Whether a request counts that is answered with a 304.
        pub counts_not_modified: bool,
        /// The rule that it is.
        pub rule: RuleId,
    }
}

/// An exchange that has to hold.
#[derive(Debug, Clone)]
pub struct Example {
    /// What it shows.
    pub name: Arc<str>,
    /// Rows in place of the fixtures, checked against the schema.
    pub given: Vec<(CollectionId, Vec<Map>)>,
    /// The method.
    pub method: http::Method,
    /// The path below the base path, with the query.
    pub path: Arc<str>,
    /// The headers.
    pub headers: Vec<(http::HeaderName, http::HeaderValue)>,
    /// The body, byte for byte.
    pub body: Option<Arc<str>>,
    /// What comes back.
    pub response: ExampleResponse,
    /// Where it is written.
    pub span: Span,
}

/// What an example expects.
#[derive(Debug, Clone)]
pub struct ExampleResponse {
    /// The status.
    pub status: u16,
    /// Headers that are there, to the letter.
    pub headers: Vec<(http::HeaderName, Arc<str>)>,
    /// A tree that is in the body; maps may have more members.
    pub body: Option<Value>,
    /// The exact text.
    pub text: Option<Arc<str>>,
    /// Where it is written.
    pub span: Span,
}

impl Service {
    /// Whether a rule implements a statement of the vendor's document.
    pub fn is_backed(&self, rule: RuleId) -> bool {
        self.rules.get(rule.0 as usize).is_some_and(|rule| !rule.statements.is_empty())
    }

    /// The collection of that name.
    pub fn collection(&self, name: &str) -> Option<CollectionId> {
        self.collections.iter().position(|c| &*c.name == name).map(CollectionId)
    }

    /// In which media type a tree is written where that one was chosen: what is not a list leaves
    /// one that has only lists for the first one that is JSON.
    pub fn written_in(&self, chosen: MediaTypeId, is_list: bool) -> MediaTypeId {
        let is_taken = |known: &MediaType| is_list || !known.has_only_lists();
        if self.media_types.get(chosen.0).is_none_or(is_taken) {
            return chosen;
        }
        let mut known = self.media_types.iter();
        let json = known.position(|known| matches!(known.wire, WireOptions::Json));
        json.map_or(chosen, MediaTypeId)
    }

    /// The media type of that name.
    pub fn media_type(&self, name: &str) -> Option<MediaTypeId> {
        self.media_types.iter().position(|m| &*m.name == name).map(MediaTypeId)
    }
}

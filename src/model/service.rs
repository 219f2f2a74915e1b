//! A vendor's spec as a whole.

use std::sync::Arc;

use super::stage::staged;
use super::{
    CollectionId, Comparison, Cors, Deviation, Disturbances, ErrorId, Failures, Header,
    Idempotency, MediaType, MediaTypeId, Operation, RateLimit, Respond, Response, Rule, RuleId,
    Schema, SecurityScheme, SoapService, Statement, Step, Text, WireOptions,
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
    pub rate_limits: Vec<RateLimit>,
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

    /// The steps of the schemes by which an operation can be asked for a key.
    pub fn verifying(&self, operation: &Operation) -> impl Iterator<Item = &Step> {
        let asked = operation.security.iter().flat_map(|one| &one.schemes);
        let schemes = asked.filter_map(|(id, _)| self.security_schemes.get(id.0));
        schemes.flat_map(|scheme| scheme.steps.all())
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

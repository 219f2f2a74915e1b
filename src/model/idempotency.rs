//! Requests that may be sent again without being done again.

use std::sync::Arc;

use http::{HeaderName, Method};

use super::stage::{Stage, staged};
use super::{CollectionId, ErrorId, Header, Operation, Route, RuleId};

/// The collection in which answers are kept, and its fields.
pub const IDEMPOTENCY_KEYS: &str = "idempotencyKeys";
/// The fields of that collection; the first one is its key.
pub const IDEMPOTENCY_FIELDS: [&str; 7] =
    ["key", "request", "status", "headers", "spelling", "body", "expires"];

staged! {
    /// A header that tells a request that is sent again from another one.
    pub struct Idempotency {
        /// The header that a client sends.
        pub header: HeaderName,
        /// Its name as the spec writes it.
        pub written: Arc<str>,
        /// Of which requests it counts.
        pub methods: Vec<Method>,
        /// The operations of which it does not count.
        pub except: Vec<Arc<str>>,
        /// How long a key is known, in seconds.
        pub lifetime_seconds: i64,
        /// Keys of different values of it are different.
        pub by: Option<S::Expression>,
        /// What a request without a key gets; none: it is done as usual.
        pub required: Option<ErrorId>,
        /// What another request with a known key gets.
        pub mismatch: ErrorId,
        /// Whether the answer is kept where the steps reject the request, too.
        pub keeps_rejections: bool,
        /// Headers that an answer has besides its own when it is given again.
        pub replay_headers: Vec<Header<S>>,
        /// Where answers are kept.
        pub collection: CollectionId,
        /// The rule that it is.
        pub rule: RuleId,
    }
}

impl<S: Stage> Idempotency<S> {
    /// Whether it counts for some requests to the operation.
    pub fn concerns(&self, operation: &Operation) -> bool {
        let by_method = operation.bindings.iter().any(|binding| match &binding.route {
            Route::Http { method, .. } => self.methods.contains(method),
            Route::Soap(_) => self.methods.contains(&Method::POST),
        });
        by_method && !self.except.contains(&operation.id)
    }

    /// What it gives.
    pub fn errors(&self) -> impl Iterator<Item = ErrorId> + use<S> {
        [self.required, Some(self.mismatch)].into_iter().flatten()
    }
}

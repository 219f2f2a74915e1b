//! Security schemes and the rate limit, ready to be looked at.

use std::sync::Arc;

use super::indexes::Indexes;
use super::value::Compiled;
use crate::model::{self, CollectionId, RuleId, SecurityErrors, SecurityKind};

/// A way to show a key.
#[derive(Debug)]
pub struct SecurityScheme {
    /// Its name.
    pub name: Arc<str>,
    /// Where the key is.
    pub kind: SecurityKind,
    /// The header it is in, for an API key in a header.
    pub header: Option<http::HeaderName>,
    /// The collection that holds the keys.
    pub collection: CollectionId,
    /// The index over the key's field; none when it is the collection's key.
    pub index: Option<usize>,
    /// The other fields.
    pub fields: model::KeyFields,
    /// What each outcome gives.
    pub errors: SecurityErrors,
    /// The rule that it is.
    pub rule: RuleId,
}

impl SecurityScheme {
    /// Compiles a checked scheme.
    pub fn compile(scheme: &model::SecurityScheme, indexes: &mut Indexes) -> Self {
        let keys = &scheme.keys;
        let header = match &scheme.kind {
            SecurityKind::ApiKey { place: model::ApiKeyPlace::Header, name } => name.parse().ok(),
            _ => None,
        };
        Self {
            name: scheme.name.clone(),
            kind: scheme.kind.clone(),
            header,
            collection: keys.collection,
            index: indexes.over(keys.collection, std::slice::from_ref(&keys.field)),
            fields: keys.clone(),
            errors: scheme.errors.clone(),
            rule: scheme.rule,
        }
    }

    /// Whether the key is the query parameter of that name.
    pub fn is_in_query(&self, parameter: &str) -> bool {
        let SecurityKind::ApiKey { place: model::ApiKeyPlace::Query, name } = &self.kind else {
            return false;
        };
        &**name == parameter
    }
}

/// How many requests are allowed.
pub type RateLimit = model::RateLimit<Compiled>;
/// Which requests may be sent again.
pub type Idempotency = model::Idempotency<Compiled>;

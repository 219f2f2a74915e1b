//! Security schemes and the rate limit, ready to be looked at.

use std::sync::Arc;

use super::compiler::Compiler;
use super::indexes::Indexes;
use super::value::{Expression, Tree};
use crate::model::{self, CollectionId, ErrorId, Foldable, RuleId, SecurityErrors, SecurityKind};

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
#[derive(Debug)]
pub struct RateLimit {
    /// How many.
    pub limit: Tree,
    /// In how long, in seconds.
    pub window_seconds: i64,
    /// Counted for each value of it.
    pub by: Option<Expression>,
    /// What one too many gets.
    pub error: Option<ErrorId>,
    /// The rule that it is.
    pub rule: RuleId,
}

impl RateLimit {
    /// Compiles a checked limit.
    pub fn compile(limit: &model::RateLimit, compiler: &mut Compiler<'_>) -> Self {
        Self {
            limit: limit.limit.fold(compiler),
            window_seconds: limit.window_seconds.max(1),
            by: limit.by.fold(compiler),
            error: limit.error,
            rule: limit.rule,
        }
    }
}

//! Security schemes and the rate limit, ready to be looked at.

use std::sync::Arc;

use super::compiler::Compiler;
use super::names::Slot;
use super::step::Steps;
use super::value::{Compiled, Expression};
use crate::model::{self, CollectionId, Foldable, RuleId, SecurityErrors, SecurityKind};

/// A way to show a key.
#[derive(Debug)]
pub struct SecurityScheme {
    /// Its name.
    pub name: Arc<str>,
    /// Where the key is.
    pub kind: SecurityKind,
    /// The header it is in, for an API key in a header.
    pub header: Option<http::HeaderName>,
    /// Which rows hold the keys.
    pub keys: Option<Keys>,
    /// What has to be passed besides.
    pub verify: Option<Verify>,
    /// What each outcome gives.
    pub errors: SecurityErrors,
    /// The rule that it is.
    pub rule: RuleId,
}

/// Which rows hold keys.
#[derive(Debug)]
pub struct Keys {
    /// The collection.
    pub collection: CollectionId,
    /// The index over the key's field; none when it is the collection's key.
    pub index: Option<usize>,
    /// The other fields.
    pub fields: model::KeyFields,
}

/// Steps that have to be passed.
#[derive(Debug)]
pub struct Verify {
    /// The steps.
    pub steps: Steps,
    /// The variable that holds what was shown.
    pub key: Slot,
    /// Who it is, as they have found.
    pub credential: Option<Expression>,
    /// What they may do, as they have found.
    pub permissions: Option<Expression>,
}

impl SecurityScheme {
    /// Compiles a checked scheme.
    pub fn compile(scheme: &model::SecurityScheme, compiler: &mut Compiler<'_>) -> Self {
        let header = match &scheme.kind {
            SecurityKind::ApiKey { place: model::ApiKeyPlace::Header, name } => name.parse().ok(),
            _ => None,
        };
        let keys = scheme.keys.as_ref().map(|keys| Keys {
            collection: keys.collection,
            index: compiler.indexes.over(keys.collection, std::slice::from_ref(&keys.field)),
            fields: keys.clone(),
        });
        let verify = (!scheme.steps.is_empty()).then(|| Verify {
            steps: scheme.steps.fold(compiler),
            key: compiler.names.slot("key"),
            credential: scheme.credential.fold(compiler),
            permissions: scheme.permissions.fold(compiler),
        });
        Self {
            name: scheme.name.clone(),
            kind: scheme.kind.clone(),
            header,
            keys,
            verify,
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

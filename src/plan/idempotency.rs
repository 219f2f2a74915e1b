//! Requests that may be sent again, ready to be known again.

use std::sync::Arc;

use http::{HeaderName, Method};

use super::compiler::Compiler;
use super::step::Header;
use super::value::Expression;
use crate::model::{self, CollectionId, ErrorId, Foldable, RuleId};

/// A header that tells a request that is sent again from another one.
#[derive(Debug)]
pub struct Idempotency {
    /// The header that a client sends.
    pub header: HeaderName,
    /// Its name as the spec writes it.
    pub written: Arc<str>,
    /// Of which requests it counts.
    pub methods: Vec<Method>,
    /// How long a key is known, in seconds.
    pub lifetime_seconds: i64,
    /// Keys of different values of it are different.
    pub by: Option<Expression>,
    /// What a request without a key gets.
    pub required: Option<ErrorId>,
    /// What another request with a known key gets.
    pub mismatch: ErrorId,
    /// Whether the answer is kept where the steps reject the request, too.
    pub keeps_rejections: bool,
    /// Headers that an answer has besides its own when it is given again.
    pub replay_headers: Box<[Header]>,
    /// Their names as the spec writes them.
    pub spelling: Vec<Arc<str>>,
    /// Where answers are kept.
    pub collection: CollectionId,
    /// The rule that it is.
    pub rule: RuleId,
}

impl Idempotency {
    /// Compiles what was checked.
    pub(super) fn compile(checked: &model::Idempotency, compiler: &mut Compiler<'_>) -> Self {
        let headers = &checked.replay_headers;
        Self {
            header: checked.header.clone(),
            written: checked.written.clone(),
            methods: checked.methods.clone(),
            lifetime_seconds: checked.lifetime_seconds,
            by: checked.by.fold(compiler),
            required: checked.required,
            mismatch: checked.mismatch,
            keeps_rejections: checked.keeps_rejections,
            replay_headers: headers
                .iter()
                .map(|header| Header::compile(header, compiler))
                .collect(),
            spelling: headers.iter().map(|header| header.written.clone()).collect(),
            collection: checked.collection,
            rule: checked.rule,
        }
    }
}

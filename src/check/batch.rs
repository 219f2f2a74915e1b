//! `batch`: operations whose body is a list, each item of which is a request of its own.

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::model::{Binding, Match, MediaType, MediaTypeId, Operation, Route, WireOptions};
use crate::syntax::{Entry, Mapping, ReadNode};

impl<'n> Checker<'n> {
    /// Whether the operation is a list of requests.
    pub(super) fn batch(mapping: &mut Mapping<'n>) -> Option<Entry<'n>> {
        let batch = mapping.entry("batch");
        let is = mapping.boolean("batch").unwrap_or(false);
        batch.filter(|_| is)
    }

    /// Has the bindings of a list of requests take lists, and refuses what such an operation
    /// cannot have.
    pub(super) fn batch_bindings(
        &mut self,
        (key, _): Entry<'n>,
        mapping: &mut Mapping<'n>,
        bindings: &mut [Binding],
        consumes: &[MediaTypeId],
        known: &[MediaType],
    ) {
        for (word, why) in [
            ("steps", "the steps are those of its items' operations"),
            ("match", "it takes all lists, and the `match` of others is for its items"),
        ] {
            if let Some((other, _)) = mapping.entry(word) {
                let message = format!("an operation with `batch` has no `{word}`: {why}");
                self.report(
                    Diagnostic::error("contradiction", message, &other.span, "beside `batch`")
                        .related(&key.span, "the batch"),
                );
            }
        }
        let is_json = |id: &MediaTypeId| {
            known.get(id.0).is_none_or(|known| matches!(known.wire, WireOptions::Json))
        };
        if !consumes.iter().any(is_json) {
            let message = "a batch is a list in JSON, and the operation consumes no media type with `wire: json`";
            self.error("contradiction", message, &key.span, "never comes");
        }
        // Where it stands beside `batch`, it was told already.
        let told = mapping.entry("match").is_some();
        for binding in bindings {
            let says_more = !binding.matching.is_empty() && !told;
            if says_more || matches!(binding.route, Route::Soap(_)) {
                let message =
                    "a batch is found by its method and path, and by the list in its body";
                self.report(
                    Diagnostic::error("contradiction", message, &binding.span, "says more")
                        .related(&key.span, "the batch"),
                );
            }
            binding.matching = Match::list();
        }
    }

    /// Reports batches for whose items there are no operations, and those that take no list.
    pub(super) fn check_batches(&mut self, operations: &[Operation]) {
        for operation in operations.iter().filter(|operation| operation.batch) {
            let body = operation.body.iter().flat_map(|body| {
                body.schema.iter().chain(body.content.iter().map(|(_, schema)| schema))
            });
            for schema in body.filter(|it| !it.types.is_empty() && !it.takes_lists()) {
                let message = "the body of a batch is a list, and its schema takes none";
                self.report(
                    Diagnostic::error("contradiction", message, &schema.span, "refuses each batch")
                        .help("write `type: array`; what an item may be, its operations say"),
                );
            }
            for binding in &operation.bindings {
                let Route::Http { method, path } = &binding.route else { continue };
                let is_there = |other: &Binding| match &other.route {
                    Route::Http { method: one, path: at } => one == method && at == path,
                    Route::Soap(_) => false,
                };
                let mut others = operations.iter().filter(|other| !other.batch);
                if !others.any(|other| other.bindings.iter().any(is_there)) {
                    let message = format!(
                        "the items of `{}` are requests with its method and path, and no operation is there",
                        operation.id
                    );
                    self.report(
                        Diagnostic::error("contradiction", message, &binding.span, "none is for them")
                            .help("an operation with the same method and path, and a `match` if there are several"),
                    );
                }
            }
        }
    }
}

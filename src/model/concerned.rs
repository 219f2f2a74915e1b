//! The operations that something of a vendor concerns: `methods`, `tags`, `operations` and `except`.

use std::sync::Arc;

use http::Method;

use super::{Binding, Operation, Route};

/// Which operations something concerns; without any of these all.
#[derive(Debug, Clone, Default)]
pub struct Concerned {
    /// Those with one of these methods.
    pub methods: Option<Vec<Method>>,
    /// Those with one of these tags.
    pub tags: Option<Vec<Arc<str>>>,
    /// Those with these names.
    pub operations: Option<Vec<Arc<str>>>,
    /// Not these.
    pub except: Vec<Arc<str>>,
}

/// What operations are chosen by.
#[derive(Debug, Clone, Copy)]
pub struct Fitting<'o> {
    /// Its id.
    pub id: &'o str,
    /// Its tags.
    pub tags: &'o [Arc<str>],
    /// How it is reached.
    pub bindings: &'o [Binding],
}

impl<'o> From<&'o Operation> for Fitting<'o> {
    fn from(operation: &'o Operation) -> Self {
        Self { id: &operation.id, tags: &operation.tags, bindings: &operation.bindings }
    }
}

impl Concerned {
    /// Whether it is all operations.
    pub fn is_all(&self) -> bool {
        self.methods.is_none()
            && self.tags.is_none()
            && self.operations.is_none()
            && self.except.is_empty()
    }

    /// Whether an operation is one of them.
    pub fn has<'o>(&self, operation: impl Into<Fitting<'o>>) -> bool {
        let operation = operation.into();
        let by_method = self.methods.as_ref().is_none_or(|methods| {
            operation.bindings.iter().any(|binding| match &binding.route {
                Route::Http { method, .. } => methods.contains(method),
                Route::Soap(_) => methods.contains(&Method::POST),
            })
        });
        let by_tag = self
            .tags
            .as_ref()
            .is_none_or(|tags| operation.tags.iter().any(|tag| tags.contains(tag)));
        let named = |names: &Vec<Arc<str>>| names.iter().any(|id| **id == *operation.id);
        let by_name = self.operations.as_ref().is_none_or(named);
        by_method && by_tag && by_name && self.except.iter().all(|id| **id != *operation.id)
    }
}

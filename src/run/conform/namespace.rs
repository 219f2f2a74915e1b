//! In which namespace elements stand.

use std::sync::Arc;

/// Where elements have to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Namespace {
    /// Anywhere: the spec does not tell.
    Any,
    /// In none.
    Nothing,
    /// In this one.
    In(Arc<str>),
}

impl Namespace {
    /// The one that is given, or none.
    pub(super) fn of(namespace: Option<&Arc<str>>) -> Self {
        namespace.map_or(Self::Nothing, |namespace| Self::In(namespace.clone()))
    }

    pub(super) fn has(&self, namespace: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Nothing => namespace.is_none(),
            Self::In(wanted) => namespace == Some(wanted),
        }
    }
}

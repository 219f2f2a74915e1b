//! What refuses a request by a named error, ready to be given.

use std::sync::Arc;

use super::names::Names;
use super::value::{Text, Tree, compile_members};
use crate::model::{self, ErrorId};

/// What `reject` and `orElse` give.
#[derive(Debug)]
pub struct Rejection {
    /// The error.
    pub error: ErrorId,
    /// Further members of `error`.
    pub with: Box<[(Arc<str>, Tree)]>,
    /// `error.field`.
    pub field: Option<Text>,
    /// `error.value`.
    pub value: Option<Tree>,
    /// `error.message`.
    pub message: Option<Text>,
}

impl Rejection {
    /// Resolves the variables of a checked rejection.
    pub(super) fn compile(rejection: &model::Rejection, names: &Names) -> Self {
        Self {
            error: rejection.error,
            with: compile_members(&rejection.with, names),
            field: rejection.field.as_ref().map(|text| Text::compile(text, names)),
            value: rejection.value.as_ref().map(|tree| Tree::compile(tree, names)),
            message: rejection.message.as_ref().map(|text| Text::compile(text, names)),
        }
    }
}

//! A body that was read before it was known which operation it is for.

use std::sync::Arc;

use crate::wire::{DecodeError, Decoded};

/// What came of reading it, so that it is not read again.
#[derive(Debug)]
pub(super) struct Kept {
    /// The media type as which it was read, where that is known.
    pub media_type: Option<Arc<str>>,
    /// What it holds; nothing where there is no body.
    pub read: Result<Option<Decoded>, Unread>,
}

/// Why a body is not read.
#[derive(Debug, Clone)]
pub(super) enum Unread {
    /// No operation reads that media type, or nobody that encoding.
    MediaType(String),
    /// It is not what its media type says.
    Malformed(DecodeError),
}

//! `respond`, and what an error answers with.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::StatusCode;

use super::{Describe, Part};
use crate::exchange::Spelling;
use crate::model::stage::{Checked, Foldable, Folder, Stage, staged};
use crate::model::{Header, MediaTypeId, Text, Tree};
use crate::source::Span;

/// The content type of a text that is given none.
pub const PLAIN_TEXT: &str = "text/plain; charset=utf-8";
/// The content type of bytes that are given none.
pub const OCTET_STREAM: &str = "application/octet-stream";

/// Answers.
#[derive(Debug, Clone)]
pub struct Respond<S: Stage = Checked> {
    /// The status.
    pub status: StatusCode,
    /// Headers besides the content type.
    pub headers: Vec<Header<S>>,
    /// What it carries.
    pub content: Content<S>,
    /// How the items of a list are sent, if not all at once.
    pub streaming: Option<Streaming<S>>,
    /// How the names of all headers of the answer are spelt, once it is known.
    spelling: OnceLock<Arc<Spelling>>,
}

/// How the items of a list are sent one after another. What an expression gives that is no duration
/// or no number is as if it were not written.
#[derive(Debug, Clone)]
pub struct Streaming<S: Stage = Checked> {
    /// How long lies between two of them; a duration.
    pub every: Option<Tree<S>>,
    /// After how many of them the connection ends in the middle of the answer.
    pub cut_after: Option<Tree<S>>,
    /// Where it is written.
    pub span: Span,
}

impl Foldable for Streaming {
    type At<S: Stage> = Streaming<S>;

    fn fold<F: Folder>(&self, folder: &mut F) -> Streaming<F::To> {
        Streaming {
            every: self.every.fold(folder),
            cut_after: self.cut_after.fold(folder),
            span: self.span.clone(),
        }
    }
}

/// What an answer carries.
#[derive(Debug, Clone)]
pub enum Content<S: Stage = Checked> {
    /// No body.
    Nothing,
    /// A tree for the wire format, and the media type to write it in; none: one of those that the
    /// operation produces.
    Tree(Tree<S>, Option<MediaTypeId>),
    /// Text as it is, and its content type, to the letter.
    Text(Text<S>, Text<S>),
    /// Bytes as they are, and their content type, to the letter.
    Bytes(Octets<S>, Text<S>),
    /// A SOAP fault.
    Fault(Fault<S>),
}

/// Bytes that an answer carries.
#[derive(Debug, Clone)]
pub enum Octets<S: Stage = Checked> {
    /// Those of a file beside the spec.
    Fixed(Bytes),
    /// What a text in base64 stands for.
    WorkedOut(S::Expression),
}

staged! {
    /// A SOAP fault.
    pub struct Fault {
        /// Whether the sender is at fault (`Client` in SOAP 1.1), else the receiver (`Server`).
        pub sender: bool,
        /// `faultstring`, or `Reason`.
        pub reason: Text<S>,
        /// `detail`.
        pub detail: Option<Tree<S>>,
    }
}

impl<S: Stage> Respond<S> {
    /// An answer.
    pub fn new(status: StatusCode, headers: Vec<Header<S>>, content: Content<S>) -> Self {
        Self { status, headers, content, streaming: None, spelling: OnceLock::new() }
    }

    /// The same, with its items one after another.
    #[must_use]
    pub fn streamed(self, streaming: Option<Streaming<S>>) -> Self {
        Self { streaming, ..self }
    }

    /// How the names of the answer's headers are spelt; its own go before the vendor's.
    pub fn spelling(&self, vendor: &Arc<Spelling>) -> Arc<Spelling> {
        if self.headers.is_empty() {
            return vendor.clone();
        }
        let own = self.headers.iter().map(|header| &header.written);
        let spelling = || Arc::new(Spelling::new(own.chain(vendor.names())));
        self.spelling.get_or_init(spelling).clone()
    }

    /// The tree in it.
    pub fn tree(&self) -> Option<&Tree<S>> {
        match &self.content {
            Content::Tree(tree, _) => Some(tree),
            Content::Fault(fault) => fault.detail.as_ref(),
            Content::Nothing | Content::Text(..) | Content::Bytes(..) => None,
        }
    }
}

impl<S: Stage> Describe<S> for Respond<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        vec![Part::Answer(self)]
    }
}

impl Foldable for Respond {
    type At<S: Stage> = Respond<S>;

    fn fold<F: Folder>(&self, folder: &mut F) -> Respond<F::To> {
        Respond::new(self.status, self.headers.fold(folder), self.content.fold(folder))
            .streamed(self.streaming.fold(folder))
    }
}

impl Foldable for Content {
    type At<S: Stage> = Content<S>;

    fn fold<F: Folder>(&self, folder: &mut F) -> Content<F::To> {
        match self {
            Self::Nothing => Content::Nothing,
            Self::Tree(tree, media_type) => Content::Tree(tree.fold(folder), *media_type),
            Self::Text(text, media_type) => {
                Content::Text(text.fold(folder), media_type.fold(folder))
            }
            Self::Bytes(octets, media_type) => {
                Content::Bytes(octets.fold(folder), media_type.fold(folder))
            }
            Self::Fault(fault) => Content::Fault(fault.fold(folder)),
        }
    }
}

impl Foldable for Octets {
    type At<S: Stage> = Octets<S>;

    fn fold<F: Folder>(&self, folder: &mut F) -> Octets<F::To> {
        match self {
            Self::Fixed(bytes) => Octets::Fixed(bytes.clone()),
            Self::WorkedOut(expression) => Octets::WorkedOut(expression.fold(folder)),
        }
    }
}

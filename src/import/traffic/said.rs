//! What the text of a body says, by its media type: as the runner reads it.

use std::sync::Arc;
use std::time::Duration;

use crate::import::wsdl::WSDL;
use crate::model::Service;
use crate::run::answer::{Answer, Body, BodyForm};
use crate::run::client::Response;
use crate::run::markup;
use crate::value::Value;
use crate::wire::json::Json;
use crate::wire::{Limits, Wire as _};

/// A body that was read.
#[derive(Debug, Clone)]
pub(in crate::import) struct Said {
    /// The media type, without parameters.
    pub(super) media_type: String,
    /// As it came.
    pub(super) text: String,
    /// How it is read.
    pub(super) form: BodyForm,
    /// What it says.
    pub(super) tree: Option<Value>,
    /// The prefixes of names in the tree.
    pub(super) namespaces: Vec<(Arc<str>, Arc<str>)>,
}

impl Said {
    /// Of a text, by what the media types of a vendor say of theirs.
    pub(super) fn new(media_type: &str, text: &str, service: Option<&Service>) -> Self {
        let response = Response {
            status: 200,
            headers: vec![("content-type".to_owned(), media_type.to_owned())],
            body: text.as_bytes().to_vec(),
            duration: Duration::ZERO,
            has_more: false,
            certificate: None,
        };
        let answer = Answer::new(response, service);
        let mut namespaces = Vec::new();
        let tree = match answer.body() {
            Ok(Body::Tree(value)) if answer.form.has_members() => Some(value.clone()),
            Ok(Body::Document(root, tree)) => {
                markup::gather(root, &mut namespaces);
                Some(markup::plain(tree, &namespaces))
            }
            // What is not as its media type says is a text all the same.
            Ok(Body::Nothing | Body::Bytes | Body::Tree(_)) | Err(_) => None,
        };
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
        Self { media_type, text: text.to_owned(), form: answer.form, tree, namespaces }
    }

    /// Whether values are told by what they spell.
    pub(super) fn is_textual(&self) -> bool {
        self.form.is_textual()
    }

    /// Whether it is a WSDL.
    pub(super) fn is_wsdl(&self) -> bool {
        self.namespaces.iter().any(|(_, namespace)| &**namespace == WSDL)
    }

    /// The tree, where it is JSON.
    pub(super) fn json(&self) -> Option<&Value> {
        self.tree.as_ref().filter(|_| self.form == BodyForm::Json)
    }
}

/// The value that a JSON text holds.
pub(super) fn json(text: &str) -> Option<Value> {
    Json.decode_in(text.as_bytes(), None, &Limits::default()).ok().map(|decoded| decoded.value)
}

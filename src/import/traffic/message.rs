//! Messages of SOAP in recorded requests and answers.

use super::Recorded;
use crate::value::Value;
use crate::wire::soap::{self, SoapVersion};
use crate::wire::{Limits, QualifiedName};

/// A message in its envelope.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) version: SoapVersion,
    /// The element in the body.
    pub(super) element: QualifiedName,
    /// What is in it, as an object.
    pub(super) content: Value,
    /// What is named beside the envelope.
    pub(super) action: Option<String>,
    /// Whether there is a header block.
    pub(super) has_header: bool,
}

/// The message that a request sends.
pub(super) fn sent(recorded: &Recorded) -> Option<Message> {
    let content_type = recorded.header("Content-Type");
    let action = soap::action(recorded.header("SOAPAction"), content_type);
    let message = opened(recorded.body.as_deref()?)?;
    Some(Message { action: action.filter(|action| !action.is_empty()), ..message })
}

/// The message that was answered.
pub(super) fn answered(recorded: &Recorded) -> Option<Message> {
    opened(&recorded.answer.as_ref()?.text)
}

fn opened(body: &str) -> Option<Message> {
    let message = soap::open(body.as_bytes(), &Limits::default()).ok()?;
    Some(Message {
        version: message.version,
        element: message.operation,
        content: message.parameters,
        action: None,
        has_header: message.has_header,
    })
}

impl Message {
    /// Whether it is a fault.
    pub(super) fn is_fault(&self) -> bool {
        self.element.is(Some(self.version.namespace()), "Fault")
    }
}

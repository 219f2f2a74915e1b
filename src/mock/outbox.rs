//! Messages that the vendor would have sent, and the links in them.

use std::sync::Arc;

use crate::model::OperationId;
use crate::value::{Map, Value};

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Counts from 1 within the vendor and the session.
    pub id: u64,
    /// When it was sent, by the mock's clock.
    pub time: jiff::Timestamp,
    /// Such as `email`.
    pub channel: Arc<str>,
    /// Which message it is.
    pub name: Arc<str>,
    /// Who gets it.
    pub recipient: Arc<str>,
    /// Names and tokens of its links.
    pub links: Vec<(Arc<str>, Arc<str>)>,
    /// What it carries.
    pub data: Value,
}

/// A message on its way, with what its links run by their tokens.
pub type Outgoing = (Message, Vec<(Arc<str>, Link)>);

/// What runs when a link is followed.
#[derive(Debug, Clone)]
pub struct Link {
    /// The operation.
    pub operation: OperationId,
    /// Its parameters.
    pub parameters: Map,
}

/// The messages of one vendor in one session, newest last.
#[derive(Debug, Default)]
pub struct Outbox {
    messages: Vec<Message>,
    links: std::collections::HashMap<Arc<str>, Link>,
    sent: u64,
}

/// Older messages, and their links, make room for newer ones.
const MOST_MESSAGES: usize = 10_000;

impl Outbox {
    /// The number of the next message.
    pub fn next_id(&self) -> u64 {
        self.sent + 1
    }

    /// Puts a message in.
    pub fn send(&mut self, message: Message, links: Vec<(Arc<str>, Link)>) {
        self.sent += 1;
        self.links.extend(links);
        self.messages.push(message);
        if self.messages.len() > MOST_MESSAGES {
            for (_, token) in self.messages.remove(0).links {
                self.links.remove(&token);
            }
        }
    }

    /// The messages, newest last.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// What runs when the link with that token is followed.
    pub fn link(&self, token: &str) -> Option<&Link> {
        self.links.get(token)
    }

    /// Takes the messages out; their links still work, as a mail that was read does.
    pub fn clear(&mut self) {
        self.messages.clear();
    }
}

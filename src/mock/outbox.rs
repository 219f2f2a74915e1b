//! Messages that the vendor would have sent, and the links in them.

use std::collections::{HashMap, VecDeque};
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
    messages: VecDeque<Message>,
    links: HashMap<Arc<str>, Link>,
    /// The tokens of the links, oldest first.
    tokens: VecDeque<Arc<str>>,
    sent: u64,
}

/// Older messages make room for newer ones.
const MOST_MESSAGES: usize = 10_000;
/// Older links do so too, also those of messages that were taken out.
const MOST_LINKS: usize = 2 * MOST_MESSAGES;

impl Outbox {
    /// The number of the next message.
    pub fn next_id(&self) -> u64 {
        self.sent + 1
    }

    /// Puts a message in.
    pub fn send(&mut self, message: Message, links: Vec<(Arc<str>, Link)>) {
        self.sent += 1;
        self.messages.push_back(message);
        if self.messages.len() > MOST_MESSAGES {
            self.messages.pop_front();
        }
        for (token, link) in links {
            self.tokens.push_back(token.clone());
            self.links.insert(token, link);
        }
        while self.tokens.len() > MOST_LINKS {
            let Some(token) = self.tokens.pop_front() else { break };
            self.links.remove(&token);
        }
    }

    /// The messages, newest last.
    pub fn messages(&self) -> impl ExactSizeIterator<Item = &Message> {
        self.messages.iter()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_does_not_pile_up() {
        let mut outbox = Outbox::default();
        let token = |n: usize| Arc::<str>::from(n.to_string());
        for n in 0..=MOST_LINKS {
            let message = Message {
                id: outbox.next_id(),
                time: jiff::Timestamp::UNIX_EPOCH,
                channel: "email".into(),
                name: "welcome".into(),
                recipient: "ann@example.org".into(),
                links: vec![("confirm".into(), token(n))],
                data: Value::Null,
            };
            let link = Link { operation: OperationId(0), parameters: Map::new() };
            outbox.send(message, vec![(token(n), link)]);
            if n % 1000 == 0 {
                outbox.clear();
            }
        }
        assert!(outbox.link("0").is_none());
        assert!(outbox.link("1").is_some(), "the message is gone, its link works");
        assert_eq!(outbox.links.len(), MOST_LINKS);
    }
}

//! Messages that the vendor would have sent, and the links in them.

use std::collections::{HashMap, HashSet, VecDeque};
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
    pub parameters: Arc<Map>,
}

/// The messages of one vendor in one session, newest last.
#[derive(Debug, Default)]
pub struct Outbox {
    messages: VecDeque<Arc<Message>>,
    links: HashMap<Arc<str>, Link>,
    /// The tokens of the links, oldest first.
    tokens: VecDeque<Arc<str>>,
    sent: u64,
}

/// What a commit changed in an outbox.
#[derive(Debug, Default)]
pub struct OutboxChange {
    /// The messages that came, oldest first.
    pub sent: Vec<Arc<Message>>,
    /// Their links, with their tokens.
    pub links: Vec<(Arc<str>, Link)>,
    /// The messages that went, oldest first: they were the oldest.
    pub gone: Vec<Arc<Message>>,
    /// The links that went, oldest first, with their tokens.
    pub gone_links: Vec<(Arc<str>, Link)>,
}

impl OutboxChange {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.sent.is_empty() && self.gone.is_empty() && self.gone_links.is_empty()
    }
}

/// Older messages make room for newer ones.
pub(super) const MOST_MESSAGES: usize = 10_000;
/// Older links do so too, also those of messages that were taken out.
pub(super) const MOST_LINKS: usize = 2 * MOST_MESSAGES;

impl Outbox {
    /// Puts messages in and gives them their ids.
    pub fn send(&mut self, outgoing: Vec<Outgoing>) -> OutboxChange {
        let mut change = OutboxChange::default();
        for (mut message, links) in outgoing {
            self.sent += 1;
            message.id = self.sent;
            let message = Arc::new(message);
            change.sent.push(message.clone());
            self.messages.push_back(message);
            if self.messages.len() > MOST_MESSAGES {
                change.gone.extend(self.messages.pop_front());
            }
            for (token, link) in links {
                self.tokens.push_back(token.clone());
                change.links.push((token.clone(), link.clone()));
                self.links.insert(token, link);
            }
            while self.tokens.len() > MOST_LINKS {
                let Some(token) = self.tokens.pop_front() else { break };
                let link = self.links.remove(&token);
                change.gone_links.extend(link.map(|link| (token, link)));
            }
        }
        change
    }

    /// The messages, newest last.
    pub fn messages(&self) -> impl ExactSizeIterator<Item = &Arc<Message>> {
        self.messages.iter()
    }

    /// The links that work, oldest first, with their tokens.
    pub fn links(&self) -> impl Iterator<Item = (&Arc<str>, &Link)> {
        self.tokens.iter().filter_map(|token| Some((token, self.links.get(token)?)))
    }

    /// How many messages there were ever.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// An outbox with those messages and links, of so many messages that there were ever.
    pub fn of(
        sent: u64,
        messages: impl IntoIterator<Item = Message>,
        links: impl IntoIterator<Item = (Arc<str>, Link)>,
    ) -> Self {
        let mut outbox = Self { sent, ..Self::default() };
        outbox.messages.extend(messages.into_iter().map(Arc::new));
        for (token, link) in links {
            outbox.tokens.push_back(token.clone());
            outbox.links.insert(token, link);
        }
        outbox
    }

    /// What runs when the link with that token is followed.
    pub fn link(&self, token: &str) -> Option<&Link> {
        self.links.get(token)
    }

    /// The same with its links at other places; those that have none are gone.
    #[must_use]
    pub fn with_operations(mut self, place: impl Fn(OperationId) -> Option<OperationId>) -> Self {
        self.links.retain(|_, link| match place(link.operation) {
            Some(operation) => {
                link.operation = operation;
                true
            }
            None => false,
        });
        let links = &self.links;
        self.tokens.retain(|token| links.contains_key(token));
        self
    }

    /// Takes the messages out; their links still work, as a mail that was read does.
    pub fn clear(&mut self) -> OutboxChange {
        OutboxChange { gone: self.messages.drain(..).collect(), ..OutboxChange::default() }
    }

    /// Takes back the last change that was not taken back yet.
    pub fn revert(&mut self, change: OutboxChange) {
        let OutboxChange { sent, links: _, gone, gone_links } = change;
        let own: HashSet<&str> =
            sent.iter().flat_map(|message| &message.links).map(|(_, token)| &**token).collect();
        for token in &own {
            // Those of a commit of very many messages may have gone already.
            if self.links.remove(*token).is_some() {
                self.tokens.pop_back();
            }
        }
        for _ in &sent {
            self.sent = self.sent.saturating_sub(1);
        }
        while self.messages.back().is_some_and(|message| message.id > self.sent) {
            self.messages.pop_back();
        }
        for message in gone.into_iter().rev().filter(|message| message.id <= self.sent) {
            self.messages.push_front(message);
        }
        for (token, link) in gone_links.into_iter().rev() {
            if !own.contains(&*token) {
                self.tokens.push_front(token.clone());
                self.links.insert(token, link);
            }
        }
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
                id: 0,
                time: jiff::Timestamp::UNIX_EPOCH,
                channel: "email".into(),
                name: "welcome".into(),
                recipient: "ann@example.org".into(),
                links: vec![("confirm".into(), token(n))],
                data: Value::Null,
            };
            let link = Link { operation: OperationId(0), parameters: Arc::default() };
            outbox.send(vec![(message, vec![(token(n), link)])]);
            if n % 1000 == 0 {
                outbox.clear();
            }
        }
        assert!(outbox.link("0").is_none());
        assert!(outbox.link("1").is_some(), "the message is gone, its link works");
        assert_eq!(outbox.links.len(), MOST_LINKS);
    }
}

//! Messages that the vendor would have sent, and the links in them.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use super::delivery::{Attempt, Delivery, Ending};
use crate::model::OperationId;
use crate::value::{Map, Value};

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Counts from 1 within the vendor and the session.
    pub id: u64,
    /// When it was sent, by the mock's clock.
    pub time: Timestamp,
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
    /// The request that it is, if it is one.
    pub delivery: Option<Delivery>,
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
    /// Messages that are to be sent, by their ids, and when.
    due: BTreeSet<(Timestamp, u64)>,
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
    /// A message before and after another attempt.
    pub attempted: Option<Box<[Arc<Message>; 2]>>,
}

impl OutboxChange {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.sent.is_empty()
            && self.gone.is_empty()
            && self.gone_links.is_empty()
            && self.attempted.is_none()
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
            self.due.extend(due(&message));
            self.messages.push_back(message);
            if self.messages.len() > MOST_MESSAGES
                && let Some(gone) = self.messages.pop_front()
            {
                due(&gone).map(|due| self.due.remove(&due));
                change.gone.push(gone);
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
        outbox.due = outbox.messages.iter().filter_map(|message| due(message)).collect();
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
        self.due.clear();
        OutboxChange { gone: self.messages.drain(..).collect(), ..OutboxChange::default() }
    }

    /// Takes back the last change that was not taken back yet.
    pub fn revert(&mut self, change: OutboxChange) {
        let OutboxChange { sent, links: _, gone, gone_links, attempted } = change;
        if let Some(attempted) = attempted {
            let [before, after] = *attempted;
            self.exchange(&after, before);
        }
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
        self.due = self.messages.iter().filter_map(|message| due(message)).collect();
    }

    /// The message that is to be sent next, and when.
    pub fn next_due(&self) -> Option<(Timestamp, &Arc<Message>)> {
        let (at, id) = self.due.first()?;
        Some((*at, self.message(*id)?))
    }

    fn message(&self, id: u64) -> Option<&Arc<Message>> {
        let at = self.messages.binary_search_by_key(&id, |message| message.id).ok()?;
        self.messages.get(at)
    }

    /// Notes what came of an attempt to send a message, if it is still there as it was then.
    pub(super) fn attempted(
        &mut self,
        message: &Arc<Message>,
        attempt: Attempt,
        ending: Ending,
    ) -> OutboxChange {
        let mut change = OutboxChange::default();
        let is_same = |one: &&Arc<Message>| one.delivery == message.delivery;
        let before = self.message(message.id).filter(is_same).cloned();
        if let Some((before, delivery)) = before.zip(message.delivery.as_ref()) {
            let mut after = Message::clone(&before);
            after.delivery = Some(delivery.after(attempt, ending));
            let after = Arc::new(after);
            self.exchange(&before, after.clone());
            change.attempted = Some(Box::new([before, after]));
        }
        change
    }

    /// Lets a message go out once more at that time, whatever came of it before; nothing where there
    /// is none of that id that goes out.
    pub(super) fn deliver_again(&mut self, id: u64, at: Timestamp) -> OutboxChange {
        let mut change = OutboxChange::default();
        let Some(before) = self.message(id).cloned() else { return change };
        let mut after = Message::clone(&before);
        let Some(delivery) = &mut after.delivery else { return change };
        delivery.next = Some(at);
        let after = Arc::new(after);
        self.exchange(&before, after.clone());
        change.attempted = Some(Box::new([before, after]));
        change
    }

    /// Puts a message in the place of the one that it was before an attempt made elsewhere.
    pub(super) fn put(&mut self, message: Message) {
        if let Some(before) = self.message(message.id).cloned() {
            self.exchange(&before, Arc::new(message));
        }
    }

    fn exchange(&mut self, old: &Message, new: Arc<Message>) {
        due(old).map(|due| self.due.remove(&due));
        if let Ok(at) = self.messages.binary_search_by_key(&old.id, |message| message.id)
            && let Some(place) = self.messages.get_mut(at)
        {
            self.due.extend(due(&new));
            *place = new;
        }
    }
}

fn due(message: &Message) -> Option<(Timestamp, u64)> {
    Some((message.delivery.as_ref()?.next?, message.id))
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
                time: Timestamp::UNIX_EPOCH,
                channel: "email".into(),
                name: "welcome".into(),
                recipient: "ann@example.org".into(),
                links: vec![("confirm".into(), token(n))],
                data: Value::Null,
                delivery: None,
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

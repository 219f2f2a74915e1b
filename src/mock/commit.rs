//! What one commit changed in a session.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::account::{self, Account};
use super::entry::Entry;
use super::outbox::{Link, Message};
use super::schedule::{Due, Turn};
use crate::clock;
use crate::value::{Map, Record, Value};

/// A commit.
#[derive(Debug)]
pub(super) struct Commit {
    /// The version of the session that it made.
    pub version: u64,
    /// What it changed.
    pub change: Change,
    /// About how many bytes it takes.
    pub size: usize,
}

/// What a commit changed.
#[derive(Debug)]
pub enum Change {
    /// An account.
    Account(usize, account::Change),
    /// The clock.
    Clock {
        /// How it was set.
        before: clock::Setting,
        /// How it is set.
        after: clock::Setting,
    },
    /// A vendor went back to its fixtures.
    Reset {
        /// Its position.
        vendor: usize,
        /// The account as it was, if there was one.
        before: Option<Box<Account>>,
        /// The requests that were forgotten, oldest first.
        forgotten: Vec<Entry>,
    },
}

impl Change {
    /// About how many bytes it takes.
    pub fn size(&self) -> usize {
        let held = match self {
            Self::Account(_, change) => account_change(change),
            Self::Clock { .. } => 0,
            Self::Reset { before, forgotten, .. } => {
                before.as_ref().map_or(0, |account| whole(account))
                    + forgotten.iter().map(|entry| entry.size).sum::<usize>()
            }
        };
        size_of::<Commit>() + held
    }
}

fn account_change(change: &account::Change) -> usize {
    let account::Change { rows, settings, random: _, outbox, schedule } = change;
    let images = rows.rows.iter().map(|row| {
        // A row that comes is in the store; only what it was is held for the history alone.
        size_of_val(row) + row.before.as_deref().map_or(0, record)
    });
    images.sum::<usize>()
        + size_of_val(&*rows.sequences)
        + settings.as_ref().map_or(0, |[before, _]| map(before))
        + outbox.attempted.as_deref().into_iter().flatten().map(|one| message(one)).sum::<usize>()
        + outbox.sent.len() * size_of::<Arc<Message>>()
        + outbox.links.len() * size_of::<(Arc<str>, Link)>()
        + outbox.gone.iter().map(|gone| message(gone)).sum::<usize>()
        + schedule.added.len() * size_of::<(Turn, Arc<Due>)>()
        + schedule.taken.as_ref().map_or(0, |taken| 64 + map(&taken.1.parameters))
        + outbox.gone_links.iter().map(|(_, link)| 64 + map(&link.parameters)).sum::<usize>()
}

fn whole(account: &Account) -> usize {
    let collections = account.store.layout().collections.len();
    let mut size = map(&account.settings);
    for collection in 0..collections {
        account.store.for_each(collection, &mut |row| {
            size += record(row);
            ControlFlow::Continue(())
        });
    }
    size + account.outbox.messages().map(|sent| message(sent)).sum::<usize>()
}

fn message(message: &Message) -> usize {
    let delivery = message.delivery.as_ref().map_or(0, |delivery| {
        value(&delivery.body.value()) + 128 * (delivery.headers.len() + delivery.attempts.len())
    });
    size_of::<Message>() + value(&message.data) + message.links.len() * 128 + delivery
}

fn record(record: &Record) -> usize {
    let slots = record.shape().names().len() * size_of::<Option<Value>>();
    size_of::<Record>() + slots + record.iter().map(|(_, field)| value(field)).sum::<usize>()
}

fn map(map: &Map) -> usize {
    map.iter().map(|(_, member)| 48 + value(member)).sum()
}

fn value(held: &Value) -> usize {
    match held {
        Value::Text(text) => text.len() + 16,
        Value::List(items) => items.iter().map(|item| size_of::<Value>() + value(item)).sum(),
        Value::Map(members) => map(members),
        Value::Record(row) => record(row),
        _ => 0,
    }
}

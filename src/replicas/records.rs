//! Records, as a store has them: each is the lines of what one transaction came to.

use super::store::{Known, Trouble};
use crate::ledger::{Entry, Event, Made, Stored, StoredSession, line, of_line};

/// The text of a record.
pub(super) fn record(entries: &[Entry]) -> String {
    entries.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The first record of a session, and the session that it makes.
pub(super) fn first(number: u64, made: Made) -> (String, Option<StoredSession>) {
    let mut stored = Stored::default();
    let entry = Entry::of(number, Event::Made(made));
    let text = line(&entry);
    stored.apply(entry);
    (text, stored.sessions.remove(&number))
}

/// What records say, if they are all from a position to another one.
pub(super) fn entries<'r>(
    records: impl IntoIterator<Item = (i64, &'r str)>,
    from: i64,
    to: i64,
) -> Result<Option<Vec<Entry>>, Trouble> {
    let mut entries = Vec::new();
    let mut at = from;
    for (position, text) in records {
        // One beyond the head was written by who came after the lock, which cannot be.
        if position != at + 1 || position > to {
            return Ok(None);
        }
        at = position;
        for said in text.lines() {
            entries.push(of_line(said).ok_or_else(|| {
                Trouble::NotDone(format!(
                    "record {position} of a session in the database has a form that this \
                     version does not know"
                ))
            })?);
        }
    }
    Ok((at == to).then_some(entries))
}

/// The text of a snapshot: what a session comes to.
pub(super) fn snapshot(number: u64, told: StoredSession) -> String {
    let mut stored = Stored::default();
    stored.sessions.insert(number, told);
    let entries = stored.entries().into_iter();
    let entries = entries.filter(|entry| !matches!(entry.event, Event::Specs(_)));
    entries.map(|entry| line(&entry)).collect::<Vec<_>>().join("\n")
}

/// A session as it was after so many records, and so many lines of the next one; none where not
/// all of them are left that came after the snapshot.
pub(super) fn past<'r>(
    id: i64,
    base: i64,
    snapshot: &str,
    records: impl IntoIterator<Item = (i64, &'r str)>,
    (head, lines): (i64, usize),
) -> Result<Option<StoredSession>, Trouble> {
    let (mut whole, mut begun) = (Vec::new(), String::new());
    for (position, text) in records {
        if position <= head {
            whole.push((position, text));
        } else if position == head + 1 {
            begun = text.lines().take(lines).collect::<Vec<_>>().join("\n");
        }
    }
    let Some(entries) = entries(whole, base, head)? else { return Ok(None) };
    let mut stored = Stored::default();
    for said in snapshot.lines() {
        stored.apply(of_line(said).ok_or_else(damaged)?);
    }
    for entry in entries {
        stored.apply(entry);
    }
    for said in begun.lines() {
        stored.apply(of_line(said).ok_or_else(damaged)?);
    }
    stored.sessions.remove(&id.cast_unsigned()).ok_or_else(damaged).map(Some)
}

fn damaged() -> Trouble {
    Trouble::NotDone("a session in the database cannot be read as it is".to_owned())
}

/// A session: its last snapshot, which is that of a position, and the records that came after it.
pub(super) fn session<'r>(
    at: Known,
    base: i64,
    snapshot: &str,
    records: impl IntoIterator<Item = (i64, &'r str)>,
) -> Result<StoredSession, Trouble> {
    let past = past(at.id, base, snapshot, records, (at.head, 0))?;
    past.ok_or_else(damaged)
}

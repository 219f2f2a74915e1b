//! What is read and written of a session in one transaction.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::types::ToSql;

use super::log::{read, since};
use super::trouble::said;
use super::{Connection, Database, Taken, journal};
use crate::ledger::{Entry, StoredSession};
use crate::replicas::records;
use crate::replicas::store::{Cut, Held, Known, Locked, Making, News, Page, Step, Told, Trouble};

/// How long is waited for a session that others use, and for what happened to it.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long is waited for what is written.
const WRITING: Duration = Duration::from_secs(12);

/// A session whose row is locked.
struct Row<'d> {
    database: &'d Database,
    taken: Taken<'d>,
    at: Known,
    told: Told,
}

/// What the row of a session says.
pub(super) struct Head {
    pub(super) id: i64,
    last: i64,
    /// The position of its last snapshot.
    pub(super) base: i64,
    /// Whether another one should be made.
    pub(super) has_grown: bool,
    told: Told,
}

impl Head {
    pub(super) fn of(row: &tokio_postgres::Row) -> Result<Self, tokio_postgres::Error> {
        let (grown, base_size): (i64, i64) = (row.try_get(3)?, row.try_get(4)?);
        let has_grown = grown > crate::replicas::LEAST_GROWTH + base_size * 2;
        let (number, last_id): (i64, i64) = (row.try_get(5)?, row.try_get(6)?);
        Ok(Self {
            id: row.try_get(0)?,
            last: row.try_get(1)?,
            base: row.try_get(2)?,
            has_grown,
            told: Told { number, last_id: last_id.cast_unsigned() },
        })
    }
}

/// Locks a session, which is made where there is none, and finds what is not known of it.
pub(super) async fn lock<'d>(
    database: &'d Database,
    name: &str,
    known: Option<Known>,
    made: &Making<'_>,
) -> Result<Locked<'d>, Trouble> {
    let hold = |taken, (at, news, has_grown, told)| Locked {
        at,
        news,
        told,
        has_grown,
        held: Box::new(Row { database, taken, at, told }),
    };
    let taken = database.take(false).await?;
    let used = taken.used;
    match timeout(PATIENCE, locked(&taken.connection, name, known, made)).await {
        Ok(Ok(found)) => Ok(hold(taken, found)),
        // It may have ended since it was used last, which shows only when it is used again.
        Ok(Err(error)) if used && taken.connection.client.is_closed() => {
            drop((taken, error));
            let taken = database.take(true).await?;
            let locking = timeout(PATIENCE, locked(&taken.connection, name, known, made));
            let found = locking.await.map_err(late)??;
            Ok(hold(taken, found))
        }
        Ok(Err(trouble)) => {
            // What is not in a transaction any more can be used again.
            if taken.connection.client.batch_execute("ROLLBACK").await.is_ok() {
                database.give_back(taken);
            }
            Err(trouble)
        }
        Err(elapsed) => Err(late(elapsed)),
    }
}

fn late(_: tokio::time::error::Elapsed) -> Trouble {
    Trouble::NotDone(format!("the database did not answer within {PATIENCE:?}"))
}

/// Where a session is, what is not known of it, whether it has grown, and how far its journal is.
type Found = (Known, News, bool, Told);

async fn locked(
    connection: &Connection,
    name: &str,
    known: Option<Known>,
    made: &Making<'_>,
) -> Result<Found, Trouble> {
    let Connection { client, .. } = connection;
    let before = |error: tokio_postgres::Error| Trouble::before(&error);
    let (begun, found, records) = {
        let Known { id, head } = known.unwrap_or(Known { id: -1, head: 0 });
        let wanted: [&(dyn ToSql + Sync); 2] = [&id, &head];
        let named: [&(dyn ToSql + Sync); 1] = [&name];
        // All of it goes out at once, in this order. Each statement sees what was kept when it
        // began, and the last one begins when the lock is there.
        tokio::join!(
            biased;
            client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED"),
            client.query_opt(&connection.lock, &named),
            client.query(&connection.records, &wanted),
        )
    };
    begun.map_err(before)?;
    let Some(found) = found.map_err(before)? else {
        return make(connection, name, made).await;
    };
    let Head { id, last: head, base, has_grown, told } = Head::of(&found).map_err(before)?;
    let at = Known { id, head };
    if let Some(Known { head: from, .. }) = known.filter(|known| known.id == id)
        && let Some(entries) = records::entries(read(&records.map_err(before)?)?, from, head)?
    {
        return Ok((at, News::Entries(entries), has_grown, told));
    }
    let stored = load(connection, at, base).await?;
    Ok((at, News::All(Box::new(stored)), has_grown, told))
}

/// Makes a session, unless another one does so at the same time: then that one's is taken.
async fn make(connection: &Connection, name: &str, made: &Making<'_>) -> Result<Found, Trouble> {
    let before = |error: tokio_postgres::Error| Trouble::before(&error);
    let (number, made) = made();
    let id = number.cast_signed();
    let (body, session) = records::first(number, made);
    let size = i64::try_from(body.len()).unwrap_or(i64::MAX);
    let client = &connection.client;
    let count = client.execute(&connection.make, &[&name, &id, &size]).await.map_err(before)?;
    let Some(session) = session.filter(|_| count == 1) else {
        return Err(Trouble::Again("another replica made the session".to_owned()));
    };
    client.execute(&connection.begin, &[&id, &body]).await.map_err(before)?;
    client.batch_execute("COMMIT").await.map_err(|error| Trouble::after(&error))?;
    // It is there now, and locked like any other.
    let begun = client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED");
    let named: [&(dyn ToSql + Sync); 1] = [&name];
    let (begun, found) = tokio::join!(biased; begun, client.query_opt(&connection.lock, &named));
    begun.map_err(before)?;
    let found = found.map_err(before)?.map(|row| Head::of(&row)).transpose().map_err(before)?;
    match found {
        Some(found) if found.id == id && found.last == 1 => {
            let session = News::All(Box::new(session));
            Ok((Known { id, head: 1 }, session, false, Told::default()))
        }
        _ => Err(Trouble::Again("another replica used the session".to_owned())),
    }
}

/// The session as the database has it: the last snapshot, and what came after it.
async fn load(connection: &Connection, at: Known, base: i64) -> Result<StoredSession, Trouble> {
    let (text, rows) = since(connection, at.id, base).await?;
    records::session(at, base, &text, read(&rows)?)
}

impl<'d> Held<'d> for Row<'d> {
    fn names(&mut self) -> Step<'_, Vec<Arc<str>>> {
        Box::pin(async {
            let all = "SELECT name FROM counterpart_session WHERE name <> '' ORDER BY name";
            let rows = self.taken.connection.client.query(all, &[]).await;
            let rows = rows.map_err(|error| Trouble::before(&error))?;
            let names = rows.iter().map(|row| row.try_get::<_, &str>(0).map(Into::into));
            names.collect::<Result<_, _>>().map_err(|error| Trouble::before(&error))
        })
    }

    fn drop_named<'h>(&'h mut self, names: &'h [Arc<str>]) -> Step<'h, ()> {
        let before = |error: tokio_postgres::Error| Trouble::before(&error);
        Box::pin(async move {
            let Connection { client, lock, .. } = &self.taken.connection;
            for name in names {
                let name = &**name;
                let found = client.query_opt(lock, &[&name]).await.map_err(before)?;
                let Some(found) = found else { continue };
                let id: i64 = found.try_get(0).map_err(before)?;
                for table in ["record", "snapshot", "journal"] {
                    let clean =
                        format!("DELETE FROM counterpart_{table} WHERE session IN ($1, $2)");
                    client.execute(&clean, &[&id, &-id]).await.map_err(before)?;
                }
                let clean = "DELETE FROM counterpart_session WHERE name = $1";
                client.execute(clean, &[&name]).await.map_err(before)?;
            }
            Ok(())
        })
    }

    fn journal(&mut self, after: i64) -> Step<'_, Vec<(i64, String)>> {
        Box::pin(journal::pages(&self.taken.connection, self.at.id, after))
    }

    fn past(&mut self, before: u64) -> Step<'_, Option<StoredSession>> {
        Box::pin(journal::past(&self.taken.connection, self.at.id, before))
    }

    fn keep<'k>(
        self: Box<Self>,
        name: &'k str,
        entries: &'k [Entry],
        page: &'k Page,
    ) -> Step<'k, Known>
    where
        'd: 'k,
    {
        Box::pin(async move {
            let record = (!entries.is_empty()).then(|| records::record(entries));
            self.add(name, record, page).await
        })
    }

    fn end(self: Box<Self>) -> Step<'d, Known> {
        Box::pin(async move {
            let Self { database, taken, at, .. } = *self;
            let ended = timeout(WRITING, taken.connection.client.batch_execute("COMMIT")).await;
            let ended =
                ended.map_err(|_| Trouble::Unknown("the database does not answer".to_owned()))?;
            ended.map_err(|error| Trouble::after(&error))?;
            database.give_back(taken);
            Ok(at)
        })
    }

    fn release(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send + 'd>> {
        Box::pin(async move {
            let Self { database, taken, .. } = *self;
            let ended = timeout(WRITING, taken.connection.client.batch_execute("ROLLBACK")).await;
            if matches!(ended, Ok(Ok(()))) {
                database.give_back(taken);
            }
        })
    }
}

impl Row<'_> {
    /// Adds the next record, if there is one, and the next page of the journal, if something is on
    /// it, and commits.
    async fn add(self, name: &str, record: Option<String>, page: &Page) -> Result<Known, Trouble> {
        let Self { database, taken, at: Known { id, head }, told } = self;
        let next = head + i64::from(record.is_some());
        let record = record.unwrap_or_default();
        let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
        let connection = &taken.connection;
        let client = &connection.client;
        let stays = match page.cut {
            Cut::From(request) => journal::cut(connection, id, request, told.number).await?,
            Cut::Nothing | Cut::All => String::new(),
        };
        let mut body = stays;
        if !body.is_empty() {
            body.push('\n');
        }
        body.push_str(&page.body);
        let last = told.number;
        let (number, last_id) = (last + 1, page.last_id.cast_signed());
        let (size, told_size) = (length(&record), length(&body));
        let stepped: [&(dyn ToSql + Sync); 6] = [&name, &id, &head, &next, &size, &record];
        let told: [&(dyn ToSql + Sync); 4] = [&number, &last_id, &told_size, &body];
        let (statement, values) = match (next > head, page.is_empty()) {
            (true, true) => (&connection.add, stepped.to_vec()),
            (true, false) => (&connection.add_and_tell, [&stepped[..], &told].concat()),
            (false, _) => (&connection.tell, [&stepped[..3], &told].concat()),
        };
        let forgetting = async {
            match page.cut {
                Cut::All => journal::take_out(connection, id, 0, last).await,
                Cut::Nothing | Cut::From(_) => Ok(()),
            }
        };
        let writing = async {
            let (_, added, committed) = tokio::join!(
                biased;
                forgetting,
                client.execute(statement, &values),
                client.batch_execute("COMMIT"),
            );
            (added, committed)
        };
        let written = timeout(WRITING, writing).await;
        let (added, committed) = written.map_err(|_| {
            Trouble::Unknown(format!("the database did not answer within {WRITING:?}"))
        })?;
        // A COMMIT of what has failed takes it back, and is no error.
        let added = match added {
            Ok(added) => added,
            Err(failed) => {
                if committed.is_ok() {
                    database.give_back(taken);
                }
                return Err(match failed.code() {
                    Some(_) => Trouble::before(&failed),
                    None => Trouble::Unknown(said(&failed)),
                });
            }
        };
        committed.map_err(|error| Trouble::after(&error))?;
        database.give_back(taken);
        match added {
            1 => Ok(Known { id, head: next }),
            _ => Err(Trouble::Again("the session is not where it was".to_owned())),
        }
    }
}

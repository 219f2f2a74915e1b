//! A `PostgreSQL` database, or another one that speaks its language: its tables, and connections
//! to it.

mod journal;
mod log;
mod place;
mod snapshot;
mod tables;
#[cfg(feature = "tls")]
mod tls;
mod transaction;
mod trouble;

use std::pin::Pin;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{sleep, timeout};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Statement, ToStatement};

use super::store::{Head, Known, Locked, Making, Step, Store, Trouble};
use crate::ledger::StoredSession;
use crate::random::random_seed;
#[cfg(feature = "tls")]
use tls::Tls;
use trouble::said;

/// How long is waited for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long is waited for a statement that is alone.
const STATEMENT: Duration = Duration::from_secs(10);
/// How long is waited for a snapshot to be written.
const SNAPSHOT: Duration = Duration::from_mins(1);
/// So many connections there are at most; each session needs one while it is used.
const MOST: usize = 8;
/// What a connection is told first, as far as the database knows it: whoever waits for a session
/// gives up before a client does, and a machine that has gone does not hold one for ever.
const SETTINGS: [&str; 3] = [
    "SET application_name = 'counterpart-mock'",
    "SET lock_timeout = '10s'",
    "SET idle_in_transaction_session_timeout = '15s'",
];

/// The database that replicas share.
#[derive(Debug)]
pub(super) struct Database {
    config: Config,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
    places: Semaphore,
    idle: Mutex<Vec<Connection>>,
    began: Instant,
}

/// A connection, with what is asked on it.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) lock: Statement,
    pub(super) records: Statement,
    pub(super) snapshot: Statement,
    pub(super) make: Statement,
    pub(super) begin: Statement,
    pub(super) add: Statement,
    pub(super) tell: Statement,
    pub(super) add_and_tell: Statement,
    pub(super) forget: Statement,
    pub(super) bury: Statement,
    pub(super) journal: Statement,
    pub(super) news: Statement,
    pub(super) heads: Statement,
    pub(super) trim: Statement,
}

/// A connection that is used by one.
pub(super) struct Taken<'d> {
    pub(super) connection: Connection,
    /// Whether it was used before: it may have ended since.
    pub(super) used: bool,
    place: SemaphorePermit<'d>,
}

impl Database {
    /// The database at a URL. Fails with what is wrong with the URL.
    pub(super) fn at(url: &str) -> Result<Self, String> {
        let (mut config, encryption) = place::read(url)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        #[cfg(feature = "tls")]
        let tls = match encryption.is_wanted() {
            true => Some(Tls::new(&encryption).map_err(|why| format!("`--store`: {why}"))?),
            false => None,
        };
        #[cfg(not(feature = "tls"))]
        if encryption.is_required() {
            return Err("`--store`: this program was built without TLS".to_owned());
        }
        let (places, idle) = (Semaphore::new(MOST), Mutex::default());
        Ok(Self {
            config,
            #[cfg(feature = "tls")]
            tls,
            places,
            idle,
            began: Instant::now(),
        })
    }

    async fn connect(&self) -> Result<Client, String> {
        let connected = timeout(CONNECT, self.connected()).await;
        connected.map_err(|_| {
            format!("the database cannot be used: it does not answer within {CONNECT:?}")
        })?
    }

    async fn connected(&self) -> Result<Client, String> {
        let client = self.opened().await.map_err(|error| said(&error))?;
        for setting in SETTINGS {
            if let Err(error) = client.batch_execute(setting).await
                && error.as_db_error().is_none()
            {
                return Err(said(&error));
            }
        }
        Ok(client)
    }

    async fn opened(&self) -> Result<Client, tokio_postgres::Error> {
        // Whoever waits for an answer on a connection is told how it ends.
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let (client, connection) = self.config.connect(tls.clone()).await?;
            tokio::spawn(async { connection.await.ok() });
            return Ok(client);
        }
        let (client, connection) = self.config.connect(NoTls).await?;
        tokio::spawn(async { connection.await.ok() });
        Ok(client)
    }

    /// A connection: one that is there already, unless it has to be new.
    pub(super) async fn take(&self, fresh: bool) -> Result<Taken<'_>, Trouble> {
        // It fails only when the semaphore is closed, which nobody does.
        let place = self.places.acquire().await.map_err(|e| Trouble::NotDone(e.to_string()))?;
        if fresh {
            self.idle.lock().clear();
        }
        let idle = std::iter::from_fn(|| self.idle.lock().pop());
        let mut open = idle.filter(|connection| !connection.client.is_closed());
        if let Some(connection) = open.next() {
            return Ok(Taken { connection, used: true, place });
        }
        drop(open);
        let client = self.connect().await.map_err(Trouble::NotDone)?;
        let prepared = timeout(CONNECT, Box::pin(Connection::new(client))).await.map_err(|_| {
            Trouble::NotDone(format!("the database did not answer within {CONNECT:?}"))
        })?;
        let connection = prepared.map_err(|error| Trouble::before(&error))?;
        Ok(Taken { connection, used: false, place })
    }

    /// Has one statement done, in a transaction of its own. Gives how many rows it changed.
    async fn executed<S: ToStatement + Sync + ?Sized>(
        &self,
        statement: impl FnOnce(&Connection) -> &S,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Trouble> {
        let taken = self.take(false).await?;
        let connection = &taken.connection;
        let done = timeout(STATEMENT, connection.client.execute(statement(connection), parameters));
        let done = done.await.map_err(|_| {
            Trouble::Unknown(format!("the database did not answer within {STATEMENT:?}"))
        })?;
        let count = done.map_err(|error| Trouble::after(&error))?;
        self.give_back(taken);
        Ok(count)
    }

    /// Takes a connection back that is in no transaction.
    pub(super) fn give_back(&self, taken: Taken<'_>) {
        let Taken { connection, place, .. } = taken;
        self.idle.lock().push(connection);
        drop(place);
    }
}

impl Store for Database {
    fn lock<'s: 'l, 'l>(
        &'s self,
        name: &'l str,
        known: Option<Known>,
        made: &'l Making<'l>,
    ) -> Step<'l, Locked<'s>> {
        Box::pin(transaction::lock(self, name, known, made))
    }

    fn keep_snapshot<'s>(
        &'s self,
        name: &'s str,
        known: Known,
        told: StoredSession,
    ) -> Step<'s, ()> {
        Box::pin(async move {
            let writing = timeout(SNAPSHOT, snapshot::write(self, name, known, told));
            writing.await.map_err(|_| {
                Trouble::Unknown(format!("the database did not answer within {SNAPSHOT:?}"))
            })?
        })
    }

    fn pause(&self, tries: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let most = 5_u64 << tries.min(6);
        let pause = Duration::from_millis(1 + random_seed() % most);
        Box::pin(sleep(pause))
    }

    fn rest(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(sleep(time))
    }

    fn moment(&self) -> Duration {
        self.began.elapsed()
    }

    fn heads(&self) -> Step<'_, Vec<Head>> {
        Box::pin(journal::heads(self))
    }

    fn news(&self, id: i64, after: i64) -> Step<'_, Vec<(i64, String)>> {
        Box::pin(journal::news(self, id, after))
    }

    fn trim<'s>(&'s self, name: &'s str, id: i64, last_id: u64, bytes: i64) -> Step<'s, ()> {
        let last_id = last_id.cast_signed();
        Box::pin(async move {
            let parameters: [&(dyn ToSql + Sync); 4] = [&id, &name, &last_id, &bytes];
            self.executed(|connection| &connection.trim, &parameters).await.map(drop)
        })
    }

    fn lease<'s>(&'s self, name: &'s str, replica: i64) -> Step<'s, bool> {
        // The one who has it goes on.
        let take = "UPDATE counterpart_session SET leased = now() + INTERVAL '30 seconds', \
                    lessee = $2 WHERE name = $1 AND \
                    (leased IS NULL OR leased < now() OR lessee = $2)";
        Box::pin(async move { Ok(self.executed(|_| take, &[&name, &replica]).await? == 1) })
    }

    fn end_lease<'s>(&'s self, name: &'s str, replica: i64) -> Step<'s, ()> {
        let end = "UPDATE counterpart_session SET leased = NULL WHERE name = $1 AND lessee = $2";
        Box::pin(async move { self.executed(|_| end, &[&name, &replica]).await.map(drop) })
    }
}

impl Connection {
    async fn new(client: Client) -> Result<Self, tokio_postgres::Error> {
        let lock = client.prepare(
            "SELECT id, head, base, grown, base_size, told, told_id FROM counterpart_session \
             WHERE name = $1 FOR UPDATE",
        );
        let records = client.prepare(
            "SELECT position, body FROM counterpart_record \
             WHERE session = $1 AND position > $2 ORDER BY position",
        );
        let snapshot = client.prepare(
            "SELECT body FROM counterpart_snapshot \
             WHERE session = $1 AND position = $2 ORDER BY piece",
        );
        let make = client.prepare(
            "INSERT INTO counterpart_session (name, id, head, base, grown, base_size) \
             VALUES ($1, $2, 1, 0, $3, 0) ON CONFLICT (name) DO NOTHING",
        );
        let begin = client
            .prepare("INSERT INTO counterpart_record (session, position, body) VALUES ($1, 1, $2)");
        // Whatever the lock is worth, a record that is not the next one is not added.
        let add = client.prepare(
            "WITH stepped AS (UPDATE counterpart_session SET head = $4, grown = grown + $5 \
             WHERE name = $1 AND id = $2 AND head = $3 RETURNING id) \
             INSERT INTO counterpart_record (session, position, body) \
             SELECT id, $4, $6 FROM stepped",
        );
        let tell = client.prepare(
            "WITH stepped AS (UPDATE counterpart_session SET told = $4, told_id = $5, \
             told_bytes = told_bytes + $6 \
             WHERE name = $1 AND id = $2 AND head = $3 AND told + 1 = $4 \
             RETURNING id, told_bytes) \
             INSERT INTO counterpart_journal (session, number, last_id, upto, body) \
             SELECT id, $4, $5, told_bytes, $7 FROM stepped",
        );
        let add_and_tell = client.prepare(
            "WITH stepped AS (UPDATE counterpart_session SET head = $4, grown = grown + $5, \
             told = $7, told_id = $8, told_bytes = told_bytes + $9 \
             WHERE name = $1 AND id = $2 AND head = $3 AND told + 1 = $7 \
             RETURNING id, told_bytes), \
             recorded AS (INSERT INTO counterpart_record (session, position, body) \
             SELECT id, $4, $6 FROM stepped) \
             INSERT INTO counterpart_journal (session, number, last_id, upto, body) \
             SELECT id, $7, $8, told_bytes, $10 FROM stepped",
        );
        // What is taken out stays for a while under the negative number of the session, so that
        // who looks on at another replica is told of it.
        let forget = client.prepare(
            "DELETE FROM counterpart_journal \
             WHERE session = $2 OR (session = $1 AND number <= $3)",
        );
        let bury = client.prepare(
            "UPDATE counterpart_journal SET session = $2 WHERE session = $1 AND number >= $3",
        );
        let news = client.prepare(
            "SELECT number, body FROM counterpart_journal \
             WHERE (session = $1 OR session = $2) AND number > $3 ORDER BY number",
        );
        let journal = client.prepare(
            "SELECT number, body FROM counterpart_journal \
             WHERE session = $1 AND number > $2 ORDER BY number",
        );
        let heads = client.prepare("SELECT name, id, told FROM counterpart_session");
        let trim = client.prepare(
            "DELETE FROM counterpart_journal WHERE session = $1 AND \
             number < (SELECT told FROM counterpart_session WHERE name = $2) AND (last_id <= $3 OR \
             upto - octet_length(body) < \
             (SELECT told_bytes - $4 FROM counterpart_session WHERE name = $2))",
        );
        let first = async { tokio::try_join!(lock, records, snapshot, make, begin, add) };
        let rest = async {
            tokio::try_join!(tell, add_and_tell, forget, bury, journal, news, heads, trim)
        };
        let (first, rest) = tokio::try_join!(first, rest)?;
        let (lock, records, snapshot, make, begin, add) = first;
        let (tell, add_and_tell, forget, bury, journal, news, heads, trim) = rest;
        Ok(Self {
            client,
            lock,
            records,
            snapshot,
            make,
            begin,
            add,
            tell,
            add_and_tell,
            forget,
            bury,
            journal,
            news,
            heads,
            trim,
        })
    }
}

//! The tables: their version, which is in one of them, and how those of an older one come to be
//! those of this one.
//!
//! Who changes what stands in the tables, or what lines of records and journals can say, so that
//! older programs do not know it, makes another version, and a step to it in `STEPS`.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use super::Database;
use super::trouble::said;
use crate::ledger::{Entry, Event, SpecImage, line, of_line};
use crate::mock::fit::spec_image;
use crate::plan::Plan;

/// How often tables are tried to be made while other replicas make them too.
const TRIES: u32 = 20;

/// The version of the tables.
const FORMAT: i32 = 2;

/// Each is a statement of its own, for databases that take no more at once where tables change.
const TABLES: [&str; 5] = [
    "CREATE TABLE IF NOT EXISTS counterpart_specs (
        format integer PRIMARY KEY, body text NOT NULL)",
    "CREATE TABLE IF NOT EXISTS counterpart_session (
        name text PRIMARY KEY, id bigint NOT NULL, head bigint NOT NULL, base bigint NOT NULL,
        grown bigint NOT NULL, base_size bigint NOT NULL, leased timestamptz, lessee bigint,
        told bigint NOT NULL DEFAULT 0, told_id bigint NOT NULL DEFAULT 0,
        told_bytes bigint NOT NULL DEFAULT 0)",
    "CREATE TABLE IF NOT EXISTS counterpart_record (
        session bigint NOT NULL, position bigint NOT NULL, body text NOT NULL,
        PRIMARY KEY (session, position))",
    "CREATE TABLE IF NOT EXISTS counterpart_snapshot (
        session bigint NOT NULL, position bigint NOT NULL, piece integer NOT NULL,
        body text NOT NULL, PRIMARY KEY (session, position, piece))",
    JOURNAL,
];

const JOURNAL: &str = "CREATE TABLE IF NOT EXISTS counterpart_journal (
        session bigint NOT NULL, number bigint NOT NULL, last_id bigint NOT NULL,
        upto bigint NOT NULL, body text NOT NULL, PRIMARY KEY (session, number))";

/// What makes tables of a version those of the next one, from version 1 on.
const STEPS: [&[&str]; 1] = [
    // Journals are shared, of which the first programs of version 1 knew nothing.
    &[
        "ALTER TABLE counterpart_session ADD COLUMN IF NOT EXISTS told bigint NOT NULL DEFAULT 0",
        "ALTER TABLE counterpart_session ADD COLUMN IF NOT EXISTS told_id bigint NOT NULL DEFAULT 0",
        "ALTER TABLE counterpart_session \
         ADD COLUMN IF NOT EXISTS told_bytes bigint NOT NULL DEFAULT 0",
        JOURNAL,
    ],
];

impl Database {
    /// Makes the tables that are not there, and those of older versions into those of this one.
    pub(in crate::replicas) async fn prepare(&self) -> Result<(), String> {
        let mut tries = 0;
        loop {
            let mut client = self.connect().await?;
            let error = match version(&client).await {
                Ok(Some(FORMAT)) => return Ok(()),
                Ok(Some(other)) if other > FORMAT => {
                    return Err(format!(
                        "the tables in the database are of version {other}, which this program \
                         does not know: a newer one made them. Serve with that one, or take \
                         another database, or another schema of this one"
                    ));
                }
                Ok(Some(older)) => brought_up(&mut client, older).await.err(),
                Ok(None) => made(&client).await.err(),
                Err(error) => Some(error),
            };
            let Some(error) = error else { return Ok(()) };
            // Two that make the same table at once may be in each other's way.
            let of_others = error.code().is_some_and(|code| {
                [
                    SqlState::UNIQUE_VIOLATION,
                    SqlState::DUPLICATE_TABLE,
                    SqlState::T_R_SERIALIZATION_FAILURE,
                    SqlState::T_R_DEADLOCK_DETECTED,
                ]
                .contains(code)
            });
            tries += 1;
            if !of_others || tries == TRIES {
                return Err(said(&error));
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Says which specs are served, unless it is said already; then they have to be the same.
    pub(in crate::replicas) async fn agree(&self, plans: &[Arc<Plan>]) -> Result<(), String> {
        let specs: Vec<_> = plans.iter().map(|plan| spec_image(plan)).collect();
        let body = line(&Entry::of(0, Event::Specs(specs.clone())));
        let client = self.connect().await?;
        let add = "INSERT INTO counterpart_specs (format, body) VALUES ($1, $2) \
                   ON CONFLICT (format) DO NOTHING";
        client.execute(add, &[&FORMAT, &body]).await.map_err(|error| said(&error))?;
        let find = "SELECT body FROM counterpart_specs WHERE format = $1";
        let row = client.query_one(find, &[&FORMAT]).await.map_err(|error| said(&error))?;
        let body: String = row.try_get(0).map_err(|error| said(&error))?;
        let known = match of_line(&body).map(|entry| entry.event) {
            Some(Event::Specs(known)) => known,
            _ => Vec::new(),
        };
        if known != specs {
            return Err(others(&known, &specs));
        }
        Ok(())
    }
}

/// The version of the tables that are there; none where not all are.
async fn version(client: &Client) -> Result<Option<i32>, Error> {
    // A program of an older version that was refused may have left a row of its own.
    let find = "SELECT max(format) FROM counterpart_specs";
    match client.query_one(find, &[]).await {
        Ok(row) => row.try_get(0),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn made(client: &Client) -> Result<(), Error> {
    for table in TABLES {
        client.batch_execute(table).await?;
    }
    Ok(())
}

/// Makes tables of an older version those of this one, in one transaction: whoever comes meanwhile
/// waits, and finds it done.
async fn brought_up(client: &mut Client, older: i32) -> Result<(), Error> {
    let transaction = client.transaction().await?;
    let hold = "SELECT format FROM counterpart_specs WHERE format = $1 FOR UPDATE";
    if transaction.query(hold, &[&older]).await?.is_empty() {
        return Ok(());
    }
    for (from, step) in (1..).zip(STEPS) {
        if from < older {
            continue;
        }
        for statement in step {
            transaction.batch_execute(statement).await?;
        }
    }
    let note = "UPDATE counterpart_specs SET format = $2 WHERE format = $1";
    transaction.execute(note, &[&older, &FORMAT]).await?;
    transaction.commit().await
}

/// What to do where the database is of other specs.
fn others(known: &[SpecImage], specs: &[SpecImage]) -> String {
    let differs = |one: &&SpecImage, among: &[SpecImage]| !among.contains(one);
    let here = specs.iter().filter(|one| differs(one, known));
    let there = known.iter().filter(|one| differs(one, specs));
    let mut names: Vec<&str> = here.chain(there).map(|spec| &*spec.vendor).collect();
    names.sort_unstable();
    names.dedup();
    let what = match names.is_empty() {
        true => "in another order".to_owned(),
        false => format!("which differ in {}", names.join(", ")),
    };
    format!(
        "the sessions in the database are of other specs, {what}; all replicas serve the same \
         specs. Serve those, or take another database, or another schema of this one \
         (`?options=-c%20search_path%3DNAME`)"
    )
}

//! The pages of journals, and what a session was before a request that one tells of.

use std::sync::Arc;

use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};

use super::log::{read, since};
use super::{Connection, Database, STATEMENT};
use crate::ledger::StoredSession;
use crate::replicas::journal::{Line, lines, lines_before};
use crate::replicas::records;
use crate::replicas::store::{Head, Trouble};

/// So many pages that are taken out stay for who looks on.
const FOR_NEWS: i64 = 64;

fn before(error: &tokio_postgres::Error) -> Trouble {
    Trouble::before(error)
}

/// All sessions, and how far their journals are.
pub(super) async fn heads(database: &Database) -> Result<Vec<Head>, Trouble> {
    let taken = database.take(false).await?;
    let Connection { client, heads, .. } = &taken.connection;
    let rows = timeout(STATEMENT, client.query(heads, &[])).await.map_err(|_| late())?;
    let rows = rows.map_err(|error| before(&error))?;
    let heads = rows.iter().map(|row| {
        let name: Arc<str> = row.try_get::<_, &str>(0)?.into();
        Ok(Head { name, id: row.try_get(1)?, told: row.try_get(2)? })
    });
    let heads = heads.collect::<Result<_, _>>().map_err(|error| before(&error))?;
    database.give_back(taken);
    Ok(heads)
}

/// The pages of a session's journal that came after one, with their numbers, whether they are
/// still in it or were taken out lately.
pub(super) async fn news(
    database: &Database,
    id: i64,
    after: i64,
) -> Result<Vec<(i64, String)>, Trouble> {
    let taken = database.take(false).await?;
    let Connection { client, news, .. } = &taken.connection;
    let parameters: [&(dyn ToSql + Sync); 3] = [&id, &-id, &after];
    let rows = timeout(STATEMENT, client.query(news, &parameters)).await;
    let pages = of_rows(&rows.map_err(|_| late())?.map_err(|error| before(&error))?)?;
    database.give_back(taken);
    Ok(pages)
}

fn of_rows(rows: &[Row]) -> Result<Vec<(i64, String)>, Trouble> {
    let pages = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    pages.collect::<Result<_, _>>().map_err(|error| before(&error))
}

fn late() -> Trouble {
    Trouble::NotDone(format!("the database did not answer within {STATEMENT:?}"))
}

/// The pages of a session's journal that come after one, with their numbers.
pub(super) async fn pages(
    connection: &Connection,
    id: i64,
    after: i64,
) -> Result<Vec<(i64, String)>, Trouble> {
    let rows = connection.client.query(&connection.journal, &[&id, &after]).await;
    of_rows(&rows.map_err(|error| before(&error))?)
}

/// Takes pages out of a journal from one of them on, of which the last one is that. A few of them
/// stay for who looks on.
pub(super) async fn take_out(
    connection: &Connection,
    id: i64,
    from: i64,
    last: i64,
) -> Result<(), tokio_postgres::Error> {
    let Connection { client, forget, bury, .. } = connection;
    let (buried, oldest) = (-id, if from == 0 { last - FOR_NEWS } else { -1 });
    let forgotten: [&(dyn ToSql + Sync); 3] = [&id, &buried, &oldest];
    let moved: [&(dyn ToSql + Sync); 3] = [&id, &buried, &from];
    let (forgotten, moved) = tokio::join!(
        biased;
        client.execute(forget, &forgotten),
        client.execute(bury, &moved),
    );
    forgotten.and(moved).map(drop)
}

/// The page that tells of a request, if one does.
async fn page(client: &Client, id: i64, request: u64) -> Result<Option<(i64, String)>, Trouble> {
    let find = "SELECT number, body FROM counterpart_journal \
                WHERE session = $1 AND last_id >= $2 ORDER BY number LIMIT 1";
    let found = client.query_opt(find, &[&id, &request.cast_signed()]).await;
    let found = found.map_err(|error| before(&error))?;
    let page = found.map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    page.transpose().map_err(|error: tokio_postgres::Error| before(&error))
}

/// How a session was before a request, if that is still known.
pub(super) async fn past(
    connection: &Connection,
    id: i64,
    request: u64,
) -> Result<Option<StoredSession>, Trouble> {
    let client = &connection.client;
    let Some((number, body)) = page(client, id, request).await? else { return Ok(None) };
    let place = lines(number, &body)?.into_iter().find_map(|line| match line {
        Line::Answered(heard) if heard.id == request => Some((heard.head, heard.lines)),
        _ => None,
    });
    let Some((head, lines)) = place else { return Ok(None) };
    let find = "SELECT position FROM counterpart_snapshot \
                WHERE session = $1 AND position <= $2 ORDER BY position DESC LIMIT 1";
    let found = client.query_opt(find, &[&id, &head]).await.map_err(|error| before(&error))?;
    let base = found.map_or(Ok(0), |row| row.try_get(0)).map_err(|error| before(&error))?;
    let (text, rows) = since(connection, id, base).await?;
    records::past(id, base, &text, read(&rows)?, (head, lines))
}

/// Takes a request and all that came after it out of a journal; gives the lines that are to stay
/// of the page that told of it.
pub(super) async fn cut(
    connection: &Connection,
    id: i64,
    request: u64,
    last: i64,
) -> Result<String, Trouble> {
    let found = page(&connection.client, id, request).await?;
    let Some((number, body)) = found else { return Ok(String::new()) };
    take_out(connection, id, number, last).await.map_err(|error| before(&error))?;
    Ok(lines_before(&body, request))
}

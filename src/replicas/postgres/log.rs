//! The log of a session: a snapshot, and the records that came after it.

use super::Connection;
use crate::replicas::store::Trouble;

/// The text of a snapshot, and the records that came after it.
pub(super) async fn since(
    connection: &Connection,
    id: i64,
    base: i64,
) -> Result<(String, Vec<tokio_postgres::Row>), Trouble> {
    let client = &connection.client;
    let before = |error: tokio_postgres::Error| Trouble::before(&error);
    let pieces = client.query(&connection.snapshot, &[&id, &base]).await.map_err(before)?;
    let mut text = String::new();
    for piece in &pieces {
        text.push_str(piece.try_get(0).map_err(before)?);
    }
    let rows = client.query(&connection.records, &[&id, &base]).await.map_err(before)?;
    Ok((text, rows))
}

/// The positions and texts of records.
pub(super) fn read(rows: &[tokio_postgres::Row]) -> Result<Vec<(i64, &str)>, Trouble> {
    let records = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    records.collect::<Result<_, _>>().map_err(|error| Trouble::before(&error))
}

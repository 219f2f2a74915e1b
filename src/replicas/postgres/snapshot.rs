//! A session as a whole, so that nobody has to do again all that ever happened to it.

use tokio_postgres::Client;

use super::Database;
use super::transaction::Head;
use crate::ledger::StoredSession;
use crate::replicas::records;
use crate::replicas::store::{Known, Trouble};

/// About so many bytes stand in one row: distributed databases take no very large ones.
const PIECE: usize = 512 * 1024;

/// Writes down what a session comes to where it is known, unless another replica has done so.
/// What is older than the snapshot before goes: what is newer lets replicas that are a little
/// behind follow, and a session go back.
pub(super) async fn write(
    database: &Database,
    name: &str,
    known: Known,
    told: StoredSession,
) -> Result<(), Trouble> {
    let before = |error: tokio_postgres::Error| Trouble::before(&error);
    let Known { id, head } = known;
    let text = records::snapshot(id.cast_unsigned(), told);
    let size = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let taken = database.take(false).await?;
    let client: &Client = &taken.connection.client;
    client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await.map_err(before)?;
    let found = client.query_opt(&taken.connection.lock, &[&name]).await.map_err(before)?;
    let found = found.map(|row| Head::of(&row)).transpose().map_err(before)?;
    let wanted = found.filter(|found| found.id == id && found.base < head && found.has_grown);
    let Some(Head { base, .. }) = wanted else {
        client.batch_execute("ROLLBACK").await.map_err(before)?;
        database.give_back(taken);
        return Ok(());
    };
    let add = "INSERT INTO counterpart_snapshot (session, position, piece, body) \
               VALUES ($1, $2, $3, $4)";
    let add = client.prepare(add).await.map_err(before)?;
    for (number, piece) in (0_i32..).zip(pieces(&text)) {
        client.execute(&add, &[&id, &head, &number, &piece]).await.map_err(before)?;
    }
    let step =
        "UPDATE counterpart_session SET base = $2, base_size = $3, grown = 0 WHERE name = $1";
    client.execute(step, &[&name, &head, &size]).await.map_err(before)?;
    let clean = "DELETE FROM counterpart_snapshot WHERE session = $1 AND position < $2";
    client.execute(clean, &[&id, &base]).await.map_err(before)?;
    let clean = "DELETE FROM counterpart_record WHERE session = $1 AND position <= $2";
    client.execute(clean, &[&id, &base]).await.map_err(before)?;
    client.batch_execute("COMMIT").await.map_err(|error| Trouble::after(&error))?;
    database.give_back(taken);
    Ok(())
}

fn pieces(mut text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let mut end = text.len().min(PIECE);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, rest) = text.split_at(end);
        pieces.push(piece);
        text = rest;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_whole() {
        for text in [String::new(), "a".repeat(3 * PIECE), "\u{20ac}".repeat(PIECE)] {
            let all = pieces(&text);
            assert_eq!(all.concat(), text);
            assert!(all.iter().all(|piece| piece.len() <= PIECE && !piece.is_empty()));
        }
    }
}

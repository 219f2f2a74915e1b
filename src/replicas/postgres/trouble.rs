//! What goes wrong with the database, by what is known of the transaction then.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::replicas::store::Trouble;

impl Trouble {
    /// Of something that came before the end of a transaction was asked for.
    pub(super) fn before(error: &Error) -> Self {
        match error.code() {
            Some(code) if is_conflict(code) => Self::Again(said(error)),
            _ => Self::NotDone(said(error)),
        }
    }

    /// Of something that came after it was asked for.
    pub(super) fn after(error: &Error) -> Self {
        let Some(code) = error.code() else { return Self::Unknown(said(error)) };
        // Of what the database says itself, these leave it open (SQLSTATE, classes and codes): the
        // connection ends, it has no room, an operator or the system ends it, a mistake of its own.
        let open =
            ["08", "53", "57", "58", "XX"].iter().any(|class| code.code().starts_with(class))
                || *code == SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN;
        match open {
            true => Self::Unknown(said(error)),
            false => Self::before(error),
        }
    }
}

/// Another transaction was first: `serialization_failure`, `deadlock_detected`, and a row with the
/// number that this one wanted to give.
fn is_conflict(code: &SqlState) -> bool {
    [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::UNIQUE_VIOLATION,
    ]
    .contains(code)
}

/// What is wrong, in words.
pub(super) fn said(error: &Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("the database says: {}", error.message());
    }
    match error.source() {
        Some(source) => format!("the database cannot be used: {error}: {source}"),
        None => format!("the database cannot be used: {error}"),
    }
}

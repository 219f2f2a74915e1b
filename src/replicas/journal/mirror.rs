//! What a replica knows of a journal.

use super::{Line, lines};
use crate::mock::entry::Mirrored;
use crate::mock::session::Session;
use crate::replicas::store::{Held, Trouble};
use crate::worker::may_wait;

/// Has a session know all of its journal, as far as whoever holds it keeps it. `sessions` share the
/// bytes that all journals may take.
pub(in crate::replicas) async fn mirror(
    session: &Session,
    held: &mut (dyn Held<'_> + '_),
    sessions: usize,
) -> Result<(), Trouble> {
    let mut after = session.journal.mirrored();
    loop {
        let pages = held.journal(after).await?;
        let from_start = after == 0;
        if may_wait(|| read(session, &pages, from_start, sessions))? {
            return Ok(());
        }
        drop(session.journal.mirror_anew());
        after = 0;
    }
}

/// Reads pages; says whether they are what comes next.
fn read(
    session: &Session,
    pages: &[(i64, String)],
    from_start: bool,
    sessions: usize,
) -> Result<bool, Trouble> {
    for (number, body) in pages {
        let lines = lines(*number, body)?;
        if !from_start && lines.iter().any(|line| matches!(line, Line::Anew)) {
            return Ok(false);
        }
        for line in lines {
            match line {
                Line::Answered(heard) => {
                    let known =
                        Mirrored { at: heard.at, effect: heard.effect, hidden: heard.hidden };
                    drop(session.journal.mirror(heard.id, heard.told, known, sessions));
                }
                Line::Forgot(vendor) => session.forget_requests(&vendor),
                Line::Called(_) | Line::Anew => {}
            }
        }
        session.journal.is_mirrored(*number);
    }
    Ok(true)
}

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
                    let own = heard.hidden.then(|| session.journal.own(heard.id, heard.at));
                    let own = own.flatten();
                    let hidden = heard.hidden && own.is_none();
                    let known = Mirrored { at: heard.at, effect: heard.effect, hidden };
                    let told = own.unwrap_or(heard.told);
                    drop(session.journal.mirror(heard.id, told, known, sessions));
                }
                Line::Forgot(vendor) => session.forget_requests(&vendor),
                Line::Holds(gap) => session.journal.may_lack(gap),
                Line::TellsAll(replica, from) => session.journal.lacks_no_more(&replica, from),
                Line::Anew => session.journal.lacks_nothing(),
                Line::Called(_) => {}
            }
        }
        session.journal.is_mirrored(*number);
    }
    Ok(true)
}

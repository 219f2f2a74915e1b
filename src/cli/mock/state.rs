//! Files in which `serve --state` keeps what is remembered.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::cli::{REFUSED, complain};
use crate::ledger::{LedgerFile, Starter, Stored};
use crate::mock::feed::{Event, Feed};
use crate::mock::fit;
use crate::mock::sessions::Sessions;
use crate::plan::Plan;

/// Opens a file for a mock of those vendors, and brings it into the form that their specs have
/// now. Gives the exit code where that cannot be, which has been said.
pub(super) fn open(
    path: &Path,
    plans: &[Arc<Plan>],
    err: &mut dyn Write,
) -> io::Result<Result<(LedgerFile, Stored), ExitCode>> {
    let (mut file, contents) = match LedgerFile::open(path) {
        Ok(opened) => opened,
        Err(error) => return complain(&error, err).map(Err),
    };
    let shown = path.display();
    if contents.unfinished > 0 {
        let count = contents.unfinished;
        writeln!(err, "{shown}: a write of {count} bytes that was not finished is taken out")?;
    }
    let mut stored = contents.stored;
    if !fit::is_of_others(plans, &stored) && !contents.is_older {
        return Ok(Ok((file, stored)));
    }
    match fit::fit(plans, &mut stored) {
        Ok(told) => {
            for one in told {
                writeln!(err, "{shown}: {one}")?;
            }
        }
        Err(wrong) => {
            let message = format!("what is kept in {shown} does not fit the specs");
            complain(&message, err)?;
            for one in wrong {
                writeln!(err, "  {one}")?;
            }
            writeln!(
                err,
                "nothing was changed in it. Serve the specs as they were; or change what does not \
                 fit: `counterpart-mock state {shown} export > state.yaml`, and then \
                 `counterpart-mock state NEW-FILE import state.yaml`"
            )?;
            return Ok(Err(ExitCode::from(REFUSED)));
        }
    }
    if let Err(error) = file.replace(stored.clone()) {
        return complain(&format_args!("cannot write {shown}: {error}"), err).map(Err);
    }
    if contents.is_older {
        writeln!(
            err,
            "{shown}: an older version of this program wrote it; it is in the current format now"
        )?;
    }
    Ok(Ok((file, stored)))
}

/// Starts to write.
pub(super) fn write(
    starter: Starter,
    sessions: &Arc<Sessions>,
    feed: &Arc<Feed>,
) -> io::Result<()> {
    let (sessions, feed) = (Arc::downgrade(sessions), feed.clone());
    let take_back = move |stored: &Stored, numbers: &_| {
        if let Some(sessions) = sessions.upgrade() {
            sessions.take_back(stored, numbers);
        }
    };
    let tell = move |text: &str| feed.tell(Event::Said(text.into()));
    starter.write(Box::new(take_back), Box::new(tell))
}

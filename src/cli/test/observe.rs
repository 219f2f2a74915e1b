//! Running trials while somebody looks on.

use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Conclusion};

use super::pipe::{relay, while_read};
use crate::harness::{Event, Run};
use crate::report::progress::Progress;
use crate::run::event::TrialResult;

/// How often the line on a terminal is drawn while nothing happens.
const TICK: Duration = Duration::from_millis(100);

/// Runs the trials; gives nothing when the reader of the output has gone. The results stand in the
/// order of the files. `shown` says that what fails is drawn here, to `out`, because the trials'
/// own printer is silent.
pub(super) fn observe(
    run: &Run,
    arguments: &Arguments,
    shown: Option<Progress>,
    out: &mut dyn Write,
) -> io::Result<Option<(Conclusion, Vec<TrialResult>)>> {
    let (sender, receiver) = channel();
    let trials = run.observed(arguments, &sender);
    drop(sender);
    std::thread::scope(|scope| {
        let relay = arguments.logfile.is_none().then(|| relay(scope)).flatten();
        let logfile = relay.as_ref().map(|(path, _)| path.clone());
        let logfile = arguments.logfile.clone().or(logfile);
        let arguments = Arguments { logfile, ..arguments.clone() };
        let work = move || while_read(|| libtest_mimic::run(&arguments, trials));
        let worker = Builder::new().name("trials".to_owned()).spawn_scoped(scope, work)?;
        // Whoever can't be told goes on all the same: trials have to come to their `finally`.
        let (mut results, told) = listen(&receiver, shown, out);
        let conclusion = worker.join().unwrap_or_else(|panic| resume_unwind(panic));
        drop(relay);
        told?;
        let names = run.names();
        let places: HashMap<&str, usize> =
            names.iter().enumerate().map(|(at, name)| (&**name, at)).collect();
        results.sort_by_key(|result| places.get(&*result.name).copied());
        Ok(conclusion.map(|conclusion| (conclusion, results)))
    })
}

/// Takes events until the last trial is over, and draws them.
fn listen(
    events: &Receiver<Event>,
    mut shown: Option<Progress>,
    out: &mut dyn Write,
) -> (Vec<TrialResult>, io::Result<()>) {
    let mut results = Vec::new();
    let mut told = Ok(());
    // The line goes where people look also when the output goes into a file.
    let mut line = Some(io::stderr()).filter(IsTerminal::is_terminal);
    loop {
        let event = match events.recv_timeout(TICK) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let text = match (&event, &mut shown) {
            (Some(Event::Ended(result)), Some(progress)) => progress.end(result),
            (Some(Event::Began(name)), Some(progress)) => {
                progress.begin(name, Instant::now());
                None
            }
            _ => None,
        };
        if let Some(progress) = &mut shown
            && told.is_ok()
        {
            let drawn = text.map_or(Ok(()), |text| {
                erase(&mut line, progress)?;
                write!(out, "{text}")?;
                out.flush()
            });
            told = drawn.and_then(|()| match (&mut line, progress.line(Instant::now())) {
                (Some(line), Some(text)) => write!(line, "{text}").and_then(|()| line.flush()),
                _ => Ok(()),
            });
        }
        if let Some(Event::Ended(result)) = event {
            results.push(*result);
        }
    }
    if let Some(progress) = &mut shown {
        told = told.and_then(|()| erase(&mut line, progress));
    }
    (results, told)
}

fn erase(line: &mut Option<io::Stderr>, progress: &mut Progress) -> io::Result<()> {
    match line {
        Some(line) => write!(line, "{}", progress.erase()).and_then(|()| line.flush()),
        None => Ok(()),
    }
}

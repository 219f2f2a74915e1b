//! `counterpart-test run --watch`: runs again what a changed file touches.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::arguments::Files as Named;
use super::interrupt::{TICK, listen_for_interrupt};
use crate::cli::{FAILED, complain};
use crate::files::snapshots::{folder_of, owner_of};
use crate::files::watched::{Watched, with_named};
use crate::harness::vendor_of;

/// How often files are looked at.
const PERIOD: Duration = Duration::from_millis(300);

/// What is run after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// What the changed files touch.
    Touched,
    /// All, since it is the whole that counts.
    All,
}

/// Runs once, then again whenever a file of the specs or beside the scenarios changes. Ends with
/// Ctrl-C.
pub(super) fn run(named: &Named, which: Again, err: &mut dyn Write) -> io::Result<ExitCode> {
    let (paths, _) = match named.split() {
        Ok(split) => split,
        Err(message) => return complain(&message, err),
    };
    let folder = named.specs();
    let mut specs = Watched::look(std::slice::from_ref(&folder));
    // Below a folder there are the snapshots too; of a file they are beside it.
    let beside = paths.iter().map(|path| folder_of(path));
    let below: Vec<PathBuf> = paths.iter().cloned().chain(beside).collect();
    let mut looked_at = with_named(&below);
    let mut scenarios = Watched::look(&looked_at);
    let interrupted = Arc::new(AtomicBool::new(false));
    listen_for_interrupt(interrupted.clone());
    if let Some(code) = again(None, &interrupted)? {
        return Ok(code);
    }
    let watched = paths.iter().chain([&folder]).map(|path| path.display().to_string());
    let watched = watched.collect::<Vec<_>>().join(", ");
    writeln!(err, "\nwatching {watched}; Ctrl-C ends it")?;
    loop {
        thread::sleep(PERIOD);
        if interrupted.load(Ordering::Relaxed) {
            return Ok(ExitCode::SUCCESS);
        }
        let now = (Watched::look(std::slice::from_ref(&folder)), Watched::look(&looked_at));
        let changed = (now.0.changed_since(&specs), now.1.changed_since(&scenarios));
        (specs, scenarios) = now;
        if !changed.1.is_empty() {
            looked_at = with_named(&below);
            scenarios = Watched::look(&looked_at);
        }
        if changed.0.is_empty() && changed.1.is_empty() {
            continue;
        }
        for path in changed.0.iter().chain(&changed.1) {
            writeln!(err, "\nchanged: {}", path.display())?;
        }
        let is_snapshot = |path: &Path| owner_of(path).is_some();
        let all: Vec<&PathBuf> = scenarios.paths().filter(|path| !is_snapshot(path)).collect();
        let owners = changed.1.iter().map(|path| owner_of(path).unwrap_or_else(|| path.clone()));
        let mut touched = touched_by(&owners.collect::<Vec<_>>(), &all);
        for spec in &changed.0 {
            touched.extend(of_the_vendor(spec, &all));
        }
        // What is touched by a file that has gone cannot be told, and is best seen whole.
        let gone = changed.0.iter().chain(&changed.1).any(|path| !path.exists());
        let some = !gone && !touched.is_empty() && which == Again::Touched;
        if let Some(code) = again(some.then_some(&touched), &interrupted)? {
            return Ok(code);
        }
    }
}

/// The same command line without `--watch`, in a process of its own so that each run starts
/// fresh; with `only`, those files are all that is run. When somebody wants the end the process
/// is told so and comes to its `finally`; gives the code with which all ends then.
fn again(only: Option<&Vec<PathBuf>>, interrupted: &AtomicBool) -> io::Result<Option<ExitCode>> {
    let given = std::env::args_os().skip(1).filter(|argument| argument != "--watch");
    let only = only
        .into_iter()
        .flatten()
        .flat_map(|file| [OsString::from("--only-file"), file.clone().into_os_string()]);
    let mut command = Command::new(std::env::current_exe()?);
    command.args(given).args(only).arg("--watched").stdin(Stdio::piped());
    let mut process = command.spawn()?;
    let mut input = process.stdin.take();
    loop {
        if interrupted.load(Ordering::Relaxed) {
            // That its input ends is how the process is told.
            drop(input.take());
        }
        if process.try_wait()?.is_some() {
            let ended = interrupted.load(Ordering::Relaxed);
            return Ok(ended.then(|| ExitCode::from(FAILED)));
        }
        thread::sleep(TICK);
    }
}

/// The changed files, and those that name one of them, or name one that does.
fn touched_by(changed: &[PathBuf], all: &[&PathBuf]) -> Vec<PathBuf> {
    let mut touched = changed.to_vec();
    let mut at = 0;
    while let Some(name) = touched.get(at).and_then(|path| path.file_name()) {
        let name = name.to_string_lossy().into_owned();
        for file in all {
            if !touched.contains(*file)
                && fs::read_to_string(file).is_ok_and(|text| text.contains(&name))
            {
                touched.push((*file).clone());
            }
        }
        at += 1;
    }
    touched
}

/// The files of scenarios for the vendor of a spec; all of them where that cannot be told.
fn of_the_vendor(spec: &Path, all: &[&PathBuf]) -> Vec<PathBuf> {
    let text = fs::read_to_string(spec).unwrap_or_default();
    let vendor = vendor_of(&text);
    let its = |file: &&&PathBuf| match (vendor, fs::read_to_string(file)) {
        (Some(vendor), Ok(text)) => vendor_of(&text).is_none_or(|known| known == vendor),
        _ => true,
    };
    all.iter().filter(its).map(|file| (*file).clone()).collect()
}

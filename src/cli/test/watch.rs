//! `counterpart-test run --watch`: runs again what a changed file touches.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, SystemTime};

use super::Run;

/// How often files are looked at.
const PERIOD: Duration = Duration::from_millis(300);

/// Runs once, then again whenever a file of the specs or the scenarios changes: a changed file of
/// scenarios alone, a changed spec with all of them. Ends with Ctrl-C.
pub(super) fn run(run: &Run, err: &mut dyn Write) -> io::Result<ExitCode> {
    let paths: Vec<PathBuf> = match run.paths.iter().filter(|p| Path::new(p).exists()).count() {
        0 => vec![PathBuf::from("scenarios")],
        _ => run.paths.iter().map(PathBuf::from).filter(|path| path.exists()).collect(),
    };
    let mut seen = times(&paths, &run.specs);
    again(&[])?;
    loop {
        thread::sleep(PERIOD);
        let now = times(&paths, &run.specs);
        let changed: Vec<PathBuf> = now
            .iter()
            .filter(|(path, time)| seen.get(*path) != Some(time))
            .map(|(path, _)| path.clone())
            .collect();
        let fewer = now.len() < seen.len();
        seen = now;
        if changed.is_empty() && !fewer {
            continue;
        }
        let only_scenarios = !fewer && !changed.iter().any(|path| path.starts_with(&run.specs));
        for path in &changed {
            writeln!(err, "changed: {}", path.display())?;
        }
        again(if only_scenarios { &changed } else { &[] })?;
    }
}

/// The same command line without `--watch`, in a process of its own so that each run starts
/// fresh; with `only`, those files are all that is run.
fn again(only: &[PathBuf]) -> io::Result<()> {
    let given: Vec<_> = std::env::args_os().skip(1).filter(|a| a != "--watch").collect();
    let mut command = Command::new(std::env::current_exe()?);
    for argument in given {
        let is_path = Path::new(&argument).exists() && !only.is_empty();
        if !is_path {
            command.arg(argument);
        }
    }
    command.args(only).status()?;
    Ok(())
}

fn times(paths: &[PathBuf], specs: &Path) -> BTreeMap<PathBuf, SystemTime> {
    let mut found = BTreeMap::new();
    for path in paths.iter().map(PathBuf::as_path).chain([specs]) {
        gather(path, &mut found);
    }
    found
}

/// What cannot be read is not there.
fn gather(path: &Path, found: &mut BTreeMap<PathBuf, SystemTime>) {
    if let Ok(entries) = fs::read_dir(path) {
        for entry in entries.flatten() {
            gather(&entry.path(), found);
        }
    } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml")
        && let Ok(time) = fs::metadata(path).and_then(|metadata| metadata.modified())
    {
        found.insert(path.to_owned(), time);
    }
}

//! `counterpart-mock init`: a first vendor that works, to be changed into one's own.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Init;
use crate::cli::complain;

/// What is written: path below the folder, and text.
const FILES: [(&str, &str); 3] = [
    ("specs/notes.yaml", include_str!("../../../templates/init/specs/notes.yaml")),
    (
        "scenarios/notes/notes.yaml",
        include_str!("../../../templates/init/scenarios/notes/notes.yaml"),
    ),
    (
        ".github/workflows/counterpart.yaml",
        include_str!("../../../templates/init/workflows/counterpart.yaml"),
    ),
];

/// Writes the files of a first vendor. Without `--force` nothing is written when one of them is
/// there already.
pub(super) fn run(init: &Init, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let files = FILES.map(|(below, text)| (init.folder.join(below), text));
    let there: Vec<String> = files
        .iter()
        .filter(|(path, _)| !init.force && path.symlink_metadata().is_ok())
        .map(|(path, _)| path.display().to_string())
        .collect();
    if !there.is_empty() {
        let verb = if there.len() == 1 { "exists" } else { "exist" };
        let message = format!(
            "{} already {verb}; nothing was written, `--force` overwrites",
            there.join(", ")
        );
        return complain(&message, err);
    }
    for (path, text) in &files {
        if let Err(error) = write(path, text) {
            return complain(&format!("{} cannot be written: {error}", path.display()), err);
        }
        writeln!(out, "wrote {}", path.display())?;
    }
    let here = init.folder == Path::new(".");
    let change = if here { String::new() } else { format!("cd {} && ", init.folder.display()) };
    writeln!(
        out,
        "\nnext:\n  {change}counterpart-test run      runs the scenarios\n  {change}counterpart-mock serve    serves the mock"
    )?;
    Ok(ExitCode::SUCCESS)
}

fn write(path: &PathBuf, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

//! The command lines: what can be said, and what is answered when it cannot be.

pub mod mock;
mod shell;
pub mod test;

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::diagnostic::{Diagnostic, Severity};
use crate::report::snippet;

/// The folder of specs where none is named; the same in the program itself.
const SPECS: &str = "specs";
/// The folder of scenarios where none is named; the same in the program itself.
const SCENARIOS: &str = "scenarios";

/// Something failed that was asked for: the server while serving, or a scenario.
const FAILED: u8 = 1;
/// Wrong usage, or files with errors.
const REFUSED: u8 = 2;

/// How a program ends. Output without a reader any more needs no word; that for which there is no
/// room does.
fn concluded(done: io::Result<ExitCode>, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    // What was left unwritten when the reader went changes nothing of what was done.
    let done = done.and_then(|code| match out.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(code),
    });
    done.unwrap_or_else(|error| {
        if error.kind() != io::ErrorKind::BrokenPipe {
            // Where stderr is full too, the code is all that can be said.
            _ = complain(&format!("the output cannot be written: {error}"), err);
        }
        ExitCode::from(FAILED)
    })
}

fn usage(message: &clap::Error, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let text = message.render();
    if message.use_stderr() {
        write!(err, "{}", text.ansi())?;
        return Ok(ExitCode::from(REFUSED));
    }
    write!(out, "{}", text.ansi())?;
    Ok(ExitCode::SUCCESS)
}

/// Draws diagnostics. The writer takes colours out where they are not wanted.
fn draw(diagnostics: &[Diagnostic], err: &mut dyn Write) -> io::Result<()> {
    err.write_all(snippet::render(diagnostics, true).as_bytes())
}

/// Says why a command line is refused; no file is to blame that could be drawn.
fn complain(message: &dyn Display, err: &mut dyn Write) -> io::Result<ExitCode> {
    writeln!(err, "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m {message}")?;
    Ok(ExitCode::from(REFUSED))
}

/// How many errors are among diagnostics.
fn errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|d| d.severity == Severity::Error).count()
}

/// Draws what is wrong with files, and counts the errors.
fn refuse(diagnostics: &[Diagnostic], err: &mut dyn Write) -> io::Result<ExitCode> {
    draw(diagnostics, err)?;
    let errors = errors(diagnostics);
    let warnings = match diagnostics.len() - errors {
        0 => String::new(),
        warnings => format!(", {}", counted(warnings, "warning")),
    };
    writeln!(err, "\n{}{warnings}", counted(errors, "error"))?;
    Ok(ExitCode::from(REFUSED))
}

/// Diagnostics of which, if `strict`, none is only a warning.
fn strictly(mut diagnostics: Vec<Diagnostic>, strict: bool) -> Vec<Diagnostic> {
    for diagnostic in diagnostics.iter_mut().filter(|_| strict) {
        diagnostic.severity = Severity::Error;
    }
    diagnostics
}

/// `1 error`, `2 errors`.
fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

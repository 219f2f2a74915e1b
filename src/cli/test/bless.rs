//! `counterpart-test bless`: who is right about a difference of a real target, or that answers are
//! as they should be.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::bless::{Refused, bless, bless_snapshots};
use crate::cli::{SPECS, complain, refuse};
use crate::model::Ruling;

#[derive(Debug, Args)]
pub(super) struct Bless {
    /// A report from `counterpart-test run --report json=FILE`.
    report: PathBuf,
    /// The ids of differences, or the names of snapshots [default: all that the specs don't know,
    /// or that don't match].
    ids: Vec<String>,
    /// Who is right, or `snapshot` if the answers are.
    #[arg(long = "as", value_enum, value_name = "VERDICT")]
    ruling: Verdict,
    /// The folder with the specs.
    #[arg(long, value_name = "DIR", default_value = SPECS)]
    specs: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Verdict {
    /// The vendor deviates from its documentation; the spec stays as it is.
    Vendor,
    /// The spec is wrong.
    Spec,
    /// Either is allowed.
    Both,
    /// The answers are right: write them to their snapshot files.
    Snapshot,
}

/// Why the rest cannot be written into a spec.
const NO_SPEC: &str = "which no spec can know";

/// Writes it, and says what was written where.
pub(super) fn run(line: &Bless, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let ruled = |ruling| bless(&line.report, &line.ids, ruling, &line.specs);
    let (blessed, others) = match line.ruling {
        Verdict::Vendor => (ruled(Ruling::Vendor), NO_SPEC),
        Verdict::Spec => (ruled(Ruling::Spec), NO_SPEC),
        Verdict::Both => (ruled(Ruling::Both), NO_SPEC),
        Verdict::Snapshot => {
            (bless_snapshots(&line.report, &line.ids, &line.specs), "which is not in a snapshot")
        }
    };
    match blessed {
        Ok(blessed) => {
            for written in &blessed.written {
                writeln!(out, "{written}")?;
            }
            if blessed.others > 0 && line.ids.is_empty() {
                writeln!(err, "{} more failed in another way, {others}", blessed.others)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(Refused::Because(message)) => complain(&message, err),
        Err(Refused::Mistakes(mistakes)) => refuse(&mistakes, err),
    }
}

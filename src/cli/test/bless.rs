//! `counterpart-test bless`: who is right about a difference of a real target.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::bless::{Refused, bless};
use crate::cli::{SPECS, complain, refuse};
use crate::model::Ruling;

#[derive(Debug, Args)]
pub(super) struct Bless {
    /// What `counterpart-test run --report json=FILE` wrote.
    report: PathBuf,
    /// The ids of the differences; all that the specs do not know, if there are none.
    ids: Vec<String>,
    /// Who is right.
    #[arg(long = "as", value_enum, value_name = "VERDICT")]
    ruling: Verdict,
    /// The folder with the specs.
    #[arg(long, value_name = "DIR", default_value = SPECS)]
    specs: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Verdict {
    /// The vendor deviates from its document, which the spec keeps to.
    Vendor,
    /// The spec is wrong.
    Spec,
    /// Both are allowed.
    Both,
}

/// Writes it, and says what was written where.
pub(super) fn run(line: &Bless, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let ruling = match line.ruling {
        Verdict::Vendor => Ruling::Vendor,
        Verdict::Spec => Ruling::Spec,
        Verdict::Both => Ruling::Both,
    };
    match bless(&line.report, &line.ids, ruling, &line.specs) {
        Ok(blessed) => {
            for written in &blessed.written {
                writeln!(out, "{written}")?;
            }
            if blessed.others > 0 && line.ids.is_empty() {
                writeln!(
                    err,
                    "{} more failed in another way, which no spec can know",
                    blessed.others
                )?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(Refused::Because(message)) => complain(&message, err),
        Err(Refused::Mistakes(mistakes)) => refuse(&mistakes, err),
    }
}

//! `counterpart-test generate`: scenarios that are made of a spec alone.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use crate::cli::{FAILED, SCENARIOS, SPECS, complain, counted, refuse};
use crate::generate::{self, Generated};
use crate::harness::NotReady;
use crate::load::load_plans;
use crate::plan::Plan;

/// How many entries of one list are shown.
const SHOWN: usize = 200;

#[derive(Debug, Args)]
pub(super) struct Generate {
    /// The vendor.
    vendor: String,
    /// Files and folders with specs.
    #[arg(long, value_name = "SPEC|DIR", default_value = SPECS)]
    specs: Vec<PathBuf>,
    /// The file to write to [default: scenarios/VENDOR/generated.yaml].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite an existing file.
    #[arg(long, conflicts_with = "check")]
    force: bool,
    /// Write nothing, and fail if the file is out of date.
    #[arg(long)]
    check: bool,
}

/// Writes the scenarios, and says what they do not reach.
pub(super) fn run(
    line: &Generate,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<ExitCode> {
    let plans = match load_plans(&line.specs) {
        Ok(specs) => specs.plans,
        Err(diagnostics) => return refuse(&diagnostics, err),
    };
    let Some(plan) = plans.iter().find(|plan| *plan.service.vendor == *line.vendor) else {
        let known: Vec<&str> = plans.iter().map(|plan: &Arc<Plan>| &*plan.service.vendor).collect();
        let known = known.join(", ");
        return complain(&format_args!("there is no vendor `{}`, but {known}", line.vendor), err);
    };
    let path = line
        .output
        .clone()
        .unwrap_or_else(|| [SCENARIOS, &line.vendor, "generated.yaml"].iter().collect());
    let is_there = path.symlink_metadata().is_ok();
    if is_there && !line.force && !line.check {
        let path = path.display();
        let message = format!("{path} already exists; nothing was written, `--force` overwrites");
        return complain(&message, err);
    }
    let generated = match generate::generate(plan) {
        Ok(generated) => generated,
        Err(NotReady::Mistakes(diagnostics)) => return refuse(&diagnostics, err),
        Err(other) => return complain(&other, err),
    };
    if line.check {
        let shown = path.display();
        if fs::read(&path).is_ok_and(|held| held == generated.text.as_bytes()) {
            writeln!(out, "{shown} is up to date")?;
            return Ok(ExitCode::SUCCESS);
        }
        let why = if is_there { "is out of date" } else { "is not there" };
        writeln!(
            err,
            "{shown} {why}; `counterpart-test generate {} --force` writes it",
            line.vendor
        )?;
        return Ok(ExitCode::from(FAILED));
    }
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    if let Err(error) = folder.and_then(|()| fs::write(&path, &generated.text)) {
        return complain(&format!("{} cannot be written: {error}", path.display()), err);
    }
    told(&generated, err)?;
    let scenarios = counted(generated.scenarios, "scenario");
    let trials = counted(generated.trials, "trial");
    writeln!(out, "wrote {}: {scenarios}, {trials}", path.display())?;
    Ok(ExitCode::SUCCESS)
}

fn told(generated: &Generated, err: &mut dyn Write) -> io::Result<()> {
    let contradicted = &generated.contradicted;
    if !contradicted.is_empty() {
        writeln!(err, "left out, since the mock does not answer as the spec seems to say:")?;
        for one in contradicted.iter().take(SHOWN) {
            writeln!(err, "  {one}")?;
        }
        if contradicted.len() > SHOWN {
            writeln!(err, "  and {} more", contradicted.len() - SHOWN)?;
        }
    }
    let mut entries = generated.left.entries().peekable();
    if entries.peek().is_some() {
        writeln!(err, "not reached:")?;
        for (what, count) in entries {
            let times = if count > 1 { format!(" ({count} times)") } else { String::new() };
            writeln!(err, "  {what}{times}")?;
        }
    }
    Ok(())
}

//! How many instructions the mock's process takes for one request of each kind, counted by
//! callgrind on one connection. Unlike a time it hardly depends on the machine or on what else
//! runs there.
//!
//! `cargo bench --bench instructions [NAME...]` compares with `benches/instructions.txt`, and fails
//! when a kind takes over 5 % more; `UPDATE=1` writes the file anew, and
//! `COUNTERPART_MOCK=PATH` counts another build. Profiles for
//! `callgrind_annotate` are left in `target/instructions`; with
//! `CARGO_PROFILE_RELEASE_STRIP=none` they name functions.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]
#![allow(unreachable_pub, dead_code, reason = "half of its modules are for another benchmark")]

#[path = "../throughput/cases.rs"]
mod cases;
mod count;
mod kept;
#[path = "../throughput/load.rs"]
mod load;

use std::error::Error;
use std::process::ExitCode;

use kept::Kept;

type Failure = Box<dyn Error>;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("instructions: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode, Failure> {
    let names: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|part| name.contains(part));
    if !count::is_possible() {
        eprintln!("SKIPPED instructions: valgrind is not installed");
        let asked = std::env::var_os("CI").is_some();
        return Ok(if asked { ExitCode::FAILURE } else { ExitCode::SUCCESS });
    }
    let mut kept = Kept::read()?;
    let mut risen = Vec::new();
    println!("{:<16}{:>10}{:>10}", "", "kept", "now");
    let mock = count::Mock::start()?;
    for case in cases::all().into_iter().filter(|case| wanted(case.name)) {
        let now = mock.instructions(&case)?;
        let before = kept.get(case.name);
        let change = before.map(|before| kept::change(before, now));
        println!(
            "{:<16}{:>10}{now:>10}   {}",
            case.name,
            before.map(|before| before.to_string()).unwrap_or_default(),
            change.map(|change| format!("{change:+.1} %")).unwrap_or_default(),
        );
        if change.is_none_or(|change| change > kept::TOLERATED) {
            risen.push(case.name);
        }
        kept.set(case.name, now);
    }
    if std::env::var_os("UPDATE").is_some() {
        kept.write()?;
        return Ok(ExitCode::SUCCESS);
    }
    if !count::is_release() || risen.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "\nmore instructions than {} says, or kinds that it does not have: {}; UPDATE=1 writes it \
         anew",
        kept::FILE,
        risen.join(", ")
    );
    Ok(ExitCode::FAILURE)
}

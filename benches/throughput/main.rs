//! How near the mock comes to a bare hyper server that reads the body and answers a constant of
//! the same length. Both run as processes of their own, in turn, under the same load.
//!
//! `cargo bench --bench throughput [-- --quick] [NAME...]`; a name selects the cases that hold it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]
#![allow(unreachable_pub, reason = "its modules are its own")]

mod cases;
mod load;
mod report;
mod servers;

use std::error::Error;
use std::process::ExitCode;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use cases::Case;
use load::{CONNECTIONS, Template, Window};
use report::{Row, Side};
use servers::Process;

type Failure = Box<dyn Error>;

/// The length of the answer when the HTTP layer is measured alone.
const CONSTANT_LENGTH: usize = 300;

/// How long and how often each side is measured.
struct Plan {
    warm_up: Duration,
    window: Duration,
    rounds: usize,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["--serve-bare", length] => servers::serve_bare(length),
        ["--serve-layer", length] => servers::serve_layer(length),
        words => measure(words),
    };
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("throughput: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn measure(words: &[&str]) -> Result<ExitCode, Failure> {
    // `cargo bench` says `--bench`; whoever else starts this wants to know that it runs at all.
    let thorough = words.contains(&"--bench") && !words.contains(&"--quick");
    let (warm_up, window, rounds) = if thorough { (300, 2000, 3) } else { (100, 300, 3) };
    let (warm_up, window) = (Duration::from_millis(warm_up), Duration::from_millis(window));
    let plan = Plan { warm_up, window, rounds };
    let filters: Vec<&str> = words.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let wanted = |name: &str| filters.is_empty() || filters.iter().any(|part| name.contains(part));

    println!(
        "{CONNECTIONS} connections, {rounds} windows of {window:?} a side, in turn; medians; \
         release build: {}",
        !cfg!(debug_assertions)
    );
    report::heading();
    let constant = [cases::constant_get(), cases::constant_post()];
    for case in constant.iter().filter(|case| wanted(case.name)) {
        let layer = Process::layer(CONSTANT_LENGTH)?;
        report::row(&compare(case, &layer, CONSTANT_LENGTH, &plan)?);
    }
    let measured = cases::all().into_iter().chain(cases::under_other_loads());
    let chosen: Vec<Case> = measured.filter(|case| wanted(case.name)).collect();
    if chosen.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let (mock, ready) = Process::mock()?;
    let mut failed = false;
    for (case, number) in chosen.iter().zip(cases::SAMPLE..) {
        let case = case.prepared(|request| load::once(mock.address, request))?;
        let sample = load::once(mock.address, &Template::new(&case.request).render(number))?;
        if sample.status != case.status {
            failed = true;
            println!("{:<16} answers {}: {}", case.name, sample.status, sample.text());
            continue;
        }
        let row = compare(&case, &mock, sample.body.len(), &plan)?;
        failed |= row.failed();
        report::row(&row);
    }
    println!("\nfrom the start of the mock's process to its `ready`: {ready:.1?}");
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Measures a bare server and the one under test in turn.
fn compare(case: &Case, tested: &Process, length: usize, plan: &Plan) -> Result<Row, Failure> {
    let bare = Process::bare(length)?;
    let template = Template::new(&case.request);
    // All requests of a run differ, whichever side they go to.
    let next = AtomicU64::new(cases::FIRST);
    let mut row = Row::new(case.name);
    let sides = [(&bare, 200), (tested, case.status)];
    for (server, status) in sides {
        load::drive(server.address, case.connections, &template, status, &next, plan.warm_up)?;
    }
    for _ in 0..plan.rounds {
        row.bare.push(window(&bare, case.connections, &template, 200, &next, plan)?);
        row.tested.push(window(tested, case.connections, &template, case.status, &next, plan)?);
    }
    row.resident = tested.resident();
    Ok(row)
}

fn window(
    server: &Process,
    connections: usize,
    template: &Template,
    status: u16,
    next: &AtomicU64,
    plan: &Plan,
) -> Result<Side, Failure> {
    let before = server.processor_time();
    let Window { answered, wrong, taken } =
        load::drive(server.address, connections, template, status, next, plan.window)?;
    let used = server.processor_time().saturating_sub(before);
    Ok(Side { answered, wrong, taken, used })
}

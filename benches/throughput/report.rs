//! One line for each case.

use std::time::Duration;

/// One window on one server.
pub struct Side {
    pub answered: u64,
    pub wrong: u64,
    pub taken: Duration,
    /// The processor time the server used.
    pub used: Duration,
}

/// All windows of a case.
pub struct Row {
    name: &'static str,
    pub bare: Vec<Side>,
    pub tested: Vec<Side>,
    /// The memory of the server under test afterwards, in kibibytes.
    pub resident: u64,
}

impl Row {
    pub fn new(name: &'static str) -> Self {
        Self { name, bare: Vec::new(), tested: Vec::new(), resident: 0 }
    }

    /// Whether an answer was not what it should be.
    pub fn failed(&self) -> bool {
        self.bare.iter().chain(&self.tested).any(|side| side.wrong > 0)
    }
}

pub fn heading() {
    println!(
        "{:<17} {:>9} {:>9} {:>6}   {:>8} {:>8}   {:>9}",
        "", "bare/s", "mock/s", "ratio", "bare µs", "mock µs", "resident"
    );
}

/// The microseconds are processor time of the server for each request.
pub fn row(row: &Row) {
    let (bare, tested) = (median(&row.bare, rate), median(&row.tested, rate));
    println!(
        "{:<17} {bare:>9.0} {tested:>9.0} {:>5.0}%   {:>8.1} {:>8.1}   {:>5.1} MiB{}",
        row.name,
        tested / bare * 100.0,
        median(&row.bare, cost),
        median(&row.tested, cost),
        f64::from(u32::try_from(row.resident).unwrap_or(u32::MAX)) / 1024.0,
        if row.failed() { "   NOT ALL ANSWERS HAD THE RIGHT STATUS" } else { "" },
    );
}

fn rate(side: &Side) -> f64 {
    count(side.answered) / side.taken.as_secs_f64()
}

fn cost(side: &Side) -> f64 {
    side.used.as_secs_f64() * 1e6 / count(side.answered)
}

fn count(answered: u64) -> f64 {
    f64::from(u32::try_from(answered).unwrap_or(u32::MAX))
}

fn median(sides: &[Side], of: impl Fn(&Side) -> f64) -> f64 {
    let mut values: Vec<f64> = sides.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

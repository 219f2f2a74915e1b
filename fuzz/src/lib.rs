//! What is fuzzed: each target takes arbitrary bytes and panics where something is not as it has
//! to be. `main.rs` hands them what libFuzzer makes.

mod check;
mod differ;
mod engine;
mod expressions;
mod importers;
mod masking;
mod selectors;
mod wires;

/// A target: its name, and what is done with an input.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("specs", check::spec),
    ("scenarios", check::scenario),
    ("importers", importers::documents),
    ("wires", wires::read),
    ("expressions", expressions::evaluate),
    ("selectors", selectors::select),
    ("differ", differ::laws),
    ("masking", masking::masks),
    ("engine", engine::requests),
];

/// The text of an input; what is not UTF-8 is replaced.
fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

/// The parts of an input between lines of `---`.
fn parts(input: &[u8]) -> Vec<&[u8]> {
    const BETWEEN: &[u8] = b"\n---\n";
    let mut parts = Vec::new();
    let mut rest = input;
    while let Some(at) = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
        parts.push(&rest[..at]);
        rest = &rest[at + BETWEEN.len()..];
    }
    parts.push(rest);
    parts
}

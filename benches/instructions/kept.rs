//! The counts that are kept with the code.

use std::path::PathBuf;

use crate::Failure;

/// Where they are, from the root of the repository.
pub const FILE: &str = "benches/instructions.txt";

/// By so many per cent a count may rise without being written down.
pub const TOLERATED: f64 = 5.0;

/// A line for each kind: its name, two or more spaces, its count.
pub struct Kept(Vec<(String, u64)>);

impl Kept {
    /// The file as it is.
    pub fn read() -> Result<Self, Failure> {
        let text = match std::fs::read_to_string(path()) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            other => other?,
        };
        let lines = text.lines().map(|line| {
            let (name, count) = line.rsplit_once("  ").ok_or(format!("{FILE}: `{line}`"))?;
            Ok((name.trim().to_owned(), count.trim().parse()?))
        });
        Ok(Self(lines.collect::<Result<_, Failure>>()?))
    }

    /// The count of a kind.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, count)| *count)
    }

    /// Sets the count of a kind.
    pub fn set(&mut self, name: &str, count: u64) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = count,
            None => self.0.push((name.to_owned(), count)),
        }
    }

    /// Writes the file anew.
    pub fn write(&self) -> Result<(), Failure> {
        let lines = self.0.iter().map(|(name, count)| format!("{name:<16}  {count:>7}\n"));
        Ok(std::fs::write(path(), lines.collect::<String>())?)
    }
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(FILE)
}

/// By how many per cent a count has changed.
pub fn change(before: u64, now: u64) -> f64 {
    let count = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    (count(now) / count(before) - 1.0) * 100.0
}

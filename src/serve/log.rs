//! Who is told what is refused and what fails.

use std::fmt;
use std::io::{self, Write as _};
use std::sync::Arc;

/// Gets one line at a time, on the thread that serves.
#[derive(Clone)]
pub struct Log(Arc<dyn Fn(&str) + Send + Sync>);

impl Log {
    /// Gives each line away.
    pub fn to(listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }

    pub(super) fn say(&self, line: fmt::Arguments<'_>) {
        (self.0)(&line.to_string());
    }
}

/// Writes to stderr. There is nobody to tell when that fails.
impl Default for Log {
    fn default() -> Self {
        Self::to(|line| _ = writeln!(io::stderr().lock(), "counterpart: {line}"))
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

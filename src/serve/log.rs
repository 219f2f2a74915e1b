//! Who is told what is refused and what fails.

use std::fmt;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

/// So many lines are told of what happens within a second; of more, how many there were.
const MOST_LINES: u32 = 100;
const SECOND: Duration = Duration::from_secs(1);

/// Gets one line at a time, on the thread that serves.
#[derive(Clone)]
pub struct Log {
    listener: Arc<dyn Fn(&str) + Send + Sync>,
    told: Arc<Mutex<Told>>,
}

/// What was told within a second.
#[derive(Default)]
struct Told {
    since: Option<Instant>,
    lines: u32,
    left_out: u32,
}

impl Log {
    /// Gives each line away.
    pub fn to(listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { listener: Arc::new(listener), told: Arc::default() }
    }

    pub(super) fn say(&self, line: fmt::Arguments<'_>) {
        let mut told = self.told.lock();
        if told.since.is_none_or(|since| since.elapsed() >= SECOND) {
            self.begin(&mut told);
        }
        if told.lines < MOST_LINES {
            told.lines += 1;
            drop(told);
            return (self.listener)(&line.to_string());
        }
        told.left_out += 1;
        // Somebody has to say how many there were, should nothing else be said.
        if told.left_out == 1
            && let Ok(runtime) = Handle::try_current()
        {
            let log = self.clone();
            runtime.spawn(async move {
                sleep(SECOND).await;
                let mut told = log.told.lock();
                log.begin(&mut told);
            });
        }
    }

    /// Another second begins.
    fn begin(&self, told: &mut Told) {
        let left_out = told.left_out;
        *told = Told { since: Some(Instant::now()), ..Told::default() };
        if left_out > 0 {
            (self.listener)(&format!("{left_out} more lines of that second were left out"));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_lines_at_once_only_their_number_is_told() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let told = lines.clone();
        let log = Log::to(move |line| told.lock().push(line.to_owned()));
        let mut said = 0;
        let left_out = loop {
            log.say(format_args!("refused"));
            said += 1;
            let lines = lines.lock();
            if let Some(last) = lines.iter().find(|line| line.contains("were left out")) {
                break last.split(' ').next().and_then(|number| number.parse::<usize>().ok());
            }
            assert!(lines.len() < 10_000, "nothing is left out");
        };
        let told = lines.lock().iter().filter(|line| **line == "refused").count();
        assert_eq!(left_out.map(|left_out| left_out + told), Some(said));
    }
}

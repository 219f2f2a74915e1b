//! What is shown while trials run: what failed as soon as it has, and, on a terminal, a line that
//! says how far it is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::cause::Cause;
use super::elapsed::elapsed;
use super::printable::one_line;
use super::style::Paint;
use super::terminal::{failure_text, passing_text};
use crate::run::event::{TrialResult, Verdict};

/// How often the line is drawn anew; more than people see would only be work.
const PERIOD: Duration = Duration::from_millis(60);

/// What terminals have at least; a line that is longer would not be taken away whole.
const COLUMNS: usize = 79;

/// From here on it is worth saying how long a trial has been running.
const LONG: Duration = Duration::from_secs(1);

/// Takes the line away.
const ERASE: &str = "\r\x1b[2K";

/// How far a run is.
#[derive(Debug)]
pub struct Progress {
    total: usize,
    done: usize,
    failed: usize,
    flaky: usize,
    running: Vec<(Arc<str>, Instant)>,
    /// Those of the failures that were shown.
    causes: Vec<Cause>,
    drawn: Option<Instant>,
    styled: bool,
    /// Whether what passes is shown, too.
    verbose: bool,
}

impl Progress {
    /// Before the first of that many trials. `styled` adds ANSI colours.
    pub fn new(total: usize, styled: bool, verbose: bool) -> Self {
        Self {
            total,
            done: 0,
            failed: 0,
            flaky: 0,
            running: Vec::new(),
            causes: Vec::new(),
            drawn: None,
            styled,
            verbose,
        }
    }

    /// A trial has begun.
    pub fn begin(&mut self, trial: &Arc<str>, now: Instant) {
        self.running.push((trial.clone(), now));
    }

    /// A trial is over. Gives what is to be shown of it for good; of those that fail for the same
    /// cause that is only the first, and the summary says how many there are.
    pub fn end(&mut self, trial: &TrialResult) -> Option<String> {
        self.running.retain(|(name, _)| *name != trial.name);
        self.done += 1;
        let failure = self.ended(trial);
        if !self.verbose {
            return failure;
        }
        Some(format!("{}{}", passing_text(trial, self.styled), failure.unwrap_or_default()))
    }

    fn ended(&mut self, trial: &TrialResult) -> Option<String> {
        match trial.verdict {
            Verdict::Failed => {
                self.failed += 1;
                if let Some(cause) = Cause::of(trial) {
                    if cause.was_told(&self.causes) {
                        return None;
                    }
                    self.causes.push(cause);
                }
                Some(format!("{}\n", failure_text(trial, self.styled)))
            }
            Verdict::Flaky => {
                self.flaky += 1;
                None
            }
            Verdict::Passed | Verdict::Skipped => None,
        }
    }

    /// The line anew, in place of the one before; nothing so soon after that one.
    pub fn line(&mut self, now: Instant) -> Option<String> {
        let soon = |drawn: Instant| now.saturating_duration_since(drawn) < PERIOD;
        if self.drawn.is_some_and(soon) {
            return None;
        }
        self.drawn = Some(now);
        let paint = Paint { styled: self.styled };
        let width = self.total.to_string().len();
        let counts = format!("{:>width$}/{}", self.done, self.total);
        let mut length = counts.chars().count();
        let mut line = format!("{ERASE}{}", paint.bold(&counts));
        for (count, word) in [(self.failed, "failed"), (self.flaky, "flaky")] {
            if count > 0 {
                let text = format!("{count} {word}");
                length += 2 + text.chars().count();
                let text = if word == "failed" { paint.bad(&text) } else { paint.doubtful(&text) };
                line.push_str("  ");
                line.push_str(&text);
            }
        }
        // The one that has been running for longest is the one that is waited for.
        if let Some((name, since)) = self.running.first() {
            let long = now.saturating_duration_since(*since);
            let long = if long < LONG { String::new() } else { format!(" ({})", elapsed(long)) };
            let room = COLUMNS.saturating_sub(length + 2 + long.chars().count());
            let name = one_line(name, room);
            line.push_str("  ");
            line.push_str(&paint.dim(&format!("{name}{long}")));
        }
        Some(line)
    }

    /// Takes the line away, if there is one.
    pub fn erase(&mut self) -> &'static str {
        match self.drawn.take() {
            Some(_) => ERASE,
            None => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Span};

    fn ended(name: &str, verdict: Verdict) -> TrialResult {
        let source = Source::new("a.yaml", "");
        TrialResult {
            name: name.into(),
            suite: "library/a".into(),
            scenario: name.into(),
            row: None,
            vendor: "library".into(),
            target: "mock".into(),
            tags: Vec::new(),
            covers: Vec::new(),
            transitions: crate::run::event::Transitions::NotAsked,
            statements: None,
            verdict,
            reason: None,
            duration: Duration::ZERO,
            tries: 1,
            steps: Vec::new(),
            earlier: Vec::new(),
            span: Span { source, start: 0, end: 0 },
        }
    }

    #[test]
    fn the_line_counts_and_names_what_is_waited_for() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut progress = Progress::new(12, false, false);
        assert_eq!(progress.erase(), "");
        progress.begin(&"library/a/one".into(), at(0));
        progress.begin(&"library/a/two".into(), at(0));
        let line = |text: &str| Some(format!("{ERASE}{text}"));
        assert_eq!(progress.line(at(0)), line(" 0/12  library/a/one"));
        assert_eq!(progress.line(at(10)), None);
        assert_eq!(progress.end(&ended("library/a/one", Verdict::Passed)), None);
        assert_eq!(progress.line(at(1200)), line(" 1/12  library/a/two (1.20 s)"));
        let shown = progress.end(&ended("library/a/two", Verdict::Failed));
        assert!(shown.is_some_and(|text| text.starts_with("FAIL library/a/two\n")));
        assert_eq!(progress.end(&ended("library/a/three", Verdict::Flaky)), None);
        progress.begin(&"x".repeat(200).into(), at(1200));
        let long = progress.line(at(1300)).unwrap_or_default();
        let long = long.trim_start_matches(ERASE);
        assert!(long.starts_with(" 3/12  1 failed  1 flaky  xxx"), "{long}");
        assert!(long.chars().count() <= COLUMNS + 1, "{long}");
        assert_eq!(progress.erase(), ERASE);
    }
}

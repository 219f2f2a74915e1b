//! The memory of the process, watched: clients are refused before there is none left.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use memchr::memmem;
use tokio::time::{MissedTickBehavior, interval};

use super::log::Log;

/// How often is looked. What is taken in between is far less than what the limit leaves.
const BETWEEN: Duration = Duration::from_millis(100);
const MIB: usize = 1024 * 1024;

/// Whether the process holds as much memory as it may.
pub(super) struct Memory {
    most: Option<usize>,
    full: AtomicBool,
}

impl Memory {
    /// No more than that many bytes; without, whatever the system gives.
    pub(super) fn new(most: Option<usize>) -> Self {
        Self { most, full: AtomicBool::new(false) }
    }

    /// Whether there is no room for what a request may need.
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// Looks for as long as the server runs, and tells where that changes.
    pub(super) async fn watch(&self, log: &Log, changed: impl Fn(bool)) {
        let Some(most) = self.most else { return };
        let mut tick = interval(BETWEEN);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            // Where the system does not say it there is nothing to watch.
            let Some(held) = held() else { return };
            // It has to become less by some before others are served, so that it does not go to
            // and fro with each of them.
            let most = if self.is_full() { most - most / 16 } else { most };
            let full = held > most;
            if full != self.full.swap(full, Ordering::Relaxed) {
                changed(full);
                let held = held / MIB;
                match full {
                    true => log.say(format_args!(
                        "the mock uses {held} MiB of memory, which is more than `--memory-limit` \
                         allows: requests to vendors are answered with 503 until it is less"
                    )),
                    false => log.say(format_args!(
                        "the mock uses {held} MiB of memory: requests to vendors are served again"
                    )),
                }
            }
        }
    }
}

/// Three quarters of the memory that the machine has, or the container; none where the system
/// does not say it.
pub(super) fn usual_limit() -> Option<usize> {
    let number = |path| fs::read_to_string(path).ok()?.trim().parse::<usize>().ok();
    let machine = line_of("/proc/meminfo", "MemTotal");
    let groups = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let least = groups.into_iter().filter_map(number).chain(machine).min()?;
    Some(least - least / 4)
}

/// How many bytes of memory the process holds.
fn held() -> Option<usize> {
    line_of("/proc/self/status", "VmRSS")
}

/// A line of what the system says, which is in kilobytes, in bytes.
fn line_of(path: &str, name: &str) -> Option<usize> {
    let text = fs::read_to_string(path).ok()?;
    let line = match text.starts_with(name) {
        true => &*text,
        // There are many lines, ten times a second.
        false => text.get(memmem::find(text.as_bytes(), format!("\n{name}:").as_bytes())? + 1..)?,
    };
    let value = line.lines().next()?.strip_prefix(name)?.strip_prefix(':')?;
    value.trim().strip_suffix(" kB")?.parse::<usize>().ok()?.checked_mul(1024)
}

//! What somebody who wants the end of a run does to it.

use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

/// How often somebody who waits looks up.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// How a shell tells that SIGINT ended a process.
const INTERRUPTED: i32 = 130;

/// Lets trials come to their `finally` when somebody presses Ctrl-C, sends SIGTERM, as CI servers
/// do, or closes the terminal; the second time ends at once. From when it returns on, no signal is missed.
pub(super) fn listen_for_interrupt(interrupted: Arc<AtomicBool>) {
    let (ready, listening) = sync_channel(1);
    let listen = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(async {
            let Ok(mut signals) = Signals::new() else { return };
            // Whoever waits for it is there, as this thread was made by it.
            ready.send(()).ok();
            if signals.next().await {
                interrupted.store(true, Ordering::Relaxed);
                if signals.next().await {
                    process::exit(INTERRUPTED);
                }
            }
        });
    };
    // Without the thread a signal ends the process at once, as it does by itself.
    if thread::Builder::new().name("interrupt".to_owned()).spawn(listen).is_ok() {
        // An error means that nothing can be heard.
        listening.recv().ok();
    }
}

/// Lets trials come to their `finally` when the process that watches is told to end, or is gone.
pub(super) fn end_with_watcher(interrupted: Arc<AtomicBool>) {
    // Without the thread the run goes on to its end.
    _ = thread::Builder::new().name("watcher".to_owned()).spawn(move || {
        _ = io::copy(&mut io::stdin(), &mut io::sink());
        interrupted.store(true, Ordering::Relaxed);
    });
}

/// The signals that ask for the end.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// Nothing where whoever started the program said that it outlives its terminal.
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        let hangup = if heeds_hangup() { Some(signal(SignalKind::hangup())?) } else { None };
        Ok(Self { interrupt, terminate, hangup })
    }

    /// Waits for one; false where none can come any more.
    async fn next(&mut self) -> bool {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            heard = self.interrupt.recv() => heard.is_some(),
            heard = self.terminate.recv() => heard.is_some(),
            heard = hangup => heard.is_some(),
        }
    }
}

/// Whether SIGHUP is not ignored, as `nohup` has it; to listen to it would undo that. Where the
/// system does not tell, it is left as it is.
#[cfg(unix)]
fn heeds_hangup() -> bool {
    // The first of the bits is that of the signal 1, SIGHUP.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    ignored.is_some_and(|bits| bits & 1 == 0)
}

/// The signals that ask for the end.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    /// Waits for one; false where none can come any more.
    async fn next(&mut self) -> bool {
        tokio::signal::ctrl_c().await.is_ok()
    }
}

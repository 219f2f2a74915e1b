//! What is due while nobody asks.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::Control;
use crate::mock::Mock;

/// Timers do not wait for longer at once: a machine may sleep meanwhile.
const LONGEST: Duration = Duration::from_mins(1);
/// How long nothing is tried where there is no end to what is due.
const ENDLESS: Duration = Duration::from_secs(1);
/// The same where it is due to the microsecond only, or somebody else is running it.
const NOT_QUITE: Duration = Duration::from_millis(1);

/// Runs what is due in all sessions, each time that something is.
pub(super) async fn run(control: Arc<Control>) {
    let news = control.current.with(|mock| mock.sessions().news().clone());
    loop {
        match control.current.with(|mock| mock.sessions().next_due()) {
            Some(wait) if wait.is_zero() => {
                let pause = control.current.with(|mock| run_due(&control, mock));
                if !pause.is_zero() {
                    sleep(pause).await;
                }
            }
            // Whichever comes first.
            Some(wait) => drop(timeout(wait.min(LONGEST), news.notified()).await),
            None => news.notified().await,
        }
    }
}

/// Gives how long to pause: not at all, but where that leads nowhere.
fn run_due(control: &Arc<Control>, mock: &Arc<Mock>) -> Duration {
    let due = mock.sessions().due().into_iter();
    let idle = due.filter(|session| !session.running().is_locked());
    let pauses = idle.map(|session| match mock.run_due(&session) {
        Ok(_) if session.has_messages() && !session.sending().is_locked() => {
            let (control, mock) = (control.clone(), mock.clone());
            spawn_blocking(move || {
                let sending = session.sending().lock();
                let settled = control.callbacks.settle(&mock, &session);
                drop(sending);
                mock.sessions().news().notify_one();
                settled
            });
            NOT_QUITE
        }
        Ok(0) => NOT_QUITE,
        Ok(_) => Duration::ZERO,
        Err(_) => ENDLESS,
    });
    pauses.max().unwrap_or(NOT_QUITE)
}

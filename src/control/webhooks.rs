//! Messages that are requests: each is sent to the URL that it is for, when it is due.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::{Builder, Handle};

use super::Control;
use crate::mock::Mock;
use crate::mock::delivery::{Attempt, Delivery, Ending, Written};
use crate::mock::due::Endless;
use crate::mock::feed::Event;
use crate::mock::outbox::Message;
use crate::mock::session::Session;
use crate::run::client::{Client, Patience, Request, Trust};
use crate::run::url::{self, Url};

/// How long is waited for the whole answer to a message.
const PATIENCE: Duration = Duration::from_secs(5);
/// Nobody looks at what is answered.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// Where messages may go.
#[derive(Debug, Clone, Default)]
pub(super) struct Callbacks {
    /// Hosts beside those of this machine.
    pub(super) hosts: Arc<[String]>,
}

impl Control {
    /// Tries to send a message that was due then; none where it is no request.
    #[cfg(feature = "postgres")]
    pub(crate) fn attempt(&self, message: &Message, at: Timestamp) -> Option<(Attempt, Ending)> {
        let delivery = message.delivery.as_ref()?;
        let (attempt, ending) = self.callbacks.attempt(message, delivery, at);
        tell(&self.mock(), message, &attempt, ending);
        Some((attempt, ending))
    }
}

impl Callbacks {
    fn allow(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let local = match host.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => host == "localhost" || host.ends_with(".localhost"),
        };
        local || self.hosts.contains(&host)
    }

    /// Sends what is due in a session, and runs what is due between that, in order of time. For who
    /// holds [`Session::sending`].
    pub(super) fn settle(&self, mock: &Mock, session: &Session) -> Result<(), Endless> {
        loop {
            let next = session.next_attempt();
            mock.run_due_until(session, next.as_ref().map(|(_, at, _)| *at))?;
            // What ran may have sent something that is due earlier, or have emptied the outbox.
            let Some((vendor, at, message)) = session.next_attempt() else { return Ok(()) };
            if next.is_none_or(|(_, first, _)| at < first) {
                continue;
            }
            let Some(delivery) = &message.delivery else { return Ok(()) };
            if !is_kept(mock) {
                return Ok(());
            }
            let (attempt, ending) = self.attempt(&message, delivery, at);
            tell(mock, &message, &attempt, ending);
            session.attempted(vendor, &message, attempt, ending);
        }
    }

    fn attempt(&self, message: &Message, delivery: &Delivery, at: Timestamp) -> (Attempt, Ending) {
        let url = match url::parse(&message.recipient) {
            Ok(url) => url,
            Err(why) => return ended(at, None, why, Ending::Hopeless),
        };
        let host = &url.origin.host;
        if !self.allow(host) {
            let why = format!(
                "{host} is not a loopback address, and `--allow-callbacks {host}` was not given"
            );
            return ended(at, None, why, Ending::Hopeless);
        }
        let written = match delivery.at(at) {
            Ok(written) => written,
            Err(why) => return ended(at, None, why, Ending::Hopeless),
        };
        match send(&url, &delivery.method, &written) {
            Ok(status @ 200..=299) => ended(at, Some(status), "delivered".into(), Ending::Taken),
            Ok(status @ 300..=399) => {
                let why = format!("answered with {status}; redirects are not followed");
                ended(at, Some(status), why, Ending::Failed)
            }
            Ok(status) => {
                ended(at, Some(status), format!("answered with {status}"), Ending::Failed)
            }
            Err(why) => ended(at, None, why, Ending::Failed),
        }
    }
}

/// Tells who follows what happens that nobody took a message. What is behind its host may be a
/// secret.
fn tell(mock: &Mock, message: &Message, attempt: &Attempt, ending: Ending) {
    let again = match ending {
        Ending::Taken => return,
        Ending::Failed => "",
        Ending::Hopeless => "; it is not sent again",
    };
    let to = url::parse(&message.recipient).map(|url| format!(" to {}", url.origin.authority()));
    let Message { id, name, .. } = message;
    let said = format!(
        "message {id}, `{name}`{}, was not delivered: {}{again}",
        to.unwrap_or_default(),
        attempt.outcome
    );
    mock.feed().tell(Event::Said(said.into()));
}

fn ended(at: Timestamp, status: Option<u16>, why: String, ending: Ending) -> (Attempt, Ending) {
    (Attempt { at, status, outcome: why.into() }, ending)
}

fn send(url: &Url, method: &str, written: &Written) -> Result<u16, String> {
    let text = |text: &Arc<str>| text.to_string();
    let mut headers = vec![("Host".to_owned(), url.origin.authority())];
    headers.extend(written.headers.iter().map(|(name, value)| (text(name), text(value))));
    headers.push(("Content-Length".to_owned(), written.body.len().to_string()));
    headers.push(("Connection".to_owned(), "close".to_owned()));
    let target = match url.target.as_str() {
        "" => "/".to_owned(),
        query if query.starts_with('?') => format!("/{query}"),
        target => target.to_owned(),
    };
    let request = Request {
        origin: url.origin.clone(),
        method: method.to_owned(),
        target,
        headers,
        body: written.body.as_bytes().to_vec(),
        takes_cookies: false,
    };
    let client = Client::new(LARGEST_ANSWER, Trust::default());
    let answer = client.send(&request, Patience::new(PATIENCE, None));
    answer.map(|answer| answer.status).map_err(|failure| failure.kind.to_string())
}

/// Waits until all that happened so far is written down, where that is done: what is taken back
/// is not sent.
fn is_kept(mock: &Mock) -> bool {
    if mock.sessions().are_shared() {
        return false;
    }
    let Some(ledger) = mock.sessions().ledger() else { return true };
    let Some(kept) = ledger.kept(ledger.last()) else { return true };
    match Handle::try_current() {
        Ok(runtime) => runtime.block_on(kept.wait()).is_ok(),
        Err(_) => Builder::new_current_thread()
            .build()
            .is_ok_and(|runtime| runtime.block_on(kept.wait()).is_ok()),
    }
}

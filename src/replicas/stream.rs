//! Streams of events: while somebody looks on at this replica, it asks what is new in the journals
//! of all sessions, whichever replica wrote it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::time::sleep;

use super::journal::{Line, lines};
use super::store::Trouble;
use super::{Replica, Work};
use crate::control::durable::refusal;
use crate::exchange::Answer;
use crate::ledger::Outcome;
use crate::mock::feed::{Event, Reader};

/// How often it is asked what is new.
const OFTEN: Duration = Duration::from_millis(100);

/// What those who look on have been told.
#[derive(Debug, Default)]
pub(super) struct Streams {
    /// By the number of a session, how far its journal was told; none while nobody looks on.
    told: Mutex<Option<HashMap<i64, i64>>>,
    /// How many are about to look on.
    beginning: AtomicUsize,
    begun: Notify,
}

/// Somebody who is about to look on, and may go at any time.
struct Beginning<'s>(&'s AtomicUsize);

impl<'s> Beginning<'s> {
    fn new(count: &'s AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Beginning<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Replica {
    /// Answers who wants to look on: what happens from now on is told.
    pub(super) async fn stream(self: &Arc<Self>, name: &str, work: Work) -> Answer {
        let _beginning = Beginning::new(&self.streams.beginning);
        match self.begin().await {
            Ok(()) => self.perform(name, work).await,
            Err(trouble) => refusal(Outcome::NotDone, trouble.reason()),
        }
    }

    async fn begin(&self) -> Result<(), Trouble> {
        let mut told = self.streams.told.lock().await;
        if told.is_none() {
            let heads = self.store.heads().await?;
            *told = Some(heads.iter().map(|head| (head.id, head.told)).collect());
            self.streams.begun.notify_one();
        }
        Ok(())
    }

    /// Tells what is new.
    async fn tell_news(&self, told: &mut HashMap<i64, i64>) -> Result<(), Trouble> {
        let heads = self.store.heads().await?;
        told.retain(|id, _| heads.iter().any(|head| head.id == *id));
        for head in &heads {
            let known = told.entry(head.id).or_default();
            if *known >= head.told {
                continue;
            }
            for (number, body) in self.store.news(head.id, *known).await? {
                self.tell_page(&head.name, number, &body);
                *known = number;
            }
        }
        Ok(())
    }

    fn tell_page(&self, session: &Arc<str>, number: i64, body: &str) {
        // What nobody can read, nobody is told; who asks for the journal is told why.
        let Ok(mut lines) = lines(number, body) else { return };
        // What stands before was told when it happened.
        let anew = lines.iter().rposition(|line| matches!(line, Line::Anew));
        let mock = self.control.mock();
        for line in lines.drain(anew.map_or(0, |at| at + 1)..) {
            match line {
                Line::Answered(heard) => {
                    mock.stream(session, heard.id, heard.at, &heard.told, &heard.effect);
                }
                Line::Called(call) => {
                    let session = session.clone();
                    mock.streams().tell(Event::Changed { session, call });
                }
                Line::Forgot(_) | Line::Anew | Line::Holds(_) | Line::TellsAll(..) => {}
            }
        }
    }
}

/// Tells those who look on, for as long as somebody does.
pub(super) async fn run(replica: Arc<Replica>) {
    let mock = replica.control.mock();
    loop {
        replica.streams.begun.notified().await;
        let mut log = mock.feed().listen();
        loop {
            sleep(OFTEN).await;
            let mut told = replica.streams.told.lock().await;
            let beginning = replica.streams.beginning.load(Ordering::Relaxed);
            let Some(known) = told.as_mut() else { break };
            if beginning == 0 && !mock.streams().is_watched() {
                *told = None;
                break;
            }
            pass_on(&mut log, &replica);
            // Where the database cannot be used, it is asked again.
            replica.tell_news(known).await.ok();
        }
    }
}

/// What the log of this replica says is for those who look on at it, too.
fn pass_on(log: &mut Reader, replica: &Replica) {
    for event in log.take(usize::MAX).events {
        if matches!(event, Event::Said(_)) {
            replica.control.mock().streams().tell(event);
        }
    }
}

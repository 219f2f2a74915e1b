//! Who is told what happens where replicas share sessions: the log of what happens here, and the
//! streams of the control plane of what happens at all replicas.

use std::sync::Arc;

use jiff::Timestamp;

use super::Mock;
use super::effect::Effect;
use super::entry::Told;
use super::feed::{Event, Feed, Happened};
use super::noted::Answered;

impl Mock {
    /// What happens, for those who are told by the control plane: where replicas share sessions,
    /// at all of them.
    pub fn streams(&self) -> &Arc<Feed> {
        self.streams.as_ref().unwrap_or(&self.feed)
    }

    /// Tells the log of a request that was answered here, once it has its id.
    pub fn log(&self, session: &Arc<str>, id: u64, answered: &Answered) {
        if self.feed.is_watched() {
            self.feed.tell(self.request(session, id, answered.at, &answered.told));
        }
    }

    /// Tells streams of a request that was answered at a replica, with what it changed.
    pub fn stream(
        &self,
        session: &Arc<str>,
        id: u64,
        at: Timestamp,
        told: &Arc<Told>,
        effect: &Effect,
    ) {
        self.streams().tell(self.request(session, id, at, told));
        if let Effect::Account(effect) = effect
            && !effect.sent.is_empty()
            && let Some(plan) = self.plans.get(effect.vendor)
        {
            let (session, vendor) = (session.clone(), plan.service.vendor.clone());
            self.streams().tell(Event::Outbox { session, vendor, sent: effect.sent.len() });
        }
    }

    fn request(&self, session: &Arc<str>, id: u64, at: Timestamp, told: &Arc<Told>) -> Event {
        let (session, told, plans) = (session.clone(), told.clone(), self.plans.clone());
        Event::Request(Happened { at, session, id, told, plans })
    }
}

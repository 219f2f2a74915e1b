//! What was asked and answered, the newest last, within bounds.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use parking_lot::Mutex;

use super::trace::{Entry as TraceEntry, Trace};
use crate::exchange::Request;
use crate::model::{OperationId, RuleId};
use crate::value::Value;

/// The most requests that a session remembers.
const MOST_ENTRIES: usize = 10_000;
/// The most bytes that a session's journal holds.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// What a journal may hold however many sessions share the bytes.
const LEAST_BYTES: usize = 256 * 1024;

/// One request with its answer.
#[derive(Debug)]
pub struct Entry {
    /// Counts from 1 within the session.
    pub id: u64,
    /// When it came, by the session's clock.
    pub time: Timestamp,
    /// How long the answer took, in real time.
    pub duration: Duration,
    /// The vendor, by position of the plan; none when no vendor was found.
    pub vendor: Option<usize>,
    /// The operation.
    pub operation: Option<OperationId>,
    /// The rule that decided.
    pub rule: Option<RuleId>,
    /// What was asked.
    pub request: Request,
    /// The status of the answer.
    pub status: StatusCode,
    /// The fields of the answer.
    pub headers: HeaderMap,
    /// The body of the answer.
    pub body: Bytes,
    /// The rules that were looked at.
    pub trace: Trace,
    /// The steps that changed the state, each once.
    pub changed: Vec<RuleId>,
}

impl Entry {
    /// About how many bytes it takes.
    fn size(&self) -> usize {
        let headers = |headers: &HeaderMap| {
            headers.iter().map(|(n, v)| n.as_str().len() + v.len() + 64).sum::<usize>()
        };
        size_of::<Self>()
            + self.request.body.len()
            + self.request.target.as_str().len()
            + self.body.len()
            + headers(&self.request.headers)
            + headers(&self.headers)
            + size_of_val(self.trace.entries())
            + size_of_val(&*self.changed)
            + self
                .trace
                .entries()
                .iter()
                .map(|entry| match entry {
                    TraceEntry::Rule(..) => 0,
                    TraceEntry::Broken(_, path, value) => {
                        path.len() + value.as_ref().and_then(Value::as_str).map_or(0, str::len) + 32
                    }
                    TraceEntry::About(_, _, text)
                    | TraceEntry::Note(text)
                    | TraceEntry::Mistake(text) => text.len() + 16,
                })
                .sum::<usize>()
    }
}

/// A ring of requests.
#[derive(Debug, Default)]
pub struct Journal {
    ring: Mutex<Ring>,
}

#[derive(Debug, Default)]
struct Ring {
    entries: VecDeque<(usize, Arc<Entry>)>,
    bytes: usize,
    last_id: u64,
}

impl Journal {
    /// Adds a request; its id is given here. `sessions` share the bytes that all journals may
    /// take, each having at least 256 KiB.
    pub fn push(&self, mut entry: Entry, sessions: usize) {
        let budget = (MOST_BYTES / sessions.max(1)).max(LEAST_BYTES);
        let size = entry.size();
        let mut ring = self.ring.lock();
        ring.last_id += 1;
        entry.id = ring.last_id;
        ring.bytes += size;
        ring.entries.push_back((size, Arc::new(entry)));
        // The newest request can be read whatever its size.
        while ring.entries.len() > MOST_ENTRIES || (ring.bytes > budget && ring.entries.len() > 1) {
            match ring.entries.pop_front() {
                Some((size, _)) => ring.bytes -= size,
                None => break,
            }
        }
    }

    /// The requests, oldest first.
    pub fn entries(&self) -> Vec<Arc<Entry>> {
        self.ring.lock().entries.iter().map(|(_, entry)| entry.clone()).collect()
    }

    /// Forgets the requests of a vendor, or all; ids go on, so that `after` stays right, unless
    /// all is forgotten.
    pub fn clear(&self, vendor: Option<usize>) {
        let mut ring = self.ring.lock();
        if vendor.is_none() {
            *ring = Ring::default();
            return;
        }
        ring.entries.retain(|(_, entry)| entry.vendor != vendor);
        ring.bytes = ring.entries.iter().map(|(size, _)| size).sum();
    }
}

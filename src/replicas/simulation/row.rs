//! What the model of a database has of a session.

use std::collections::BTreeMap;

use crate::ledger::StoredSession;
use crate::replicas::journal::{Line, lines, lines_before};
use crate::replicas::records;
use crate::replicas::store::{Cut, Told, Trouble};

/// So many records after a snapshot make another one.
const SNAPSHOT_AFTER: i64 = 3;

/// A session.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) head: i64,
    pub(super) base: i64,
    pub(super) snapshot: String,
    pub(super) records: BTreeMap<i64, String>,
    pub(super) told: Told,
    /// The last request of each page, and what is on it.
    pub(super) pages: BTreeMap<i64, (u64, String)>,
}

impl Row {
    pub(super) fn since(&self, position: i64) -> impl Iterator<Item = (i64, &str)> {
        self.records.range(position + 1..).map(|(at, text)| (*at, &**text))
    }

    pub(super) fn has_grown(&self) -> bool {
        self.head - self.base > SNAPSHOT_AFTER
    }

    pub(super) fn pages_after(&self, number: i64) -> Vec<(i64, String)> {
        self.pages.range(number + 1..).map(|(at, (_, text))| (*at, text.clone())).collect()
    }

    /// The page that tells of a request.
    fn page_of(&self, request: u64) -> Option<(i64, String)> {
        let found = self.pages.iter().find(|(_, (last, _))| *last >= request);
        found.map(|(number, (_, body))| (*number, body.clone()))
    }

    pub(super) fn past(&self, request: u64) -> Result<Option<StoredSession>, Trouble> {
        let Some((number, body)) = self.page_of(request) else { return Ok(None) };
        let place = lines(number, &body)?.into_iter().find_map(|line| match line {
            Line::Answered(heard) if heard.id == request => Some((heard.head, heard.lines)),
            _ => None,
        });
        match place {
            Some((head, lines)) if head >= self.base => records::past(
                self.id,
                self.base,
                &self.snapshot,
                self.since(self.base),
                (head, lines),
            ),
            _ => Ok(None),
        }
    }

    pub(super) fn tell(&mut self, page: &Kept) {
        match page.cut {
            Cut::Nothing => {}
            Cut::All => self.pages.clear(),
            Cut::From(request) => {
                if let Some((number, body)) = self.page_of(request) {
                    self.pages.retain(|other, _| *other < number);
                    let body = format!("{}\n{}", lines_before(&body, request), page.body);
                    return self.add(page.last_id, body.trim_start().to_owned());
                }
            }
        }
        if !page.body.is_empty() {
            self.add(page.last_id, page.body.clone());
        }
    }

    fn add(&mut self, last_id: u64, body: String) {
        self.told = Told { number: self.told.number + 1, last_id };
        self.pages.insert(self.told.number, (last_id, body));
    }
}

/// A page that is to be kept.
pub(super) struct Kept {
    pub(super) cut: Cut,
    pub(super) last_id: u64,
    pub(super) body: String,
}

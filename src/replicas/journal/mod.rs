//! The journal of a session that replicas share: pages of lines, each of which tells of a request or
//! of a call of the control plane, the oldest first. Pages are numbered, and only added; what is
//! taken out, and what begins anew, is a line that says so. Credentials are in no line.

mod mirror;
mod read;
mod write;

use std::sync::Arc;

use jiff::Timestamp;

use super::store::{Cut, Page};
use crate::mock::journal::Gap;
use crate::mock::noted::Noted;
use crate::plan::Plan;

pub(super) use mirror::mirror;
pub(super) use read::{Line, lines};

impl Page {
    /// A page for what happened after the request of that id, and after the record at that
    /// position. `gaps` are what others may still add.
    pub(super) fn of(
        plans: &[Arc<Plan>],
        last_id: u64,
        head: i64,
        notes: impl IntoIterator<Item = Noted>,
        gaps: &[Gap],
    ) -> Self {
        let mut page = Self { cut: Cut::Nothing, last_id, body: String::new(), told: Vec::new() };
        for noted in notes {
            let line = match noted {
                Noted::Answered(answered) => {
                    page.last_id += 1;
                    let line = write::answered(plans, page.last_id, head, &answered);
                    page.told.push((page.last_id, answered));
                    line
                }
                Noted::Called(call) => write::called(&call),
                Noted::Forgot(vendor) => write::forgot(&vendor),
                Noted::Cleared => page.begin_anew(Cut::All, 0),
                Noted::WentBack(id) => {
                    let line = page.begin_anew(Cut::From(id), id.saturating_sub(1));
                    let gaps = gaps.iter().map(|gap| {
                        format!("\n{}", write::holds(&gap.replica, gap.from, gap.until))
                    });
                    line + &gaps.collect::<String>()
                }
            };
            page.add(&line);
        }
        page
    }

    fn add(&mut self, line: &str) {
        if !self.body.is_empty() {
            self.body.push('\n');
        }
        self.body.push_str(line);
    }

    /// Says that a replica may answer more than is told, from one time to another.
    pub(super) fn holds(&mut self, replica: &str, from: Timestamp, until: Timestamp) {
        self.add(&write::holds(replica, from, until));
    }

    /// Says that all is told that a replica answered from a time on.
    pub(super) fn tells_all(&mut self, replica: &str, from: Timestamp) {
        self.add(&write::tells_all(replica, from));
    }

    fn begin_anew(&mut self, cut: Cut, last_id: u64) -> String {
        (self.cut, self.last_id) = (cut, last_id);
        self.body.clear();
        write::anew()
    }
}

/// The lines of a page from before a request; all if it tells of none.
pub(super) fn lines_before(body: &str, id: u64) -> String {
    let comes_before = |line: &&str| match read::line(line) {
        Some(Line::Answered(heard)) => heard.id < id,
        _ => true,
    };
    body.lines().take_while(comes_before).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;

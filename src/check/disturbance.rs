//! `delay` and `faults`: what befalls requests to a vendor that a client should be ready for.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use super::Checker;
use super::reader::TreeReader;
use super::records;
use crate::diagnostic::Diagnostic;
use crate::exchange::Breakage;
use crate::model::{
    Delay, Disturbance, Disturbances, Effect, LONGEST_DELAY, MOST_PIECES, MOST_SIGMA,
};
use crate::source::Located;
use crate::syntax::{Mapping, Node, NodeKind, ReadNode};

/// What sums of shares may be more than 1 by, since they are binary fractions.
const ROUNDING: f64 = 1e-9;

impl<'n> Checker<'n> {
    /// `delay` and `faults` of an operation, or of the vendor.
    pub(super) fn disturbances(&mut self, mapping: &mut Mapping<'n>) -> Disturbances {
        let delay = mapping.take("delay").and_then(|node| self.delay(node));
        let faults = mapping.take("faults").map(|node| self.fault_list(node));
        Disturbances { delay, faults }
    }

    fn fault_list(&mut self, node: &'n Node) -> Vec<Disturbance> {
        let mut faults = Vec::new();
        let mut shares = 0.0;
        for item in self.read_list(node, |_| None) {
            let Some(mut mapping) = self.open(item, records::FAULT.called("a fault")) else {
                continue;
            };
            let skip = mapping.take("skip").and_then(|node| self.whole_number(node, 0));
            let times = mapping.take("times").and_then(|node| self.whole_number(node, 1));
            let errors = &mut self.names.errors;
            let known =
                |name: &Located<Arc<str>>| errors.resolve_name(&name.value, &name.span).is_some();
            let fault = self.reader.disturbance(mapping, known, |_| false);
            let Some(mut fault) = fault else { continue };
            (fault.skip, fault.times) = (skip.unwrap_or(0), times);
            // What is over some time leaves requests to those behind it.
            if fault.times.is_some() || fault.skip > 0 || fault.lasts.is_some() {
                faults.push(fault);
                continue;
            }
            let left = shares < 1.0 - ROUNDING;
            shares += fault.share.unwrap_or(1.0 - shares);
            if !left || shares > 1.0 + ROUNDING {
                let message = match left {
                    false => "there are no requests left that this fault could affect",
                    true => "the shares of one list are more than 1",
                };
                let place = item.get("share").unwrap_or(item);
                self.report(
                    Diagnostic::error("out-of-range", message, &place.span, "is too much")
                        .help("each `share` is one of all requests, and the first that is left out takes the rest"),
                );
                shares = shares.min(1.0);
            }
            faults.push(fault);
        }
        faults
    }
}

impl<'n> TreeReader<'n> {
    /// `for`, `share`, `delay` and `fault`, the last keys of a mapping. What is `late` is worked out when
    /// it is needed, so that only others can be looked at. Whether the name of an error is `known`
    /// is told there.
    pub(super) fn disturbance(
        &mut self,
        mut mapping: Mapping<'n>,
        known: impl FnMut(&Located<Arc<str>>) -> bool,
        late: impl Fn(&Node) -> bool,
    ) -> Option<Disturbance> {
        let [share, delay, fault] = ["share", "delay", "fault"].map(|key| mapping.take(key));
        let lasts = mapping.take("for");
        let span = mapping.node().span.clone();
        mapping.finish();
        let written = |node: &&'n Node| !late(node);
        let lasts_read = lasts.filter(written).map(|node| self.duration(node));
        let share_read = share.filter(written).map(|node| self.share(node));
        if delay.is_none() && fault.is_none() {
            let message = "a fault needs `delay` or `fault`";
            self.error("missing-key", message, &span, "does nothing");
            return None;
        }
        let delay_read = delay.filter(written).map(|node| self.delay(node));
        let effect = fault.filter(written).map(|node| self.effect(node, known, &late));
        let read = lasts_read != Some(None)
            && share_read != Some(None)
            && delay_read != Some(None)
            && effect != Some(None);
        read.then(|| Disturbance {
            share: share_read.flatten(),
            delay: delay_read.flatten(),
            effect: effect.flatten(),
            lasts: lasts_read.flatten(),
            ..Disturbance::default()
        })
    }

    fn share(&mut self, node: &'n Node) -> Option<f64> {
        let number: Option<f64> = match &node.kind {
            NodeKind::Integer(_) | NodeKind::Number(_) => node.span.text().parse().ok(),
            _ => None,
        };
        let fits = number.filter(|number| (0.0..=1.0).contains(number));
        if fits.is_none() {
            let message = "a share is a number from 0 to 1";
            self.error("out-of-range", message, &node.span, "is out of range");
        }
        fits
    }

    /// A duration, two of them, or how they are distributed.
    fn delay(&mut self, node: &'n Node) -> Option<Delay> {
        if node.as_map().is_none() {
            let delay = self.delay_end(node)?;
            return Some(Delay::Between(delay, delay));
        }
        let mut range = self.open(node, records::DELAY.called("a delay"))?;
        let keys = ["from", "to", "median", "sigma"];
        let ends = keys.map(|key| range.take(key));
        range.finish();
        let is_known = |key: &Located<String>| keys.contains(&&*key.value);
        let (from, to) = match ends {
            [Some(from), Some(to), None, None] => (from, to),
            [None, None, Some(median), Some(sigma)] => {
                let median = self.delay_end(median);
                let sigma = self.sigma(sigma);
                return Some(Delay::LogNormal { median: median?, sigma: sigma? });
            }
            // What is not known here is told, and may be what is wanting.
            _ if node.as_map().is_some_and(|all| all.iter().any(|(key, _)| !is_known(key))) => {
                return None;
            }
            _ => {
                let given = ends.map(|end| end.is_some());
                let lacks = match given {
                    [true, false, false, false] => "`to` is missing",
                    [false, true, false, false] => "`from` is missing",
                    [false, false, true, false] => "`sigma` is missing",
                    [false, false, false, true] => "`median` is missing",
                    [false, false, false, false] => "has neither",
                    _ => "has some of both",
                };
                let message = "a delay has `from` and `to`, or `median` and `sigma`";
                self.error("contradiction", message, &node.span, lacks);
                return None;
            }
        };
        let (from, to) = (self.delay_end(from), self.delay_end(to));
        let (from, to) = (from?, to?);
        if to < from {
            let message = "`to` must not be shorter than `from`";
            self.error("out-of-range", message, &node.span, "ends before it begins");
            return None;
        }
        Some(Delay::Between(from, to))
    }

    fn sigma(&mut self, node: &'n Node) -> Option<f64> {
        let number: Option<f64> = match &node.kind {
            NodeKind::Integer(_) | NodeKind::Number(_) => node.span.text().parse().ok(),
            _ => None,
        };
        let fits = number.filter(|number| (0.0..=MOST_SIGMA).contains(number));
        if fits.is_none() {
            let message = format!("`sigma` is a number from 0 to {MOST_SIGMA}");
            self.error("out-of-range", message, &node.span, "is out of range");
        }
        fits
    }

    pub(in crate::check) fn delay_end(&mut self, node: &'n Node) -> Option<Duration> {
        let delay = self.duration(node)?;
        if delay > LONGEST_DELAY {
            let message = "an answer is kept back for 10 minutes (PT10M) at most";
            self.error("out-of-range", message, &node.span, "is more");
            return None;
        }
        Some(delay)
    }

    /// In how many pieces a body comes, and in which time.
    fn slowed(&mut self, node: &'n Node, late: impl Fn(&Node) -> bool) -> Option<Effect> {
        let mut mapping = self.open(node, records::FAULT_FAULT_SLOW.called("`slow`"))?;
        let [pieces, within] = ["pieces", "within"].map(|key| mapping.require(key));
        mapping.finish();
        let (pieces, within) = (pieces?, within?);
        let count = match late(pieces) {
            true => 1,
            false => self.whole_number(pieces, 1)?,
        };
        let within = match late(within) {
            true => Duration::ZERO,
            false => self.delay_end(within)?,
        };
        let count = u32::try_from(count).ok().filter(|count| *count <= MOST_PIECES);
        if count.is_none() {
            let message = format!("a body comes in {MOST_PIECES} pieces at most");
            self.error("out-of-range", message, &pieces.span, "is more");
        }
        Some(Effect::Slowed { pieces: count?, within })
    }

    /// A word, or a status or an error of the vendor.
    fn effect(
        &mut self,
        node: &'n Node,
        mut known: impl FnMut(&Located<Arc<str>>) -> bool,
        late: impl Fn(&Node) -> bool,
    ) -> Option<Effect> {
        if node.as_map().is_none() {
            let words = Breakage::ALL.map(|known| (known, known.name()));
            return self.read_word(node, "fault", &words).map(Effect::Breaks);
        }
        let mut mapping = self.open(node, records::FAULT_FAULT.called("`fault`"))?;
        let [status, error, slow] = ["status", "error", "slow"].map(|key| mapping.take(key));
        mapping.finish();
        if [status, error, slow].iter().flatten().count() != 1 {
            let message = "`fault` is a word, or has one of `status`, `error` and `slow`";
            self.error("contradiction", message, &node.span, "has several or none");
            return None;
        }
        if let Some(node) = slow.filter(|node| !late(node)) {
            return self.slowed(node, late);
        }
        if let Some(node) = status.filter(|node| !late(node)) {
            let status = self.status(node)?;
            return StatusCode::from_u16(status).ok().map(Effect::Status);
        }
        let node = error.filter(|node| !late(node))?;
        let name = self.read_text(node)?;
        known(&name).then_some(Effect::Error(name.value))
    }
}

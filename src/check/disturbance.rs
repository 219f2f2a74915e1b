//! `delay` and `faults`: what befalls requests to a vendor that a client should be ready for.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use super::Checker;
use super::reader::TreeReader;
use super::records;
use crate::diagnostic::Diagnostic;
use crate::exchange::Breakage;
use crate::model::{Disturbance, Disturbances, Effect, LONGEST_DELAY};
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
            let Some(mapping) = self.open(item, records::FAULT.called("a fault")) else {
                continue;
            };
            let errors = &mut self.names.errors;
            let known =
                |name: &Located<Arc<str>>| errors.resolve_name(&name.value, &name.span).is_some();
            let fault = self.reader.disturbance(mapping, known, |_| false);
            let Some(fault) = fault else { continue };
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
    /// `share`, `delay` and `fault`, the last keys of a mapping. What is `late` is worked out when
    /// it is needed, so that only others can be looked at. Whether the name of an error is `known`
    /// is told there.
    pub(super) fn disturbance(
        &mut self,
        mut mapping: Mapping<'n>,
        known: impl FnMut(&Located<Arc<str>>) -> bool,
        late: impl Fn(&Node) -> bool,
    ) -> Option<Disturbance> {
        let [share, delay, fault] = ["share", "delay", "fault"].map(|key| mapping.take(key));
        let span = mapping.node().span.clone();
        mapping.finish();
        let written = |node: &&'n Node| !late(node);
        let share_read = share.filter(written).map(|node| self.share(node));
        if delay.is_none() && fault.is_none() {
            let message = "a fault needs `delay` or `fault`";
            self.error("missing-key", message, &span, "does nothing");
            return None;
        }
        let delay_read = delay.filter(written).map(|node| self.delay(node));
        let effect = fault.filter(written).map(|node| self.effect(node, known, &late));
        let read = share_read != Some(None) && delay_read != Some(None) && effect != Some(None);
        read.then(|| Disturbance {
            share: share_read.flatten(),
            delay: delay_read.flatten(),
            effect: effect.flatten(),
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

    /// A duration, or two of them.
    fn delay(&mut self, node: &'n Node) -> Option<[Duration; 2]> {
        if node.as_map().is_none() {
            let delay = self.delay_end(node)?;
            return Some([delay, delay]);
        }
        let mut range = self.open(node, records::DELAY.called("a delay"))?;
        let ends = ["from", "to"].map(|key| range.require(key));
        range.finish();
        let [from, to] = ends.map(|end| end.and_then(|node| self.delay_end(node)));
        let (from, to) = (from?, to?);
        if to < from {
            let message = "`to` must not be shorter than `from`";
            self.error("out-of-range", message, &node.span, "ends before it begins");
            return None;
        }
        Some([from, to])
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
        let [status, error] = ["status", "error"].map(|key| mapping.take(key));
        mapping.finish();
        if status.is_some() == error.is_some() {
            let message = "`fault` is a word, or has one of `status` and `error`";
            self.error("contradiction", message, &node.span, "has both or none");
            return None;
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

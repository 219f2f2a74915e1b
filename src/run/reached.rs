//! Which endpoints answer, so that one that is not there is told of once.

use std::sync::Arc;

use parking_lot::Mutex;

/// Shared by all trials.
#[derive(Debug, Default)]
pub(super) struct Reached {
    /// Vendors, each with why it could not be reached; none once it has answered.
    known: Mutex<Vec<(Arc<str>, Option<String>)>>,
}

impl Reached {
    /// A vendor has answered; it will be asked again whatever happens.
    pub(super) fn answers(&self, vendor: &Arc<str>) {
        let mut known = self.known.lock();
        match known.iter_mut().find(|(name, _)| name == vendor) {
            Some((_, why)) => *why = None,
            None => known.push((vendor.clone(), None)),
        }
    }

    /// A trial has failed since the vendor could not be reached. Where it never was, no other
    /// trial need try.
    pub(super) fn give_up(&self, vendor: &Arc<str>, why: &str) {
        let mut known = self.known.lock();
        if !known.iter().any(|(name, _)| name == vendor) {
            known.push((vendor.clone(), Some(why.to_owned())));
        }
    }

    /// Why a vendor is not asked any more.
    pub(super) fn never(&self, vendor: &str) -> Option<String> {
        let known = self.known.lock();
        let why = known.iter().find(|(name, _)| **name == *vendor)?.1.as_ref()?;
        Some(format!("{vendor} could not be reached before: {why}"))
    }
}

//! A request with its answer as people see it: by names, without credentials.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use super::credentials::credentials;
use crate::mock::entry::Told;
use crate::mock::trace::{Entry, Outcome};
use crate::plan::Plan;
use crate::run::mask::Mask;

/// A request with its answer, and what is hidden of it.
#[derive(Debug)]
pub struct Shown<'a> {
    plan: Option<&'a Plan>,
    told: &'a Told,
    mask: Mask,
}

impl<'a> Shown<'a> {
    /// A request of those vendors.
    pub fn new(plans: &'a [Arc<Plan>], told: &'a Told) -> Self {
        let plan = told.vendor.and_then(|vendor| plans.get(vendor)).map(|plan| &**plan);
        Self { plan, told, mask: credentials(plans, plan, told) }
    }

    /// What it was asked of.
    pub fn plan(&self) -> Option<&'a Plan> {
        self.plan
    }

    /// What is hidden.
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// The name of the vendor, if it was one's.
    pub fn vendor(&self) -> Option<&'a str> {
        self.plan.map(|plan| &*plan.service.vendor)
    }

    /// The name of the operation, if it came to one.
    pub fn operation(&self) -> Option<&'a str> {
        Some(&*self.plan?.operations.get(self.told.operation?.0)?.id)
    }

    /// The name of the rule that decided, if one did.
    pub fn rule(&self) -> Option<&'a str> {
        self.plan?.rule_names.get(self.told.rule?.0 as usize)?.to_str().ok()
    }

    /// What the fault is called that befell it.
    pub fn fault(&self) -> Option<&'a str> {
        self.told.befallen.as_deref()
    }

    /// Who answered in the place of the mock.
    pub fn forwarded(&self) -> Option<&'a str> {
        self.told.forwarded.as_deref()
    }

    /// The path and the query.
    pub fn target(&self) -> Cow<'a, str> {
        let target = self.told.request.target.as_str();
        match self.mask.is_empty() {
            true => target.into(),
            false => self.mask.text(target).into_owned().into(),
        }
    }

    /// Why it was refused, in words; none when it was not.
    pub fn reason(&self) -> Option<String> {
        if !self.told.is_refused() {
            return None;
        }
        let entries = || self.told.trace.entries().iter().rev();
        let refused = entries().find_map(|entry| match entry {
            Entry::About(_, Outcome::Refused, detail) => Some(detail),
            _ => None,
        });
        let said = refused.or_else(|| {
            entries().find_map(|entry| match entry {
                Entry::About(_, Outcome::Answered, detail) => Some(detail),
                Entry::Note(text) | Entry::Mistake(text) => Some(text),
                _ => None,
            })
        })?;
        Some(self.mask.text(said).into_owned())
    }

    /// A body as text; none where it is not.
    pub fn body(&self, body: &Bytes) -> Option<String> {
        let text = std::str::from_utf8(body).ok()?;
        Some(self.mask.text(text).into_owned())
    }
}

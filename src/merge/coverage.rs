//! What several runs exercised, together.

use std::collections::HashMap;

use super::fields::Field;
use super::place::{Sources, place};
use crate::report::coverage::{Coverage, Group, Item, ItemKind, NotSeen, Seen, VendorCoverage};
use crate::run::event::TrialResult;

/// The coverage of a report.
pub(super) fn read(coverage: &Field<'_>, sources: &mut Sources) -> Result<Coverage, String> {
    let vendors = coverage.each("vendors", |vendor| {
        let groups = ItemKind::ALL.into_iter().map(|kind| group(&vendor, kind, sources));
        let groups = groups.collect::<Result<_, _>>()?;
        Ok(VendorCoverage { vendor: vendor.text("vendor")?, groups })
    });
    Ok(Coverage { vendors: vendors? })
}

fn group(vendor: &Field<'_>, kind: ItemKind, sources: &mut Sources) -> Result<Group, String> {
    let group = vendor.get(kind.member())?;
    let not_seen = group.find("notSeen").map(|not_seen| {
        // Where nothing is known, nothing is counted.
        let all = group.find("exercised").is_none();
        let (trials, reason) = (not_seen.number("trials")?, not_seen.text("reason")?);
        Ok::<_, String>(NotSeen { trials, all, reason })
    });
    let items = group.each("items", |item| {
        let seen = item.each("trials", |trial| {
            Ok(Seen { trial: trial.text("trial")?, target: trial.text("target")? })
        });
        let span = item.find("file").map(|_| place(&item, sources)).transpose()?;
        let says = item.optional_text("says")?;
        Ok(Item { name: item.text("name")?, says, span, seen: seen? })
    });
    Ok(Group { kind, items: items?, not_seen: not_seen.transpose()? })
}

/// All of them: what one of them exercised is exercised.
pub(super) fn merged<'c>(all: impl IntoIterator<Item = &'c Coverage>) -> Coverage {
    let mut merged = Coverage::default();
    for vendor in all.into_iter().flat_map(|coverage| &coverage.vendors) {
        match merged.vendors.iter_mut().find(|known| known.vendor == vendor.vendor) {
            Some(known) => {
                for (group, other) in known.groups.iter_mut().zip(&vendor.groups) {
                    add(group, other);
                }
            }
            None => merged.vendors.push(vendor.clone()),
        }
    }
    merged
}

/// Brings the trials that exercised something into their order.
pub(super) fn order(coverage: &mut Coverage, trials: &[TrialResult]) {
    let places: HashMap<_, _> =
        trials.iter().enumerate().map(|(at, trial)| ((&trial.name, &trial.target), at)).collect();
    let groups = coverage.vendors.iter_mut().flat_map(|vendor| &mut vendor.groups);
    for item in groups.flat_map(|group| &mut group.items) {
        item.seen.sort_by_key(|seen| places.get(&(&seen.trial, &seen.target)).copied());
    }
}

fn add(group: &mut Group, other: &Group) {
    for item in &other.items {
        match group.items.iter_mut().find(|known| known.name == item.name) {
            Some(known) => {
                for seen in &item.seen {
                    if !known.seen.contains(seen) {
                        known.seen.push(seen.clone());
                    }
                }
            }
            None => group.items.push(item.clone()),
        }
    }
    group.not_seen = match (group.not_seen.take(), &other.not_seen) {
        (Some(one), Some(other)) => Some(NotSeen {
            trials: one.trials + other.trials,
            all: one.all && other.all,
            reason: one.reason,
        }),
        // Something is known of those of the other one.
        (Some(one), None) => Some(NotSeen { all: false, ..one }),
        (None, Some(other)) => Some(NotSeen { all: false, ..other.clone() }),
        (None, None) => None,
    };
}

//! What is stored beside specs that may have changed since.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use super::coerce::{Typing, coerce};
use super::image::row;
use crate::digest::sha256;
use crate::ledger::{DueImage, Fields, SpecImage, Stored, StoredAccount};
use crate::plan::Plan;
use crate::plan::schema::Additional;
use crate::plan::state::Collection;
use crate::state::{Conflict, MemoryStore, Store as _};
use crate::value::{Map, Value};

/// So many things that do not fit are told of a collection; nobody reads more.
const MOST_TOLD: usize = 5;

/// How a spec is remembered.
pub fn spec_image(plan: &Plan) -> SpecImage {
    let fields = plan.collections.iter().map(|collection| Fields {
        collection: collection.name.clone(),
        names: collection.shape.names().to_vec(),
    });
    SpecImage {
        vendor: plan.service.vendor.clone(),
        digest: digest(plan).into(),
        collections: fields.collect(),
    }
}

/// A digest of the texts that a spec is made of.
fn digest(plan: &Plan) -> String {
    let spans = plan.service.rules.iter().map(|rule| &rule.span);
    let spans = spans.chain(plan.service.statements.iter().map(|statement| &statement.span));
    let texts: BTreeSet<&str> = spans.map(|span| &*span.source.text).collect();
    let mut all = String::new();
    for text in texts {
        // A string takes whatever is written to it.
        _ = write!(all, "{}\n{text}", text.len());
    }
    sha256(all.as_bytes())
}

/// Whether what is stored is of other specs.
pub fn is_of_others(plans: &[Arc<Plan>], stored: &Stored) -> bool {
    let now: Vec<_> = plans.iter().map(|plan| spec_image(plan)).collect();
    stored.specs != now
}

/// Brings what is stored into the form that the specs have now: fields that came have their
/// defaults. Gives sentences that say what was done; fails with what does not fit, and has done
/// nothing then that lasts.
pub fn fit(plans: &[Arc<Plan>], stored: &mut Stored) -> Result<Vec<String>, Vec<String>> {
    let mut told = Vec::new();
    let mut wrong = Vec::new();
    let Stored { specs, sessions, .. } = stored;
    for session in sessions.values_mut() {
        let name = &session.made.name;
        let of = if name.is_empty() { String::new() } else { format!("/@{name}: ") };
        for (vendor, account) in &mut session.accounts {
            let before = specs.iter().find(|spec| spec.vendor == *vendor);
            let Some(plan) = plans.iter().find(|plan| plan.service.vendor == *vendor) else {
                if !account.untouched {
                    wrong.push(format!("{of}there is no spec of {vendor}"));
                }
                continue;
            };
            if account.untouched || before.is_some_and(|before| *before.digest == *digest(plan)) {
                continue;
            }
            let mut fitting = Fitting { of: &of, before, told: &mut told, wrong: &mut wrong };
            fitting.account(plan, account);
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    *specs = plans.iter().map(|plan| spec_image(plan)).collect();
    Ok(told)
}

struct Fitting<'f> {
    /// What sentences begin with.
    of: &'f str,
    before: Option<&'f SpecImage>,
    told: &'f mut Vec<String>,
    wrong: &'f mut Vec<String>,
}

impl Fitting<'_> {
    fn account(&mut self, plan: &Plan, account: &mut StoredAccount) {
        let (of, vendor) = (self.of, &plan.service.vendor);
        for (name, rows) in &account.rows {
            if !rows.is_empty() && plan.service.collection(name).is_none() {
                let count = rows.len();
                self.wrong.push(format!("{of}{vendor} has no collection {name} any more, of which there are {count} rows"));
            }
        }
        for (name, _) in account.settings.iter() {
            if !plan.settings.iter().any(|setting| setting.name == *name) {
                self.told.push(format!("{of}{vendor} has no setting {name} any more"));
            }
        }
        for link in &account.outbox.links {
            if !plan.operations.iter().any(|operation| operation.id == link.operation) {
                let operation = &link.operation;
                self.told.push(format!(
                    "{of}{vendor} has no operation {operation} any more: links to it lead nowhere"
                ));
            }
        }
        account.schedule.waiting.retain(|_, due| {
            let known = plan.operations.iter().any(|operation| operation.id == due.operation);
            if !known {
                let DueImage { operation, at, .. } = due;
                self.told.push(format!(
                    "{of}{vendor} has no operation {operation} any more, which was to run at {at}"
                ));
            }
            known
        });
        let mut store = MemoryStore::new(plan.layout.clone());
        for (at, collection) in plan.collections.iter().enumerate() {
            let Some(rows) = account.rows.get_mut(&collection.name) else { continue };
            let place = format!("{of}{vendor}.{}", collection.name);
            self.new_fields(&place, collection, rows.values_mut());
            let mut found = Vec::new();
            let mut transaction = store.begin();
            for stored in rows.values() {
                let key = stored.get(&collection.key).cloned().unwrap_or_default();
                found.extend(
                    misfits(collection, stored).map(|what| format!("{place} {key}: {what}")),
                );
                let conflict = transaction.insert(at, row(collection, stored)).err();
                found.extend(
                    conflict
                        .map(|conflict| format!("{place} {key}: {}", said(collection, &conflict))),
                );
            }
            transaction.commit();
            let more = found.len().saturating_sub(MOST_TOLD);
            self.wrong.extend(found.into_iter().take(MOST_TOLD));
            if more > 0 {
                self.wrong.push(format!("{place}: and {more} more"));
            }
        }
    }

    /// Fields that the collection did not have get their defaults, as those of new rows do.
    fn new_fields<'r>(
        &mut self,
        place: &str,
        collection: &Collection,
        rows: impl Iterator<Item = &'r mut Value>,
    ) {
        let fields = self.before.map(|before| before.collections.iter());
        let known = fields.and_then(|mut fields| fields.find(|f| f.collection == collection.name));
        let Some(known) = known else { return };
        let names = collection.shape.names().iter().enumerate();
        let came: Vec<_> = names.filter(|(_, name)| !known.names.contains(name)).collect();
        let left = known.names.iter().filter(|name| collection.shape.slot(name).is_none());
        let mut rows: Vec<_> = rows.collect();
        for name in left {
            let count = rows.iter().filter(|row| row.get(name).is_some()).count();
            if count > 0 {
                self.told.push(format!(
                    "{place}: {name} is not a field any more; {count} rows keep what they have"
                ));
            }
        }
        for (slot, name) in came {
            let default = collection.defaults.iter().find(|(other, _)| *other == slot);
            let absent = rows.iter_mut().filter(|row| row.get(name).is_none());
            let mut count = 0;
            for row in absent {
                count += 1;
                if let Some((_, default)) = default {
                    let mut members: Map = row
                        .members()
                        .into_iter()
                        .flatten()
                        .map(|(name, value)| (name.clone(), value.clone()))
                        .collect();
                    members.insert(name.clone(), default.clone());
                    **row = Value::map(members);
                }
            }
            if count > 0 {
                let what = match default {
                    Some((_, default)) => format!("{count} rows have its default, {default}"),
                    None => format!("{count} rows are without it"),
                };
                self.told.push(format!("{place}: {name} is a new field; {what}"));
            }
        }
    }
}

/// What of a row does not fit its collection.
fn misfits<'r>(collection: &'r Collection, row: &'r Value) -> impl Iterator<Item = String> + 'r {
    let members = row.members().into_iter().flatten();
    members.filter_map(|(name, value)| {
        let slot = collection.shape.slot(name);
        let Some(slot) = slot else {
            let refused = matches!(collection.schema.additional, Additional::Refused);
            return refused.then(|| format!("{name} is not a field any more"));
        };
        let schema = &collection.schema.properties.get(slot)?.schema;
        let fits = matches!(value, Value::Null)
            || coerce(value, &schema.types, schema.case_insensitive, Typing::Strict).is_some();
        (!fits).then(|| format!("{name} is of type {}, which it may not be any more", value.kind()))
    })
}

fn said(collection: &Collection, conflict: &Conflict) -> String {
    match conflict {
        Conflict::Key { .. } => format!("another row has this {} too", collection.key),
        Conflict::Unique { index, .. } => {
            let fields = collection.unique.get(*index).map(|unique| unique.fields.join(" and "));
            format!("another row has the same {}", fields.unwrap_or_default())
        }
        Conflict::Missing | Conflict::NoKey => format!("it has no {}", collection.key),
    }
}

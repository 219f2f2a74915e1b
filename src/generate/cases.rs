//! The scenarios of one operation: what it takes, and what it refuses.

use std::collections::BTreeSet;

use super::base::Base;
use super::credentials;
use super::file::{RowValue, Written};
use super::idempotency;
use super::known::Known;
use super::left::Left;
use super::outcome::{Breach, Outcome, Reached};
use super::probes::{Around, Breaks, Prober};
use super::request::{Part, Sent, Shown, Spot};
use super::values::{Drawer, kind};
use crate::model::{Failure, Format, Operand, Place, RuleId, Schema, Type, WireOptions, Word};
use crate::value::Value;

/// How deep members are looked at.
const DEPTH: usize = 6;

/// Writes the scenarios of an operation.
pub(super) struct Cases<'c> {
    /// The operation.
    pub reached: Reached<'c>,
    /// What it is called in the names of scenarios.
    pub name: String,
    /// A request that fits.
    pub base: Base,
    /// What comes of it; nothing: it is not known to be taken.
    pub accepted: Option<Outcome>,
    /// What is written.
    pub all: Vec<Written>,
    /// What cannot be had.
    pub left: &'c mut Left,
    /// The rules of long lists of choices of which each is tried somewhere.
    pub listed: &'c mut BTreeSet<RuleId>,
}

impl Cases<'_> {
    /// All of them.
    pub(super) fn write(&mut self) {
        self.write_needed();
        self.state();
        self.malformed();
        let operation = self.reached.operation;
        for parameter in &operation.parameters {
            if parameter.prefix().is_some() {
                self.left.one("parameters for all names with a prefix");
                continue;
            }
            if credentials::is_key(self.reached.service, operation, &parameter.name) {
                continue;
            }
            let spot = Spot::parameter(parameter.place, &parameter.name);
            let base = self.base.clone();
            self.schema(&parameter.schema, &spot, &base, 0);
        }
        let body = operation.body.as_ref();
        let own = body.and_then(|body| {
            body.schema.as_ref().or_else(|| body.content.first().map(|(_, one)| one))
        });
        if let Some(schema) = own {
            let mut base = self.base.clone();
            if base.sent.body.is_none() {
                base.sent.body = self.drawer().draw(schema);
            }
            self.schema(schema, &Spot::body(), &base, 0);
        }
    }

    /// Those of what has to be there: keys of both kinds, parameters, a body.
    pub(super) fn write_needed(&mut self) {
        self.keys();
        self.unkeyed();
        let operation = self.reached.operation;
        for parameter in &operation.parameters {
            let is_asked = parameter.required && self.reached.binding.parameters_required;
            let is_key = credentials::is_key(self.reached.service, operation, &parameter.name);
            if is_asked && parameter.place != Place::Path && !is_key && parameter.prefix().is_none()
            {
                let spot = Spot::parameter(parameter.place, &parameter.name);
                let base = self.base.clone();
                self.missing(&parameter.schema, parameter.schema.rule, &spot, &base);
            }
        }
        let Some(body) = operation.body.as_ref().filter(|body| body.required) else { return };
        // No bytes are a form without members, each of which is left out elsewhere, and a text or a
        // file of no bytes.
        let empty = |wire: &WireOptions| {
            matches!(wire, WireOptions::Form { .. } | WireOptions::Text | WireOptions::Bytes)
        };
        if self.reached.read_as().is_some_and(empty) {
            return;
        }
        let mut without = self.base.clone();
        without.sent.body = None;
        match self.reached.failed(Failure::MissingBody) {
            Ok(outcome) => {
                let mut outcome = self.reached.or_known(outcome, body.rule);
                // What has no body has no media type either, and that may be looked at first.
                let other = self.reached.failed(Failure::UnsupportedMediaType);
                let other = other.ok().into_iter().flat_map(|one| one.statuses);
                if outcome.known != Known::Nothing {
                    outcome.known = outcome.known.without_body();
                    outcome.statuses.extend(other);
                    outcome.statuses.dedup();
                }
                let name = format!("{} refuses a request without a body", self.name);
                self.push(name, without, None, Vec::new(), outcome, &[body.rule]);
            }
            Err(why) => self.left.one(format!("missing bodies: {why}")),
        }
    }

    fn drawer(&self) -> Drawer<'_> {
        Drawer { service: self.reached.service, whole: false }
    }

    /// What comes of keys that are not good.
    fn keys(&mut self) {
        for mut refused in credentials::bad(self.reached) {
            if refused.shown == Shown::Nothing
                && let Some(breach) = self.key_left_out()
            {
                refused.outcome = self.reached.broken(&breach);
            }
            let name = format!("{} refuses a request {}", self.name, refused.name);
            match refused.outcome {
                Ok(outcome) => {
                    let mut base = self.base.clone();
                    base.sent.shown = refused.shown;
                    self.push(name, base, None, Vec::new(), outcome, &[]);
                }
                Err(why) => self.left.one(format!("requests {}: {why}", refused.name)),
            }
        }
    }

    /// What comes of a request without the key by which it is known when it is sent again.
    fn unkeyed(&mut self) {
        let Reached { service, operation, .. } = self.reached;
        let Some((known, spot)) = idempotency::place(service, self.base.sent.operation) else {
            return;
        };
        // A parameter that has to be there is missing before its key is.
        let is_asked = operation.parameters.iter().any(|one| {
            one.required
                && one.place == Place::Header
                && Spot::parameter(one.place, &one.name) == spot
        });
        if is_asked || !known.methods.iter().any(|one| one.as_str() == self.reached.method()) {
            return;
        }
        match self.reached.error(known.required, Some(known.rule), None) {
            Ok(outcome) => {
                let outcome = self.reached.as_named(outcome, &[known.rule]);
                let name = format!("{} refuses a request without {}", self.name, spot.name());
                let mut base = self.base.clone();
                base.sent = base.sent.with(&spot, None);
                self.push(name, base, None, Vec::new(), outcome, &[]);
            }
            Err(why) => self.left.one(format!("keys of idempotency: {why}")),
        }
    }

    /// What breaks where a key is left out that is a parameter which has to be there.
    fn key_left_out(&self) -> Option<Breach> {
        let Reached { service, operation, binding, .. } = self.reached;
        let parameters = operation.parameters.iter();
        let mut keys = parameters.filter(|one| credentials::is_key(service, operation, &one.name));
        let key = keys.find(|one| one.required && binding.parameters_required)?;
        Some(left_out(&key.schema, key.schema.rule))
    }

    fn missing(&mut self, schema: &Schema, rule: RuleId, spot: &Spot, base: &Base) {
        let breach = left_out(schema, rule);
        match self.reached.broken(&breach) {
            Ok(outcome) => {
                let name = format!("{} refuses a request without {}", self.name, spot.name());
                let without = Base { sent: base.sent.with(spot, None), given: base.given.clone() };
                self.push(name, without, None, Vec::new(), outcome, &[rule]);
            }
            Err(why) => self.left.one(format!("what is required: {why}")),
        }
    }

    fn schema(&mut self, schema: &Schema, spot: &Spot, base: &Base, depth: usize) {
        if depth > DEPTH {
            return self.left.one("members that are too deep");
        }
        if schema.read_only {
            return;
        }
        if schema.ignored_unless.is_some() {
            return self.left.one("values that count only on a condition");
        }
        self.values(schema, spot, base);
        for one in &schema.constraints {
            if let (Word::AllOf, Operand::Schemas(all)) = (one.keyword.word, &one.keyword.operand) {
                for inner in all {
                    self.schema(inner, spot, base, depth + 1);
                }
            }
        }
        self.members(schema, spot, base, depth);
        if let Some(item) = schema.item(0) {
            let spot = spot.item(0);
            if base.sent.get(&spot).is_some() {
                self.schema(item, &spot, base, depth + 1);
            }
        }
        if !schema.patterns.is_empty() {
            self.left.one("members that are described by patterns of their names");
        }
    }

    fn members(&mut self, schema: &Schema, spot: &Spot, base: &Base, depth: usize) {
        let drawer = Drawer { service: self.reached.service, whole: false };
        for property in &schema.properties {
            if property.schema.read_only {
                continue;
            }
            let spot = spot.member(&property.name);
            let mut base = base.clone();
            if property.required {
                let service = self.reached.service;
                let rule = property.missed(|rule| service.is_backed(rule));
                self.missing(&property.schema, rule, &spot, &base);
            }
            if base.sent.get(&spot).is_none()
                && !property.schema.properties.is_empty() | property.schema.has_items()
            {
                // Members of what is not there need what is around them.
                base.sent = base.sent.with(&spot, drawer.draw(&property.schema));
            }
            self.schema(&property.schema, &spot, &base, depth + 1);
        }
    }

    fn values(&mut self, schema: &Schema, spot: &Spot, base: &Base) {
        let schema = &settled(schema, &base.sent);
        let like = base
            .sent
            .get(spot)
            .or_else(|| Drawer { service: self.reached.service, whole: false }.draw(schema));
        let written = match spot.part {
            Part::Body => self.reached.read_as(),
            _ => None,
        };
        // Bytes are in base64, which few of the values are that are tried.
        if matches!(written, Some(WireOptions::Bytes)) {
            return;
        }
        let is_form = matches!(written, Some(WireOptions::Form { .. } | WireOptions::Multipart));
        let textual =
            spot.part != Part::Body || is_form || matches!(written, Some(WireOptions::Text));
        // What is not members cannot be sent as a form.
        let only_members = is_form && spot.path.is_empty();
        let tells_routes_apart = spot.part == Part::Path;
        let around = Around { service: self.reached.service, sent: &base.sent, spot };
        let mut drawing = Prober {
            schema,
            like,
            textual,
            only_members,
            tells_routes_apart,
            around,
            left: self.left,
            listed: self.accepted.is_some().then_some(&mut *self.listed),
        };
        let probes = drawing.probes();
        let id = self.name.clone();
        // What fits is one scenario, and what is refused one for each answer.
        let mut taken: Vec<RowValue> = Vec::new();
        let mut taken_rules: Vec<RuleId> = Vec::new();
        let mut refused: Vec<Refused> = Vec::new();
        for probe in probes {
            let row = RowValue { value: probe.value, name: probe.name };
            let Some(breaks) = probe.breaks else {
                taken.push(row);
                continue;
            };
            let (breach, word) = breach(schema, breaks, &row.value);
            match self.reached.broken(&breach) {
                Ok(outcome) => {
                    let known = refused.iter().position(|known| known.outcome == outcome);
                    let at = known.unwrap_or(refused.len());
                    if known.is_none() {
                        refused.push(Refused::new(outcome));
                    }
                    if let Some(refused) = refused.get_mut(at) {
                        refused.words.push(word);
                        refused.rows.push(row);
                        refused.rules.push(breach.rule);
                    }
                }
                Err(why) => self.left.one(format!("`{word}`: {why}")),
            }
        }
        if !taken.is_empty() {
            taken_rules.extend(schema.constraints.iter().map(|one| one.rule));
            match self.accepted.clone() {
                Some(outcome) => {
                    let name = format!("{id} takes {}", spot.name());
                    // That it is taken proves the bounds, not what the operation answers.
                    let outcome = Outcome { statements: Vec::new(), ..outcome };
                    self.push(name, base.clone(), Some(spot), taken, outcome, &taken_rules);
                }
                None => {
                    for _ in &taken {
                        self.left
                            .one("values that fit: no request is known that the operation takes");
                    }
                }
            }
        }
        for Refused { outcome, words, rows, rules } in refused {
            let name = format!("{id} refuses {} by {}", spot.name(), listed(&words));
            self.push(name, base.clone(), Some(spot), rows, outcome, &rules);
        }
    }

    fn push(
        &mut self,
        name: String,
        base: Base,
        spot: Option<&Spot>,
        rows: Vec<RowValue>,
        outcome: Outcome,
        rules: &[RuleId],
    ) {
        let mut written = Written::new(name, base, outcome);
        written.spot = spot.cloned();
        written.rows = rows;
        self.add(written, rules);
    }

    /// Adds a scenario that proves what these rules implement, and those of its last answer.
    pub(super) fn add(&mut self, mut written: Written, rules: &[RuleId]) {
        let mut statements = written.outcome.statements.clone();
        for rule in rules {
            statements.extend(self.reached.statements(Some(*rule)));
        }
        written.covers = self.reached.ids(statements);
        while self.all.iter().any(|known| known.name == written.name) {
            written.name.push_str(" too");
        }
        self.all.push(written);
    }
}

/// The values that get the same answer.
struct Refused {
    outcome: Outcome,
    words: Vec<&'static str>,
    rows: Vec<RowValue>,
    rules: Vec<RuleId>,
}

impl Refused {
    fn new(outcome: Outcome) -> Self {
        Self { outcome, words: Vec::new(), rows: Vec::new(), rules: Vec::new() }
    }
}

fn left_out(schema: &Schema, rule: RuleId) -> Breach {
    Breach {
        failure: Failure::Required,
        error: schema.error_for(Failure::Required),
        message: schema.message.clone(),
        rule,
        assumed: false,
    }
}

/// The schema without its conditions that are known to be true of a request, and without what
/// those that are known to be false are about.
fn settled(schema: &Schema, sent: &Sent) -> Schema {
    let mut settled = schema.clone();
    settled.constraints.retain_mut(|one| {
        match one.when.as_ref().and_then(|when| sent.holds(when)) {
            Some(true) => one.when = None,
            Some(false) => return false,
            None => {}
        }
        true
    });
    settled
}

fn breach(schema: &Schema, breaks: Breaks, value: &Value) -> (Breach, &'static str) {
    let of_schema = |failure| Breach {
        failure,
        error: schema.error_for(failure),
        message: schema.message.clone(),
        rule: schema.rule_of("type"),
        // Documents say of which type something is; whether anything else is taken for a text, and
        // a text for an object, each library of a vendor decides.
        assumed: matches!(value, Value::Map(_))
            || matches!(kind(schema), Type::Object | Type::Array),
    };
    let constraint = match breaks {
        Breaks::Type => None,
        Breaks::Constraint(at) => schema.constraints.get(at),
    };
    let Some(constraint) = constraint else { return (of_schema(Failure::Type), "type") };
    let word = constraint.keyword.word;
    let breach = Breach {
        failure: Failure::Keyword(word),
        error: schema.error_of(constraint),
        message: constraint.message.clone().or_else(|| schema.message.clone()),
        rule: constraint.rule,
        // How many bits a number has is of a library too.
        assumed: matches!(
            constraint.keyword.operand,
            Operand::Format(Format::Int32 | Format::Int64)
        ),
    };
    (breach, word.name())
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[&str]) -> String {
    match words {
        [more @ .., last] if !more.is_empty() => format!("{} and {last}", more.join(", ")),
        _ => words.join(""),
    }
}

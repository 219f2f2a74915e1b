//! `schedule`.

use crate::clock::{later, parse_span};
use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::mock::schedule::{Due, MOST_DUE};
use crate::model::RuleId;
use crate::model::verb::Schedule;
use crate::plan::names::Slot;
use crate::plan::value::Compiled;
use crate::value::Value;

impl<'p> Run<'p, '_> {
    /// Has an operation run later.
    pub(in crate::mock) fn schedule(
        &mut self,
        verb: &'p Schedule<Compiled>,
        rule: RuleId,
    ) -> Result<(), Halt<'p>> {
        let text = verb.after.render(&self.scope)?;
        let at = parse_span(&text).and_then(|length| later(self.now, length));
        let at = at.map_err(|wrong| {
            self.mistaken(rule, format!("`{text}` cannot be waited for: {wrong}"))
        })?;
        let parameters = self.parameters(&verb.parameters, rule)?.into();
        let base = self.scope.get(Slot::REQUEST).and_then(|request| request.get("base"));
        let base = base.and_then(Value::scalar_text).unwrap_or_default();
        if self.held.pending()?.waiting() >= MOST_DUE {
            let message = format!("{MOST_DUE} scheduled operations are waiting already");
            return Err(self.mistaken(rule, message));
        }
        let due = Due { operation: verb.operation, parameters, base };
        self.held.pending()?.scheduled.push((at, due));
        self.changed_by(rule);
        Ok(())
    }
}

//! `insert`.

use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::model::RuleId;
use crate::model::verb::Insert;
use crate::plan::value::Compiled;
use crate::value::Value;

impl<'p> Run<'p, '_> {
    /// Adds a row.
    pub(in crate::mock) fn insert(
        &mut self,
        verb: &'p Insert<Compiled>,
        rule: RuleId,
    ) -> Result<(), Halt<'p>> {
        let members = self.kept(&verb.values, rule)?.unwrap_or_default();
        self.tell_types(verb.collection, &members);
        let row = self.writer()?.insert(verb.collection, &members, verb.on_conflict)?;
        self.changed_by(rule);
        if let Some(slot) = verb.name {
            let row = self.seen(verb.collection, row);
            self.scope.set(slot, Value::Record(row));
        }
        Ok(())
    }
}

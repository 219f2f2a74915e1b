//! `update`.

use crate::mock::manner::Manner;
use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::model::RuleId;
use crate::model::verb::Update;
use crate::plan::value::Compiled;
use crate::value::Value;

impl<'p> Run<'p, '_> {
    /// Changes the row that a variable holds, if it holds one.
    pub(in crate::mock) fn update(
        &mut self,
        verb: &'p Update<Compiled>,
        rule: RuleId,
    ) -> Result<(), Halt<'p>> {
        let Update { collection, on_conflict, .. } = *verb;
        let manner = Manner { fill: verb.fill, merges: &verb.merges, unsets: verb.unsets };
        let Some(row) = self.row(verb.record, collection) else {
            self.note_no_row(collection, "update");
            return Ok(());
        };
        let members = self.kept(&verb.values, rule)?.unwrap_or_default();
        self.tell_types(collection, &members);
        let row = self.writer()?.update(collection, &row, &members, manner, on_conflict)?;
        self.changed_by(rule);
        let row = self.seen(collection, row);
        self.scope.set(verb.record, Value::Record(row));
        Ok(())
    }
}

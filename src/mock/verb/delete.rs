//! `delete`.

use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::model::RuleId;
use crate::model::verb::Delete;
use crate::plan::value::Compiled;

impl<'p> Run<'p, '_> {
    /// Takes the row away that a variable holds, if it holds one.
    pub(in crate::mock) fn delete(
        &mut self,
        verb: &'p Delete<Compiled>,
        rule: RuleId,
    ) -> Result<(), Halt<'p>> {
        if let Some(row) = self.row(verb.record, verb.collection) {
            self.writer()?.delete(verb.collection, &row);
            self.changed_by(rule);
        } else {
            self.note_no_row(verb.collection, "delete");
        }
        Ok(())
    }
}

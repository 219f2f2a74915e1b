//! `find`.

use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::model::RuleId;
use crate::model::verb::Find;
use crate::plan::value::Compiled;
use crate::value::Value;

impl<'p> Run<'p, '_> {
    /// Looks for a row.
    pub(in crate::mock) fn find(
        &mut self,
        verb: &'p Find<Compiled>,
        rule: RuleId,
    ) -> Result<(), Halt<'p>> {
        let row = self.first(&verb.rows)?;
        if row.is_none()
            && let Some(rejection) = &verb.or_else
        {
            return Err(self.rejection(rejection, rule)?.into());
        }
        self.scope.set(verb.name, row.map_or(Value::Null, Value::Record));
        Ok(())
    }
}

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
            let mut refusal = self.rejection(rejection, rule)?;
            // Without a field or a value that would say what was wrong.
            if refusal.violation.path.is_empty() && refusal.violation.value.is_none() {
                let collection = self.plan.collections.get(verb.rows.lookup.collection.0);
                let said = collection.map(|it| format!("no row of `{}` fits", it.name).into());
                refusal.violation.said = said;
            }
            return Err(refusal.into());
        }
        self.scope.set(verb.name, row.map_or(Value::Null, Value::Record));
        Ok(())
    }
}

//! `list`.

use super::page::Found;
use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::model::RuleId;
use crate::model::verb::List;
use crate::plan::value::Compiled;
use crate::value::Value;

impl<'p> Run<'p, '_> {
    /// Looks for rows, or for a page of them.
    pub(in crate::mock) fn list(
        &mut self,
        verb: &'p List<Compiled>,
        rule: RuleId,
    ) -> Result<(), Halt<'p>> {
        let found = match &verb.page {
            Some(page) => {
                let found = self.looked_for(&verb.rows, usize::MAX)?;
                self.page(Found::Rows(&verb.rows, found), page, rule)?
            }
            None => {
                let offset = self.count(verb.offset.as_ref())?.unwrap_or(0);
                let limit = self.count(verb.limit.as_ref())?.unwrap_or(usize::MAX);
                let found = self.looked_for(&verb.rows, offset.saturating_add(limit))?;
                found.into_iter().skip(offset).take(limit).map(Value::Record).collect()
            }
        };
        self.scope.set(verb.name, Value::list(found));
        Ok(())
    }
}

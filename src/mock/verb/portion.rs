//! `list` of what an expression gives.

use super::page::Found;
use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::model::RuleId;
use crate::model::verb::Portion;
use crate::plan::value::Compiled;
use crate::value::Value;

impl<'p> Run<'p, '_> {
    /// Takes a part of a list, or a page of it.
    pub(in crate::mock) fn portion(
        &mut self,
        verb: &'p Portion<Compiled>,
        rule: RuleId,
    ) -> Result<(), Halt<'p>> {
        let part = match &verb.page {
            Some(page) => {
                let items = verb.items.items(&self.scope)?.to_vec();
                self.page(Found::Items(items), page, rule)?
            }
            None => {
                let offset = self.count(verb.offset.as_ref())?.unwrap_or(0);
                let limit = self.count(verb.limit.as_ref())?.unwrap_or(usize::MAX);
                let items = verb.items.items(&self.scope)?;
                items.iter().skip(offset).take(limit).cloned().collect()
            }
        };
        self.scope.set(verb.name, Value::list(part));
        Ok(())
    }
}

//! `let`.

use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::model::verb::Let;
use crate::plan::value::Compiled;

impl<'p> Run<'p, '_> {
    /// Names values.
    pub(in crate::mock) fn let_values(&mut self, verb: &'p Let<Compiled>) -> Result<(), Halt<'p>> {
        for (slot, tree) in &verb.values {
            let value = tree.value(&mut self.scope)?;
            self.scope.set(*slot, value);
        }
        Ok(())
    }
}

//! `forEach`.

use crate::mock::refusal::Halt;
use crate::mock::run::{Response, Run};
use crate::model::verb::ForEach;
use crate::plan::value::Compiled;
use crate::value::Value;

impl<'p> Run<'p, '_> {
    /// Does steps for each item of a list, until one answers.
    pub(in crate::mock) fn for_each(
        &mut self,
        verb: &'p ForEach<Compiled>,
    ) -> Result<Response<'p>, Halt<'p>> {
        let own = verb.own.iter();
        let outer: Vec<_> = own.map(|slot| (*slot, self.scope.get(*slot).cloned())).collect();
        for (slot, _) in &verb.gather {
            self.scope.set(*slot, Value::list(Vec::new()));
        }
        for item in &verb.list.items(&self.scope)? {
            self.scope.set(verb.name, item.clone());
            // What answers may look at what its round named.
            if let Some(response) = self.steps(&verb.steps)? {
                return Ok(Some(response));
            }
            for (slot, tree) in &verb.gather {
                if let Some(value) = tree.value(&mut self.scope)? {
                    self.scope.append(*slot, value);
                }
            }
            for (slot, value) in &outer {
                self.scope.set(*slot, value.clone());
            }
        }
        Ok(None)
    }
}

//! `add`, `remove` and `replace`.

use std::collections::HashSet;

use crate::mock::manner::Manner;
use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::model::RuleId;
use crate::model::verb::{Change, ListChange};
use crate::plan::value::Compiled;
use crate::value::Value;

impl<'p> Run<'p, '_> {
    /// Changes a list of the row that a variable holds, if it holds one.
    pub(in crate::mock) fn change(
        &mut self,
        verb: &'p Change<Compiled>,
        rule: RuleId,
    ) -> Result<(), Halt<'p>> {
        let values = self.kept(&verb.values, rule)?;
        let Some(row) = self.row(verb.record, verb.collection) else { return Ok(()) };
        let values = match values {
            Some(Value::List(items)) => items.into_vec(),
            None | Some(Value::Null) => Vec::new(),
            Some(single) => vec![single],
        };
        let held = row.get(&verb.field).and_then(Value::as_list).unwrap_or_default();
        let mut items = match verb.how {
            ListChange::Replace => Vec::new(),
            ListChange::Add => held.to_vec(),
            ListChange::Remove => {
                let gone: HashSet<&Value> = values.iter().collect();
                held.iter().filter(|item| !gone.contains(item)).cloned().collect()
            }
        };
        if verb.how != ListChange::Remove {
            let mut known: HashSet<Value> = items.iter().cloned().collect();
            items.extend(values.into_iter().filter(|value| known.insert(value.clone())));
        }
        let members = Value::map([(verb.field.clone(), Value::list(items))].into_iter().collect());
        let row =
            self.writer()?.update(verb.collection, &row, &members, Manner::OVERWRITE, None)?;
        self.changed_by(rule);
        let row = self.seen(verb.collection, row);
        self.scope.set(verb.record, Value::Record(row));
        Ok(())
    }
}

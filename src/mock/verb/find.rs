//! `find`.

use std::sync::Arc;

use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::model::RuleId;
use crate::model::verb::Find;
use crate::plan::value::{Access, Compiled, EvaluationError, Lookup, Tree};
use crate::value::Value;

/// Of a longer value only so many characters are told: the request is in the journal as a whole.
const LONGEST: usize = 60;

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
                refusal.violation.said = Some(self.not_found(&verb.rows.lookup)?);
            }
            return Err(refusal.into());
        }
        self.scope.set(verb.name, row.map_or(Value::Null, Value::Record));
        Ok(())
    }

    /// What was looked for in vain.
    fn not_found(&mut self, lookup: &'p Lookup) -> Result<Arc<str>, EvaluationError> {
        let at = lookup.collection.0;
        let Some(collection) = self.plan.layout.collections.get(at) else { return Ok("".into()) };
        let (slots, trees): (&[usize], &[Tree]) = match &lookup.access {
            Access::All => (&[], &[]),
            Access::Key(tree) => {
                (std::slice::from_ref(&collection.key), std::slice::from_ref(tree))
            }
            Access::Index(index, trees) => {
                (collection.indexes.get(*index).map_or(&[], |index| &index.slots), trees)
            }
        };
        let mut said = String::with_capacity(96);
        said.extend(["no row of `", &collection.name, "`"]);
        let mut word = " has the `";
        for (slot, tree) in slots.iter().zip(trees) {
            let field = collection.shape.names().get(*slot).map_or("", |name| name);
            let value = tree.value(&mut self.scope)?.unwrap_or_default();
            // Nothing has a field that is absent.
            if value.is_empty() {
                return Ok(format!("{said} is looked for: no `{field}` is given").into());
            }
            said.extend([word, field, "` "]);
            let value = value.scalar_text().unwrap_or_default();
            match value.char_indices().nth(LONGEST) {
                None => said.push_str(&value),
                Some((end, _)) => said.extend([value.get(..end).unwrap_or_default(), "…"]),
            }
            word = " and the `";
        }
        if slots.is_empty() {
            said += " fits";
        }
        Ok(said.into())
    }
}

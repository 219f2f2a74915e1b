//! `validate`.

use crate::mock::coerce::Typing;
use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::model::verb::Validate;
use crate::plan::value::Compiled;
use crate::value::Value;

impl<'p> Run<'p, '_> {
    /// Reads a value, and refuses what does not fit, or tells of it.
    pub(in crate::mock) fn validate(
        &mut self,
        verb: &'p Validate<Compiled>,
    ) -> Result<(), Halt<'p>> {
        let (schema, prefix) = (&*verb.schema, verb.path.as_ref());
        let value = verb.value.value(&mut self.scope)?.map(Value::with_rows_as_maps);
        let typing = match self.textual {
            Some(Typing::Soap) => Typing::Soap,
            Some(_) => Typing::Xml,
            None => self.typing,
        };
        let mut examiner = self.body_examiner(typing, prefix);
        examiner.all |= verb.violations.is_some();
        let value = examiner.read(schema, value)?;
        let value = examiner.ignore(schema, value)?;
        if !examiner.stopped() {
            examiner.constrain(schema, value.as_ref(), None)?;
        }
        let mut value = value.map(|value| examiner.prune(schema, value));
        let violations = examiner.violations;
        match verb.violations {
            None => self.refuse_violations(violations)?,
            Some(slot) => {
                if !violations.is_empty() {
                    value = None;
                }
                let told = self.tell_violations(&violations)?;
                self.scope.set(slot, told);
            }
        }
        if let Some(slot) = verb.name {
            self.scope.set(slot, value);
        }
        Ok(())
    }
}

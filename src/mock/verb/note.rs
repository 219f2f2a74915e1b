//! `note`.

use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::model::verb::Note;
use crate::plan::value::Compiled;

impl<'p> Run<'p, '_> {
    /// Tells something.
    pub(in crate::mock) fn note(&mut self, verb: &'p Note<Compiled>) -> Result<(), Halt<'p>> {
        let text = verb.text.render(&self.scope)?;
        self.trace.note(text);
        Ok(())
    }
}

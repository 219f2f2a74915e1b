//! `wait`.

use crate::clock::{later, parse_span};
use crate::mock::held::Hold;
use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::model::RuleId;
use crate::model::verb::Wait;
use crate::plan::value::Compiled;

impl<'p> Run<'p, '_> {
    /// Goes on if there is something to tell, or if the time is over; ends the attempt otherwise.
    pub(in crate::mock) fn wait(
        &mut self,
        verb: &'p Wait<Compiled>,
        rule: RuleId,
    ) -> Result<(), Halt<'p>> {
        let Some(Hold { came, may_wait, waited }) = self.hold else {
            self.trace.note("no client waits for the answer");
            return Ok(());
        };
        let since = || if waited { format!("was held from {came} on: ") } else { String::new() };
        if verb.until.is_true(&self.scope)? {
            if waited {
                self.trace.note(format!("the answer {}there is what was waited for", since()));
            }
            return Ok(());
        }
        let text = verb.at_most.render(&self.scope)?;
        let until = parse_span(&text).and_then(|length| later(came, length));
        let until = until.map_err(|wrong| {
            self.mistaken(rule, format!("`{text}` cannot be waited for: {wrong}"))
        })?;
        if self.now >= until {
            self.trace.note(format!("the answer {}{text} is over", since()));
            return Ok(());
        }
        if !may_wait {
            self.trace.note(format!("the answer {}it is given before {text} is over", since()));
            return Ok(());
        }
        Err(Halt::Held { came, until })
    }
}

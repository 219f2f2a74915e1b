//! `send`.

use std::sync::Arc;

use crate::mock::delivery::Delivery;
use crate::mock::outbox::{Link, Message, Outgoing};
use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::mock::template::Template;
use crate::model::RuleId;
use crate::model::verb::{self, Send};
use crate::plan::value::{Compiled, EvaluationError};

impl<'p> Run<'p, '_> {
    /// Puts a message into the outbox.
    pub(in crate::mock) fn send(
        &mut self,
        verb: &'p Send<Compiled>,
        rule: RuleId,
    ) -> Result<(), Halt<'p>> {
        let delivery = match &verb.request {
            Some(request) => Some(self.delivery(request, rule)?),
            None => None,
        };
        let (message, targets) = self.message(verb, rule)?;
        let message = Message { delivery, ..message };
        self.held.pending()?.sent.push((message, targets));
        self.changed_by(rule);
        Ok(())
    }

    fn delivery(
        &self,
        request: &verb::Delivery<Compiled>,
        rule: RuleId,
    ) -> Result<Delivery, EvaluationError> {
        let verb::Delivery { method, headers, text, retry } = request;
        let mut written = Vec::with_capacity(headers.len());
        for (name, value) in headers {
            written.push((name.clone(), Template::new(value, &self.scope)?));
        }
        let body = text.as_ref().map(|text| Template::new(text, &self.scope)).transpose()?;
        let templates = written.iter().map(|(_, value)| value).chain(&body);
        templates.map(Template::value).try_for_each(|value| self.may_be_kept(&value, rule))?;
        Ok(Delivery {
            method: method.clone(),
            headers: written,
            body: body.unwrap_or_default(),
            retry: retry.clone(),
            next: Some(self.now),
            attempts: Vec::new(),
        })
    }

    fn message(&mut self, verb: &'p Send<Compiled>, rule: RuleId) -> Result<Outgoing, Halt<'p>> {
        let mut tokens = Vec::with_capacity(verb.links.len());
        let mut targets = Vec::with_capacity(verb.links.len());
        for link in &verb.links {
            let parameters = self.parameters(&link.parameters, rule)?;
            let bytes = self.held.pending()?.random.bytes(18);
            let token: Arc<str> = crate::random::encode_base64url(&bytes).into();
            tokens.push((link.name.clone(), token.clone()));
            targets
                .push((token, Link { operation: link.operation, parameters: parameters.into() }));
        }
        let message = Message {
            id: 0,
            time: self.now,
            channel: verb.channel.render(&self.scope)?,
            name: verb.name.render(&self.scope)?,
            recipient: verb.to.render(&self.scope)?,
            links: tokens,
            data: self.kept(&verb.data, rule)?.unwrap_or_default(),
            delivery: None,
        };
        Ok((message, targets))
    }
}

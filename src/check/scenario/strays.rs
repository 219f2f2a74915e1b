//! What a call gives in no place, or in another than the operation has it.

use super::Reader;
use super::called::{given_in, word};
use super::records;
use crate::diagnostic::{Diagnostic, nearest};
use crate::model::Operation;
use crate::source::Located;
use crate::syntax::{Entry, Mapping, Node, ReadNode};

impl<'n> Reader<'n, '_> {
    /// What stands beside `with` instead of in it; told, and read as if it stood there.
    pub(super) fn beside_with(
        &mut self,
        key: &'static str,
        step: &mut Mapping<'n>,
    ) -> Option<Entry<'n>> {
        step.node().entry(key)?;
        let (name, node) = step.misplaced(key)?;
        let message = format!("a `call` has no key `{key}`");
        let diagnostic = Diagnostic::error("unknown-key", message, &name.span, "not known here");
        let help = format!("write with: {{{key}: ...}}");
        self.report(diagnostic.help(help));
        Some((name, node))
    }

    /// Tells of the keys of `with` that are no places. Says whether there are any, so that what is
    /// missing may stand there.
    pub(super) fn strays(&mut self, operation: &'n Node, with: &'n Node) -> bool {
        let name = operation.as_text();
        let operation = self.service.operations.iter().find(|o| Some(&*o.id) == name);
        let entries = with.as_map().unwrap_or_default();
        let strays = entries.iter().filter(|(key, _)| !records::WITH.has(&key.value));
        let (mut given, mut found): (Vec<&Located<String>>, bool) = (Vec::new(), false);
        for (key, node) in strays {
            found = true;
            if let Some(place) = operation.and_then(|operation| place_of_all(operation, node)) {
                let message = format!("`with` has no key `{}`", key.value);
                let mut diagnostic =
                    Diagnostic::error("unknown-key", message, &key.span, "not known here")
                        .help(format!("did you mean `{place}`?"));
                diagnostic.meant = with.get(place).is_none().then(|| place.to_owned());
                self.report(diagnostic);
            } else if nearest(&key.value, records::WITH.list.iter().copied()).is_some()
                || operation.is_none()
            {
                self.unknown_key(key, "`with`", records::WITH.list.iter().copied(), with);
            } else {
                given.push(key);
            }
        }
        if let (Some(operation), [first, others @ ..]) = (operation, given.as_slice()) {
            let message = format!("`with` has no key `{}`", first.value);
            let mut diagnostic =
                Diagnostic::error("unknown-key", message, &first.span, "not known here");
            for other in others {
                diagnostic = diagnostic.related(&other.span, "nor this");
            }
            diagnostic = match place_of(operation, &first.value) {
                Some(place) => {
                    diagnostic.help(format!("write with: {{{place}: {{{}: ...}}}}", first.value))
                }
                None => diagnostic.suggest_word(&first.value, records::WITH.list.iter().copied()),
            };
            self.report(diagnostic);
        }
        found
    }
}

/// The place of what is called so: a parameter, or a member of the body.
fn place_of(operation: &Operation, name: &str) -> Option<&'static str> {
    let parameter = operation.parameters.iter().find(|parameter| *parameter.name == *name);
    if let Some(parameter) = parameter {
        return Some(word(given_in(parameter.place)));
    }
    let body = operation.body.as_ref()?;
    let mut schemas = body.schema.iter().chain(body.content.iter().map(|(_, schema)| schema));
    let is_member = schemas.any(|schema| schema.properties.iter().any(|p| *p.name == *name));
    is_member.then_some("body")
}

/// The one place of all that is given in a mapping.
fn place_of_all(operation: &Operation, node: &Node) -> Option<&'static str> {
    let mut places = node.as_map()?.iter().map(|(name, _)| place_of(operation, &name.value));
    let first = places.next()??;
    places.all(|place| place == Some(first)).then_some(first)
}

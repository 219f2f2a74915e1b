//! Answers that no request could ever get, since their tree cannot be written in a media type that
//! a client may choose: found when a spec is loaded, by writing each tree once.

use std::collections::HashSet;

use http::StatusCode;

use super::draw::write_text;
use crate::diagnostic::Diagnostic;
use crate::model::elements::below_root;
use crate::model::{ErrorId, MediaTypeId, RuleId};
use crate::plan::operation::Operation;
use crate::plan::step::{Content, Respond, Verb};
use crate::plan::value::{Text, Tree};
use crate::plan::{Plan, refusals};
use crate::value::{Map, Value};

/// Gives a diagnostic for each answer that cannot be written. What is worked out for each request
/// is taken to be a text.
pub fn find(plan: &Plan) -> Vec<Diagnostic> {
    let mut search = Search { plan, told: HashSet::new(), found: Vec::new() };
    for operation in &plan.operations {
        // A SOAP body has a root of its own.
        let bindings = operation.bindings.iter().filter(|binding| binding.soap.is_none());
        for binding in bindings {
            search.steps(operation);
            for error in refusals::of_operation(plan, operation, binding) {
                search.error(Some(operation), error);
            }
        }
    }
    for error in refusals::of_nowhere(plan) {
        search.error(None, error);
    }
    search.found
}

struct Search<'p> {
    plan: &'p Plan,
    told: HashSet<RuleId>,
    found: Vec<Diagnostic>,
}

impl<'p> Search<'p> {
    fn steps(&mut self, operation: &'p Operation) {
        for step in operation.steps.all() {
            if let Verb::Respond(respond) = &step.verb {
                self.answer(Some(operation), respond, step.rule);
            }
        }
    }

    fn error(&mut self, operation: Option<&Operation>, error: ErrorId) {
        if let Some(error) = self.plan.errors.get(error.0) {
            self.answer(operation, &error.respond, error.rule);
        }
    }

    fn answer(&mut self, operation: Option<&Operation>, respond: &Respond, rule: RuleId) {
        let (tree, media_type) = match &respond.content {
            Content::Tree(tree, media_type) => (tree, media_type),
            Content::Text(text, media_type) => return self.text(operation, text, media_type, rule),
            Content::Nothing | Content::Bytes(..) | Content::Fault(_) => return,
        };
        let Some(value) = likely(tree) else { return };
        let own = media_type.as_ref().map(std::slice::from_ref);
        let produces = operation.map_or_else(|| self.plan.produces(), |o| &*o.produces);
        for media_type in own.unwrap_or(produces) {
            let written = self.write(operation, respond.status, *media_type, value.clone());
            if let Err(message) = written
                && self.told.insert(rule)
            {
                self.found.extend(self.unwritable(operation, *media_type, rule, &message));
            }
        }
    }

    fn text(&mut self, operation: Option<&Operation>, text: &Text, content: &Text, rule: RuleId) {
        let media_type = content.likely();
        let Err(error) = write_text(&text.likely(), &media_type) else { return };
        if self.told.insert(rule)
            && let Some(rule) = self.plan.service.rules.get(rule.0 as usize)
        {
            let said = format!(
                "{} with this text as {media_type}, in which it cannot be written: {error}",
                who(operation)
            );
            let diagnostic = Diagnostic::error("unwritable", said, &rule.span, "cannot be written");
            self.found.push(diagnostic.help("a charset that has all characters is utf-8"));
        }
    }

    fn write(
        &self,
        operation: Option<&Operation>,
        status: StatusCode,
        media_type: MediaTypeId,
        value: Value,
    ) -> Result<(), String> {
        let is_list = value.as_list().is_some();
        let id = self.plan.service.written_in(media_type, is_list);
        let Some(media_type) = self.plan.media_types.get(id.0) else { return Ok(()) };
        let roots = operation.filter(|_| media_type.is_xml).map(|o| &*o.roots).unwrap_or_default();
        let root = roots.iter().find(|(known, _)| *known == status.as_u16());
        let value = match root {
            Some((_, root)) => below_root(root, None, value),
            None => value,
        };
        media_type.wire.encode(&value, &mut Vec::new()).map_err(|error| error.to_string())
    }

    fn unwritable(
        &self,
        operation: Option<&Operation>,
        media_type: MediaTypeId,
        rule: RuleId,
        message: &str,
    ) -> Option<Diagnostic> {
        let media_type = self.plan.media_types.get(media_type.0)?;
        let rule = self.plan.service.rules.get(rule.0 as usize)?;
        let name = &media_type.name;
        let who = who(operation);
        let said = format!("{who} with this as {name}, in which it cannot be written: {message}");
        let diagnostic = Diagnostic::error("unwritable", said, &rule.span, "cannot be written");
        Some(match media_type.is_xml {
            true => diagnostic.help(
                "give the tree one member, the root; or the schema of that status in `responses` \
                 an `xml: {name: ...}`; or leave the media type out of `produces`",
            ),
            false => diagnostic.help(
                "leave the media type out of `produces`, or where there is none, name the others there",
            ),
        })
    }
}

fn who(operation: Option<&Operation>) -> String {
    match operation {
        Some(operation) => format!("`{}` may answer", operation.id),
        None => "a request that no operation takes may be answered".to_owned(),
    }
}

/// What a tree may become; nothing where that is all worked out.
fn likely(tree: &Tree) -> Option<Value> {
    match tree {
        Tree::Constant(value) => Some(value.clone()),
        Tree::Text(_) => Some(Value::text("x")),
        Tree::Map(members) => {
            let mut map = Map::new();
            for (name, member) in members {
                // What may be left out does not count, but for what stands around it.
                let value = likely(member).unwrap_or_else(|| Value::text("x"));
                map.insert(name.clone(), value);
            }
            Some(Value::map(map))
        }
        Tree::List(items) => Some(Value::list(items.iter().filter_map(likely).collect())),
        Tree::Expression(_) | Tree::ForEach { .. } | Tree::If { .. } => None,
    }
}

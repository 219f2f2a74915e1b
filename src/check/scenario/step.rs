//! A step: one verb, and what stands beside it.

use super::Reader;
use super::records;
use crate::check::shape::{Members, Shape};
use crate::diagnostic::Diagnostic;
use crate::model::{Binding, MediaTypeId, Route, WireOptions};
use crate::scenario::{Action, Expect, Given, Include, OnTarget, Redirects, Step, Stream};
use crate::syntax::{Entry, Keys, Mapping, Node, ReadNode};

/// The verbs, and what a step with each is called in messages.
const VERBS: [(&str, &str); 15] = [
    ("call", "a `call`"),
    ("request", "a `request`"),
    ("outbox", "an `outbox` step"),
    ("requests", "a `requests` step"),
    ("follow", "a `follow` step"),
    ("clock", "a `clock` step"),
    ("advance", "an `advance` step"),
    ("settings", "a `settings` step"),
    ("faults", "a `faults` step"),
    ("state", "a `state` step"),
    ("rewind", "a `rewind` step"),
    ("put", "a `put` step"),
    ("poll", "a `poll` step"),
    ("include", "an `include` step"),
    ("repeat", "a `repeat` step"),
];

/// The verbs that can be polled.
const POLLED: [&str; 6] = ["call", "request", "outbox", "requests", "follow", "state"];

/// What scenarios and steps can require.
pub(super) const REQUIRES: &[(bool, &str)] = &[(true, "mock")];

impl<'n, 's> Reader<'n, 's> {
    /// A step; mistakes leave none. What it captures is in sight of what comes after it.
    pub(super) fn step(&mut self, node: &'n Node) -> Option<Step> {
        let Some((mut mapping, verb, value)) =
            self.open_step(node, "a step", &VERBS, records::STEP)
        else {
            self.scope.lose_track();
            return None;
        };
        let name = mapping.plain_text("name");
        let when_node = mapping.take("when");
        let when = when_node.and_then(|node| self.trees.sole_expression(node, &self.scope));
        let action = self.action(verb, value, &mut mapping);
        let holds_steps = matches!(verb, "include" | "repeat");
        if action.is_none() && holds_steps {
            self.scope.lose_track();
        }
        let answers =
            !matches!(verb, "clock" | "advance" | "settings" | "faults" | "put" | "rewind")
                && !holds_steps;
        let asks = matches!(verb, "call" | "request" | "follow" | "poll");
        if answers {
            self.answer_in_sight();
        }
        let expect_node = (answers && verb != "poll").then(|| mapping.take("expect")).flatten();
        let expect = expect_node.and_then(|node| self.expect(node)).unwrap_or_default();
        let mut allow_undocumented = None;
        let mut destructive = None;
        if asks {
            allow_undocumented = mapping.boolean("allowUndocumented");
            destructive = mapping.boolean("destructive");
        }
        let redirects = match matches!(verb, "call" | "request" | "follow") {
            true => self.redirects(&mut mapping),
            false => None,
        };
        let stream = match matches!(verb, "call" | "request" | "follow") {
            true => mapping.take("stream").and_then(|node| self.stream(node)),
            false => None,
        };
        let captures = match answers.then(|| mapping.take("capture")).flatten() {
            Some(node) => {
                let without_xml = action.as_ref().and_then(|action| self.without_xml(action));
                self.captures(node, &namespaces(&expect, action.as_ref()), without_xml)
            }
            None => Vec::new(),
        };
        let control = match &action {
            Some(action) => action.is_control(),
            None => !asks && !holds_steps,
        };
        // Nobody is told of a key that is of no use here.
        let requires = node.entry("requires").is_some() || !control;
        let requires = requires.then(|| mapping.entry("requires")).flatten();
        let requires_mock = self.requires(requires, control);
        let stand_in = (control || verb == "poll").then(|| mapping.entry("onTarget")).flatten();
        if let (false, Some((key, _))) = (control, stand_in) {
            let message = "`onTarget` is for control steps, and this polls none";
            self.error("contradiction", message, &key.span, "has no effect");
        }
        let on_target = stand_in.and_then(|(_, node)| self.on_target(node)).unwrap_or_default();
        mapping.finish();
        let action = action?;
        let allow_undocumented = allow_undocumented.unwrap_or(self.allow_undocumented);
        // Whose answer comes in the end is not known where redirects are followed.
        self.unmet(&action, &expect, allow_undocumented || redirects.is_some());
        Some(Step {
            name,
            destructive: destructive.unwrap_or(false),
            action,
            when,
            expect,
            captures,
            redirects,
            stream,
            allow_undocumented,
            requires_mock,
            on_target,
            span: node.span.clone(),
        })
    }

    /// The name of the operation that is called, where that answers with anything but XML.
    fn without_xml(&self, action: &Action) -> Option<&'s str> {
        let Action::Call(call) = action else { return None };
        let Given::Written(id) = call.operation else { return None };
        let service = self.service;
        let operation = service.operations.get(id.0)?;
        let is_soap = |binding: &Binding| matches!(binding.route, Route::Soap(_));
        let is_xml = |id: &MediaTypeId| {
            service
                .media_types
                .get(id.0)
                .is_none_or(|media| matches!(media.wire, WireOptions::Xml { .. }))
        };
        let may_be_xml =
            operation.produces.iter().any(is_xml) || operation.bindings.iter().any(is_soap);
        (!may_be_xml).then_some(&*operation.id)
    }

    /// What is done again and again: a verb without what belongs to the polling step.
    pub(super) fn polled(&mut self, node: &'n Node) -> Option<Step> {
        let verbs: Vec<_> =
            VERBS.iter().filter(|(verb, _)| POLLED.contains(verb)).copied().collect();
        if let Some(name) = node.as_text() {
            let message = "what is polled is a step, not a string";
            self.report(
                Diagnostic::error("wrong-type", message, &node.span, "this is a string").help(
                    format!("write `poll: {{call: {name}}}` with `until: {{...}}` beside it"),
                ),
            );
            return None;
        }
        let (mut mapping, verb, value) =
            self.open_step(node, "what is polled", &verbs, records::POLLED)?;
        let action = self.action(verb, value, &mut mapping);
        let stream = match matches!(verb, "call" | "request" | "follow") {
            true => mapping.take("stream").and_then(|node| self.stream(node)),
            false => None,
        };
        mapping.finish();
        Some(Step { stream, ..bare(action?, Expect::default(), node) })
    }

    /// What of an answer is read that comes item by item.
    fn stream(&mut self, node: &'n Node) -> Option<Stream> {
        let mut mapping = self.open(node, records::POLLED_STREAM.called("what `stream` says"))?;
        let [items, at_most] = ["items", "atMost"].map(|key| mapping.take(key));
        let cut = mapping.boolean("cut").unwrap_or(false);
        mapping.finish();
        if items.is_none() && at_most.is_none() && !cut {
            let message = "`stream` needs `items`, `atMost` or `cut: true`";
            self.error("missing-key", message, &node.span, "has none of them");
            return None;
        }
        let items = items.and_then(|node| self.whole_number(node, 1));
        let items = items.and_then(|items| usize::try_from(items).ok());
        let at_most = at_most.and_then(|node| self.positive_duration(node, "atMost"));
        if cut && (items.is_some() || at_most.is_some()) {
            let message = "with `cut: true` all is read that comes";
            self.error("contradiction", message, &node.span, "has `items` or `atMost` too");
        }
        Some(Stream { items, at_most, cut })
    }

    /// How many redirects are followed, and what is expected of each.
    fn redirects(&mut self, step: &mut Mapping<'n>) -> Option<Redirects> {
        let most = step.take("redirects");
        let hops = step.entry("hops");
        let most = match (most, hops) {
            (Some(node), _) => self.whole_number(node, 1)?,
            (None, Some((key, _))) => {
                let message = "`hops` is for redirects that are followed";
                self.report(
                    Diagnostic::error("contradiction", message, &key.span, "has no effect")
                        .help("`redirects: 5` follows at most five"),
                );
                return None;
            }
            (None, None) => return None,
        };
        let nodes = hops.map_or(&[][..], |(_, node)| self.read_list(node, |_| None));
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if let Some(node) = nodes.get(most) {
            let message = format!("at most {most} redirects are followed");
            self.error("contradiction", message, &node.span, "is never come to");
        }
        let hops = nodes.iter().filter_map(|node| {
            // What a hop does is what leads to it.
            Some(bare(Action::Include(Include::default()), self.expect(node)?, node))
        });
        let hops = hops.collect();
        Some(Redirects { most, hops })
    }

    /// A step's mapping with its verb.
    fn open_step(
        &mut self,
        node: &'n Node,
        what: &'static str,
        verbs: &[(&'static str, &'static str)],
        keys: Keys,
    ) -> Option<(Mapping<'n>, &'static str, &'n Node)> {
        let found: Vec<(&'static str, &'static str, Entry<'n>)> = verbs
            .iter()
            .filter_map(|(verb, what)| Some((*verb, *what, node.entry(verb)?)))
            .collect();
        let Some((verb, with_verb, (key, _))) = found.first().copied() else {
            let entries = self.open(node, what)?.node().as_map();
            self.no_verb(node, what, entries.unwrap_or_default(), verbs);
            return None;
        };
        if let Some((_, _, (other, _))) = found.get(1) {
            let message = format!("{what} has one verb, not `{}` and `{}`", key.value, other.value);
            self.report(Diagnostic::contradiction(message, &other.span, &key.span));
            return None;
        }
        let mut mapping = self.open(node, keys.called(with_verb))?;
        let value = mapping.take(verb)?;
        Some((mapping, verb, value))
    }

    fn no_verb(
        &mut self,
        node: &'n Node,
        what: &str,
        entries: &'n [(crate::source::Located<String>, Node)],
        verbs: &[(&'static str, &'static str)],
    ) {
        let known = verbs.iter().map(|(verb, _)| *verb);
        let is_verb = |key: &str| VERBS.iter().any(|(verb, _)| *verb == key);
        let stands_beside = |key: &str| records::STEP.has(key) && !is_verb(key);
        let wrong = entries.iter().find(|(key, _)| !stands_beside(&key.value));
        let (message, span, typed) = match wrong {
            Some((key, _)) if is_verb(&key.value) => {
                (format!("`{}` cannot be polled", key.value), &key.span, "")
            }
            Some((key, _)) => {
                (format!("no step is called `{}`", key.value), &key.span, key.value.as_str())
            }
            None => (format!("{what} needs a verb"), &node.span, ""),
        };
        let mut diagnostic = Diagnostic::error("unknown-verb", message, span, "no verb");
        diagnostic = diagnostic.suggest_word(typed, known);
        self.report(diagnostic);
    }

    fn action(
        &mut self,
        verb: &'static str,
        value: &'n Node,
        mapping: &mut Mapping<'n>,
    ) -> Option<Action> {
        match verb {
            "call" => self.call(value, mapping),
            "request" => self.request(value, mapping),
            "outbox" => self.outbox(value),
            "requests" => self.requests(value),
            "follow" => self.follow(value, mapping),
            "clock" => self.or_expression(value, Self::time).map(Action::Clock),
            "advance" => self.or_expression(value, Self::duration).map(Action::Advance),
            "settings" => Some(Action::Settings(self.settings(value))),
            "faults" => Some(self.faults(value)),
            "state" => self.state(value),
            "rewind" => Some(Action::Rewind(self.trees.tree(value, &self.scope))),
            "put" => Some(Action::Put(self.put(value))),
            "poll" => self.poll(value, mapping),
            "repeat" => self.repeat(value, mapping),
            _ => self.include(value, mapping).map(Action::Include),
        }
    }

    /// From here on there is a response.
    fn answer_in_sight(&mut self) {
        if self.scope.get("response").is_none() {
            let members = ["status", "headers", "body", "bytes", "certificate"];
            let list = members.iter().map(|name| ((*name).into(), Shape::Any)).collect();
            let members = Members { list, open: false };
            self.scope.add("response", Shape::Object(members.into()));
        }
    }

    /// Whether a step says that it needs a mock; a control step does anyway.
    fn requires(&mut self, entry: Option<Entry<'n>>, control: bool) -> bool {
        let Some((key, node)) = entry else { return false };
        if control {
            let message = "a control step needs the mock anyway";
            self.report(
                Diagnostic::error("contradiction", message, &key.span, "has no effect")
                    .help("`onTarget` says what stands in for it elsewhere"),
            );
        }
        self.read_word(node, "requires", REQUIRES).unwrap_or(false)
    }

    /// What stands in for a control step on a real vendor.
    fn on_target(&mut self, node: &'n Node) -> Option<OnTarget> {
        if node.as_map().is_none() {
            let words = [(false, "skip"), (true, "fail")];
            let fails = self.read_word(node, "onTarget", &words)?;
            return Some(if fails { OnTarget::Fail } else { OnTarget::Skip });
        }
        let mut mapping = self.open(node, records::CONTROL_ON_TARGET.called("`onTarget`"))?;
        let (wait, steps) = (mapping.entry("wait"), mapping.entry("steps"));
        mapping.finish();
        match (wait, steps) {
            (Some((_, node)), None) => self.duration(node).map(OnTarget::Wait),
            (None, Some((_, node))) => Some(OnTarget::Steps(self.steps(Some(node)))),
            (Some((first, _)), Some((second, _))) => {
                let message = "`onTarget` waits or does steps, not both";
                self.report(Diagnostic::contradiction(message, &second.span, &first.span));
                None
            }
            (None, None) => {
                let message = "`onTarget` needs `wait` or `steps`";
                self.error("missing-key", message, &node.span, "neither is here");
                None
            }
        }
    }
}

/// A step of which only this is said.
fn bare(action: Action, expect: Expect, node: &Node) -> Step {
    Step {
        name: None,
        action,
        when: None,
        expect,
        captures: Vec::new(),
        redirects: None,
        stream: None,
        allow_undocumented: false,
        destructive: false,
        requires_mock: false,
        on_target: OnTarget::default(),
        span: node.span.clone(),
    }
}

/// The prefixes that the XPath expressions of captures may use.
fn namespaces(
    expect: &Expect,
    action: Option<&Action>,
) -> Vec<(std::sync::Arc<str>, std::sync::Arc<str>)> {
    match action {
        Some(Action::Poll { until, .. }) => until.namespaces.clone(),
        _ => expect.namespaces.clone(),
    }
}

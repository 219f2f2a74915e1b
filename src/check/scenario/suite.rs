//! A file of scenarios, and what a scenario says of itself.

use std::sync::Arc;

use super::records;
use super::step::REQUIRES;
use super::{File, Reader, parts};
use crate::check::shape::Shape;
use crate::check::watch::RESERVED;
use crate::diagnostic::Diagnostic;
use crate::model::{Service, Tree};
use crate::scenario::{Given, NamedTexts, Scenario, Suite};
use crate::source::{Located, Span};
use crate::syntax::{Mapping, Node, Problems, ReadNode};

/// What becomes of cookies.
const COOKIES: &[(bool, &str)] = &[(true, "kept"), (false, "ignored")];

/// The spec of the vendor that a file names.
pub(super) fn service_of<'s>(
    root: &Node,
    services: &'s [Arc<Service>],
    problems: &Problems,
) -> Option<&'s Service> {
    if parts::is_part(root) {
        problems.wrong_type(root, "a file of scenarios, as a mapping");
        return None;
    }
    let mut file = problems.open(root, records::FILE.called("a file of scenarios"))?;
    let Some(vendor) = file.required_text("vendor") else {
        // What is not read without a vendor is known all the same.
        for key in records::FILE.list {
            file.take(key);
        }
        file.finish();
        return None;
    };
    let found = services.iter().find(|service| service.vendor == vendor.value);
    if found.is_none() {
        let known: Vec<&str> = services.iter().map(|service| &*service.vendor).collect();
        let names = known.iter().copied();
        problems.unknown("unknown-vendor", "vendor", &vendor.value, &vendor.span, names);
    }
    found.map(|service| &**service)
}

/// What holds for all scenarios of a file.
pub(super) struct Shared {
    tags: Vec<Arc<str>>,
    pub(super) variables: Vec<(Arc<str>, Tree)>,
    pub(super) headers: Option<Arc<Given<NamedTexts>>>,
    pub(super) destructive_allowed: bool,
    serial: Option<Arc<str>>,
    pub(super) keeps_cookies: bool,
}

impl<'n> Reader<'n, '_> {
    /// The whole file.
    pub(super) fn suite(&mut self, file: &File<'n>) -> Option<Suite> {
        let mut mapping = self.open(file.root, records::FILE.called("a file of scenarios"))?;
        self.trees.version(&mut mapping);
        mapping.text("vendor");
        mapping.text("description");
        let tags = self.tags(mapping.take("tags"));
        let around = [mapping.entry("beforeAll"), mapping.entry("afterAll")];
        let words = [(true, "allowed")];
        let destructive = mapping.word("destructive", &words);
        let of_run = self.once_of_run(around, destructive.unwrap_or(false));
        let (variables, names) = self.variables(mapping.take("variables"), true);
        let shown = mapping.take("authenticate");
        let headers = mapping.take("headers");
        let allows = mapping.boolean("allowUndocumented");
        let serial = self.group(mapping.take("serial"));
        let cookies = mapping.word("cookies", COOKIES);
        let scenarios = mapping.require("scenarios");
        mapping.finish();
        self.shown = shown.map_or_else(Vec::new, |node| self.credentials(node));
        let headers = headers.and_then(|node| self.raw_headers(node)).map(Arc::new);
        self.allow_undocumented = allows.unwrap_or(false);
        let destructive_allowed = destructive.unwrap_or(false);
        let keeps_cookies = cookies.unwrap_or(false);
        let shared =
            Shared { tags, variables, headers, destructive_allowed, serial, keeps_cookies };
        let before = self.before_all(around, &shared);
        let nodes = scenarios.map_or(&[][..], |node| self.read_list(node, |_| None));
        if let (Some(node), []) = (scenarios, nodes)
            && node.as_list().is_some()
        {
            let message = "there is no scenario in this file";
            self.error("no-scenarios", message, &node.span, "is empty");
        }
        let mark = self.scope.mark();
        let mut read: Vec<Arc<Scenario>> = Vec::new();
        let shared_variables = (self.variables.len(), self.constants.len());
        for node in nodes {
            let scenario = self.scenario(node, &shared);
            self.scope.reset(mark);
            self.variables.truncate(shared_variables.0);
            self.constants.truncate(shared_variables.1);
            self.table.clear();
            let Some(scenario) = scenario else { continue };
            if let Some(first) = read.iter().find(|other| other.name == scenario.name) {
                let message = format!("there are two scenarios `{}`", scenario.name);
                self.report(
                    Diagnostic::error("duplicate-name", message, &scenario.span, "here again")
                        .related(&first.span, "first here"),
                );
            }
            read.push(Arc::new(scenario));
        }
        let once = of_run.or_else(|| self.once_of_file(file, before, around, &shared));
        self.unused("variable of the file", &names);
        self.orphans(file.path);
        Some(Suite {
            once: once.map(Arc::new),
            vendor: self.service.vendor.clone(),
            path: file.path.to_owned(),
            name: file.name.into(),
            scenarios: read,
            environment: self.environment(),
        })
    }

    fn scenario(&mut self, node: &'n Node, shared: &Shared) -> Option<Scenario> {
        let mut mapping = self.open(node, records::SCENARIO.called("a scenario"))?;
        let name = self.scenario_name(&mut mapping);
        let description = mapping.plain_text("description");
        let covers = self.covers(mapping.take("covers"));
        let tags = self.tags(mapping.take("tags"));
        let (variables, names) = self.variables(mapping.take("variables"), false);
        let (given, settings) = (mapping.take("given"), mapping.take("settings"));
        let clock = mapping.take("clock").and_then(|node| self.time(node));
        let seed = mapping.take("seed").and_then(|node| self.whole_number(node, 0));
        let (rows, columns) = self.rows(mapping.entry("rows"));
        let given = self.given(given);
        let settings = settings.map_or_else(Vec::new, |node| self.settings(node));
        let steps = mapping.require("steps");
        let finally = mapping.take("finally");
        let requires = mapping.word("requires", REQUIRES);
        let words = [(true, "allowed")];
        let destructive = mapping.word("destructive", &words);
        let serial = self.group(mapping.take("serial"));
        let cookies = mapping.word("cookies", COOKIES);
        let timeout = self.some_duration(&mut mapping, "timeout");
        let skip = mapping.plain_text("skip");
        mapping.finish();
        let captures = self.captures_in([steps, finally]);
        let captures = self.shared.iter().cloned().chain(captures).collect();
        if let Some(watch) = &mut self.trees.watch {
            watch.begin(captures);
        }
        if let Some(node) = steps
            && node.as_list().is_some_and(<[_]>::is_empty)
        {
            let message = "this scenario does nothing";
            self.error("no-steps", message, &node.span, "no steps");
        }
        let steps = self.steps(steps);
        let finally = self.steps(finally);
        self.unused("variable", &names);
        self.unused("column", &columns);
        let name = name?;
        Some(Scenario {
            name: name.value,
            description,
            covers,
            tags: shared
                .tags
                .iter()
                .chain(tags.iter().filter(|tag| !shared.tags.contains(tag)))
                .cloned()
                .collect(),
            headers: shared.headers.clone(),
            variables: shared.variables.iter().cloned().chain(variables).collect(),
            given,
            settings,
            seed,
            clock,
            rows,
            steps,
            finally,
            requires_mock: requires.unwrap_or(false),
            destructive_allowed: shared.destructive_allowed || destructive.unwrap_or(false),
            keeps_cookies: cookies.unwrap_or(shared.keeps_cookies),
            serial: serial.or_else(|| shared.serial.clone()),
            timeout,
            skip,
            span: name.span,
        })
    }

    /// The name of a group, none of which runs beside another.
    fn group(&mut self, node: Option<&'n Node>) -> Option<Arc<str>> {
        let group = self.fixed(node?)?;
        if group.trim().is_empty() {
            let message = "the name of a group is not empty";
            self.error("bad-name", message, &group.span, "is empty");
        }
        Some(group.value)
    }

    fn scenario_name(&mut self, mapping: &mut Mapping<'n>) -> Option<Located<Arc<str>>> {
        let name = mapping.required_text("name")?;
        if name.trim().is_empty() || name.contains(char::is_control) {
            let message = "the name of a scenario is one line, without control characters";
            self.error("bad-name", message, &name.span, "is not a valid name");
        }
        Some(name)
    }

    /// The statements that a scenario proves.
    fn covers(&mut self, node: Option<&'n Node>) -> Vec<usize> {
        let Some(node) = node else { return Vec::new() };
        let mut covers = Vec::new();
        let known = self.service.statements.iter().map(|statement| &*statement.id);
        let items = match node.as_text() {
            Some(_) => std::slice::from_ref(node),
            None => self.read_items(node),
        };
        for item in items {
            let Some(id) = self.read_text(item) else { continue };
            let code = "unknown-statement";
            covers.extend(self.position(code, "statement", &id.value, &id.span, known.clone()));
        }
        covers
    }

    /// Words to choose scenarios by; what joins them in `--tag` is none.
    fn tags(&mut self, node: Option<&'n Node>) -> Vec<Arc<str>> {
        let Some(node) = node else { return Vec::new() };
        let mut tags: Vec<Arc<str>> = Vec::new();
        for item in self.read_items(node) {
            let Some(tag) = self.read_text(item) else { continue };
            let shaped = !tag.is_empty()
                && tag.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'));
            if !shaped || ["and", "or", "not"].contains(&&**tag) {
                let message = format!("`{}` is not a valid tag", tag.value);
                self.report(
                    Diagnostic::error("bad-name", message, &tag.span, "cannot be asked for")
                        .help("a tag is one word, and not `and`, `or` or `not`"),
                );
            } else if !tags.contains(&tag.value) {
                tags.push(tag.value);
            }
        }
        tags
    }

    /// Variables, each in sight of those after it; with the places of their names.
    #[expect(clippy::type_complexity, reason = "two lists that belong together")]
    fn variables(
        &mut self,
        node: Option<&'n Node>,
        of_file: bool,
    ) -> (Vec<(Arc<str>, Tree)>, Vec<(Arc<str>, Span)>) {
        let (mut variables, mut names) = (Vec::new(), Vec::new());
        let Some(node) = node else { return (variables, names) };
        for (key, node) in self.read_members(node) {
            let given = self.outside.as_ref().filter(|_| of_file);
            let given = given.and_then(|outside| outside.variable(&key.value)).cloned();
            let is_given = given.is_some();
            if let (Some(matcher), false) = (self.matcher_in(node), is_given) {
                self.use_names(node);
                let shape = Shape::Expectation(matcher);
                let name = self.name(&key.value, &key.span, shape);
                names.extend(name.iter().map(|name| (name.clone(), key.span.clone())));
                self.variables.extend(name.map(|name| (name, node)));
                continue;
            }
            let mut tree = self.trees.tree(node, &self.scope);
            if let Some(value) = given {
                tree = Tree::Constant(value);
            }
            let shape = self.trees.tree_shape(&tree, &self.scope);
            if let Some(name) = self.name(&key.value, &key.span, shape) {
                names.push((name.clone(), key.span.clone()));
                if !is_given {
                    self.variables.push((name.clone(), node));
                }
                if let Tree::Constant(value) = &tree {
                    self.constants.push((name.clone(), value.clone()));
                }
                variables.push((name, tree));
            }
        }
        (variables, names)
    }

    /// Puts a name in sight, if it may be one.
    pub(super) fn name(&mut self, name: &str, span: &Span, shape: Shape) -> Option<Arc<str>> {
        let name = self.trees.name_beside(name, span, RESERVED)?;
        self.scope.add(name.clone(), shape);
        Some(name)
    }

    /// Says which names nothing looks at.
    fn unused(&mut self, what: &str, names: &[(Arc<str>, Span)]) {
        for (name, span) in names {
            if !self.is_used(name) {
                let message = format!("nothing looks at the {what} `{name}`");
                let diagnostic = Diagnostic::error("unused-name", message, span, "not used");
                self.report(diagnostic.warning());
            }
        }
    }
}

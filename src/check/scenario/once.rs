//! `beforeAll` and `afterAll`: steps for all trials of a file, or of the run.

use super::suite::Shared;
use super::{File, Reader};
use crate::check::shape::Shape;
use crate::diagnostic::Diagnostic;
use crate::scenario::{Once, Row, Scenario, Step};
use crate::source::Span;
use crate::syntax::{Entry, ReadNode};

/// `beforeAll` and `afterAll`.
type Around<'n> = [Option<Entry<'n>>; 2];

impl<'n> Reader<'n, '_> {
    /// What is done once for the run, where a file of steps is named: it sees nothing of the file
    /// that names it, since others may name it too. What it captures comes into sight.
    pub(super) fn once_of_run(
        &mut self,
        around: Around<'n>,
        destructive_allowed: bool,
    ) -> Option<Once> {
        let path = |entry: &Option<Entry<'n>>| entry.filter(|(_, node)| node.as_text().is_some());
        let [before, after] = around.each_ref().map(path);
        if before.is_none() && after.is_none() {
            return None;
        }
        if let [Some((first, _)), Some((second, _))] = around
            && before.is_some() != after.is_some()
        {
            let message = "`beforeAll` and `afterAll` are both lists of steps, or both name a file";
            self.report(
                Diagnostic::error("contradiction", message, &second.span, "the one")
                    .related(&first.span, "the other"),
            );
        }
        self.begin_shared(around);
        let mark = self.scope.mark();
        let [before, after] = [before, after].map(|entry| {
            let (key, node) = entry?;
            let (path, steps) = self.included_steps(node)?;
            let steps =
                Scenario { destructive_allowed, ..once(&key.value, &key.span, steps, None) };
            Some((path, steps))
        });
        self.scope.reset(mark);
        self.show_shared();
        let paths = [&before, &after].map(|steps| match steps {
            Some((path, _)) => crate::files::canonical(path).to_string_lossy().into_owned(),
            None => String::new(),
        });
        let key = format!("{}|{}", self.service.vendor, paths.join("|")).into();
        let steps = |read: Option<(_, Scenario)>| read.map(|(_, steps)| steps);
        Some(Once { key, before: steps(before), after: steps(after) })
    }

    /// The steps of `beforeAll` that stand in the file; what they capture comes into sight.
    pub(super) fn before_all(&mut self, around: Around<'n>, shared: &Shared) -> Option<Scenario> {
        let (key, node) = around[0].filter(|(_, node)| node.as_text().is_none())?;
        self.begin_shared(around);
        let mark = self.scope.mark();
        let steps = self.steps(Some(node));
        let lost = self.scope.is_lenient();
        self.scope.reset(mark);
        if lost {
            self.scope.lose_track();
        }
        self.show_shared();
        Some(once(&key.value, &key.span, steps, Some(shared)))
    }

    /// What is done once for the file.
    pub(super) fn once_of_file(
        &mut self,
        file: &File<'n>,
        before: Option<Scenario>,
        around: Around<'n>,
        shared: &Shared,
    ) -> Option<Once> {
        self.begin_shared(around);
        let after = around[1].filter(|(_, node)| node.as_text().is_none());
        let after = after.map(|(key, node)| {
            let steps = self.steps(Some(node));
            once(&key.value, &key.span, steps, Some(shared))
        });
        if before.is_none() && after.is_none() {
            return None;
        }
        Some(Once { key: format!("{}/{}", self.service.vendor, file.name).into(), before, after })
    }

    fn begin_shared(&mut self, around: Around<'n>) {
        let [before, after] = around.map(|entry| entry.map(|(_, node)| node));
        let captures = self.captures_in([before, after]);
        self.shared = self.captures_in([before, None]);
        if let Some(watch) = &mut self.trees.watch {
            watch.begin(captures);
        }
    }

    fn show_shared(&mut self) {
        for (name, _) in self.shared.clone() {
            self.scope.add(name, Shape::Any);
        }
    }
}

/// The steps as if they were a scenario of their own.
fn once(name: &str, span: &Span, steps: Vec<Step>, shared: Option<&Shared>) -> Scenario {
    Scenario {
        name: name.into(),
        description: None,
        covers: Vec::new(),
        tags: Vec::new(),
        variables: shared.map_or_else(Vec::new, |shared| shared.variables.clone()),
        headers: shared.and_then(|shared| shared.headers.clone()),
        given: Vec::new(),
        settings: Vec::new(),
        seed: None,
        clock: None,
        rows: vec![Row::default()],
        steps,
        finally: Vec::new(),
        requires_mock: false,
        destructive_allowed: shared.is_some_and(|shared| shared.destructive_allowed),
        keeps_cookies: shared.is_some_and(|shared| shared.keeps_cookies),
        serial: None,
        timeout: None,
        skip: None,
        span: span.clone(),
    }
}

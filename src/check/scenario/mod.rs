//! From scenarios as written to what they mean, checked against the specs of their vendors.
//!
//! [`load`] finds scenarios in files and folders, [`check_source`] reads one file. As with specs,
//! everything is found before anything runs, all at once.

mod bytes;
mod call;
mod called;
mod capture;
mod content;
mod control;
mod credentials;
mod expect;
mod faults;
mod files;
mod given;
mod host;
mod include;
mod journal;
mod lost_matcher;
mod matcher;
mod multipart;
mod named;
mod once;
mod parts;
#[rustfmt::skip]
mod records;
mod repeat;
mod request;
mod rows;
mod schema;
mod selected;
mod snapshot;
mod sorted;
mod step;
mod strays;
mod suite;
mod table;
mod unmet;
mod words;
mod written;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::foreign;
use super::misplaced;
use super::reader::TreeReader;
use super::recovery::Recovery;
use super::scope::Scope;
use super::shape::Shape;
use super::watch::Watch;
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::{Schema, SchemeId, Service, Tree};
use crate::room::with_room;
use crate::scenario::{Outside, Suite};
use crate::source::{Source, Span};
use crate::syntax::{Node, Problems, ReadNode, parse};
use crate::value::Value;
pub use files::{load, load_some};
use parts::Parts;

/// How strictly scenarios are read.
#[derive(Debug, Clone)]
pub struct Options {
    /// How much it matters that a variable of the environment is not set: an error where the
    /// scenarios are about to run, a warning where they are only checked.
    pub missing_variable: Severity,
    /// What the command line gives.
    pub outside: Option<Arc<Outside>>,
}

impl Options {
    /// For scenarios that are about to run.
    pub const RUN: Self = Self { missing_variable: Severity::Error, outside: None };
    /// For scenarios that are only checked.
    pub const CHECK: Self = Self { missing_variable: Severity::Warning, outside: None };
}

/// Scenarios without errors.
#[derive(Debug)]
pub struct Loaded {
    /// One for each file, in the order of the paths.
    pub suites: Vec<Suite>,
    /// What is worth knowing about them.
    pub warnings: Vec<Diagnostic>,
}

/// A file of scenarios without errors.
#[derive(Debug)]
pub struct CheckedSuite {
    /// What it means.
    pub suite: Suite,
    /// What is worth knowing about it.
    pub warnings: Vec<Diagnostic>,
}

/// Checks one file against the spec of its vendor.
///
/// The suite is named after the file. Files that it includes or sends are read from beside it.
/// Fails with every mistake; warnings are among them.
#[expect(clippy::needless_pass_by_value, reason = "callers name a constant")]
pub fn check_source(
    source: &Arc<Source>,
    service: &Arc<Service>,
    options: Options,
) -> Result<CheckedSuite, Vec<Diagnostic>> {
    let problems = Problems::default();
    let stem = source.path().file_stem().unwrap_or_default().to_string_lossy();
    let node = parse(source, &problems);
    let mut parts = Parts::below([source.path()]);
    if let Some(root) = &node {
        problems.extend(parts.collect(root));
    }
    let services = std::slice::from_ref(service);
    let suite = node.and_then(|root| {
        let file = File { root: &root, path: source.path(), name: &stem };
        let (suite, found) = check_file(&file, services, &parts, &options);
        problems.extend(found);
        suite
    });
    let failed = problems.has_errors();
    let diagnostics = problems.into_sorted();
    match suite {
        Some(suite) if !failed => Ok(CheckedSuite { suite, warnings: diagnostics }),
        _ => Err(diagnostics),
    }
}

/// A file that was read.
#[derive(Debug, Clone, Copy)]
struct File<'n> {
    root: &'n Node,
    path: &'n Path,
    /// The name of the suite.
    name: &'n str,
}

/// Reads a file; mistakes may leave no suite, or one with holes.
fn check_file(
    file: &File<'_>,
    services: &[Arc<Service>],
    parts: &Parts,
    options: &Options,
) -> (Option<Suite>, Vec<Diagnostic>) {
    let work = || {
        // The names of operations and the like are those of the spec.
        let own = &["unknown-name", "unknown-prefix"];
        let mut recovery = Recovery::with_names_of_another(own);
        let mut of_files = Vec::new();
        let mut root = parts.insert_into(file.root, &mut of_files);
        let mut repaired = parts.with_inserted(&mut of_files);
        recovery.tell(of_files);
        let (suite, problems) = loop {
            let current = File { root: &root, ..*file };
            let problems = Problems::default();
            let suite = read_file(&current, services, &repaired, options, &problems);
            let repairs = recovery.repairs(&problems, &root);
            if repairs.is_empty() {
                let problems = recovery.finish(problems, parts.nodes().chain([file.root]));
                break (suite, misplaced::gathered(&problems, file.root));
            }
            root.to_mut().repair(&repairs);
            let parts = repaired.to_mut();
            parts.repair(&repairs);
            recovery.tell(parts.collect(&root));
        };
        (suite, problems.into_sorted())
    };
    with_room(work).unwrap_or_else(|| {
        let message = "there is not enough memory to check the scenarios";
        (None, vec![Diagnostic::without_place("unreadable", message)])
    })
}

fn read_file(
    file: &File<'_>,
    services: &[Arc<Service>],
    parts: &Parts,
    options: &Options,
    problems: &Problems,
) -> Option<Suite> {
    if let Some(told) = foreign::told(file.root, "a file of scenarios") {
        problems.push(told);
        return None;
    }
    let service = suite::service_of(file.root, services, problems)?;
    Reader::new(problems, service, parts, options).suite(file)
}

/// Reads the scenarios of one file.
struct Reader<'n, 's> {
    /// What reads expressions and trees, as in specs.
    trees: TreeReader<'n>,
    service: &'s Service,
    parts: &'n Parts,
    /// The names in sight of the step that is being read.
    scope: Scope,
    /// The variables in sight, with where their values are written.
    variables: Vec<(Arc<str>, &'n Node)>,
    /// The rows of the scenario that is being read.
    table: Vec<&'n Node>,
    /// What calls and requests show unless they say otherwise.
    shown: Vec<(SchemeId, Tree)>,
    /// Whether steps allow answers that the spec does not document, unless they say otherwise.
    allow_undocumented: bool,
    /// The prefixes of the expectation that is being read.
    namespaces: Vec<(Arc<str>, Arc<str>)>,
    /// The files whose steps are being read.
    including: Vec<PathBuf>,
    /// The names that an `include` gives its steps: where their values are written is not followed.
    hidden: Vec<Arc<str>>,
    /// The variables in sight whose values are known already.
    constants: Vec<(Arc<str>, Value)>,
    /// What the command line gives.
    outside: Option<Arc<Outside>>,
    /// The captures of `beforeAll`, with their places.
    shared: Vec<(Arc<str>, Span)>,
    /// How often other files were included.
    included: usize,
    /// How many names stand for the expectation that is being read.
    following: usize,
    /// The schemas of the spec, once one is expected.
    schemas: Option<Vec<Arc<Schema>>>,
    /// The snapshots that steps expect, with the first that does.
    snapshots: HashMap<PathBuf, Span>,
}

impl<'n> ReadNode<'n> for Reader<'n, '_> {
    fn problems(&self) -> &'n Problems {
        self.trees.problems
    }
}

impl<'n, 's> Reader<'n, 's> {
    fn new(
        problems: &'n Problems,
        service: &'s Service,
        parts: &'n Parts,
        options: &Options,
    ) -> Self {
        let watch = Watch::new(options.missing_variable, options.outside.clone());
        let trees = TreeReader::of_scenario(problems, Some(watch));
        let mut scope = Scope::default();
        scope.add("env", Shape::Any);
        for name in ["now", "uuid", "unique"] {
            scope.add(name, Shape::Scalar);
        }
        Self {
            trees,
            service,
            parts,
            scope,
            variables: Vec::new(),
            table: Vec::new(),
            shown: Vec::new(),
            allow_undocumented: false,
            namespaces: Vec::new(),
            including: Vec::new(),
            hidden: Vec::new(),
            constants: Vec::new(),
            outside: options.outside.clone(),
            shared: Vec::new(),
            included: 0,
            following: 0,
            schemas: None,
            snapshots: HashMap::new(),
        }
    }

    fn environment(&self) -> Vec<Arc<str>> {
        self.trees.watch.as_ref().map(|watch| watch.environment().to_vec()).unwrap_or_default()
    }

    fn is_used(&self, name: &str) -> bool {
        self.trees.watch.as_ref().is_some_and(|watch| watch.is_used(name))
    }
}

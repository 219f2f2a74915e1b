//! From what was written to what it means: names resolved, all mistakes found at once.
//!
//! [`load`] finds the specs in files and folders, [`check_sources`] reads the files of one vendor
//! into a [`Service`]. Every part of the language has a file of its own here, which reads it and
//! reports what cannot be. A mistake never stops the reading; it leaves a hole, and since there
//! was a mistake, nobody gets to see the hole.

mod additional;
mod answered;
mod batch;
mod beside;
mod breach;
mod comparison;
mod compose;
mod consequence;
mod cookies;
mod cors;
mod defaults;
mod deviation;
mod disturbance;
mod duration;
mod encoding;
mod errors;
mod example;
mod expression;
mod fit;
mod fixture;
mod foreign;
mod http_words;
mod idempotency;
mod inserted;
mod join;
mod keyword;
mod layer;
mod legible;
mod load;
mod lost;
mod matching;
mod media;
mod members;
mod misplaced;
mod names;
mod neighbours;
mod operation;
mod parameter;
mod path;
mod reader;
mod reading;
#[rustfmt::skip]
mod records;
mod recovery;
mod route;
mod rows;
mod rules;
pub mod scenario;
mod schema;
mod scope;
mod security;
mod server;
mod shape;
mod shared;
mod sign;
mod soap;
mod special;
mod spellings;
mod state;
mod statement;
mod tree;
mod undeclared;
mod unfit;
mod unused;
mod verb;
mod verified;
mod watch;
mod xml;

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::model::{ErrorId, Evidence, Service};
use crate::room::with_room;
use crate::source::{Located, Source, Span};
use crate::syntax::{Node, Problems, ReadNode};
use inserted::{insert, not_below};
use reader::TreeReader;
use recovery::Recovery;

pub use load::load;
pub(crate) use load::load_with;
pub(crate) use neighbours::{Vendor, files_below, load_beside, vendor_of};

/// A spec without errors.
#[derive(Debug)]
pub struct Checked {
    /// What it means.
    pub service: Service,
    /// What is worth knowing about it.
    pub warnings: Vec<Diagnostic>,
}

/// Checks the files of one vendor.
///
/// Fails with every mistake of every file, in the order of the files' paths and of the places in
/// them; warnings are among them.
pub fn check_sources(sources: &[Arc<Source>]) -> Result<Checked, Vec<Diagnostic>> {
    let problems = Problems::default();
    let mut nodes = Vec::new();
    for source in sources {
        nodes.extend(crate::syntax::parse(source, &problems));
    }
    let missing = nodes.len() < sources.len();
    check_nodes(nodes, problems, missing)
}

/// Checks one file that is read already, and tells of each place by itself what for people is told
/// once, with its cause: whoever takes out all that is wrong needs every place.
pub(crate) fn check_each(root: &Node) -> Result<Checked, Vec<Diagnostic>> {
    with_room(|| {
        let problems = Problems::default();
        let service = Checker::new(root, &problems).sections(root);
        let failed = problems.has_errors();
        let diagnostics = problems.into_sorted();
        match service {
            Some(service) if !failed => Ok(Checked { service, warnings: diagnostics }),
            _ => Err(diagnostics),
        }
    })
    .unwrap_or_else(no_room)
}

/// Checks the files of one vendor that are read already. `missing` says that there are others
/// that could not be read, so that names may be missing too.
fn check_nodes(
    nodes: Vec<Node>,
    problems: Problems,
    missing: bool,
) -> Result<Checked, Vec<Diagnostic>> {
    with_room(move || {
        if let Some(told) = nodes.iter().find_map(|node| foreign::told(node, "a spec")) {
            problems.push(told);
            return Err(problems.into_sorted());
        }
        let (mut nodes, mut of_files) = (nodes, Vec::new());
        for node in &mut nodes {
            insert(node, &not_below, &mut of_files);
        }
        problems.extend(of_files);
        let Some(root) = join::join(nodes, &problems) else {
            return Err(problems.into_sorted());
        };
        check_root(&root, &problems, missing)
    })
    .unwrap_or_else(no_room)
}

fn no_room() -> Result<Checked, Vec<Diagnostic>> {
    let message = "there is not enough memory to check the spec";
    Err(vec![Diagnostic::without_place("unreadable", message)])
}

fn check_root(root: &Node, before: &Problems, missing: bool) -> Result<Checked, Vec<Diagnostic>> {
    let mut recovery = Recovery::default();
    let mut repaired = Cow::Borrowed(root);
    let (service, problems) = loop {
        let problems = before.clone();
        let service = Checker::new(&repaired, &problems).sections(&repaired);
        let repairs = recovery.repairs(&problems, &repaired);
        if repairs.is_empty() {
            break (service, misplaced::gathered(&recovery.finish(problems, [root]), root));
        }
        repaired.to_mut().repair(&repairs);
    };
    let hidden = problems.found().iter().any(|diagnostic| hides_names(diagnostic, root));
    let failed = problems.has_errors() || missing;
    let mut diagnostics = problems.into_sorted();
    if missing {
        // What the unreadable file says may be just what seems to be missing.
        diagnostics.retain(|d| !depends_on_names(d));
    }
    if hidden {
        // Where no name of a kind is known, it is the section that could not be read.
        diagnostics.retain(|d| !(consequence::is_about_a_name(d) && d.help.is_empty()));
    }
    match service {
        Some(service) if !failed => Ok(Checked { service, warnings: diagnostics }),
        _ => Err(diagnostics),
    }
}

/// Whether a whole section of the spec could not be read.
fn hides_names(diagnostic: &Diagnostic, root: &Node) -> bool {
    let Some(label) = diagnostic.primary.as_ref().filter(|_| diagnostic.code == "unknown-key")
    else {
        return false;
    };
    let sections = [Some(root), root.get("components")];
    let mut keys = sections.into_iter().flatten().filter_map(Node::as_map).flatten();
    diagnostic.meant.is_none() && keys.any(|(key, _)| key.span.start == label.span.start)
}

/// Whether another file might make it right.
fn depends_on_names(diagnostic: &Diagnostic) -> bool {
    consequence::is_about_a_name(diagnostic)
        || diagnostic.code.starts_with("unused-")
        || matches!(diagnostic.code, "unreachable-operation" | "dangling-reference")
        || diagnostic.message.starts_with("a spec needs")
}

/// Reads one vendor.
struct Checker<'n> {
    /// What reads expressions and trees, with the mistakes.
    reader: TreeReader<'n>,
    names: names::Names<'n>,
    rules: rules::Rules,
    /// The schemas that are being followed, to find those that contain themselves.
    following: Vec<layer::Followed<'n>>,
    /// How many members and items lead to what is read.
    descents: usize,
    /// The schemas that contain themselves, as far as they were met.
    recursive: Vec<layer::Recursive<'n>>,
    /// In scenarios: the schemas of the spec.
    borrowed: Option<layer::Borrowed>,
    /// What `generate` sees as `row`.
    row_shape: shape::Shape,
    /// What steps write into rows, with the position of the rows' collection.
    written: Vec<(&'n Node, usize)>,
    /// The bodies that steps answer with, of the operation that is being read.
    answered: Vec<answered::Answered>,
    bodies: Vec<undeclared::Written<'n>>,
    /// The operations that links lead to.
    linked: Vec<usize>,
    /// What every operation has: settings and the like.
    account: Option<scope::Scope>,
    /// The beginning of the spec, for what has no place of its own.
    root_span: Span,
    /// What the steps of each security scheme name.
    verified: Vec<Vec<(Arc<str>, shape::Shape)>>,
}

/// A checker is a reader that knows the names of a spec.
impl<'n> Deref for Checker<'n> {
    type Target = TreeReader<'n>;

    fn deref(&self) -> &TreeReader<'n> {
        &self.reader
    }
}

impl<'n> DerefMut for Checker<'n> {
    fn deref_mut(&mut self) -> &mut TreeReader<'n> {
        &mut self.reader
    }
}

impl<'n> ReadNode<'n> for Checker<'n> {
    fn problems(&self) -> &'n Problems {
        self.reader.problems
    }
}

impl<'n> Checker<'n> {
    fn new(root: &'n Node, problems: &'n Problems) -> Self {
        let names = names::Names::collect(root, problems);
        let reader = TreeReader::of_spec(root, names.rows.clone(), problems);
        Self::with(reader, names, root.span.clone())
    }

    /// One for the schemas of a scenario, which may refer to those of its spec. What reads the
    /// scenario's expressions is given back in [`Self::reader`].
    fn of_scenario(reader: TreeReader<'n>, borrowed: layer::Borrowed, span: &Span) -> Self {
        let names = names::Names::none(reader.problems);
        Self { borrowed: Some(borrowed), ..Self::with(reader, names, span.clone()) }
    }

    fn with(reader: TreeReader<'n>, names: names::Names<'n>, root_span: Span) -> Self {
        Self {
            reader,
            names,
            rules: rules::Rules::default(),
            following: Vec::new(),
            descents: 0,
            recursive: Vec::new(),
            borrowed: None,
            row_shape: shape::Shape::Any,
            written: Vec::new(),
            answered: Vec::new(),
            bodies: Vec::new(),
            linked: Vec::new(),
            account: None,
            verified: Vec::new(),
            root_span,
        }
    }

    fn sections(mut self, root: &'n Node) -> Option<Service> {
        let mut spec = self.open(root, records::SPEC.called("a spec"))?;
        self.version(&mut spec);
        let vendor = self.vendor(&mut spec);
        let words = Evidence::ALL.map(|evidence| (evidence, evidence.name()));
        if let Some(evidence) = spec.word("evidence", &words) {
            self.rules.evidence = evidence;
        }
        let info = self.info(spec.take("info"));
        let servers = self.servers(spec.take("servers"));
        let routing = self.routing(spec.take("routing"));
        let statements = self.statements(spec.take("statements"));
        let media_types_node = spec.take("mediaTypes");
        let media_types = self.media_types(media_types_node);
        let typed = media_types.iter().map(|one| (one.name.clone(), one.content_type.clone()));
        self.content_types = typed.collect();
        let consumes = self.consumed(spec.take("consumes"));
        let produces = self.produced(spec.take("produces"));
        let content_codings = self.content_codings(spec.take("contentCoding")).unwrap_or_default();
        let settings = self.settings(spec.take("settings"));
        if let Some(components) = spec.take("components") {
            self.component_keys(components);
        }
        let schemes = root.get("components").and_then(|node| node.get("securitySchemes"));
        let security_schemes = self.security_schemes(schemes);
        let rate_limit_node = spec.take("rateLimit");
        let security = spec.take("security").map(|node| self.security(node)).unwrap_or_default();
        self.account = Some(self.make_account_scope(rate_limit_node.is_some()));
        let rate_limits = rate_limit_node.map(|node| self.rate_limits(node, root));
        let rate_limits = rate_limits.unwrap_or_default();
        let response_headers = spec.take("responseHeaders").map_or_else(Vec::new, |node| {
            let scope = self.account_scope();
            self.headers(node, &scope)
        });
        let mut collections = self.collections(spec.take("collections"));
        let idempotency = spec.take("idempotency");
        let idempotency = idempotency.and_then(|node| self.idempotency(node, &mut collections));
        self.check_fixtures(&collections);
        let cors = spec.take("cors").and_then(|node| self.cors(node));
        let failures = self.failures(spec.take("failures"), "");
        let soap_services = self.soap_services(spec.take("soapServices"));
        let responses = self.responses(spec.take("responses"), "");
        let disturbances = self.disturbances(&mut spec);
        let shared_steps = self.shared_steps(&mut spec, root);
        let defaults = defaults::Defaults {
            security: &security,
            security_schemes: &security_schemes,
            consumes: consumes.as_deref(),
            produces: produces.as_deref(),
            content_codings: &content_codings,
            media_types: &media_types,
            responses: &responses,
            disturbances: &disturbances,
            shared_steps: &shared_steps,
        };
        let operations = self.operations(spec.take("operations"), &defaults);
        self.fit_written(&collections);
        self.check_collisions(&operations, routing);
        self.check_messages(&operations, &soap_services);
        self.check_batches(&operations);
        self.check_doubled(&servers, &operations);
        self.check_soap_paths(&soap_services, &operations, routing);
        self.check_written_rows(&operations, &collections, &media_types);
        self.check_matched_roots(&operations, &media_types);
        self.check_is_writable(media_types_node, &media_types, &operations);
        // Errors come after the operations, which name what `error` has besides the usual.
        self.unused_shared_steps(&shared_steps);
        let errors = self.errors(spec.take("errors"));
        let messages = self.messages(spec.take("messages"));
        let examples = self.examples(spec.take("examples"), &collections, &operations, routing);
        let comparison = self.comparison(spec.take("compare"));
        let deviations = self.deviations(spec.take("deviations"));
        self.check_endless(&operations);
        self.unused_rate_limits(&rate_limits, &operations);
        let unnamed = self.unnamed_statements();
        self.unused(root, &operations);
        let shared = self.shared_schemas();
        let recursive = self.recursive_schemas();
        self.unused_statements(&unnamed);
        spec.finish();
        let mut rules = std::mem::take(&mut self.rules.list);
        rules.shrink_to_fit();
        let service = Service {
            vendor: vendor?,
            info,
            servers,
            routing,
            response_headers,
            statements,
            rules,
            media_types,
            content_codings,
            errors,
            failures,
            messages,
            settings,
            collections,
            recursive,
            schemas: shared,
            security_schemes: security_schemes.into_iter().flatten().collect(),
            rate_limits,
            disturbances,
            idempotency,
            cors,
            soap_services,
            responses,
            operations,
            examples,
            comparison,
            deviations,
        };
        self.check_soap_answers(&service);
        Some(service)
    }

    fn component_keys(&mut self, node: &'n Node) {
        let Some(mut components) = self.open(node, records::COMPONENTS.called("`components`"))
        else {
            return;
        };
        for key in records::COMPONENTS.list {
            components.members(key);
        }
        components.finish();
    }

    /// The members of a mapping that may be missing.
    fn optional_members(&mut self, node: Option<&'n Node>) -> &'n [(Located<String>, Node)] {
        node.map_or(&[][..], |node| self.read_members(node))
    }

    /// The items of a list of mappings that may be missing.
    fn optional_items(&mut self, node: Option<&'n Node>) -> &'n [Node] {
        node.map_or(&[][..], |node| self.read_list(node, |_| None))
    }

    /// The error that a text names.
    fn error_name(&mut self, node: &Node) -> Option<ErrorId> {
        self.names.errors.resolve(node).map(ErrorId)
    }
}

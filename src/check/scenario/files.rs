//! Finding scenarios in files and folders.

use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::parts::{Parts, is_part};
use super::{File, Loaded, Options, check_file};
use crate::check::load::{is_new, read, walk};
use crate::diagnostic::{Diagnostic, Severity};
use crate::files::{self, snapshots::owner_of};
use crate::model::Service;
use crate::parallel;
use crate::source::Span;
use crate::syntax::{Node, Problems};

/// A file of scenarios, or of steps for others.
struct Found {
    path: PathBuf,
    /// The path below the folder that was given; the whole one of a file that was given itself.
    below: PathBuf,
    /// Whether the file itself was given.
    given: bool,
    node: Option<Node>,
}

/// Reads all scenarios in files and folders.
///
/// A file is a suite; a file that holds a list is steps for others to include. Fails with every
/// mistake of every file.
pub fn load(
    paths: &[PathBuf],
    services: &[Arc<Service>],
    options: Options,
) -> Result<Loaded, Vec<Diagnostic>> {
    load_some(paths, &|_| true, services, options)
}

/// The same for the files that are wanted; the others are not read.
#[expect(clippy::needless_pass_by_value, reason = "callers name a constant")]
pub fn load_some(
    paths: &[PathBuf],
    wanted: &dyn Fn(&Path) -> bool,
    services: &[Arc<Service>],
    options: Options,
) -> Result<Loaded, Vec<Diagnostic>> {
    let problems = Problems::default();
    let found = find(paths, wanted, &problems);
    let mut parts = Parts::below(paths.iter().map(PathBuf::as_path));
    for node in found.iter().filter_map(|file| file.node.as_ref()) {
        problems.extend(parts.collect(node));
    }
    let mut names: HashSet<(String, String)> = HashSet::new();
    let mut wanted = Vec::new();
    for file in &found {
        let Some(root) = &file.node else { continue };
        if is_part(root) {
            problems.extend(lone_part(file, &root.span, &parts));
            continue;
        }
        let vendor = root.get("vendor").and_then(Node::as_text).unwrap_or_default();
        let mut name = (vendor.to_owned(), suite_name(&file.below, vendor, file.given));
        if names.contains(&name) {
            name.1 = suite_name(&file.path, "", false);
        }
        wanted.push((root, &file.path, name.1.clone()));
        names.insert(name);
    }
    let check = |(root, path, name): (&Node, &PathBuf, String)| {
        check_file(&File { root, path, name: &name }, services, &parts, &options)
    };
    let mut suites = Vec::new();
    for (suite, diagnostics) in parallel::each(wanted, check) {
        problems.extend(diagnostics);
        suites.extend(suite);
    }
    let failed = problems.has_errors();
    let diagnostics = problems.into_sorted();
    if failed { Err(diagnostics) } else { Ok(Loaded { suites, warnings: diagnostics }) }
}

/// All files that were meant, each read once.
fn find(paths: &[PathBuf], wanted: &dyn Fn(&Path) -> bool, problems: &Problems) -> Vec<Found> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for path in paths {
        let shown = path.display();
        let Ok(kind) = files::kind(path) else {
            let message = format!("there is no file or folder {shown}");
            problems.push(Diagnostic::without_place("no-such-file", message));
            continue;
        };
        let mut paths = vec![path.clone()];
        let given = kind == files::Kind::File;
        if !given {
            let (mut folders, mut diagnostics) = (BTreeMap::new(), Vec::new());
            walk(path, 0, &mut folders, &mut diagnostics);
            problems.extend(diagnostics);
            paths = folders.into_values().flatten().collect();
            problems.extend(strays(&paths));
            paths.retain(|path| owner_of(path).is_none());
            paths.sort();
            if paths.is_empty() {
                let message = format!("there is no scenario in {shown}");
                problems.push(
                    Diagnostic::without_place("no-scenarios", message)
                        .help(
                            "scenarios are in files that end in .yaml or .yml; `counterpart-mock \
                             import` makes them of Postman collections, HAR files and curl commands",
                        ),
                );
            }
        }
        for file in paths {
            if !is_new(&file, &mut seen) || !wanted(&file) {
                continue;
            }
            let below = match given {
                true => file.clone(),
                false => file.strip_prefix(path).unwrap_or(&file).to_owned(),
            };
            found.push(Found { path: file, below, given, node: None });
        }
    }
    let documents = parallel::each(found.iter().collect(), |file: &Found| read(&file.path));
    for (file, document) in found.iter_mut().zip(documents) {
        match document {
            Ok(document) => {
                problems.extend(document.problems);
                file.node = document.node;
            }
            Err(problem) => problems.push(*problem),
        }
    }
    found
}

/// Snapshots whose file has gone.
fn strays(paths: &[PathBuf]) -> Vec<Diagnostic> {
    let stray = |path: &PathBuf| {
        let owner = owner_of(path).filter(|owner| !files::exists(owner))?;
        let message = format!("there is no file {} for {}", owner.display(), path.display());
        Some(Diagnostic::without_place("unused-snapshot", message).warning())
    };
    paths.iter().filter_map(stray).collect()
}

/// What is to be said of a file that holds only steps.
fn lone_part(file: &Found, span: &Span, parts: &Parts) -> Option<Diagnostic> {
    let diagnostic = |severity| {
        let message = "this file holds a list of steps and no scenarios";
        let diagnostic = Diagnostic::error("no-scenarios", message, span, "a list");
        match severity {
            Severity::Error => diagnostic,
            Severity::Warning => diagnostic.warning().help("nothing includes it"),
        }
    };
    if file.given {
        return Some(diagnostic(Severity::Error));
    }
    (!parts.includes(&file.path)).then(|| diagnostic(Severity::Warning))
}

/// The name of a file's suite: its path below the vendor's folder, or else below the folder that
/// was given, without the ending. Of a file that was given itself, just its own name where no
/// folder is the vendor's.
fn suite_name(below: &Path, vendor: &str, given: bool) -> String {
    let path = below.with_extension("");
    let names: Vec<String> = path
        .components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect();
    let folders = names.len().saturating_sub(1);
    let of_vendor = |name: &String| !vendor.is_empty() && name == vendor;
    let from = match given {
        true => names.iter().take(folders).rposition(of_vendor).map_or(folders, |at| at + 1),
        false => usize::from(folders > 0 && names.first().is_some_and(of_vendor)),
    };
    names.get(from..).unwrap_or_default().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_are_named_after_their_place() {
        for (below, given, name) in [
            ("books.yaml", false, "books"),
            ("library/books.yaml", false, "books"),
            ("library/loans/mail.yaml", false, "loans/mail"),
            ("other/library/books.yaml", false, "other/library/books"),
            ("library.yaml", false, "library"),
            ("./scenarios/library/loans/mail.yaml", true, "loans/mail"),
            ("/tmp/x/books.yaml", true, "books"),
            ("library", true, "library"),
        ] {
            assert_eq!(suite_name(Path::new(below), "library", given), name, "{below}");
        }
    }
}

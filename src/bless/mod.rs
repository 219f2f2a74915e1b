//! Verdicts, written down: who is right about a difference between a real target and a spec, into
//! the spec; and which answers are right, into snapshots.

mod edit;
mod report;
mod snapshot;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::{Vendor, files_below, load_beside, vendor_of};
use crate::diagnostic::Diagnostic;
use crate::files::{self, held};
use crate::model::Ruling;
use crate::source::Source;
use crate::syntax::{Node, tree};
use crate::write::{Piece, document};
use edit::{append, replace};
use report::{Difference, Read};
pub use snapshot::bless_snapshots;

/// The section of a spec.
const SECTION: &str = "deviations";
/// How long what was expected or found may be to be written down; longer ones are not compared.
const LONGEST: usize = 400;

/// Why nothing was written.
#[derive(Debug)]
pub enum Refused {
    /// In one sentence.
    Because(String),
    /// The spec has mistakes.
    Mistakes(Vec<Diagnostic>),
}

/// What was written.
#[derive(Debug)]
pub struct Blessed {
    /// A line for each difference.
    pub written: Vec<String>,
    /// How many things failed that can't be blessed.
    pub others: usize,
}

/// Writes into the specs of a folder who is right about differences of a report: all that the specs
/// do not know, or those of the ids. Nothing is written where something cannot be.
pub fn bless(
    report: &Path,
    ids: &[String],
    ruling: Ruling,
    specs: &Path,
) -> Result<Blessed, Refused> {
    let shown = report.display();
    let text = fs::read_to_string(report)
        .map_err(|error| Refused::Because(format!("{shown} cannot be read: {error}")))?;
    let read =
        report::read(&text).map_err(|message| Refused::Because(format!("{shown} {message}")))?;
    let chosen = choose(&read, ids)?;
    let mut vendors: Vec<&str> = chosen.iter().map(|it| it.vendor.as_str()).collect();
    vendors.sort_unstable();
    vendors.dedup();
    let mut blessed = Blessed { written: Vec::new(), others: read.others };
    let mut texts: Vec<(PathBuf, String)> = Vec::new();
    for vendor in vendors {
        let of_vendor: Vec<&Difference> =
            chosen.iter().filter(|it| it.vendor == vendor).copied().collect();
        let file = write_into(specs, vendor, &of_vendor, ruling, &read.day, &mut texts)?;
        for difference in of_vendor {
            blessed.written.push(format!(
                "{}: {} {} {}: {} instead of {}: {}",
                file.display(),
                difference.id,
                difference.operation,
                difference.path,
                cut(&difference.actual),
                cut(&difference.expected),
                ruling.says(),
            ));
        }
    }
    for (path, text) in texts {
        fs::write(&path, text).map_err(|error| {
            Refused::Because(format!("{} cannot be written: {error}", path.display()))
        })?;
    }
    Ok(blessed)
}

/// The differences that are meant.
fn choose<'r>(read: &'r Read, ids: &[String]) -> Result<Vec<&'r Difference>, Refused> {
    if ids.is_empty() {
        let new: Vec<_> = read.differences.iter().filter(|it| it.known.is_none()).collect();
        if new.is_empty() {
            let of_mock = match read.of_mock.len() {
                0 => "",
                _ => "; those of the mock are mistakes of the spec or of the scenario",
            };
            let message = format!("the report has no new difference of a real target{of_mock}");
            return Err(Refused::Because(message));
        }
        return Ok(new);
    }
    let mut chosen = Vec::new();
    for id in ids {
        let is_it = |it: &&Difference| it.id == *id || it.known.as_ref() == Some(id);
        let found = read.differences.iter().filter(is_it);
        let before = chosen.len();
        chosen.extend(found);
        if chosen.len() > before {
            continue;
        }
        let known: Vec<&str> = read.differences.iter().map(|it| it.id.as_str()).collect();
        let message = match (read.of_mock.contains(id), known.is_empty()) {
            (true, _) => format!(
                "`{id}` is a difference of the mock: the spec or the scenario has a mistake"
            ),
            (false, true) => "the report has no difference of a real target".to_owned(),
            (false, false) => {
                format!("the report has no difference `{id}`, but {}", known.join(", "))
            }
        };
        return Err(Refused::Because(message));
    }
    chosen.dedup_by(|one, other| std::ptr::eq(*one, *other));
    Ok(chosen)
}

/// Adds the texts of the files of a vendor as they are to be; says which one has the deviations.
fn write_into(
    specs: &Path,
    vendor: &str,
    differences: &[&Difference],
    ruling: Ruling,
    day: &str,
    texts: &mut Vec<(PathBuf, String)>,
) -> Result<PathBuf, Refused> {
    let (path, below) = find(specs, vendor)?;
    let loaded = load(&path, below)?;
    let has_section =
        |file: &&PathBuf| parsed(file).is_some_and(|(_, root)| root.get(SECTION).is_some());
    let target = loaded.files.iter().find(has_section).unwrap_or(&path).clone();
    let cannot = |what: &str| Refused::Because(format!("{} {what}", target.display()));
    let (mut text, _) = parsed(&target).ok_or_else(|| cannot("cannot be read"))?;
    for difference in differences {
        text = match changed(&text, difference, ruling, day) {
            Some(changed) => changed,
            None => {
                let item = deviation(difference, ruling, day);
                append(&text, SECTION, &item).map_err(|_| {
                    let item = document(&Piece::list([item]), &[]);
                    cannot(&format!(
                        "is laid out so that nothing can be added to `{SECTION}`; write there:\n{item}"
                    ))
                })?
            }
        };
    }
    // The spec has to load with it before it is written.
    held::hold(&target, Arc::from(text.as_str()));
    let checked = load(&path, below);
    held::let_go(&target);
    checked?;
    texts.push((target.clone(), text));
    Ok(target)
}

/// The text in which a deviation that is there already says something else; none if there is none.
fn changed(text: &str, difference: &Difference, ruling: Ruling, day: &str) -> Option<String> {
    let mut text = text.to_owned();
    for (key, value) in [("verdict", ruling.name()), ("since", day)] {
        let root = tree(&Source::new("", text.as_str()))?;
        let items = root.get(SECTION)?.as_list()?;
        let is_it = |item: &&Node| {
            let id = item.get("id").and_then(Node::as_text);
            id == Some(&difference.id) || id.is_some() && id == difference.known.as_deref()
        };
        let span = &items.iter().find(is_it)?.get(key)?.span;
        text = replace(&text, span, value).ok()?;
    }
    Some(text)
}

fn deviation(difference: &Difference, ruling: Ruling, day: &str) -> Piece {
    let short = |text: &str| {
        (text.len() <= LONGEST).then(|| text.to_owned()).filter(|text| !text.is_empty())
    };
    Piece::map()
        .with("id", difference.id.as_str())
        .with("verdict", ruling.name())
        .with("operation", difference.operation.as_str())
        .with("path", difference.path.as_str())
        .with_some("expected", short(&difference.expected))
        .with_some("actual", short(&difference.actual))
        .with("since", day)
        .with("evidence", "recorded")
        .with("source", difference.source.as_str())
        .block()
}

/// The file that names a vendor, and whether it is in a folder of its own.
fn find(specs: &Path, vendor: &str) -> Result<(PathBuf, bool), Refused> {
    let all = match files::is_folder(specs) {
        true => files_below(specs),
        false => vec![specs.to_owned()],
    };
    let named = |path: &PathBuf| {
        files::read_to_string(path).is_ok_and(|text| vendor_of(&text) == Some(vendor))
    };
    let path = all.into_iter().find(named).ok_or_else(|| {
        let message = format!("there is no spec of `{vendor}` in {}", specs.display());
        Refused::Because(message)
    })?;
    let below = path.parent().is_some_and(|folder| folder != specs && files::is_folder(specs));
    Ok((path, below))
}

fn load(path: &Path, below: bool) -> Result<Vendor, Refused> {
    let unread = || Refused::Because(format!("{} cannot be read", path.display()));
    let mut vendor = load_beside(path, below).ok_or_else(unread)?;
    match &mut vendor.checked {
        Ok(_) => Ok(vendor),
        Err(mistakes) => Err(Refused::Mistakes(std::mem::take(mistakes))),
    }
}

fn parsed(path: &Path) -> Option<(String, Node)> {
    let text = files::read_to_string(path).ok()?;
    let root = tree(&Source::new(path, text.as_str()))?;
    Some((text, root))
}

/// The beginning of a value, on one line.
fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}

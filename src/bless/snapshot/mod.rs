//! Answers of a report, written into the files of snapshots.

mod answer;
mod merge;
mod report;
mod update;

use std::fs;
use std::path::{Path, PathBuf};

use super::{Blessed, Refused, find, load};
use crate::files::snapshots::owner_of;
use crate::files::{self, within::Within};
use crate::model::Service;
use crate::run::mask::MASKED;
use crate::source::Source;
use crate::syntax::tree;
use crate::write::{Piece, document};
use answer::Written;
use report::Held;

/// Writes the answers of a report that do not fit their snapshots, or that have none yet: all of
/// them, or those of the names. What fits is left as it is, matchers and comments too.
pub fn bless_snapshots(report: &Path, names: &[String], specs: &Path) -> Result<Blessed, Refused> {
    let shown = report.display();
    let text = fs::read_to_string(report)
        .map_err(|error| Refused::Because(format!("{shown} cannot be read: {error}")))?;
    let read =
        report::read(&text).map_err(|message| Refused::Because(format!("{shown} {message}")))?;
    let chosen = choose(&read.unfit, names)?;
    let mut services: Vec<(String, Service)> = Vec::new();
    let mut written = Vec::new();
    let mut texts: Vec<(PathBuf, String)> = Vec::new();
    for held in chosen {
        if texts.iter().any(|(path, _)| *path == held.path) {
            let path = held.path.display();
            written.push(format!("{path}: the answer of {} is left out: one is kept", held.trial));
            continue;
        }
        if !services.iter().any(|(vendor, _)| *vendor == held.vendor) {
            let (path, below) = find(specs, &held.vendor)?;
            if let Ok(checked) = load(&path, below)?.checked {
                services.push((held.vendor.clone(), checked.service));
            }
        }
        let service = services.iter().find(|(vendor, _)| *vendor == held.vendor);
        let (text, what) = written_anew(held, service.map(|(_, service)| service))
            .map_err(|why| Refused::Because(format!("{}: {why}", held.path.display())))?;
        written.push(format!("{}: {what} by {}", held.path.display(), held.trial));
        texts.push((held.path.clone(), text));
    }
    for (path, text) in texts {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).and_then(|()| fs::write(&path, text)).map_err(|error| {
            Refused::Because(format!("{} cannot be written: {error}", path.display()))
        })?;
    }
    Ok(Blessed { written, others: if names.is_empty() { read.others } else { 0 } })
}

/// The answers that are meant.
fn choose<'r>(unfit: &'r [Held], names: &[String]) -> Result<Vec<&'r Held>, Refused> {
    if unfit.is_empty() {
        let message = "the report has no snapshot that does not fit".to_owned();
        return Err(Refused::Because(message));
    }
    let is = |held: &Held, name: &String| held.name() == *name || held.path == Path::new(name);
    if let Some(name) = names.iter().find(|name| !unfit.iter().any(|held| is(held, name))) {
        let mut known: Vec<String> = unfit.iter().map(Held::name).collect();
        known.dedup();
        let known = known.join(", ");
        let message = format!("the report has no snapshot `{name}` that does not fit, but {known}");
        return Err(Refused::Because(message));
    }
    let is_meant = |held: &&Held| names.is_empty() || names.iter().any(|name| is(held, name));
    Ok(unfit.iter().filter(is_meant).collect())
}

/// The text of the file as it is to be, and what becomes of it.
fn written_anew(held: &Held, service: Option<&Service>) -> Result<(String, &'static str), String> {
    let owner = owner_of(&held.path).filter(|owner| files::exists(owner));
    let within = owner.as_deref().map(|owner| Within::of([owner]));
    if !within.is_some_and(|within| within.holds(&held.path)) {
        return Err("is not the file of a snapshot, beside scenarios of this folder".to_owned());
    }
    let new = |written: &Written| document(&written.piece, &[]);
    let before = match files::read_to_string(&held.path) {
        Ok(text) => text,
        Err(_) if !files::exists(&held.path) => {
            return Ok((new(&Written::of(held, service, None)?), "written"));
        }
        Err(error) => return Err(format!("cannot be read: {error}")),
    };
    let source = Source::new(&held.path, before.as_str());
    let root = tree(&source).filter(|root| root.as_map().is_some_and(|all| !all.is_empty()));
    let root = root.ok_or("is not a snapshot; delete it to have it written again")?;
    let written = Written::of(held, service, Some(&root))?;
    let mut starts = Vec::new();
    merge::starts(&root, &mut starts);
    let place = |(line, column): &(usize, usize)| {
        starts.iter().copied().find(|start| source.line_column(*start) == (*line, *column))
    };
    let places: Option<Vec<usize>> = held.places.iter().map(place).collect();
    let places = places.ok_or("has changed since the report")?;
    let known: Vec<usize> = held.known.iter().filter_map(place).collect();
    let merged = merge::merged(&root, &written, &places, &known);
    let text = update::updated(&before, &root, &merged).map_err(|_| {
        format!(
            "is laid out so that it cannot be changed alone; this is to be there:\n{}",
            document(&merged, &[])
        )
    })?;
    Ok((text, "changed"))
}

/// The value of a masked text, or of one in which something is masked.
fn unmasked(text: &str, piece: impl FnOnce() -> Piece) -> Piece {
    if !text.contains(MASKED) {
        return piece();
    }
    if text == MASKED {
        return Piece::map().with("$type", "string");
    }
    let parts: Vec<String> =
        text.split(MASKED).map(|part| regex_lite::escape(part).replace("${", "$${")).collect();
    Piece::map().with("$regex", format!("^{}$", parts.join("(.|\\n)+")))
}

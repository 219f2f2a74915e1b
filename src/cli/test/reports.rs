//! Reports that a command line asks for.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::report::{RunReport, github, html, json, junit, markdown, tap};

/// A report, and where it goes.
#[derive(Debug, Clone)]
pub(super) enum Report {
    /// `junit=FILE`.
    Junit(PathBuf),
    /// `junit-strict=FILE`.
    JunitStrict(PathBuf),
    /// `json=FILE`.
    Json(PathBuf),
    /// `html=FILE`.
    Html(PathBuf),
    /// `tap=FILE`.
    Tap(PathBuf),
    /// `markdown=FILE`.
    Markdown(PathBuf),
    /// `github`: annotations on stdout.
    Github,
}

impl Report {
    /// Whether the coverage is part of it.
    pub(super) fn shows_coverage(&self) -> bool {
        matches!(self, Self::Json(_) | Self::Html(_))
    }
}

impl FromStr for Report {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            None if text == "github" => Ok(Self::Github),
            Some(("github", _)) => {
                Err("`github` is written to standard output and takes no file".to_owned())
            }
            Some((kind, file)) if !file.is_empty() => match kind {
                "junit" => Ok(Self::Junit(file.into())),
                "junit-strict" => Ok(Self::JunitStrict(file.into())),
                "json" => Ok(Self::Json(file.into())),
                "html" => Ok(Self::Html(file.into())),
                "tap" => Ok(Self::Tap(file.into())),
                "markdown" => Ok(Self::Markdown(file.into())),
                _ => Err(format!("`{kind}` is not a kind of report; {KINDS}")),
            },
            _ => Err(KINDS.to_owned()),
        }
    }
}

impl Report {
    /// The file that it is written to.
    fn file(&self) -> Option<&Path> {
        match self {
            Self::Junit(path)
            | Self::JunitStrict(path)
            | Self::Json(path)
            | Self::Html(path)
            | Self::Tap(path)
            | Self::Markdown(path) => Some(path),
            Self::Github => None,
        }
    }

    /// Whether it is written to standard output, as `FILE` may be `-`.
    pub(super) fn is_printed(&self) -> bool {
        self.file().is_some_and(is_dash)
    }

    /// Says of which file two reports would be written, the last over the others.
    pub(super) fn clash(all: &[Self]) -> Option<String> {
        let mut known = Vec::new();
        all.iter().filter_map(Self::file).find_map(|file| {
            if is_dash(file) {
                let clash = known.contains(&file.to_owned());
                known.push(file.to_owned());
                return clash.then(|| "two reports would be written to standard output".to_owned());
            }
            let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
            let clash = known.contains(&whole);
            known.push(whole);
            clash.then(|| format!("two reports would be written to {}", file.display()))
        })
    }

    /// Says why it could not be written, before there is anything to write.
    pub(super) fn hindrance(&self) -> Option<String> {
        let path = self.file().filter(|path| !is_dash(path))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if path.is_dir() {
            return Some(format!("{} is a folder, not a file for a report", path.display()));
        }
        let folder = folder.filter(|folder| !folder.is_dir())?;
        Some(format!("there is no folder {} for the report {}", folder.display(), path.display()))
    }
}

/// Whether a file stands for standard output.
fn is_dash(file: &Path) -> bool {
    file.as_os_str() == "-"
}

const KINDS: &str = "reports are junit=FILE, junit-strict=FILE, json=FILE, html=FILE, tap=FILE, markdown=FILE and github; `-` as FILE is standard output";

fn junit_text(path: &Path, report: &RunReport<'_>, strict: bool) -> Result<String, String> {
    junit::junit(report, strict).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a report. Fails with what to say when the file cannot be written.
pub(super) fn write(
    wanted: &Report,
    report: &RunReport<'_>,
    out: &mut dyn Write,
) -> Result<(), String> {
    let (path, text) = match wanted {
        Report::Junit(path) => (path, junit_text(path, report, false)?),
        Report::JunitStrict(path) => (path, junit_text(path, report, true)?),
        Report::Json(path) => (path, json::json(report)),
        Report::Html(path) => (path, html::html(report)),
        Report::Tap(path) => (path, tap::tap(report.trials)),
        Report::Markdown(path) => (path, markdown::markdown(report)),
        Report::Github => {
            let text = github::github(report.trials);
            return write!(out, "{text}").map_err(|error| error.to_string());
        }
    };
    if is_dash(path) {
        return out.write_all(text.as_bytes()).map_err(|error| error.to_string());
    }
    fs::write(path, text)
        .map_err(|error| format!("the report {} cannot be written: {error}", path.display()))
}

//! Diagnostics as text, to be compared with a file beside the case.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use counterpart::{Diagnostic, Label, Severity};

/// A folder of the repository.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn place(label: &Label, folder: &Path) -> String {
    let (line, column) = label.span.line_column();
    let path = label.span.source.path();
    let path = path.strip_prefix(folder).unwrap_or(path);
    format!("{}:{line}:{column}", path.display())
}

/// One line for each diagnostic: all of it that is not drawing.
pub(crate) fn render(diagnostics: &[Diagnostic], folder: &Path) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        if let Some(label) = &diagnostic.primary {
            write!(text, "{}: ", place(label, folder)).unwrap();
        }
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(text, "{severity}[{}]: {}", diagnostic.code, diagnostic.message).unwrap();
        if let Some(label) = &diagnostic.primary {
            let marked = label.span.text().lines().next().unwrap_or_default();
            write!(text, " (`{marked}` {})", label.text).unwrap();
        }
        for label in &diagnostic.related {
            write!(text, "; {}: {}", place(label, folder), label.text).unwrap();
        }
        for help in &diagnostic.help {
            write!(text, "; help: {help}").unwrap();
        }
        text.push('\n');
    }
    text.replace(&format!("{}/", folder.display()), "")
}

/// Compares what is found in each case with the text beside it; `UPDATE=1` writes the texts anew.
pub(crate) fn compare(cases: &[PathBuf], diagnose: impl Fn(&Path) -> String) {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for case in cases {
        let found = diagnose(case);
        let listed = case.with_extension("txt");
        if update {
            fs::write(&listed, &found).unwrap();
        } else if fs::read_to_string(&listed).unwrap_or_default() != found {
            wrong.push(format!("{}:\n{found}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What looks like a code in the sources of a folder is one.
pub(crate) fn codes_in(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for piece in text.split('"').skip(1).step_by(2) {
            let words = piece.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            let dashed = piece.contains('-') && !piece.starts_with('-') && !piece.ends_with('-');
            if words && dashed {
                codes.insert(piece.to_owned());
            }
        }
    }
}

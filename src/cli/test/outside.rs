//! Variables that the command line gives, and the files that hold some.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::diagnostic::Diagnostic;
use crate::files;
use crate::scenario::Outside;
use crate::source::{Source, Span};
use crate::syntax::{Problems, ReadNode, parse};
use crate::value::Value;

/// What is given from outside.
#[derive(Debug, Args)]
#[command(next_help_heading = "Variables")]
pub(super) struct Given {
    /// The value of a variable of the files; takes precedence over `--variables-file`. `true`,
    /// `null` and numbers are read as such, `"5"` is a string. May be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    variable: Vec<(String, Value)>,
    /// A file in YAML or JSON with values of variables, such as one for each environment; may be
    /// given several times.
    #[arg(long, value_name = "FILE")]
    variables_file: Vec<PathBuf>,
    /// A file with lines `NAME=VALUE`, which `env` has if the environment doesn't; masked like
    /// those. May be given several times.
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
}

impl Given {
    /// All of it; fails with what is wrong with the files.
    pub(super) fn read(&self) -> Result<Option<Arc<Outside>>, Vec<Diagnostic>> {
        let mut outside = Outside::default();
        let problems = Problems::default();
        for file in &self.variables_file {
            let Some(source) = source(file, &problems) else { continue };
            let Some(node) = parse(&source, &problems) else { continue };
            for (name, node) in (&problems).read_members(&node) {
                outside.variables.push((name.value.as_str().into(), node.to_value()));
            }
        }
        for file in &self.env_file {
            let Some(source) = source(file, &problems) else { continue };
            environment(&source, &mut outside, &problems);
        }
        for (name, value) in &self.variable {
            outside.variables.push((name.as_str().into(), value.clone()));
        }
        if problems.has_errors() {
            return Err(problems.into_sorted());
        }
        let nothing = outside.variables.is_empty() && outside.environment.is_empty();
        Ok((!nothing).then(|| Arc::new(outside)))
    }
}

fn source(file: &Path, problems: &Problems) -> Option<Arc<Source>> {
    match files::read_to_string(file) {
        Ok(text) => Some(Source::new(file, text.strip_prefix('\u{feff}').unwrap_or(&text))),
        Err(error) => {
            let message = format!("{} cannot be read: {error}", file.display());
            problems.push(Diagnostic::without_place("unreadable", message));
            None
        }
    }
}

/// Lines of `NAME=VALUE`, as shells and other tools read them: quotes around a value are none of
/// it, and what begins with `#` is a comment.
fn environment(source: &Arc<Source>, outside: &mut Outside, problems: &Problems) {
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let text = text.strip_prefix("export ").unwrap_or(text).trim_start();
        let named = text.split_once('=').map(|(name, value)| (name.trim_end(), value.trim()));
        let is_name = |name: &str| {
            !name.is_empty()
                && !name.starts_with(|c: char| c.is_ascii_digit())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let Some((name, value)) = named.filter(|(name, _)| is_name(name)) else {
            let from = at + (line.len() - line.trim_start().len());
            let span =
                Span { source: source.clone(), start: from, end: at + line.trim_end().len() };
            let message = "expected a line `NAME=VALUE`";
            problems.error("bad-environment", message, &span, "is not such a line");
            continue;
        };
        let quoted =
            ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
        outside.environment.push((name.into(), quoted.unwrap_or(value).into()));
    }
}

fn variable(text: &str) -> Result<(String, Value), String> {
    let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
        return Err("a variable is written NAME=VALUE".to_owned());
    };
    let value = match value {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        _ => match value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(inside) => Value::text(inside),
            None => Value::spelled(value).unwrap_or_else(|| Value::text(value)),
        },
    };
    Ok((name.to_owned(), value))
}

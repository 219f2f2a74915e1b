//! On which line the mistake is that makes a file no YAML.
//!
//! A reader notices at the next line, or much later, that a bracket, a quote or a colon is missing.
//! So the lines before are tried: the one without which the rest can be read is the mistake.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};

/// The line, from 0, at which a text stops to be YAML.
pub(super) type FirstError = fn(&Arc<Source>) -> Option<usize>;

/// How far before the noticed line a bracket or a quote may open.
const FAR: usize = 40;

/// The mistake on the line that makes the file no YAML, when that is another than where it was
/// noticed, or when it can be told better.
pub(super) fn culprit(
    noticed: &Span,
    message: &str,
    first_error: FirstError,
) -> Option<Diagnostic> {
    let text = &noticed.source.text;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let at = text.get(..noticed.start)?.matches('\n').count();
    let before = (0..at.min(lines.len())).rev().filter(|line| !is_blank(lines.get(*line)));
    // The noticed line first; what may open far above is looked for by its signs.
    let near = std::iter::once(at).chain(before.clone().take(1));
    let far = before.skip(1).take(FAR).filter(|line| lines.get(*line).is_some_and(|l| is_open(l)));
    near.chain(far).find_map(|line| {
        let written = lines.get(line)?;
        let (_, said) = trials(&lines, line)
            .into_iter()
            .find(|(fixed, _)| is_better(&lines, line, at, fixed, text, first_error))?;
        if line == at && said.is_none() {
            return None;
        }
        let start = lines.get(..line)?.iter().map(|line| line.len()).sum::<usize>();
        let indent = written.len() - written.trim_start().len();
        let span = Span {
            source: noticed.source.clone(),
            start: start + indent,
            end: start + written.trim_end().len(),
        };
        let said = said.or_else(|| unclosed(written).map(str::to_owned));
        let (message, label) = match said {
            Some(said) => (format!("not YAML: {said}"), "this line"),
            None => (format!("not YAML: {message}"), "because of this line"),
        };
        let diagnostic = Diagnostic::error("yaml", message, &span, label);
        Some(if line == at { diagnostic } else { diagnostic.related(noticed, "noticed here") })
    })
}

/// Whether the file can be read with that line instead, or at least well beyond it.
fn is_better(
    lines: &[&str],
    line: usize,
    noticed: usize,
    fixed: &str,
    text: &str,
    first_error: FirstError,
) -> bool {
    let mut tried = String::with_capacity(text.len() + fixed.len());
    for (at, written) in lines.iter().enumerate() {
        tried.push_str(if at == line { fixed } else { written });
    }
    first_error(&Source::new("", tried)).is_none_or(|error| error > noticed + 2)
}

/// What the line could be instead, and what is then wrong with it.
fn trials(lines: &[&str], line: usize) -> Vec<(String, Option<String>)> {
    let written = lines.get(line).copied().unwrap_or_default();
    let trimmed = written.trim_start();
    let indent = written.len() - trimmed.len();
    let spaces = |count: usize| " ".repeat(count);
    let mut trials = Vec::new();
    trials.extend(
        quoted(written, "${", '}').map(|fixed| {
            (fixed, Some("within `{}` and `[]`, an expression needs quotes".to_owned()))
        }),
    );
    trials.extend(
        quoted(written, "#/", '}')
            .map(|fixed| (fixed, Some("a string that begins with `#` needs quotes".to_owned()))),
    );
    trials.extend(quoted_paths(written).map(|fixed| {
        (fixed, Some("within `{}` and `[]`, a string with `{` in it needs quotes".to_owned()))
    }));
    trials.extend(
        quoted_colons(written)
            .map(|fixed| (fixed, Some("a string with `: ` in it needs quotes".to_owned()))),
    );
    if !trimmed.starts_with('-') {
        let is_item = |line: &&str| {
            let rest = line.trim_start();
            rest.starts_with("- ") && line.len() - rest.len() == indent
        };
        let mut after = lines.iter().skip(line + 1).filter(|line| !is_blank(Some(line)));
        if after.next().is_some_and(is_item) {
            let said = "an item of a list begins with `- `".to_owned();
            trials.push((format!("{}- {trimmed}", spaces(indent)), Some(said)));
        }
        let next = lines.iter().skip(line + 1).find(|line| !is_blank(Some(line)));
        let next = next.map_or(indent, |line| line.len() - line.trim_start().len());
        if next == indent + 2 && trimmed.contains(": ") {
            let said = "an item of a list begins with `- `".to_owned();
            trials.push((format!("{}- {trimmed}", spaces(indent)), Some(said)));
        }
        let previous = lines.iter().take(line).rfind(|line| !is_blank(Some(line)));
        let previous = previous.map_or(indent, |line| line.len() - line.trim_start().len());
        for other in [previous, next] {
            if trimmed.contains(": ") && other.abs_diff(indent) == 1 {
                let said = "the indentation is not that of the lines around it".to_owned();
                trials.push((format!("{}{trimmed}", spaces(other)), Some(said)));
            }
        }
    }
    if let Some(rest) =
        trimmed.strip_prefix('-').filter(|rest| rest.starts_with(char::is_alphabetic))
    {
        let said = "a space is missing after `-`".to_owned();
        trials.push((format!("{}- {rest}", spaces(indent)), Some(said)));
    }
    if trimmed.starts_with("- ") {
        // Its own members, or the items beside it, say where it should stand.
        for other in [indent + 1, indent.saturating_sub(1)] {
            let said = "the indentation is not that of the lines around it".to_owned();
            trials.push((format!("{}{trimmed}", spaces(other)), Some(said)));
        }
    }
    let dash = if trimmed.starts_with("- ") { "- " } else { "" };
    let rest = trimmed.strip_prefix("- ").unwrap_or(trimmed);
    let name: String =
        rest.chars().take_while(|c| c.is_alphanumeric() || "_-$.".contains(*c)).collect();
    if !name.is_empty() {
        let said = match rest.get(name.len()..).unwrap_or_default().trim_end() {
            behind if behind.starts_with(": ") || behind == ":" || behind.is_empty() => None,
            behind if behind.starts_with(':') => Some("a space is missing after `:`".to_owned()),
            behind if behind.starts_with(' ') => Some(format!("a colon is missing after `{name}`")),
            _ => None,
        };
        trials.push((format!("{}{dash}{name}: 1\n", spaces(indent)), said));
    }
    // An item that is a mapping or a text of its own.
    trials.push((format!("{}{dash}1\n", spaces(indent)), None));
    trials
}

/// The line with the values in quotes that have a colon with a space behind it in them, and none
/// around.
fn quoted_colons(line: &str) -> Option<String> {
    let end_of_line = line.trim_end().len();
    let is_flow = line.contains('{');
    let mut fixed = String::with_capacity(line.len() + 8);
    let mut rest = line.get(..end_of_line)?;
    let mut found = false;
    while let Some(at) = rest.find(": ") {
        let (before, from) = rest.split_at_checked(at + 2)?;
        fixed.push_str(before);
        let is_bare = !from.starts_with(['"', '\'', '{', '[', '&', '*', '!', '|', '>', '#']);
        let length = match is_flow {
            true => from.find([',', '}', ']']).unwrap_or(from.len()),
            false => from.len(),
        };
        let (value, behind) = from.split_at_checked(length)?;
        if is_bare && value.contains(": ") && !value.contains(['"', '\\']) {
            fixed.push('"');
            fixed.push_str(value);
            fixed.push('"');
            rest = behind;
            found = true;
        } else {
            rest = from;
        }
    }
    fixed.push_str(rest);
    fixed.push_str(line.get(end_of_line..)?);
    found.then_some(fixed)
}

/// The line with the texts in quotes that begin so and have none; they end at the sign, which is
/// part of an expression and none of another text.
fn quoted(line: &str, begin: &str, end: char) -> Option<String> {
    let mut fixed = String::with_capacity(line.len() + 8);
    let mut rest = line;
    let mut found = false;
    while let Some(at) = rest.find(begin) {
        let (before, from) = (rest.get(..at)?, rest.get(at..)?);
        fixed.push_str(before);
        let is_bare = before.ends_with([' ', '[', '{', ',', '(']);
        let length = from.find(end)?;
        let length = if begin == "${" { length + 1 } else { length };
        let text = from.get(..length)?;
        match is_bare {
            true => {
                fixed.push('"');
                fixed.push_str(text);
                fixed.push('"');
            }
            false => fixed.push_str(text),
        }
        found |= is_bare;
        rest = from.get(length..)?;
    }
    fixed.push_str(rest);
    found.then_some(fixed)
}

/// The line with quotes around the paths that have braces in them, and none around.
fn quoted_paths(line: &str) -> Option<String> {
    let mut fixed = String::with_capacity(line.len() + 8);
    let mut rest = line;
    while let Some(at) = rest.find(" /") {
        let (before, from) = rest.split_at_checked(at + 1)?;
        fixed.push_str(before);
        let end = from.find([',', ' ', '\n', '\r']).unwrap_or(from.len());
        let mut path = from.get(..end)?;
        // What closes more than was opened in it closes what is around.
        while path.ends_with(['}', ']']) && path.matches('}').count() > path.matches('{').count() {
            path = path.get(..path.len() - 1)?;
        }
        match path.contains('{') {
            true => fixed.extend(["\"", path, "\""]),
            false => fixed.push_str(path),
        }
        rest = from.get(path.len()..)?;
    }
    fixed.push_str(rest);
    (fixed != line).then_some(fixed)
}

fn is_blank(line: Option<&&str>) -> bool {
    line.is_none_or(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#')
    })
}

/// Whether something may begin on a line that ends on another.
fn is_open(line: &str) -> bool {
    line.contains(['{', '[', '"', '\''])
}

/// What is not closed on a line.
fn unclosed(line: &str) -> Option<&'static str> {
    let mut open = Vec::new();
    let mut quote: Option<char> = None;
    let mut before = ' ';
    for c in line.chars() {
        match quote {
            Some(mark) if c == mark && !(mark == '"' && before == '\\') => quote = None,
            None if c == '"' || c == '\'' && !before.is_alphanumeric() => quote = Some(c),
            None if c == '#' && before == ' ' => break,
            None if c == '{' || c == '[' => open.push(c),
            None if c == '}' || c == ']' => drop(open.pop()),
            _ => {}
        }
        before = c;
    }
    match (quote, open.last()) {
        (Some(_), _) => Some("a quote is not closed, or not opened"),
        (None, Some('{')) => Some("`{` is not closed"),
        (None, Some(_)) => Some("`[` is not closed"),
        (None, None) => None,
    }
}

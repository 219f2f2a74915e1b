//! Patterns for the paths by which differences are told: `$.list[*].id`, `//id`, `header Location`.

use std::fmt;

use regex_lite::Regex;

use crate::diagnostic::nearest;

/// What is told without being in a body or a header.
const WORDS: [&str; 2] = ["status", "expectations"];

/// What stands before the name of a header.
pub const HEADER: &str = "header ";

/// How a child is drawn, whatever its name or place: RFC 9535 section 2.7 where the name is no
/// plain one.
const ANY_CHILD: &str = r"(?:\.[^.\[\]]+|\[\d+\]|\['(?:[^'\\]|\\.)*'\])";

/// How paths are written, for those who wrote none.
const FORMS: &str =
    "paths are written $.a[*].b, $..b, /a/*/b, //b, status, expectations or header NAME";

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadPath {
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The part of the text that it is about, if one is to blame.
    pub part: Option<String>,
    /// What was probably meant, or what was expected.
    pub help: Option<String>,
}

impl BadPath {
    fn about(part: &str, message: String) -> Self {
        Self { message, part: Some(part.to_owned()), help: None }
    }
}

impl fmt::Display for BadPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

impl std::error::Error for BadPath {}

/// Places in answers, with all that is below them.
#[derive(Debug, Clone)]
pub struct PathPattern {
    regex: Regex,
    exact: Regex,
}

/// Reads a pattern. `*` stands for any name or index, or for a part of a name; `$..` and `//` for
/// any depth.
///
/// Fails with what is wrong, and with what was probably meant.
pub fn compile(text: &str) -> Result<PathPattern, BadPath> {
    let (pattern, below) = if WORDS.contains(&text) {
        (regex_lite::escape(text), "")
    } else if let Some(name) = text.strip_prefix(HEADER) {
        (header(name)?, "$")
    } else if let Some(rest) = text.strip_prefix('$') {
        (format!(r"\${}", json(rest)?), r"(?:[.\[]|$)")
    } else if text == "/" {
        ("/".to_owned(), "")
    } else if text.starts_with('/') {
        (xml(text)?, "(?:/|$)")
    } else {
        return Err(none(text));
    };
    let case = if text.starts_with(HEADER) { "(?i)" } else { "" };
    let regex = |end: &str| {
        Regex::new(&format!("{case}^{pattern}{end}"))
            .map_err(|error| BadPath::about(text, format!("`{text}` is not a valid path: {error}")))
    };
    Ok(PathPattern { regex: regex(below)?, exact: regex("$")? })
}

impl PathPattern {
    /// Whether a path is one of those, or below one.
    pub fn covers(&self, path: &str) -> bool {
        self.regex.is_match(path)
    }

    /// Whether a path is one of those, and not below one.
    pub fn is_exactly(&self, path: &str) -> bool {
        self.exact.is_match(path)
    }
}

fn none(text: &str) -> BadPath {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let meant = if rest.is_empty() {
        let dotted = || text.contains('.').then(|| format!("$.{text}"));
        let slashed = || text.contains('/').then(|| format!("/{text}"));
        nearest(text, WORDS).map(str::to_owned).or_else(slashed).or_else(dotted)
    } else {
        nearest(first, ["header"]).map(|_| format!("{HEADER}{rest}"))
    };
    let help = match meant.filter(|meant| compile(meant).is_ok()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => FORMS.to_owned(),
    };
    BadPath { message: format!("`{text}` is not a valid path"), part: None, help: Some(help) }
}

/// A token of RFC 9110 section 5.6.2, of which `*` is a part.
fn header(name: &str) -> Result<String, BadPath> {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(token) {
        return Err(BadPath::about(name, format!("`{name}` is not a valid header name")));
    }
    Ok(format!("{HEADER}{}", wildcards(name, "[^ ]*")))
}

/// The text to the letter, but for its stars.
fn wildcards(text: &str, any: &str) -> String {
    text.split('*').map(regex_lite::escape).collect::<Vec<_>>().join(any)
}

/// What follows `$`.
fn json(mut rest: &str) -> Result<String, BadPath> {
    let mut pattern = String::new();
    while !rest.is_empty() {
        let deep = rest.strip_prefix("..");
        if deep.is_some() {
            pattern.push_str(ANY_CHILD);
            pattern.push('*');
        }
        let named = deep.or_else(|| rest.strip_prefix('.'));
        let bracketed = deep.unwrap_or(rest);
        let (child, left) = match named.filter(|_| !bracketed.starts_with('[')) {
            Some(named) => {
                let end = named.find(['.', '[']).unwrap_or(named.len());
                let (name, left) = named.split_at_checked(end).unwrap_or((named, ""));
                if name.is_empty() || name.contains(['/', ']', ' ']) {
                    return Err(broken(rest));
                }
                (child(name), left)
            }
            None => bracket(bracketed)?,
        };
        pattern.push_str(&child);
        rest = left;
    }
    Ok(pattern)
}

/// A child by name, in both ways in which it may be drawn.
fn child(name: &str) -> String {
    if name == "*" {
        return ANY_CHILD.to_owned();
    }
    let quoted = name.replace('\\', r"\\").replace('\'', r"\'");
    let (plain, quoted) = (wildcards(name, r"[^.\[\]]*"), wildcards(&quoted, "[^']*"));
    format!(r"(?:\.{plain}|\['{quoted}'\])")
}

/// `[*]`, `[0]` or `['name']`, and what follows it.
fn bracket(text: &str) -> Result<(String, &str), BadPath> {
    let inner = text.strip_prefix('[').ok_or_else(|| broken(text))?;
    if let Some(name) = inner.strip_prefix('\'') {
        let (name, rest) = name.split_once("']").ok_or_else(|| broken(text))?;
        let name = regex_lite::escape(name);
        // A plain name is drawn behind a dot.
        return Ok((format!(r"(?:\.{name}|\['{name}'\])"), rest));
    }
    let (index, rest) = inner.split_once(']').ok_or_else(|| broken(text))?;
    match index {
        "*" => Ok((ANY_CHILD.to_owned(), rest)),
        index if is_number(index) => Ok((format!(r"\[{index}\]"), rest)),
        _ => Err(broken(text)),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn broken(rest: &str) -> BadPath {
    BadPath::about(rest, format!("this is not a valid path, from `{rest}` on"))
}

/// Elements and attributes by local name; without an index each of that name is meant.
fn xml(text: &str) -> Result<String, BadPath> {
    let mut pattern = String::new();
    let mut rest = text;
    while let Some(after) = rest.strip_prefix('/') {
        let after = match after.strip_prefix('/') {
            Some(after) => {
                pattern.push_str("(?:/[^/]+)*");
                after
            }
            None => after,
        };
        let end = after.find('/').unwrap_or(after.len());
        let (step, left) = after.split_at_checked(end).unwrap_or((after, ""));
        pattern.push('/');
        pattern.push_str(&xml_step(step, rest)?);
        rest = left;
    }
    Ok(pattern)
}

fn xml_step(step: &str, rest: &str) -> Result<String, BadPath> {
    let (name, index) = match step.split_once('[') {
        Some((name, index)) => (name, Some(index.strip_suffix(']').ok_or_else(|| broken(rest))?)),
        None => (step, None),
    };
    if name.contains(':') {
        let message = format!("`{name}` has a prefix; names are written without one here");
        return Err(BadPath::about(name, message));
    }
    let bare = name.strip_prefix('@').unwrap_or(name);
    if bare.is_empty() || (bare.contains(['[', ']', '(', ')', '@', ' ']) && name != "text()") {
        return Err(broken(rest));
    }
    let name = wildcards(name, r"[^\[\]/]*");
    match index {
        None | Some("*") => Ok(format!(r"{name}(?:\[\d+\])?")),
        // One that comes alone is drawn without its place.
        Some("1") => Ok(format!(r"{name}(?:\[1\])?")),
        Some(index) if is_number(index) => Ok(format!(r"{name}\[{index}\]")),
        Some(_) => Err(broken(rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_of_those_or_below_one() {
        for (pattern, path, expected) in [
            ("$.a", "$.a", true),
            ("$.a", "$.a.b", false),
            ("$..a", "$.a.a", true),
            ("$..a", "$.b[0].a", true),
            ("$..a", "$.a.b", false),
            ("$.a[*]", "$.a[3]", true),
            ("$.a[*]", "$.a[3].b", false),
            ("//a", "/b[2]/a", true),
            ("//a", "/a/b", false),
            ("header x-*", "header X-Id", true),
            ("status", "status", true),
        ] {
            assert_eq!(compile(pattern).unwrap().is_exactly(path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn patterns_cover_what_is_below_them() {
        for (pattern, path, expected) in [
            ("$.a[*].b", "$.a[0].b", true),
            ("$.a[*].b", "$.a[12].b.c", true),
            ("$.a[*].b", "$.a[0].bc", false),
            ("$.a[*].b", "$.a.b", false),
            ("$.a[1]", "$.a[1].b", true),
            ("$.a[1]", "$.a[11]", false),
            ("$.a.*", "$.a[0]", true),
            ("$.x_*", "$.x_1", true),
            ("$.x-*", "$['x-1']", true),
            ("$['a b'].c", "$['a b'].c", true),
            ("$['a']", "$.a", true),
            ("$..id", "$.id", true),
            ("$..id", "$.a['b.c'][3].id.x", true),
            ("$..id", "$.a.idea", false),
            ("$", "$.a", true),
            ("/x/*/z", "/x/y/z", true),
            ("/x/*/z", "/x/y[2]/z[2]/@w", true),
            ("/x/*/z", "/x/y/w/z", false),
            ("/x/y", "/x/y.z", false),
            ("/x/y[1]", "/x/y/z", true),
            ("/x/y[1]", "/x/y[1]", true),
            ("/x/y[1]", "/x/y[2]", false),
            ("//z", "/x/y[3]/z", true),
            ("//z/@w", "/z/@w", true),
            ("/x/text()", "/x/text()", true),
            ("/", "/", true),
            ("header location", "header Location", true),
            ("header x-*", "header X-Mine", true),
            ("status", "status", true),
        ] {
            assert_eq!(compile(pattern).unwrap().covers(path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn what_is_no_path_is_told() {
        for (text, expected) in [
            ("staus", "did you mean `status`?"),
            ("Header Location", "did you mean `header Location`?"),
            ("a.b", "did you mean `$.a.b`?"),
            ("a/b", "did you mean `/a/b`?"),
            ("a", "`a` is not a valid path; paths are written"),
            ("header a b", "`a b` is not a valid header name"),
            ("$.", "from `.` on"),
            ("$.a[", "from `[` on"),
            ("$.a[x]", "from `[x]` on"),
            ("$a", "from `a` on"),
            ("/a//", "from `//` on"),
            ("/a[b]", "from `/a[b]` on"),
            ("/s:a", "`s:a` has a prefix"),
        ] {
            let message = compile(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}

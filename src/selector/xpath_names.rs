//! The names in an XPath expression, so that a wrong one is known before there is a document.
//!
//! The library looks at prefixes, functions and variables only when it meets a node that they are
//! for, which an answer may not have.

use super::SelectorError;
use crate::diagnostic::did_you_mean;
use crate::wire::xml::leading_unprefixed_name;

/// The functions of XPath 1.0, section 4, without `id` and `lang`, which the library lacks.
const FUNCTIONS: [&str; 25] = [
    "boolean",
    "ceiling",
    "concat",
    "contains",
    "count",
    "false",
    "floor",
    "last",
    "local-name",
    "name",
    "namespace-uri",
    "normalize-space",
    "not",
    "number",
    "position",
    "round",
    "starts-with",
    "string",
    "string-length",
    "substring",
    "substring-after",
    "substring-before",
    "sum",
    "translate",
    "true",
];

/// What may stand before a parenthesis without being a function.
const OTHERS: [&str; 6] = ["and", "or", "div", "mod", "node", "text"];

/// The kinds of nodes that the reader of documents leaves out, so that they would always select
/// nothing, whatever there is.
const LEFT_OUT: [&str; 2] = ["comment", "processing-instruction"];

/// The functions of XPath 1.0 that the library lacks.
const LACKING: [&str; 2] = ["id", "lang"];

/// Finds a prefix that stands for nothing, an unknown function, a variable.
pub(super) fn check(
    expression: &str,
    is_prefix: impl Fn(&str) -> bool,
) -> Result<(), SelectorError> {
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let text = rest.get(1..).unwrap_or_default();
            rest = text.split_once(first).map_or("", |(_, after)| after);
            continue;
        }
        if first == '$' {
            let name = leading_unprefixed_name(rest.get(1..).unwrap_or_default());
            let variable = format!("${name}");
            return Err(SelectorError::about(&variable, "an XPath here has no variables"));
        }
        let name = leading_unprefixed_name(rest);
        if !name.is_empty() {
            rest = rest.get(name.len()..).unwrap_or_default();
            check_name(name, rest, &is_prefix)?;
        } else if first.is_ascii_digit() {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        } else {
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    Ok(())
}

fn check_name(
    name: &str,
    rest: &str,
    is_prefix: &impl Fn(&str) -> bool,
) -> Result<(), SelectorError> {
    if rest.starts_with(':') && !rest.starts_with("::") && !is_prefix(name) {
        let message = format!(
            "the prefix `{name}` is not bound to a namespace; `namespaces` declares prefixes"
        );
        return Err(SelectorError::about(name, message));
    }
    let called = rest.trim_start().starts_with('(');
    if called && !FUNCTIONS.contains(&name) && !OTHERS.contains(&name) {
        if LEFT_OUT.contains(&name) {
            let message = "comments and processing instructions are not supported here";
            return Err(SelectorError::about(name, message));
        }
        if LACKING.contains(&name) {
            let message = format!("the function `{name}` of XPath 1.0 is not supported");
            return Err(SelectorError::about(name, message));
        }
        let mut message = format!("XPath 1.0 has no function `{name}`");
        if let Some(help) = did_you_mean(name, FUNCTIONS).filter(|help| help.contains('?')) {
            message = format!("{message}; {help}");
        }
        return Err(SelectorError::about(name, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_at_and_literals_are_not() {
        for (expression, part) in [
            ("/l:book/@id", None),
            ("child::book[position() = 1]", None),
            ("//book[. = 'x:y(\"$z']", None),
            ("count(//text()) + 1.5 div (2)", None),
            ("/x:book", Some("x")),
            ("/l:book/x:*", Some("x")),
            // Neither letters nor digits, and names all the same (XML 1.0, section 2.3).
            ("//\u{FFFD}\u{FFFD}l:a", Some("\u{FFFD}\u{FFFD}l")),
            ("//a\u{203F}:b", Some("a\u{203F}")),
            ("//\u{1F600}:*", Some("\u{1F600}")),
            ("cuont(//book)", Some("cuont")),
            ("//book[$id]", Some("$id")),
            ("count(//comment())", Some("comment")),
            ("//processing-instruction('x')", Some("processing-instruction")),
            ("//book[lang('en')]", Some("lang")),
            ("id('b1')", Some("id")),
        ] {
            let wrong = check(expression, |prefix| prefix == "l").err();
            assert_eq!(wrong.and_then(|e| e.part).as_deref(), part, "{expression}");
        }
    }
}

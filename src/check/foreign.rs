//! Documents of other formats, which are told as what they are.

use crate::diagnostic::Diagnostic;
use crate::syntax::Node;

/// Says what a document is, when it is known to be of another format; `expected` is what it should
/// be.
pub(super) fn told(root: &Node, expected: &str) -> Option<Diagnostic> {
    if root.get("counterpart").is_some() {
        return our_own(root, expected);
    }
    let (key, what, import) = format_of(root)?;
    let (name, _) = root.entry(key)?;
    let message = format!("this is {what}, not {expected}");
    let diagnostic = Diagnostic::error("other-format", message, &name.span, "says so");
    let file = name.span.source.path().display();
    Some(diagnostic.help(match import {
        Import::Spec(format) => {
            format!("`counterpart-mock import {format} {file}` makes a spec of it")
        }
        Import::Scenario(format) => format!(
            "`counterpart-mock import {format} {file}` makes a scenario of it, and with `--spec` a \
             spec too"
        ),
        Import::None => "there is no import of such documents; what is written here begins with \
                         `counterpart: 1` and `vendor: NAME`"
            .to_owned(),
    }))
}

/// Says that a file is a spec where scenarios are expected, or the other way round.
fn our_own(root: &Node, expected: &str) -> Option<Diagnostic> {
    let (key, other, what, help) = match expected {
        "a spec" => (
            "scenarios",
            "operations",
            "a file of scenarios",
            "`counterpart-test run FILE` runs them",
        ),
        _ => ("operations", "scenarios", "a spec", "`--specs` names specs"),
    };
    let (name, node) = root.entry(key)?;
    if node.as_list().is_none() || root.get(other).is_some() {
        return None;
    }
    let message = format!("this is {what}, not {expected}");
    Some(Diagnostic::error("other-format", message, &name.span, "says so").help(help))
}

/// What can be made of a format, and its name in the command that does.
#[derive(Clone, Copy)]
enum Import {
    Spec(&'static str),
    Scenario(&'static str),
    None,
}

/// The key that tells, the format, and what can be made of it.
fn format_of(root: &Node) -> Option<(&'static str, &'static str, Import)> {
    const KEYS: [(&str, &str, Import); 5] = [
        ("openapi", "an OpenAPI document", Import::Spec("openapi")),
        ("swagger", "a Swagger document (OpenAPI 2)", Import::Spec("openapi")),
        ("asyncapi", "an AsyncAPI document", Import::None),
        ("_postman_variable_scope", "a Postman environment", Import::None),
        ("arazzo", "an Arazzo document", Import::None),
    ];
    let has = |key: &str| root.get(key).is_some();
    if let Some(found) = KEYS.into_iter().find(|(key, ..)| has(key)) {
        return Some(found);
    }
    let inner = |key: &str, member: &str| root.get(key).and_then(|node| node.get(member));
    if has("item") && (inner("info", "_postman_id").is_some() || inner("info", "schema").is_some())
    {
        return Some(("item", "a Postman collection", Import::Scenario("postman")));
    }
    if inner("log", "entries").is_some() {
        return Some(("log", "a HAR file", Import::Scenario("har")));
    }
    let of_wiremock = |node: &Node| node.get("request").is_some() && node.get("response").is_some();
    if root.get("mappings").and_then(Node::as_list).is_some_and(|all| all.iter().any(of_wiremock)) {
        return Some(("mappings", "a file of WireMock mappings", Import::None));
    }
    if of_wiremock(root) {
        return Some(("request", "a WireMock mapping", Import::None));
    }
    if has("$schema") && (has("properties") || has("$defs") || has("definitions")) {
        return Some(("$schema", "a JSON Schema", Import::None));
    }
    None
}

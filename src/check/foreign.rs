//! Documents of other formats, which are told as what they are.

use crate::diagnostic::Diagnostic;
use crate::syntax::Node;

/// Says what a document is, when it is known to be of another format; `expected` is what it should
/// be.
pub(super) fn told(root: &Node, expected: &str) -> Option<Diagnostic> {
    if root.get("counterpart").is_some() {
        return None;
    }
    let (key, what) = format_of(root)?;
    let (name, _) = root.entry(key)?;
    let message = format!("this is {what}, not {expected}");
    let diagnostic = Diagnostic::error("other-format", message, &name.span, "says so");
    Some(diagnostic.help("what is written here begins with `counterpart: 1` and `vendor: NAME`"))
}

/// The key that tells, and the format.
fn format_of(root: &Node) -> Option<(&'static str, &'static str)> {
    const KEYS: [(&str, &str); 5] = [
        ("openapi", "an OpenAPI document"),
        ("swagger", "a Swagger document (OpenAPI 2)"),
        ("asyncapi", "an AsyncAPI document"),
        ("_postman_variable_scope", "a Postman environment"),
        ("arazzo", "an Arazzo document"),
    ];
    let has = |key: &str| root.get(key).is_some();
    if let Some(found) = KEYS.into_iter().find(|(key, _)| has(key)) {
        return Some(found);
    }
    let inner = |key: &str, member: &str| root.get(key).and_then(|node| node.get(member));
    if has("item") && (inner("info", "_postman_id").is_some() || inner("info", "schema").is_some())
    {
        return Some(("item", "a Postman collection"));
    }
    if inner("log", "entries").is_some() {
        return Some(("log", "a HAR file"));
    }
    if has("$schema") && (has("properties") || has("$defs") || has("definitions")) {
        return Some(("$schema", "a JSON Schema"));
    }
    None
}

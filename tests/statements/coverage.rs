//! Whether the cases and the statements of a spec are about the same statements.

use std::net::SocketAddr;
use std::sync::Arc;

use counterpart::unstable::value::Value;

use crate::expect;
use crate::support::client::Client;

/// Fails when a statement of the spec has no case, or a case no statement.
pub fn check(vendor: &str, covered: &[Arc<str>], address: SocketAddr) -> Result<(), String> {
    let reply = Client::new(address).send("GET", &format!("/_counterpart/specs/{vendor}"), &[], []);
    let spec = expect::tree(&reply).ok_or("the spec is not described")?;
    let statements = spec.get("statements").and_then(Value::as_list).unwrap_or_default();
    let stated: Vec<Arc<str>> =
        statements.iter().filter_map(|one| one.get("id")?.scalar_text()).collect();
    if stated.is_empty() {
        return Err(format!("{vendor} states nothing"));
    }
    let without_case = stated.iter().filter(|id| !covered.contains(id));
    let mut wrong: Vec<String> = without_case.map(|id| format!("{id} has no case")).collect();
    let unknown = covered.iter().filter(|id| !stated.contains(id));
    wrong.extend(unknown.map(|id| format!("{id} is not stated")));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

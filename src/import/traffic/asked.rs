//! What a request asks for, as far as its names say: only to read something, or more.

use super::said::json;
use super::{Recorded, message};
use crate::import::names::words;
use crate::value::Value;

/// With these words begin, or end, names of what only reads.
const READS: [&str; 16] = [
    "get", "list", "find", "search", "query", "read", "fetch", "show", "describe", "count",
    "lookup", "retrieve", "load", "view", "export", "report",
];

/// With these begin names of what does not, however they end.
const WRITES: [&str; 32] = [
    "add", "append", "assign", "book", "cancel", "change", "clear", "close", "confirm", "copy",
    "create", "delete", "edit", "import", "insert", "login", "make", "merge", "move", "new",
    "order", "post", "put", "register", "remove", "save", "send", "set", "start", "submit",
    "update", "upload",
];

/// What is said of a message as such, behind its name.
const ENDS: [&str; 6] = ["request", "req", "rq", "message", "msg", "input"];

/// Whether a request plainly changes nothing. What is posted may change something, unless the name
/// of what is called says that it only reads.
pub(super) fn reads(recorded: &Recorded) -> bool {
    match &*recorded.method {
        "GET" | "HEAD" | "OPTIONS" | "QUERY" | "SEARCH" | "PROPFIND" | "REPORT" => true,
        "POST" if recorded.status != Some(201) => is_read(&called(recorded)),
        _ => false,
    }
}

/// Whether the lists of an answer are those that the request itself wrote: it put something in its
/// place, made something new, or sent a list.
pub(super) fn writes_lists(recorded: &Recorded) -> bool {
    if reads(recorded) {
        return false;
    }
    if recorded.method != "POST" || recorded.status == Some(201) {
        return true;
    }
    let message = message::sent(recorded).map(|message| message.content);
    let body = message.or_else(|| json(recorded.body.as_deref()?));
    body.is_some_and(|body| has_list(&body))
}

/// Whether there is a list of objects in a value.
fn has_list(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().any(|item| matches!(item, Value::Map(_))),
        Value::Map(map) => map.iter().any(|(_, value)| has_list(value)),
        _ => false,
    }
}

/// The name of what is called: the element of a message, the method of JSON-RPC, the kind of a
/// document of GraphQL, or what the path ends with.
fn called(recorded: &Recorded) -> String {
    if let Some(message) = message::sent(recorded) {
        return message.element.local.to_string();
    }
    let body = recorded.body.as_deref().and_then(json);
    let member = |name: &str| {
        body.as_ref().and_then(|body| body.get(name)).and_then(Value::as_str).map(str::trim)
    };
    if let Some(method) = member("method").filter(|_| member("jsonrpc").is_some()) {
        return method.to_owned();
    }
    if let Some(document) = member("query") {
        let is_query = document.starts_with('{') || document.starts_with("query");
        return if is_query { "query" } else { "mutation" }.to_owned();
    }
    let path = recorded.path.split('?').next().unwrap_or_default();
    path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default().to_owned()
}

fn is_read(name: &str) -> bool {
    let mut words = words(name);
    while words.len() > 1 && words.last().is_some_and(|last| ENDS.contains(&last.as_str())) {
        words.pop();
    }
    let is_one_of = |list: &[&str], word: Option<&String>| {
        word.is_some_and(|word| list.contains(&word.as_str()))
    };
    is_one_of(&READS, words.first())
        || is_one_of(&READS, words.last()) && !is_one_of(&WRITES, words.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(path: &str, body: &str) -> Recorded {
        Recorded {
            method: "POST".to_owned(),
            path: path.to_owned(),
            body: Some(body.to_owned()),
            status: Some(200),
            ..Recorded::default()
        }
    }

    #[test]
    fn what_only_reads_is_told_by_its_name() {
        let envelope = |name: &str| {
            let soap = "http://schemas.xmlsoap.org/soap/envelope/";
            format!("<e:Envelope xmlns:e=\"{soap}\"><e:Body><{name}/></e:Body></e:Envelope>")
        };
        for (path, body, expected) in [
            ("/", envelope("list_tickets"), true),
            ("/", envelope("GetTicketsRequest"), true),
            ("/", envelope("TicketSearch"), true),
            ("/", envelope("create_ticket"), false),
            ("/", envelope("AddTicketToList"), false),
            ("/", envelope("Ticket"), false),
            ("/rpc", r#"{"jsonrpc": "2.0", "method": "notes.list"}"#.to_owned(), true),
            ("/rpc", r#"{"jsonrpc": "2.0", "method": "notes.add"}"#.to_owned(), false),
            ("/graphql", r#"{"query": "query { notes { id } }"}"#.to_owned(), true),
            ("/graphql", r#"{"query": "mutation { add { id } }"}"#.to_owned(), false),
            ("/api/contacts/search?page=1", "{}".to_owned(), true),
            ("/api/contacts", "{}".to_owned(), false),
        ] {
            assert_eq!(reads(&posted(path, &body)), expected, "{path} {body}");
        }
        let created = Recorded { status: Some(201), ..posted("/orders/list", "{}") };
        assert!(!reads(&created));
    }

    #[test]
    fn lists_that_were_sent_are_those_of_the_request() {
        assert!(writes_lists(&posted("/orders", r#"{"lines": [{"item": "pen"}]}"#)));
        assert!(!writes_lists(&posted("/orders", r#"{"tags": ["a"]}"#)));
        let put = Recorded { method: "PUT".to_owned(), ..posted("/orders/1", "{}") };
        assert!(writes_lists(&put));
    }
}

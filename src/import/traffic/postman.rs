//! Postman collections.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::said::Said;
use super::{Recorded, Traffic, split_url};
use crate::import::notes::Notes;
use crate::syntax::{Node, NodeKind};

/// Reads the requests of a collection, those in folders too.
pub(super) fn read(root: &Node, notes: &mut Notes) -> Traffic {
    let name = root.get("info").and_then(|info| info.get("name")).and_then(Node::as_text);
    let mut traffic = Traffic { name: name.map(str::to_owned), ..Traffic::default() };
    for variable in root.get("variable").and_then(Node::as_list).unwrap_or_default() {
        if let Some((name, value)) = pair(variable) {
            traffic.variables.push((name, value));
        }
    }
    scripts(root, notes);
    items(root, root.get("auth"), "", &mut traffic, notes);
    traffic
}

fn scripts(node: &Node, notes: &mut Notes) {
    if let Some((key, list)) = node.entry("event")
        && list.as_list().is_some_and(|list| !list.is_empty())
    {
        let text = "scripts: what they check is written as `expect`, what they keep as `capture`";
        notes.leave(text, Some(&key.span));
    }
}

fn items(node: &Node, auth: Option<&Node>, above: &str, traffic: &mut Traffic, notes: &mut Notes) {
    for item in node.get("item").and_then(Node::as_list).unwrap_or_default() {
        let name = item.get("name").and_then(Node::as_text).unwrap_or_default().trim();
        let name = match (above, name) {
            ("", name) => name.to_owned(),
            (above, name) => format!("{above} / {name}"),
        };
        scripts(item, notes);
        let auth = item.get("auth").or(auth);
        if item.get("item").is_some() {
            items(item, auth, &name, traffic, notes);
        } else if let Some(request) = item.get("request") {
            traffic.requests.extend(recorded(item, request, auth, &name, notes));
        }
    }
}

fn recorded(
    item: &Node,
    request: &Node,
    auth: Option<&Node>,
    name: &str,
    notes: &mut Notes,
) -> Option<Recorded> {
    let url = request.get("url").unwrap_or(request);
    let raw = url.as_text().or_else(|| url.get("raw")?.as_text())?;
    let method = request.get("method").and_then(Node::as_text).unwrap_or("GET");
    let mut found = Recorded {
        name: (!name.is_empty()).then(|| name.to_owned()),
        method: method.to_uppercase(),
        place: Some(request.span.clone()),
        ..Recorded::default()
    };
    (found.host, found.path) = split_url(&path_variables(raw, url));
    for header in request.get("header").and_then(Node::as_list).unwrap_or_default() {
        let disabled =
            matches!(header.get("disabled").map(|n| &n.kind), Some(NodeKind::Bool(true)));
        if let Some(header) = pair(header).filter(|_| !disabled) {
            found.headers.push(header);
        }
    }
    if let Some(auth) = request.get("auth").or(auth) {
        authorize(auth, &mut found, notes);
    }
    if let Some(body) = request.get("body") {
        content(body, &mut found, notes);
    }
    let response = item.get("response").and_then(Node::as_list).and_then(<[Node]>::first);
    if let Some(response) = response {
        found.status = response.get("code").and_then(|code| match code.kind {
            NodeKind::Integer(status) => u16::try_from(status).ok().filter(|s| *s >= 100),
            _ => None,
        });
        if let Some(text) = response.get("body").and_then(Node::as_text) {
            let json = text.trim_start().starts_with(['{', '[']);
            let kind = if json { "application/json" } else { "text/plain" };
            found.answer = Some(Said::new(kind, text, None));
        }
    }
    Some(found)
}

/// The URL with the values of `:name` in its path.
fn path_variables(raw: &str, url: &Node) -> String {
    let list = url.get("variable").and_then(Node::as_list).unwrap_or_default();
    let (path, query) =
        raw.split_once('?').map_or((raw, None), |(path, query)| (path, Some(query)));
    let segment = |segment: &str| {
        let value = segment.strip_prefix(':').and_then(|name| {
            list.iter().filter_map(pair).find(|(known, _)| known == name).map(|(_, value)| value)
        });
        value
            .filter(|value| !value.is_empty())
            .unwrap_or_else(|| segment.trim_start_matches(':').to_owned())
    };
    let path: Vec<String> = path.split('/').map(segment).collect();
    let path = path.join("/");
    query.map_or(path.clone(), |query| format!("{path}?{query}"))
}

/// A key and its value, which may be a number.
fn pair(node: &Node) -> Option<(String, String)> {
    let name = node.get("key").or_else(|| node.get("id"))?.as_text()?;
    let value = node.get("value").map(Node::to_value);
    let value = value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    Some((name.to_owned(), value.unwrap_or_default()))
}

fn authorize(auth: &Node, found: &mut Recorded, notes: &mut Notes) {
    let Some(kind) = auth.get("type").and_then(Node::as_text) else { return };
    // A list of pairs in 2.1, a mapping in 2.0.
    let value = |name: &str| {
        let node = auth.get(kind)?;
        match node.as_list() {
            Some(list) => list.iter().filter_map(pair).find(|(k, _)| k == name).map(|(_, v)| v),
            None => node.get(name)?.as_text().map(str::to_owned),
        }
    };
    let text = |name: &str| value(name).unwrap_or_default();
    match kind {
        "bearer" => {
            found.headers.push(("Authorization".to_owned(), format!("Bearer {}", text("token"))));
        }
        "basic" => {
            let key = STANDARD.encode(format!("{}:{}", text("username"), text("password")));
            found.headers.push(("Authorization".to_owned(), format!("Basic {key}")));
        }
        "apikey" if value("in").as_deref() == Some("query") => {
            let sign = if found.path.contains('?') { '&' } else { '?' };
            found.path = format!("{}{sign}{}={}", found.path, text("key"), text("value"));
        }
        "apikey" => found.headers.push((text("key"), text("value"))),
        "noauth" => {}
        other => notes.leave(format!("authorization by `{other}`"), Some(&auth.span)),
    }
}

fn content(body: &Node, found: &mut Recorded, notes: &mut Notes) {
    let mode = body.get("mode").and_then(Node::as_text).unwrap_or_default();
    let kind = match mode {
        "raw" => {
            found.body = body.get("raw").and_then(Node::as_text).map(str::to_owned);
            let said = body.get("options").and_then(|o| o.get("raw")?.get("language")?.as_text());
            let json =
                found.body.as_deref().is_some_and(|b| b.trim_start().starts_with(['{', '[']));
            match said {
                Some("xml") => "application/xml",
                Some("json") => "application/json",
                _ if json => "application/json",
                _ => "text/plain",
            }
        }
        "urlencoded" => {
            let list = body.get("urlencoded").and_then(Node::as_list).unwrap_or_default();
            let pairs = list.iter().filter_map(pair).map(|(name, value)| format!("{name}={value}"));
            found.body = Some(pairs.collect::<Vec<_>>().join("&"));
            "application/x-www-form-urlencoded"
        }
        "" => return,
        other => {
            notes.leave(format!("bodies of requests by `{other}`"), Some(&body.span));
            return;
        }
    };
    found.body = found.body.take().filter(|body| !body.is_empty());
    if found.body.is_some() && found.header("Content-Type").is_none() {
        found.headers.push(("Content-Type".to_owned(), kind.to_owned()));
    }
}

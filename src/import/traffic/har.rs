//! HTTP archives.

use super::said::Said;
use super::{Recorded, Traffic, split_url};
use crate::import::notes::Notes;
use crate::syntax::{Node, NodeKind};

/// Headers that a browser or the connection sends, not the client's code.
const OWN: [&str; 12] = [
    "host",
    "content-length",
    "connection",
    "accept-encoding",
    "accept-language",
    "user-agent",
    "referer",
    "origin",
    "dnt",
    "cache-control",
    "pragma",
    "priority",
];

/// Reads the entries of an archive.
pub(super) fn read(root: &Node, notes: &mut Notes) -> Traffic {
    let mut traffic = Traffic::default();
    let entries = root.get("log").and_then(|log| log.get("entries")).and_then(Node::as_list);
    for entry in entries.unwrap_or_default() {
        let Some(request) = entry.get("request") else { continue };
        let text = |key: &str| request.get(key).and_then(Node::as_text);
        let (Some(method), Some(url)) = (text("method"), text("url")) else {
            notes.leave("entries without a method or a URL", Some(&entry.span));
            continue;
        };
        if !url.starts_with("http") {
            notes.leave("entries whose URL is not one of HTTP", Some(&request.span));
            continue;
        }
        let started = entry.get("startedDateTime").and_then(Node::as_text);
        if let Some(at) = started.and_then(|text| text.parse().ok()) {
            traffic.now = traffic.now.max(at);
        }
        let response = entry.get("response");
        let content = response.and_then(|response| response.get("content"));
        let media_type = content.and_then(|content| content.get("mimeType")?.as_text());
        let media_type = media_type.unwrap_or_default().split(';').next().unwrap_or_default();
        if method == "GET" && is_page_part(media_type) {
            let text = format!("`{media_type}`: pages and their assets are not an API");
            notes.leave(text, Some(&request.span));
            continue;
        }
        let mut recorded = Recorded {
            method: method.to_uppercase(),
            place: Some(request.span.clone()),
            ..Recorded::default()
        };
        (recorded.host, recorded.path) = split_url(url);
        recorded.headers = headers(request);
        recorded.headers.retain(|(name, _)| is_of_client(name));
        recorded.answer_headers = response.map(headers).unwrap_or_default();
        if let Some(data) = request.get("postData") {
            body(data, &mut recorded, notes);
        }
        recorded.status = response.and_then(|response| match response.get("status")?.kind {
            NodeKind::Integer(status) => u16::try_from(status).ok().filter(|s| *s >= 100),
            _ => None,
        });
        if let Some(content) = content {
            let text = content.get("text").and_then(Node::as_text);
            if content.get("encoding").is_some() {
                notes
                    .leave("answers in base64: only their status is expected", Some(&content.span));
            } else if let Some(text) = text.filter(|text| !text.is_empty()) {
                recorded.answer = Some(Said::new(media_type, text, None));
            }
        }
        traffic.requests.push(recorded);
    }
    traffic
}

fn headers(message: &Node) -> Vec<(String, String)> {
    let headers = message.get("headers").and_then(Node::as_list).unwrap_or_default();
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::as_text).map(str::to_owned);
    headers.iter().filter_map(|one| Some((text(one, "name")?, text(one, "value")?))).collect()
}

/// Whether the client's code sent a header, and not a browser or the connection.
pub(super) fn is_of_client(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !OWN.contains(&lower.as_str()) && !name.starts_with(':') && !lower.starts_with("sec-")
}

fn is_page_part(media_type: &str) -> bool {
    ["image/", "font/", "video/", "audio/", "text/html", "text/css", "application/font"]
        .iter()
        .any(|kind| media_type.starts_with(kind))
        || media_type.contains("javascript")
        || media_type.contains("wasm")
}

fn body(data: &Node, recorded: &mut Recorded, notes: &mut Notes) {
    let media_type = data.get("mimeType").and_then(Node::as_text).unwrap_or_default();
    if media_type.starts_with("multipart/") {
        notes.leave("bodies of requests in `multipart/form-data`", Some(&data.span));
        return;
    }
    if let Some(text) = data.get("text").and_then(Node::as_text).filter(|text| !text.is_empty()) {
        if data.get("encoding").is_some() || text.contains('\u{0}') {
            notes.leave("bodies of requests that are binary", Some(&data.span));
            return;
        }
        recorded.body = Some(text.to_owned());
    } else if let Some(params) = data.get("params").and_then(Node::as_list) {
        let pair = |node: &Node| {
            let text = |key: &str| node.get(key).and_then(Node::as_text).unwrap_or_default();
            let encoded = |text: &str| {
                percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                    .to_string()
            };
            format!("{}={}", encoded(text("name")), encoded(text("value")))
        };
        recorded.body = Some(params.iter().map(pair).collect::<Vec<_>>().join("&"));
    }
    if recorded.body.is_some()
        && recorded.header("Content-Type").is_none()
        && !media_type.is_empty()
    {
        recorded.headers.push(("Content-Type".to_owned(), media_type.to_owned()));
    }
}

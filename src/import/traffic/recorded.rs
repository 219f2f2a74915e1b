//! What a proxy has recorded.

use std::str;

use jiff::Timestamp;

use super::differences::Differences;
use super::har::is_of_client;
use super::identity::usual;
use super::said::Said;
use super::{Recorded, Traffic, http_call, message_call};
use crate::import::notes::Notes;
use crate::model::Service;
use crate::proxy::{Answered, Exchange, Kept};
use crate::run::url;

/// What was recorded of one vendor.
#[derive(Debug, Clone, Copy)]
pub struct Recording<'r> {
    /// Whose it is.
    pub vendor: &'r str,
    /// What was asked, up to and including the base path.
    pub url: &'r str,
    /// In the order of the requests.
    pub exchanges: &'r [Exchange],
    /// The spec of the vendor, where there is one.
    pub service: Option<&'r Service>,
    /// When it ended.
    pub now: Timestamp,
}

/// The exchanges as requests that are to be written down, and how they differ from the spec.
pub(in crate::import) fn traffic(
    recording: &Recording<'_>,
    notes: &mut Notes,
) -> (Traffic, Differences) {
    let Recording { vendor, url, exchanges, service, now } = *recording;
    let base = url::parse(url).map(|url| url.target).unwrap_or_default();
    let base = base.trim_end_matches('/');
    let mut traffic = Traffic {
        title: Some(format!("what was recorded of {vendor}")),
        made: Some(format!(
            "Recorded from {url} by `counterpart-mock record`, {}.",
            now.strftime("%Y-%m-%d")
        )),
        compared: service.is_some(),
        now,
        ..Traffic::default()
    };
    let mut differences = Differences::default();
    for exchange in exchanges {
        let what = format!(
            "{} {}",
            exchange.method,
            exchange.target.split('?').next().unwrap_or_default()
        );
        let below = exchange
            .target
            .strip_prefix(base)
            .filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        let answered = match &exchange.outcome {
            Ok(answered) => answered,
            Err(why) => {
                let outside = match below {
                    Some(_) => String::new(),
                    None => format!(" (it is outside of {url}, too)"),
                };
                notes.leave(format!("{what}, which came to nothing: {why}{outside}"), None);
                continue;
            }
        };
        let Some(below) = below else {
            notes.leave(format!("requests outside of {url}: {what}"), None);
            continue;
        };
        let path = if below.starts_with('/') { below.to_owned() } else { format!("/{below}") };
        let mut recorded = recorded(exchange, answered, path, url, service, notes);
        if let Some(service) = service {
            let found = differences.look(service, exchange, answered, &mut recorded, &what);
            recorded.called = found.and_then(|(operation, at)| {
                http_call::called(service, operation, at, &recorded)
                    .or_else(|| message_call::called(service, operation, at, &recorded))
            });
        }
        traffic.requests.push(recorded);
    }
    (traffic, differences)
}

fn recorded(
    exchange: &Exchange,
    answered: &Answered,
    path: String,
    url: &str,
    service: Option<&Service>,
    notes: &mut Notes,
) -> Recorded {
    let mut recorded = Recorded {
        method: exchange.method.clone(),
        host: url.to_owned(),
        path,
        status: Some(answered.status),
        headers: exchange
            .headers
            .iter()
            .map(|(name, value)| (usual(name), value.clone()))
            .collect(),
        answer_headers: answered.headers.clone(),
        ..Recorded::default()
    };
    recorded.headers.retain(|(name, value)| {
        is_of_client(name) && !is_of_proxy(name) && !(name == "Accept" && value == "*/*")
    });
    if !exchange.body.is_empty() {
        match str::from_utf8(&exchange.body).ok().filter(|text| !text.contains('\0')) {
            Some(text) => recorded.body = Some(text.to_owned()),
            None => recorded.binary = Some(exchange.body.to_vec()),
        }
    }
    let kind = header(&answered.headers, "content-type").unwrap_or_default();
    match &answered.body {
        Kept::Whole(bytes) => match str::from_utf8(bytes) {
            Ok("") => {}
            Ok(text) => recorded.answer = Some(Said::new(kind, text, service)),
            Err(_) => recorded.left = Some("it is not text in UTF-8".to_owned()),
        },
        Kept::Left(why) => {
            let what = format!(
                "{} {}",
                exchange.method,
                exchange.target.split('?').next().unwrap_or_default()
            );
            notes.leave(format!("the body of the answer to {what}: {why}"), None);
            recorded.left = Some(why.clone());
        }
    }
    recorded
}

/// Whether a header says how bodies come, which the runner says itself.
fn is_of_proxy(name: &str) -> bool {
    ["transfer-encoding", "content-encoding", "expect", "te", "upgrade", "keep-alive"]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own))
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    let is = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
    headers.iter().find(is).map(|(_, value)| value.as_str())
}

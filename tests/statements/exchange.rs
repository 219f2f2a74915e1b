//! Sends the requests of a case and compares the answers, line by line.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use counterpart::unstable::model::Service;
use regex_lite::Regex;

use crate::case::{Case, Exchange};
use crate::support::client::Client;
use crate::verdict;

type Kept = HashMap<String, String>;

/// Runs all exchanges in one session; the first that is not as expected ends it with a report.
pub fn run(
    case: &Case,
    session: &str,
    address: SocketAddr,
    service: &Arc<Service>,
) -> Result<(), String> {
    let mut kept = Kept::from([
        ("address".to_owned(), address.to_string()),
        ("session".to_owned(), session.to_owned()),
    ]);
    for exchange in &case.exchanges {
        let request = request(exchange, session, address, &kept)?;
        let answer = Client::new(address).raw(&request);
        let mut differences = compare(case, exchange, &answer, &mut kept)?;
        if differences.is_empty() {
            differences = verdict::differences(exchange, answer.clone(), service)?;
        }
        if !differences.is_empty() {
            return Err(format!(
                "line {} of {}.txt\n{request}\n\n{}\n\n{}",
                exchange.line,
                service.vendor,
                String::from_utf8_lossy(&answer),
                differences.join("\n")
            ));
        }
    }
    Ok(())
}

/// A request as it goes out.
fn request(
    exchange: &Exchange,
    session: &str,
    address: SocketAddr,
    kept: &Kept,
) -> Result<String, String> {
    let text = exchange.request.join("\n");
    let text = kept
        .iter()
        .fold(text, |text, (name, value)| text.replace(&["%{", name, "}%"].concat(), value));
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let (method, path) = head.split_once(' ').ok_or("a request begins with its method")?;
    let mut head = format!("{method} /@{session}{}", path.replace('\n', "\r\n"));
    let said = |name: &str| exchange.request.iter().any(|line| line.starts_with(name));
    if !said("Host:") {
        head.extend(["\r\nHost: ", &address.to_string()]);
    }
    if !body.is_empty() && !said("Content-Length:") {
        head.extend(["\r\nContent-Length: ", &body.len().to_string()]);
    }
    Ok([&head, "\r\n\r\n", body].concat())
}

/// What differs between the answer that is written and the one that came.
fn compare(
    case: &Case,
    exchange: &Exchange,
    answer: &[u8],
    kept: &mut Kept,
) -> Result<Vec<String>, String> {
    let Ok(answer) = str::from_utf8(answer) else {
        return Ok(vec!["! the answer is not UTF-8".to_owned()]);
    };
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("the answer has no end of its head")?;
    let mut lines = Vec::new();
    for line in head.split("\r\n") {
        if !is_beside(case, exchange, line, kept)? {
            lines.push(line);
        }
    }
    lines.push("");
    lines.extend(body.split('\n'));
    let mut differences = Vec::new();
    for at in 0..lines.len().max(exchange.answer.len()) {
        let (written, there) = (exchange.answer.get(at), lines.get(at));
        let is_so = match (written, there) {
            (Some(written), Some(there)) => fits(written, there, kept)?,
            _ => false,
        };
        if !is_so {
            differences.push(format!("! expected {written:?}\n! there is {there:?}"));
        }
    }
    Ok(differences)
}

/// Whether a field is one that the case does not write, but may come.
fn is_beside(
    case: &Case,
    exchange: &Exchange,
    line: &str,
    kept: &mut Kept,
) -> Result<bool, String> {
    let name = line.split_inclusive(": ").next().unwrap_or_default();
    if exchange.answer.iter().any(|written| written.starts_with(name)) {
        return Ok(false);
    }
    for field in &case.besides {
        if fits(field, line, kept)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a line is as it is written; keeps what has a name.
fn fits(written: &str, there: &str, kept: &mut Kept) -> Result<bool, String> {
    let (pattern, names) = pattern(written, kept)?;
    let regex =
        Regex::new(&format!("^{pattern}$")).map_err(|error| format!("`{written}`: {error}"))?;
    let Some(found) = regex.captures(there) else { return Ok(false) };
    kept.extend(names.into_iter().filter_map(|name| {
        let value = found.name(&name)?.as_str().to_owned();
        Some((name, value))
    }));
    Ok(true)
}

/// A line as a regular expression, with the names of what it keeps.
fn pattern(line: &str, kept: &Kept) -> Result<(String, Vec<String>), String> {
    let (mut pattern, mut names) = (String::new(), Vec::new());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("%{") {
        let (inside, after) = after.split_once("}%").ok_or("`%{` without `}%`")?;
        pattern.push_str(&regex_lite::escape(before));
        let name = inside.split_once('=').filter(|(name, _)| name.bytes().all(is_letter));
        match (name, kept.get(inside)) {
            (Some((name, regex)), _) => {
                pattern.extend(["(?P<", name, ">", regex, ")"]);
                names.push(name.to_owned());
            }
            (None, Some(value)) => pattern.push_str(&regex_lite::escape(value)),
            (None, None) => pattern.extend(["(?:", inside, ")"]),
        }
        rest = after;
    }
    pattern.push_str(&regex_lite::escape(rest));
    Ok((pattern, names))
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte == b'_'
}

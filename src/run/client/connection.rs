//! A connection, on which one answer after the other comes.

use std::sync::Arc;
use std::time::Duration;

use super::failure::{Failure, FailureKind, Phase};
use super::framing::Framing;
use super::part::Part;
use super::patience::Patience;
use super::proxy::Proxy;
use super::stream::Stream;
use super::{Configurations, Request, Response};
use crate::run::url::Origin;

/// More than any server sends.
const LARGEST_HEAD: usize = 256 * 1024;
const MOST_FIELDS: usize = 256;
/// Bodies up to this size go out with the head.
const TOGETHER: usize = 64 * 1024;
const CHUNK: usize = 16 * 1024;
/// How long a body is looked out for that must not come, while the connection stays open.
const SURPRISE: Duration = Duration::from_millis(20);
/// The same where the server is to close the connection, which ends the wait.
const CLOSING: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    /// What has come and was not used yet.
    pub(super) buffer: Vec<u8>,
    /// How many whole answers came on it.
    pub(super) answers: u32,
}

struct Head {
    response: Response,
    length: usize,
    minor: u8,
}

impl Connection {
    pub(super) fn open(
        origin: &Origin,
        proxy: Option<&Proxy>,
        configurations: &Configurations,
        patience: Patience<'_>,
    ) -> Result<Self, Failure> {
        let stream = Stream::open(origin, proxy, configurations, patience)?;
        Ok(Self { stream, buffer: Vec::new(), answers: 0 })
    }

    /// Whether it can carry another request.
    pub(super) fn is_quiet(&self) -> bool {
        self.buffer.is_empty() && self.stream.is_quiet()
    }

    /// Sends a request and reads the answer; says whether the connection can be used again.
    pub(super) fn exchange(
        &mut self,
        request: &Request,
        head: &[u8],
        largest_body: usize,
        surprises: bool,
        patience: Patience<'_>,
        part: Option<&Part<'_>>,
    ) -> Result<(Response, bool), Failure> {
        let sent = if request.body.len() <= TOGETHER {
            let mut whole = Vec::with_capacity(head.len() + request.body.len());
            whole.extend_from_slice(head);
            whole.extend_from_slice(&request.body);
            self.stream.write(&whole, patience)
        } else {
            self.stream
                .write(head, patience)
                .and_then(|()| self.stream.write(&request.body, patience))
        };
        let head = match (self.head(patience), sent) {
            (Ok(head), _) => head,
            // A server may answer and close before it has read everything; only without an
            // answer is that the failure.
            (Err(_), Err(failure)) | (Err(failure), Ok(())) => return Err(failure),
        };
        let Head { mut response, minor, .. } = head;
        let framing = match Framing::of(&response, &request.method, minor) {
            Ok(framing) => framing,
            Err(mut failure) => {
                response.body = std::mem::take(&mut self.buffer);
                failure.partial = Some(Box::new(response));
                return Err(failure);
            }
        };
        let for_body = part.map_or(patience, |part| part.patience(patience));
        let enough =
            |body: &[u8]| part.is_some_and(|part| (part.enough)(&response, body).is_some());
        let outcome = self.body(framing, largest_body, for_body, &enough);
        let outcome = match part {
            Some(part) => part.read(&response, outcome, patience),
            None => outcome.map(|body| (body, false)),
        };
        match outcome {
            Ok((body, false)) => response.body = body,
            Ok((body, true)) => {
                response.body = body;
                response.has_more = true;
                return Ok((response, false));
            }
            Err((body, mut failure)) => {
                response.body = body;
                failure.partial = Some(Box::new(response));
                return Err(failure);
            }
        }
        self.answers = self.answers.saturating_add(1);
        let says = |headers: &[(String, String)], word: &str| {
            let mut values = headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case("connection"));
            values.any(|(_, v)| v.split(',').any(|part| part.trim().eq_ignore_ascii_case(word)))
        };
        let closes = minor == 0 || says(&response.headers, "close");
        if surprises && framing == Framing::Nothing && response.status != 101 {
            self.linger(if closes { CLOSING } else { SURPRISE });
        }
        if let Some(failure) = self.surplus(framing, &mut response, request) {
            return Err(failure);
        }
        let reusable = framing != Framing::UntilEnd
            && self.buffer.is_empty()
            && response.status != 101
            && !says(&request.headers, "close")
            && !says(&response.headers, "close")
            && (minor > 0 || says(&response.headers, "keep-alive"));
        Ok((response, reusable))
    }

    /// What is wrong with bytes that come behind an answer, or with a body that must not be.
    fn surplus(
        &mut self,
        framing: Framing,
        response: &mut Response,
        request: &Request,
    ) -> Option<Failure> {
        let status = response.status;
        let count = self.buffer.len();
        let how = match framing {
            _ if status == 101 => return None,
            _ if status == 205 && !response.body.is_empty() => {
                format!(
                    "it has the status 205, which has no body, and {} bytes",
                    response.body.len()
                )
            }
            _ if count == 0 => return None,
            Framing::Nothing if request.method == "HEAD" => {
                format!("it answers HEAD, and has a body ({count} bytes have come)")
            }
            Framing::Nothing => {
                format!("it has the status {status}, and a body ({count} bytes have come)")
            }
            Framing::Length(length) => {
                format!("Content-Length is {length}, and at least {count} bytes more have come")
            }
            Framing::Chunked | Framing::UntilEnd => {
                format!("at least {count} bytes have come behind its end")
            }
        };
        response.body.append(&mut self.buffer);
        let partial = Some(Box::new(std::mem::take(response)));
        Some(Failure { kind: FailureKind::Framing(how), partial })
    }

    /// The server's certificate in DER, over TLS.
    pub(super) fn certificate(&self) -> Option<Arc<[u8]>> {
        self.stream.certificate()
    }

    /// Reads what comes in that time, to the end of the connection at most.
    fn linger(&mut self, time: Duration) {
        let until = Patience::new(time, None);
        while self.buffer.len() < CHUNK && matches!(self.fill(until, || Phase::Head), Ok(1..)) {}
    }

    /// Reads heads until one is final.
    fn head(&mut self, patience: Patience<'_>) -> Result<Head, Failure> {
        loop {
            if let Some(head) = parse(&self.buffer)? {
                self.buffer.drain(..head.length);
                // 101 changes the protocol, so nothing of ours comes after it.
                if (100..200).contains(&head.response.status) && head.response.status != 101 {
                    continue;
                }
                return Ok(head);
            }
            let had = self.buffer.len();
            if had > LARGEST_HEAD {
                return Err(Failure::new(FailureKind::LargeHead(LARGEST_HEAD)));
            }
            if self.fill(patience, || Phase::Head)? == 0 {
                return Err(Failure::new(match had {
                    0 => FailureKind::NoAnswer,
                    had => FailureKind::HalfHead(had),
                }));
            }
        }
    }

    /// Reads more; nothing at the end.
    pub(super) fn fill(
        &mut self,
        patience: Patience<'_>,
        phase: impl Fn() -> Phase,
    ) -> Result<usize, Failure> {
        let had = self.buffer.len();
        self.buffer.resize(had + CHUNK, 0);
        let free = self.buffer.get_mut(had..).unwrap_or_default();
        let count = self.stream.read(free, patience, phase);
        self.buffer.truncate(had + count.as_ref().map_or(0, |count| *count));
        count
    }
}

/// A head, if it is whole.
fn parse(buffer: &[u8]) -> Result<Option<Head>, Failure> {
    if buffer.is_empty() {
        return Ok(None);
    }
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut parsed = httparse::Response::new(&mut fields);
    let garbage = |why| Failure::new(FailureKind::Garbage(why, excerpt(buffer)));
    let length = match parsed.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => {
            return Err(garbage(match error {
                httparse::Error::HeaderName => "a field has no valid name",
                httparse::Error::HeaderValue => "a field has no valid value",
                httparse::Error::NewLine => "a line break is missing",
                httparse::Error::Status => "there is no valid status",
                httparse::Error::TooManyHeaders => "there are too many fields",
                httparse::Error::Version => "it has no version of HTTP that is known",
                httparse::Error::Token => "it does not begin with HTTP",
            }));
        }
    };
    let headers = parsed.headers.iter();
    let response = Response {
        status: parsed.code.unwrap_or_default(),
        headers: headers.map(|field| (field.name.to_owned(), text(field.value))).collect(),
        ..Response::default()
    };
    Ok(Some(Head { response, length, minor: parsed.version.unwrap_or_default() }))
}

/// A field's value; bytes that are not UTF-8 are taken for ISO 8859-1, as they were once.
fn text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().copied().map(char::from).collect(),
    }
}

/// The first bytes in a form that can be shown.
pub(super) fn excerpt(bytes: &[u8]) -> String {
    let (start, mark) = match bytes.get(..40) {
        Some(start) if start.len() < bytes.len() => (start, "…"),
        _ => (bytes, ""),
    };
    let text = format!("{}{mark}", String::from_utf8_lossy(start));
    // With the escapes of JSON, in which secrets are found.
    serde_json::to_string(&text).unwrap_or_default()
}

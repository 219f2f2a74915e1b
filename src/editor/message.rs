//! Messages of the Language Server Protocol: JSON-RPC 2.0, framed by `Content-Length`.

use std::io::{self, BufRead, ErrorKind, Read, Write};

use serde_json::{Value, json};

/// The largest message that is read; the largest there are hold the text of one file.
const LARGEST: u64 = 64 * 1024 * 1024;
/// The longest line of a head.
const LONGEST_LINE: u64 = 4096;

/// What a client sends.
#[derive(Debug)]
pub(super) enum Message {
    /// It waits for an answer with that id.
    Request(Value, String, Value),
    /// It waits for nothing.
    Notification(String, Value),
    /// An answer to what was asked of it, which nothing waits for.
    Response,
    /// No message, with what to say about it; the id is that of the message, or null.
    Malformed(Value, Failure),
}

/// Why a request has no result: a code of the protocol, and a sentence.
#[derive(Debug)]
pub(super) struct Failure(pub(super) i32, pub(super) String);

impl Failure {
    /// The text is no JSON.
    pub(super) const PARSE: i32 = -32700;
    /// It is no message.
    pub(super) const INVALID_REQUEST: i32 = -32600;
    /// There is no such method.
    pub(super) const UNKNOWN_METHOD: i32 = -32601;
    /// The parameters are not those of the method.
    pub(super) const INVALID_PARAMS: i32 = -32602;
    /// Something came before `initialize`.
    pub(super) const NOT_INITIALIZED: i32 = -32002;
}

/// The next message; none at the end of the input.
///
/// Fails where the input does, or where it cannot be told any more where a message begins.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Message>> {
    let Some(length) = head(input)? else { return Ok(None) };
    let mut body = Vec::new();
    input.take(length).read_to_end(&mut body)?;
    if body.len() as u64 != length {
        return Ok(None);
    }
    Ok(Some(parse(&body)))
}

/// The length that the head of a message says; none at the end of the input.
fn head(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let broken = |message: &str| io::Error::new(ErrorKind::InvalidData, message);
    let mut length = None;
    loop {
        let mut line = String::new();
        input.by_ref().take(LONGEST_LINE).read_line(&mut line)?;
        if !line.ends_with('\n') {
            return if line.is_empty() { Ok(None) } else { Err(broken("a head has no end")) };
        }
        let line = line.trim();
        if line.is_empty() {
            return length.map(Some).ok_or_else(|| broken("a head has no Content-Length"));
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(broken("a line of a head is not `NAME: VALUE`"));
        };
        if name.eq_ignore_ascii_case("content-length") {
            let value = value.trim().parse().ok().filter(|length| *length <= LARGEST);
            length = Some(value.ok_or_else(|| broken("the Content-Length cannot be read"))?);
        }
    }
}

fn parse(body: &[u8]) -> Message {
    let mut value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(error) => {
            return Message::Malformed(Value::Null, Failure(Failure::PARSE, error.to_string()));
        }
    };
    let id = value.get("id").filter(|id| id.is_string() || id.is_number()).cloned();
    let method = value.get("method").and_then(Value::as_str).map(str::to_owned);
    let params = value.get_mut("params").map(Value::take).unwrap_or_default();
    let is_response = value.get("result").is_some() || value.get("error").is_some();
    match (id, method) {
        (Some(id), Some(method)) => Message::Request(id, method, params),
        (None, Some(method)) => Message::Notification(method, params),
        (Some(_), None) if is_response => Message::Response,
        (id, None) => {
            let message = "a message has a `method`".to_owned();
            let failure = Failure(Failure::INVALID_REQUEST, message);
            Message::Malformed(id.unwrap_or_default(), failure)
        }
    }
}

/// Writes the answer to a request. Fails where the output does.
pub(super) fn answer(
    output: &mut dyn Write,
    id: &Value,
    result: Result<Value, Failure>,
) -> io::Result<()> {
    let message = match result {
        Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err(Failure(code, message)) => {
            json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
        }
    };
    write(output, &message)
}

/// Writes a notification. Fails where the output does.
pub(super) fn notify(output: &mut dyn Write, method: &str, params: &Value) -> io::Result<()> {
    write(output, &json!({"jsonrpc": "2.0", "method": method, "params": params}))
}

fn write(output: &mut dyn Write, message: &Value) -> io::Result<()> {
    let text = message.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(mut text: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        loop {
            match read(&mut text) {
                Ok(Some(message)) => found.push(format!("{message:?}")),
                Ok(None) => return found,
                Err(error) => {
                    found.push(error.to_string());
                    return found;
                }
            }
        }
    }

    #[test]
    fn what_is_no_message_is_told_and_the_next_one_read() {
        let framed = |text: &str| format!("Content-Length: {}\r\n\r\n{text}", text.len());
        let texts = [
            r#"{"id":1,"method":"a","params":{"x":2}}"#,
            "{",
            r#"{"id":"q"}"#,
            r#"{"method":"b"}"#,
            r#"{"id":1,"result":null}"#,
            "[1]",
        ];
        let all: String = texts.into_iter().map(framed).collect();
        let found = read_all(all.as_bytes());
        let begins = [
            "Request(Number(1), \"a\", Object {\"x\": Number(2)})",
            "Malformed(Null, Failure(-32700",
            "Malformed(String(\"q\"), Failure(-32600",
            "Notification(\"b\", Null)",
            "Response",
            "Malformed(Null, Failure(-32600",
        ];
        assert_eq!(found.len(), begins.len(), "{found:#?}");
        for (found, begin) in found.iter().zip(begins) {
            assert!(found.starts_with(begin), "{found}");
        }
    }

    #[test]
    fn a_head_that_cannot_be_read_ends_it() {
        for (text, told) in [
            ("Content-Length: 99999999999999999999\r\n\r\n", "the Content-Length cannot be read"),
            ("Content-Length: -1\r\n\r\n", "the Content-Length cannot be read"),
            ("Accept: x\r\n\r\n", "a head has no Content-Length"),
            ("nonsense\r\n\r\n", "a line of a head is not `NAME: VALUE`"),
            ("Content-Length: 5", "a head has no end"),
        ] {
            assert_eq!(read_all(text.as_bytes()), [told]);
        }
        assert!(read_all(b"Content-Length: 5\r\n\r\n{}").is_empty());
    }
}

//! Event streams (`text/event-stream`, HTML section 9.2): a list of events.

use std::fmt::Write as _;

use super::encoding::{Encoding, Unmappable};
use super::json::Json;
use super::{DecodeError, Decoded, EncodeError, Limits, Wire};
use crate::value::{Map, Value};

/// A list, of which each item is an event: an object of `event`, `data`, `id`, `retry`
/// (milliseconds) and, when it is written, `comment`. Data is an object or a list where it is one
/// in JSON, and a text otherwise. The encoding is always UTF-8.
#[derive(Debug, Clone, Copy)]
pub struct Events;

/// The members of an event.
const MEMBERS: [&str; 5] = ["comment", "event", "id", "retry", "data"];

impl Wire for Events {
    fn name(&self) -> &'static str {
        "events"
    }

    fn textual(&self) -> bool {
        false
    }

    fn item_ends(&self, body: &[u8]) -> Option<Vec<usize>> {
        let mut ends = Vec::new();
        let (mut line, mut at) = (0, 0);
        while let Some(byte) = body.get(at) {
            at += 1;
            if !matches!(byte, b'\r' | b'\n') {
                continue;
            }
            let is_empty = at == line + 1;
            if *byte == b'\r' && body.get(at) == Some(&b'\n') {
                at += 1;
            }
            line = at;
            if is_empty {
                ends.push(at);
            }
        }
        Some(ends)
    }

    fn decode_in(
        &self,
        body: &[u8],
        _charset: Option<Encoding>,
        limits: &Limits,
    ) -> Result<Decoded, DecodeError> {
        let text = std::str::from_utf8(body).map_err(|error| {
            DecodeError::at(body, error.valid_up_to(), "it is not valid in UTF-8".to_owned())
        })?;
        let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut events = Vec::new();
        let mut event = Block::default();
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            let Some((line, after)) = line(rest) else {
                let message = "the last line does not end".to_owned();
                return Err(DecodeError::at(body, at, message));
            };
            rest = after;
            match line.is_empty() {
                true => events.extend(std::mem::take(&mut event).read(limits)),
                false => event.add(line),
            }
        }
        if event != Block::default() {
            let message = "no empty line ends the last event".to_owned();
            return Err(DecodeError::at(body, body.len(), message));
        }
        Ok(Value::list(events).into())
    }

    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode_in(value, Encoding::UTF_8, out)
    }

    fn encode_in(
        &self,
        value: &Value,
        _charset: Encoding,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let Some(events) = value.as_list() else {
            let kind = value.kind();
            return Err(EncodeError::new(format!("expected a list of events, found {kind}")));
        };
        let mut text = String::new();
        for event in events {
            write(event, &mut text)?;
        }
        Encoding::UTF_8.encode(&text, Unmappable::Refused, out)
    }
}

/// The first line, without what ends it, and what comes after; nothing where nothing ends it.
fn line(text: &str) -> Option<(&str, &str)> {
    let (line, rest) = text.split_at(text.find(['\r', '\n'])?);
    Some((line, rest.strip_prefix("\r\n").or_else(|| rest.get(1..)).unwrap_or_default()))
}

/// The fields between two empty lines.
#[derive(Debug, Default, PartialEq, Eq)]
struct Block {
    event: Option<String>,
    id: Option<String>,
    retry: Option<i64>,
    data: Option<String>,
}

impl Block {
    /// A comment is passed over, and so is a field that is not known.
    fn add(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => self.event = Some(value.to_owned()),
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok();
            }
            "data" => match &mut self.data {
                Some(data) => data.extend(["\n", value]),
                None => self.data = Some(value.to_owned()),
            },
            _ => {}
        }
    }

    fn read(self, limits: &Limits) -> Option<Value> {
        let mut map = Map::new();
        let text = |text: String| Value::from(text);
        let members = [
            ("event", self.event.map(text)),
            ("id", self.id.map(text)),
            ("retry", self.retry.map(Value::Integer)),
            ("data", self.data.map(|data| read_data(data, limits))),
        ];
        for (name, value) in members {
            if let Some(value) = value {
                map.insert(name, value);
            }
        }
        (!map.is_empty()).then(|| Value::map(map))
    }
}

fn read_data(data: String, limits: &Limits) -> Value {
    let may_be_tree = data.trim_start().starts_with(['{', '[']);
    let tree = may_be_tree.then(|| Json.decode(data.as_bytes(), limits).ok()).flatten();
    tree.map_or_else(|| data.into(), |decoded| decoded.value)
}

fn write(event: &Value, out: &mut String) -> Result<(), EncodeError> {
    let Some(members) = event.members() else {
        let kind = event.kind();
        return Err(EncodeError::new(format!("an event is an object, not of type {kind}")));
    };
    if let Some((other, _)) = members.clone().find(|(name, _)| !MEMBERS.contains(&&***name)) {
        let known = MEMBERS.join(", ");
        return Err(EncodeError::new(format!("an event has no `{other}`, only {known}")));
    }
    let before = out.len();
    for name in MEMBERS {
        let Some(value) = event.get(name).filter(|value| !matches!(value, Value::Null)) else {
            continue;
        };
        let text = written(name, value)?;
        let field = if name == "comment" { "" } else { name };
        if matches!(name, "event" | "id") && text.contains(['\r', '\n', '\0']) {
            return Err(EncodeError::new(format!("`{name}` of an event is one line")));
        }
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        for line in text.split('\n') {
            // Writing to a string cannot fail.
            _ = writeln!(out, "{field}: {line}");
        }
    }
    if out.len() > before {
        out.push('\n');
    }
    Ok(())
}

fn written(name: &str, value: &Value) -> Result<String, EncodeError> {
    if let Some(text) = value.scalar_text() {
        return Ok(text.to_string());
    }
    if name != "data" {
        let kind = value.kind();
        return Err(EncodeError::new(format!("`{name}` of an event is one value, not {kind}")));
    }
    let mut bytes = Vec::new();
    Json.encode(value, &mut bytes)?;
    String::from_utf8(bytes).map_err(|error| EncodeError::new(error.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<String, String> {
        let decoded = Events.decode(text.as_bytes(), &Limits::default());
        decoded.map(|read| read.value.to_string()).map_err(|error| error.message)
    }

    #[test]
    fn streams_are_read_as_browsers_do() {
        for (text, expected) in [
            ("", "[]"),
            (": ping\n\n", "[]"),
            ("data: a\n\ndata\n\n", r#"[{"data":"a"},{"data":""}]"#),
            ("data:a\r\ndata:  b\r\n\r\n", r#"[{"data":"a\n b"}]"#),
            (
                "\u{feff}event: x\rid: 1\rretry: 10\rretry: x\r\r",
                r#"[{"event":"x","id":"1","retry":10}]"#,
            ),
            ("data: {\"a\": [1]}\n\ndata: [DONE]\n\n", r#"[{"data":{"a":[1]}},{"data":"[DONE]"}]"#),
            ("data: 5\nother: 6\n\n", r#"[{"data":"5"}]"#),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text:?}");
        }
        for (text, expected) in [
            ("data: a\n", "no empty line ends the last event"),
            ("data: a", "the last line does not end"),
        ] {
            assert_eq!(read(text).unwrap_err(), expected);
        }
    }

    #[test]
    fn what_is_not_an_event_is_not_written() {
        let event = |name: &str, value: Value| {
            Value::list(vec![Value::map([(name.into(), value)].into_iter().collect())])
        };
        for (value, expected) in [
            (Value::text("a"), "expected a list of events, found string"),
            (Value::list(vec![Value::text("a")]), "an event is an object, not of type string"),
            (
                event("name", Value::text("a")),
                "an event has no `name`, only comment, event, id, retry, data",
            ),
            (event("id", Value::text("a\nb")), "`id` of an event is one line"),
        ] {
            let error = Events.encode(&value, &mut Vec::new()).unwrap_err();
            assert_eq!(error.message, expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            events in prop::collection::vec((".*", "[^\r\n\0]*", prop::option::of(0..1000_i64)), 0..4),
        ) {
            let events = events.into_iter().map(|(data, id, retry)| {
                // A text that is an object in JSON is read as one.
                let data = format!("x{}", data.replace("\r\n", "\n").replace('\r', "\n"));
                let mut map = Map::new();
                map.insert("id", id.into());
                if let Some(retry) = retry {
                    map.insert("retry", Value::Integer(retry));
                }
                map.insert("data", data.into());
                Value::map(map)
            });
            let value = Value::list(events.collect());
            let mut out = Vec::new();
            Events.encode(&value, &mut out).unwrap();
            prop_assert_eq!(Events.decode(&out, &Limits::default()).unwrap().value, value);
        }
    }
}

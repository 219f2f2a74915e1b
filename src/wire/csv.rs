//! Comma-separated values (RFC 4180): a list of objects, whose names stand in the first line.

use std::collections::HashSet;
use std::sync::Arc;

use super::encoding::{Encoding, Unmappable, text_of};
use super::{DecodeError, Decoded, EncodeError, Limits, Wire};
use crate::value::{Map, Value};

/// Rows, and what stands between two fields of one.
#[derive(Debug, Clone, Copy)]
pub struct Csv {
    /// A comma in the RFC.
    pub separator: char,
}

impl Wire for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn textual(&self) -> bool {
        true
    }

    /// Each row is an object of texts. A line may end with a line feed alone.
    fn decode_in(
        &self,
        body: &[u8],
        charset: Option<Encoding>,
        limits: &Limits,
    ) -> Result<Decoded, DecodeError> {
        let text = &*text_of(body, charset)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader { text, at: 0, separator: self.separator };
        let Some(names) = reader.record()? else { return Ok(Value::list(Vec::new()).into()) };
        if names.len() > limits.members {
            let message = format!("more than {} columns", limits.members);
            return Err(DecodeError::at(text.as_bytes(), 0, message));
        }
        let names: Vec<Arc<str>> = names.into_iter().map(Into::into).collect();
        let mut known = HashSet::new();
        if let Some((at, name)) = names.iter().enumerate().find(|(_, name)| !known.insert(*name)) {
            let message =
                format!("the column `{name}` comes twice, the second time as number {}", at + 1);
            return Err(DecodeError::at(text.as_bytes(), 0, message));
        }
        let mut rows = Vec::new();
        loop {
            let began = reader.at;
            let Some(fields) = reader.record()? else { break };
            if fields.len() != names.len() {
                let (has, of) = (fields.len(), names.len());
                let message = format!("a row of {has} fields below {of} columns");
                return Err(DecodeError::at(text.as_bytes(), began, message));
            }
            let members = names.iter().cloned().zip(fields.into_iter().map(Value::from));
            rows.push(Value::map(members.collect::<Map>()));
        }
        Ok(Value::list(rows).into())
    }

    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode_in(value, Encoding::UTF_8, out)
    }

    fn encode_in(
        &self,
        value: &Value,
        charset: Encoding,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        self.write(value, None, charset, out)
    }
}

impl Csv {
    /// The names in the first line, of which rows say nothing where there are none.
    pub fn columns(
        self,
        body: &[u8],
        charset: Option<Encoding>,
    ) -> Result<Vec<String>, DecodeError> {
        let text = &*text_of(body, charset)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let record = Reader { text, at: 0, separator: self.separator }.record()?;
        Ok(record.unwrap_or_default())
    }

    /// Appends rows with those columns, and no others; where none are named, with the members that
    /// there are, in the order in which they first come.
    pub fn write(
        self,
        value: &Value,
        columns: Option<&[Arc<str>]>,
        charset: Encoding,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let text = match columns {
            Some(columns) => self.written(value, columns)?,
            None => self.written(value, &columns_of(value)?)?,
        };
        charset.encode(&text, Unmappable::Refused, out)
    }

    fn written(self, value: &Value, columns: &[Arc<str>]) -> Result<String, EncodeError> {
        let mut text = String::new();
        self.record(columns.iter().map(|name| Ok((**name).into())), &mut text)?;
        for row in rows(value)? {
            let fields = columns.iter().map(|name| match row.get(name) {
                None | Some(Value::Null) => Ok("".into()),
                Some(value) => value.scalar_text().ok_or_else(|| {
                    let kind = value.kind();
                    EncodeError::new(format!(
                        "a field is one value, and `{name}` is of type {kind}"
                    ))
                }),
            });
            self.record(fields, &mut text)?;
        }
        Ok(text)
    }

    /// A line. A single field without text is quoted, since the line would be empty.
    fn record(
        self,
        fields: impl ExactSizeIterator<Item = Result<Arc<str>, EncodeError>>,
        out: &mut String,
    ) -> Result<(), EncodeError> {
        let only = fields.len() == 1;
        if fields.len() == 0 {
            return Ok(());
        }
        for (at, field) in fields.enumerate() {
            let field = field?;
            if at > 0 {
                out.push(self.separator);
            }
            let is_plain = |c: char| c != self.separator && !matches!(c, '"' | '\r' | '\n');
            match field.chars().all(is_plain) && !(only && field.is_empty()) {
                true => out.push_str(&field),
                false => {
                    out.push('"');
                    out.push_str(&field.replace('"', "\"\""));
                    out.push('"');
                }
            }
        }
        out.push_str("\r\n");
        Ok(())
    }
}

fn rows(value: &Value) -> Result<&[Value], EncodeError> {
    let list = value.as_list();
    let rows = list.filter(|rows| rows.iter().all(|row| row.members().is_some()));
    rows.ok_or_else(|| EncodeError::new("expected a list of objects, which are the rows"))
}

fn columns_of(value: &Value) -> Result<Vec<Arc<str>>, EncodeError> {
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut known = HashSet::new();
    for row in rows(value)? {
        for (name, _) in row.members().into_iter().flatten() {
            if known.insert(name) {
                names.push(name.clone());
            }
        }
    }
    Ok(names)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    separator: char,
}

impl Reader<'_> {
    /// The fields of the next line; nothing at the end.
    fn record(&mut self) -> Result<Option<Vec<String>>, DecodeError> {
        if self.at >= self.text.len() {
            return Ok(None);
        }
        let mut fields = Vec::new();
        loop {
            fields.push(self.field()?);
            let rest = self.text.get(self.at..).unwrap_or_default();
            if let Some(rest) = rest.strip_prefix(self.separator) {
                self.at = self.text.len() - rest.len();
                continue;
            }
            let ends = ["\r\n", "\n", "\r"].into_iter().find(|end| rest.starts_with(end));
            self.at += ends.map_or(0, str::len);
            return match ends.is_some() || rest.is_empty() {
                true => Ok(Some(fields)),
                false => Err(self.wrong("text after a quoted field")),
            };
        }
    }

    fn field(&mut self) -> Result<String, DecodeError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(mut quoted) = rest.strip_prefix('"') else {
            let is_end = |c: char| c == self.separator || matches!(c, '\r' | '\n' | '"');
            let end = rest.find(is_end).unwrap_or(rest.len());
            let (field, behind) = rest.split_at(end);
            self.at += end;
            return match behind.starts_with('"') {
                true => Err(self.wrong("a quote within a field that is not quoted")),
                false => Ok(field.to_owned()),
            };
        };
        let mut field = String::new();
        loop {
            let Some((part, behind)) = quoted.split_once('"') else {
                return Err(self.wrong("a quoted field without an end"));
            };
            field.push_str(part);
            match behind.strip_prefix('"') {
                Some(more) => {
                    field.push('"');
                    quoted = more;
                }
                None => {
                    self.at = self.text.len() - behind.len();
                    return Ok(field);
                }
            }
        }
    }

    fn wrong(&self, message: &str) -> DecodeError {
        DecodeError::at(self.text.as_bytes(), self.at, message)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMA: Csv = Csv { separator: ',' };

    fn row(members: &[(&str, Value)]) -> Value {
        Value::map(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
    }

    fn written(value: &Value, columns: Option<&[&str]>) -> Result<String, String> {
        let columns: Option<Vec<Arc<str>>> =
            columns.map(|columns| columns.iter().map(|name| (*name).into()).collect());
        let mut out = Vec::new();
        COMMA
            .write(value, columns.as_deref(), Encoding::UTF_8, &mut out)
            .map_err(|error| error.message)?;
        Ok(String::from_utf8(out).unwrap())
    }

    fn read(text: &str) -> Result<Value, String> {
        let decoded = COMMA.decode(text.as_bytes(), &Limits::default());
        decoded.map(|decoded| decoded.value).map_err(|error| error.to_string())
    }

    #[test]
    fn what_has_to_be_quoted_is() {
        let rows = Value::list(vec![
            row(&[("a", "x, y".into()), ("b", "say \"hi\"".into()), ("c", "1\r\n2".into())]),
            row(&[("a", Value::Integer(7)), ("c", Value::Null), ("b", Value::Bool(true))]),
            row(&[("b", " plain ".into())]),
        ]);
        let all = "a,b,c\r\n\"x, y\",\"say \"\"hi\"\"\",\"1\r\n2\"\r\n7,true,\r\n, plain ,\r\n";
        assert_eq!(written(&rows, None).unwrap(), all);
        assert_eq!(
            written(&rows, Some(&["b", "z"])).unwrap(),
            "b,z\r\n\"say \"\"hi\"\"\",\r\ntrue,\r\n plain ,\r\n"
        );
        // A line that is empty would be none.
        assert_eq!(written(&rows, Some(&["c"])).unwrap(), "c\r\n\"1\r\n2\"\r\n\"\"\r\n\"\"\r\n");
        let none = Value::list(Vec::new());
        assert_eq!(written(&none, Some(&["a", "b"])).unwrap(), "a,b\r\n");
        assert_eq!(written(&none, None).unwrap(), "");
        let nested = Value::list(vec![row(&[("a", none)])]);
        assert_eq!(
            written(&nested, None).unwrap_err(),
            "a field is one value, and `a` is of type array"
        );
        assert!(written(&Value::list(vec![Value::Null]), None).is_err());
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        for (text, expected) in [
            ("a,b\r\n1\r\n", "2:1: a row of 1 fields below 2 columns"),
            ("a\n\"1", "2:1: a quoted field without an end"),
            ("a\n\"1\"2", "2:4: text after a quoted field"),
            ("a\n1\"2\"", "2:2: a quote within a field that is not quoted"),
            ("a,b,a\n", "1:1: the column `a` comes twice, the second time as number 3"),
        ] {
            assert_eq!(read(text).unwrap_err(), expected, "{text:?}");
        }
        assert_eq!(read("").unwrap(), Value::list(Vec::new()));
        assert_eq!(read("a\n").unwrap(), Value::list(Vec::new()));
        assert_eq!(read("a;b\n1").unwrap(), Value::list(vec![row(&[("a;b", "1".into())])]));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            texts in prop::collection::vec(prop::collection::vec(any::<String>(), 3), 0..20),
            separator in prop::sample::select(vec![',', ';', '\t', '|']),
        ) {
            let rows = texts.iter().map(|texts| {
                let members = ["a", "b", "c"].into_iter().zip(texts);
                Value::map(members.map(|(name, text)| (name.into(), Value::text(&**text))).collect())
            });
            let rows = Value::list(rows.collect());
            let csv = Csv { separator };
            let mut out = Vec::new();
            csv.encode(&rows, &mut out).unwrap();
            prop_assert_eq!(csv.decode(&out, &Limits::default()).unwrap().value, rows);
        }

        #[test]
        fn nothing_panics(text in any::<String>()) {
            let _ = COMMA.decode(text.as_bytes(), &Limits::default());
        }
    }
}

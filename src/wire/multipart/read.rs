//! Finding the parts of a body.

use std::sync::Arc;

use memchr::memmem;

use super::header::{parameter, unescaped};
use super::{Part, Parts};
use crate::wire::DecodeError;

/// More parts than any client sends.
pub const MOST_PARTS: usize = 1_000;
/// The most bytes that the headers of one part may have.
const MOST_OF_HEADERS: usize = 16 * 1024;

/// The parts of a body, by what its `Content-Type` says.
pub fn parts(body: &[u8], content_type: &str) -> Result<Parts, DecodeError> {
    let Some(boundary) = parameter(content_type, "boundary").filter(|text| !text.is_empty()) else {
        let message = "the content type of several parts has no `boundary`";
        return Err(DecodeError::at(body, 0, message));
    };
    let name = content_type.split(';').next().unwrap_or_default().trim();
    let is_form = name.eq_ignore_ascii_case("multipart/form-data");
    let list = Reader { body, delimiter: format!("--{boundary}") }.parts(is_form)?;
    Ok(Parts { list, is_form })
}

struct Reader<'b> {
    body: &'b [u8],
    /// Two hyphens and the boundary.
    delimiter: String,
}

/// A line that stands before or after a part.
struct Line {
    /// Where the content before it ends.
    before: usize,
    /// Where what comes after it begins.
    after: usize,
    /// Whether no part follows.
    is_last: bool,
}

impl Reader<'_> {
    fn parts(&self, is_form: bool) -> Result<Vec<Part>, DecodeError> {
        let Some(mut line) = self.line_from(0) else {
            let message = format!("no line is `{}`, which comes before a part", self.delimiter);
            return Err(self.wrong(0, message));
        };
        let mut parts = Vec::new();
        while !line.is_last {
            if parts.len() == MOST_PARTS {
                return Err(self.wrong(line.after, format!("more than {MOST_PARTS} parts")));
            }
            let (mut part, content) = self.headers(line.after, is_form)?;
            part.at = parts.len();
            // The line may begin with the one that ends the headers, of a part without content.
            let Some(next) = self.line_from(content.saturating_sub(2)) else {
                let message =
                    format!("no line is `{}--`, which ends the last part", self.delimiter);
                return Err(self.wrong(self.body.len(), message));
            };
            part.content = content..next.before.max(content);
            parts.push(part);
            line = next;
        }
        Ok(parts)
    }

    fn wrong(&self, at: usize, message: impl Into<String>) -> DecodeError {
        DecodeError::at(self.body, at, message)
    }

    /// The next line that is a delimiter, and nothing else but white space.
    fn line_from(&self, from: usize) -> Option<Line> {
        let rest = self.body.get(from..)?;
        for found in memmem::find_iter(rest, self.delimiter.as_bytes()) {
            let at = from + found;
            let before = self.body.get(..at).unwrap_or_default();
            let before = match before.strip_suffix(b"\r\n") {
                // What stands before `from` is not part of the line.
                Some(before) if before.len() >= from => before.len(),
                _ if at == 0 => 0,
                _ => continue,
            };
            let behind = at + self.delimiter.len();
            let mut tail = self.body.get(behind..).unwrap_or_default();
            let is_last = tail.starts_with(b"--");
            if is_last {
                tail = tail.get(2..).unwrap_or_default();
            }
            let text = without_blanks(tail);
            let ends = text.starts_with(b"\r\n") || is_last && text.is_empty();
            if ends {
                let end = text.get(2..).unwrap_or_default();
                return Some(Line { before, after: self.body.len() - end.len(), is_last });
            }
        }
        None
    }

    /// The headers that begin there, and where the content begins.
    fn headers(&self, start: usize, is_form: bool) -> Result<(Part, usize), DecodeError> {
        let mut part =
            Part { at: 0, name: None, id: None, filename: None, content_type: None, content: 0..0 };
        let mut at = start;
        let mut lines: Vec<(usize, String)> = Vec::new();
        loop {
            let rest = self.body.get(at..).unwrap_or_default();
            let Some(length) = memmem::find(rest, b"\r\n") else {
                return Err(self.wrong(at, "the headers of a part have no end"));
            };
            let line = rest.get(..length).unwrap_or_default();
            let line_start = at;
            at += length + 2;
            if line.is_empty() {
                break;
            }
            if at - start > MOST_OF_HEADERS {
                let message = format!("a part has more than {MOST_OF_HEADERS} bytes of headers");
                return Err(self.wrong(line_start, message));
            }
            let Ok(text) = std::str::from_utf8(line) else {
                return Err(self.wrong(line_start, "a header of a part is not in UTF-8"));
            };
            match lines.last_mut().filter(|_| text.starts_with([' ', '\t'])) {
                Some((_, folded)) => folded.push_str(text),
                None => lines.push((line_start, text.to_owned())),
            }
        }
        for (line_start, line) in &lines {
            let Some((name, value)) = line.split_once(':') else {
                let message = format!("`{}` is not a header of a part", line.escape_debug());
                return Err(self.wrong(*line_start, message));
            };
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-disposition") {
                let text = |name| {
                    let value = parameter(value, name)?;
                    Some(Arc::from(&*unescaped(&value)))
                };
                part.name = text("name");
                part.filename = text("filename");
            } else if name.eq_ignore_ascii_case("content-id") {
                let id = value.strip_prefix('<').and_then(|id| id.strip_suffix('>'));
                part.id = Some(id.unwrap_or(value).into());
            } else if name.eq_ignore_ascii_case("content-type") {
                part.content_type = Some(value.into()).filter(|_| !value.is_empty());
            }
        }
        if is_form && part.name.is_none() {
            let message = "a part has no name in a `Content-Disposition: form-data; name=\"...\"`";
            return Err(self.wrong(start, message));
        }
        Ok((part, at))
    }
}

/// Without the spaces and tabs at the beginning.
fn without_blanks(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    bytes.get(blanks..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Outgoing, unused_boundary, write};
    use super::*;

    const FORM: &str = "multipart/form-data; boundary=b";

    fn found(body: &str) -> Vec<(String, String)> {
        let parts = parts(body.as_bytes(), FORM).unwrap();
        let text = |part: &Part| String::from_utf8(part.bytes(body.as_bytes()).to_vec()).unwrap();
        parts.list.iter().map(|part| (part.name.clone().unwrap().to_string(), text(part))).collect()
    }

    fn refused(body: &str, content_type: &str) -> String {
        parts(body.as_bytes(), content_type).unwrap_err().to_string()
    }

    #[test]
    fn parts_are_what_stands_between_the_lines_of_the_boundary() {
        let name = "Content-Disposition: form-data; name=a";
        let cases = [
            (format!("--b\r\n{name}\r\n\r\nx\r\n--b--\r\n"), "x"),
            (format!("preamble\r\n--b \t\r\n{name}\r\n\r\nx\r\n--b--"), "x"),
            (format!("--b\r\n{name}\r\n\r\nx\r\n--b-- \r\nepilogue"), "x"),
            (format!("--b\r\n{name}\r\n\r\n\r\n--b--"), ""),
            (format!("--b\r\n{name}\r\n\r\n--b--"), ""),
            (format!("--b\r\n{name}\r\n\r\n--b\r\n\r\n--bc\r\n--b--"), ""),
            (format!("--b\r\n{name}\r\n\r\n\r\n\r\n--b--"), "\r\n"),
            (format!("--b\r\n{name}\r\n\r\nx--b--\r\n--bc\r\n--b--"), "x--b--\r\n--bc"),
            (
                "--b\r\nX: y\r\nCONTENT-disposition:form-data;\r\n name=a\r\n\r\nx\r\n--b--"
                    .to_owned(),
                "x",
            ),
        ];
        for (body, content) in cases {
            // The one that has a part without a name is not a form.
            let read = parts(body.as_bytes(), "multipart/mixed; boundary=b").unwrap();
            let first = read.list.first().unwrap();
            assert_eq!(first.bytes(body.as_bytes()), content.as_bytes(), "{body:?}");
            assert_eq!(first.name.as_deref(), Some("a"), "{body:?}");
        }
        assert_eq!(found("--b--"), []);
    }

    #[test]
    fn what_is_not_a_form_is_refused_with_its_place() {
        let name = "Content-Disposition: form-data; name=a";
        let cut = format!("--b\r\n{name}\r\n\r\nx\r\n");
        let cases = [
            ("", FORM, "1:1: no line is `--b`, which comes before a part"),
            (
                &*cut,
                "multipart/form-data",
                "1:1: the content type of several parts has no `boundary`",
            ),
            (&*cut, FORM, "5:1: no line is `--b--`, which ends the last part"),
            ("--b\r\nContent-", FORM, "2:1: the headers of a part have no end"),
            ("--b\r\nodd\r\n\r\n--b--", FORM, "2:1: `odd` is not a header of a part"),
            (
                "--b\r\nX: y\r\n\r\n\r\n--b--",
                FORM,
                "2:1: a part has no name in a `Content-Disposition: form-data; name=\"...\"`",
            ),
        ];
        for (body, content_type, expected) in cases {
            assert_eq!(refused(body, content_type), expected, "{body:?}");
        }
        let one = format!("--b\r\n{name}\r\n\r\n\r\n");
        assert_eq!(found(&format!("{}--b--", one.repeat(MOST_PARTS))).len(), MOST_PARTS);
        let more = refused(&format!("{}--b--", one.repeat(MOST_PARTS + 1)), FORM);
        assert!(more.ends_with("more than 1000 parts"), "{more}");
        let long = format!("--b\r\nX: {}\r\n\r\n--b--", "y".repeat(MOST_OF_HEADERS));
        assert!(refused(&long, FORM).contains("bytes of headers"));
    }

    fn part() -> impl Strategy<Value = Outgoing> {
        // What browsers send for a quote and a line end cannot be told from itself.
        let name = "[^%]{0,8}";
        let bytes = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            "(\r|\n|-|counterpart-part-1| |x){0,12}".prop_map(String::into_bytes),
        ];
        (
            name,
            proptest::option::of(name),
            proptest::option::of("[a-z]{1,4}/[a-z;= ]{0,6}[a-z]"),
            bytes,
        )
            .prop_map(|(name, filename, content_type, content)| Outgoing {
                name: Some(name),
                id: filename.as_ref().map(|_| "a@b".to_owned()),
                filename,
                content_type,
                content,
            })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(sent in proptest::collection::vec(part(), 0..5)) {
            let boundary = unused_boundary(&sent);
            let mut body = Vec::new();
            write(&sent, &boundary, &mut body);
            let content_type = format!("multipart/form-data; boundary={boundary}");
            let read = parts(&body, &content_type).unwrap();
            prop_assert_eq!(read.list.len(), sent.len());
            for (read, sent) in read.list.iter().zip(&sent) {
                prop_assert_eq!(read.name.as_deref(), sent.name.as_deref());
                prop_assert_eq!(read.id.as_deref(), sent.id.as_deref());
                prop_assert_eq!(read.filename.as_deref(), sent.filename.as_deref());
                prop_assert_eq!(read.content_type.as_deref(), sent.content_type.as_deref());
                prop_assert_eq!(read.bytes(&body), &*sent.content);
            }
        }

        #[test]
        fn no_bytes_are_too_much(
            body in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..200),
                "(--|b|\r\n|Content-Disposition: form-data; name=|Content-Type: |\"|\\\\|:|;|=|x| ){0,40}"
                    .prop_map(String::into_bytes),
            ],
            content_type in prop_oneof![
                Just(FORM.to_owned()),
                "multipart/mixed(;| |=|boundary|\"|\\\\|b|\\*|'){0,20}",
            ],
        ) {
            if let Ok(parts) = parts(&body, &content_type) {
                for part in parts.list {
                    prop_assert!(part.content.start <= part.content.end);
                    prop_assert!(part.content.end <= body.len());
                    let _ = part.text(&body);
                }
            }
        }
    }
}

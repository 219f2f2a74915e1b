//! The pieces of a document. Tags, text and references, which nearly all of a document consists
//! of, are slices of it: the library's reader checks of each piece again that it is UTF-8. What
//! else there is, and what is wrong, that reader says.

use memchr::{memchr2, memchr3};
use quick_xml::errors::IllFormedError;
use quick_xml::events::Event;
use quick_xml::parser::{ElementParser, Parser as _};

use super::attributes::Misplaced;
use super::names;

/// A piece of a document.
#[derive(Debug)]
pub(super) enum Token<'d> {
    /// A start tag.
    Start {
        /// The name, which may not be a valid one.
        name: &'d str,
        /// What stands behind it, with the white space before.
        attributes: &'d str,
        /// Whether it is the end tag too.
        is_empty: bool,
    },
    /// The end tag of the innermost element.
    End,
    /// Text without references; never empty.
    Text(&'d str),
    /// What stands between `&` and `;`.
    Reference(&'d str),
    /// A comment, a section, a declaration, or an instruction; few of them make it no larger.
    Other(Box<Event<'d>>),
}

/// Takes a document apart.
#[derive(Debug)]
pub(super) struct Tokens<'d> {
    rest: &'d str,
    at: usize,
}

impl<'d> Tokens<'d> {
    /// Of a document from there on.
    pub(super) fn new(document: &'d str, from: usize) -> Self {
        let mut tokens = Self { rest: document, at: 0 };
        tokens.take(from);
        tokens
    }

    /// Where the next piece starts.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next piece; `None` at the end. `open` is the name of the innermost element.
    pub(super) fn next(&mut self, open: Option<&str>) -> Result<Option<Token<'d>>, Misplaced> {
        let bytes = self.rest.as_bytes();
        let token = match bytes {
            [] => return Ok(None),
            [b'<', b'/', name @ ..] => return self.end(name, open).map(Some),
            [b'<', b'!' | b'?', ..] | [b'<'] => return self.by_library().map(Some),
            [b'<', name @ ..] => {
                let length = names::usual_length(name);
                if name.get(length) == Some(&b'>') {
                    let (name, attributes) = (inner(self.take(length + 2)), "");
                    return Ok(Some(Token::Start { name, attributes, is_empty: false }));
                }
                match ElementParser::Outside.feed(bytes) {
                    Some(end) => start(inner(self.take(end + 1))),
                    None => return self.by_library().map(Some),
                }
            }
            [b'&', rest @ ..] => match memchr3(b';', b'&', b'<', rest) {
                Some(end) if rest.get(end) == Some(&b';') => {
                    Token::Reference(inner(self.take(end + 2)))
                }
                _ => return self.by_library().map(Some),
            },
            _ => Token::Text(self.take(memchr2(b'<', b'&', bytes).unwrap_or(bytes.len()))),
        };
        Ok(Some(token))
    }

    /// The text of an element whose start tag was the last piece, with its end tag, where there is
    /// nothing else in it and nothing in the text that is to be read.
    pub(super) fn leaf(&mut self, name: &str) -> Option<&'d str> {
        let length = memchr3(b'<', b'&', b'\r', self.rest.as_bytes())?;
        let (text, end) = self.rest.split_at_checked(length)?;
        end.strip_prefix("</")?.strip_prefix(name)?.strip_prefix('>')?;
        self.take(length + "</>".len() + name.len());
        Some(text)
    }

    /// An end tag, of which that is what stands behind `</`.
    fn end(&mut self, rest: &[u8], open: Option<&str>) -> Result<Token<'d>, Misplaced> {
        if let Some(open) = open
            && let Some([b'>', ..]) = rest.strip_prefix(open.as_bytes())
        {
            self.take(open.len() + "</>".len());
            return Ok(Token::End);
        }
        let Some(length) = ElementParser::Outside.feed(rest) else { return self.by_library() };
        let at = self.at;
        let tag = inner(self.take(length + "</>".len()));
        let name = tag.strip_prefix('/').unwrap_or(tag);
        let found = match name.trim_ascii_end() {
            "" => name,
            trimmed => trimmed,
        };
        let error = match open {
            Some(open) if open == found => return Ok(Token::End),
            Some(open) => {
                let (expected, found) = (open.to_owned(), found.to_owned());
                IllFormedError::MismatchedEndTag { expected, found }
            }
            None => IllFormedError::UnmatchedEndTag(found.to_owned()),
        };
        Err((at, error.to_string()))
    }

    fn take(&mut self, length: usize) -> &'d str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.at += taken.len();
        taken
    }

    fn by_library(&mut self) -> Result<Token<'d>, Misplaced> {
        let mut reader = quick_xml::Reader::from_str(self.rest);
        reader.config_mut().check_comments = true;
        let event = reader.read_event().map_err(|error| {
            let message = match error {
                quick_xml::Error::Syntax(error) => error.to_string(),
                quick_xml::Error::IllFormed(error) => error.to_string(),
                other => other.to_string(),
            };
            (self.at + offset(reader.error_position()), message)
        })?;
        self.take(offset(reader.buffer_position()));
        Ok(Token::Other(Box::new(event)))
    }
}

/// The library counts in `u64`; a body is in memory, so its offsets are no wider than a `usize`.
fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// What stands between the first and the last byte.
fn inner(piece: &str) -> &str {
    piece.get(1..piece.len() - 1).unwrap_or_default()
}

/// A start tag, of which that is what stands between `<` and `>`.
fn start(inner: &str) -> Token<'_> {
    let (inner, is_empty) = match inner.strip_suffix('/') {
        Some(inner) => (inner, true),
        None => (inner, false),
    };
    let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let length = inner.bytes().position(is_space).unwrap_or(inner.len());
    let (name, attributes) = inner.split_at_checked(length).unwrap_or((inner, ""));
    Token::Start { name, attributes, is_empty }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces and, behind them, where and why there are no more.
    type Pieces = (Vec<String>, Option<Misplaced>);

    /// The pieces as the library's reader has them, which looks at whole documents otherwise.
    fn by_reader(document: &str) -> Pieces {
        let mut reader = quick_xml::Reader::from_str(document);
        reader.config_mut().check_comments = true;
        let mut pieces = Vec::new();
        loop {
            pieces.push(match reader.read_event() {
                Ok(Event::Eof) => return (pieces, None),
                Ok(Event::Start(tag)) => {
                    format!("{:?} {:?} {:?}", tag.name().as_ref(), tag.attributes_raw(), false)
                }
                Ok(Event::Empty(tag)) => {
                    format!("{:?} {:?} {:?}", tag.name().as_ref(), tag.attributes_raw(), true)
                }
                Ok(Event::End(_)) => "end".to_owned(),
                Ok(Event::Text(text)) => format!("{:?}", &*text),
                Ok(Event::GeneralRef(name)) => format!("&{};", &*name),
                Ok(other) => format!("{other:?}"),
                Err(error) => {
                    let message = match error {
                        quick_xml::Error::Syntax(error) => error.to_string(),
                        other => other.to_string(),
                    };
                    return (pieces, Some((offset(reader.error_position()), message)));
                }
            });
        }
    }

    fn by_tokens(document: &str) -> Pieces {
        let mut tokens = Tokens::new(document, 0);
        let mut open = Vec::new();
        let mut pieces = Vec::new();
        loop {
            pieces.push(match tokens.next(open.last().copied()) {
                Ok(None) => return (pieces, None),
                Ok(Some(Token::Start { name, attributes, is_empty })) => {
                    if !is_empty {
                        open.push(name);
                    }
                    format!("{name:?} {attributes:?} {is_empty:?}")
                }
                Ok(Some(Token::End)) => {
                    open.pop();
                    "end".to_owned()
                }
                Ok(Some(Token::Text(text))) => format!("{text:?}"),
                Ok(Some(Token::Reference(name))) => format!("&{name};"),
                Ok(Some(Token::Other(event))) => format!("{event:?}"),
                Err(error) => return (pieces, Some(error)),
            });
        }
    }

    fn document() -> impl Strategy<Value = String> {
        let piece = proptest::sample::select(vec![
            "<a>",
            "</a>",
            "<b c='>'/>",
            "<ä>",
            "</ä\n>",
            "</a >",
            "<",
            ">",
            "/",
            "&",
            ";",
            "&lt;",
            "'",
            "\"",
            "=",
            "x",
            " ",
            "\r\n",
            "]]>",
            "<![CDATA[",
            "<!--",
            "-->",
            "--",
            "<?",
            "?>",
            "<?xml version='1.0'?>",
            "<!",
            "<!DOCTYPE a>",
            "é",
        ]);
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn pieces_are_those_of_the_library(document in document()) {
            let (pieces, error) = by_tokens(&document);
            let (expected, expected_error) = by_reader(&document);
            prop_assert_eq!(pieces, expected);
            let plain = |(at, message): Misplaced| (at, message.replace("ill-formed document: ", ""));
            prop_assert_eq!(error.map(plain), expected_error.map(plain));
        }
    }
}

//! Filters of texts.

use super::{Call, Outcome, digest};
use crate::expression::cost::Fault;
use crate::expression::operators::{kind, text_of};
use crate::value::Value;

fn made(text: String) -> Outcome {
    Ok(Some(text.into()))
}

pub(super) fn upper(call: &mut Call<'_>) -> Outcome {
    made(call.text()?.to_uppercase())
}

pub(super) fn lower(call: &mut Call<'_>) -> Outcome {
    made(call.text()?.to_lowercase())
}

pub(super) fn title(call: &mut Call<'_>) -> Outcome {
    let mut out = String::new();
    let mut begins = true;
    for c in call.text()?.chars() {
        if matches!(c, '-' | '(' | '{' | '[' | '<') || c.is_whitespace() {
            out.push(c);
            begins = true;
        } else if std::mem::take(&mut begins) {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
    }
    made(out)
}

pub(super) fn capitalize(call: &mut Call<'_>) -> Outcome {
    let text = call.text()?;
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    made(first + &chars.as_str().to_lowercase())
}

pub(super) fn replace(call: &mut Call<'_>) -> Outcome {
    let text = call.text()?;
    let from = text_of(call.argument(0), call.budget)?;
    let to = text_of(call.argument(1), call.budget)?;
    let times = text.matches(&*from).count();
    call.budget.spend_text(times.saturating_mul(to.len()))?;
    made(text.replace(&*from, &to))
}

pub(super) fn trim(call: &mut Call<'_>) -> Outcome {
    let text = call.text()?;
    made(match call.text_argument(0)? {
        Some(chars) => text.trim_matches(&*chars.chars().collect::<Vec<_>>()).to_owned(),
        None => text.trim().to_owned(),
    })
}

/// A null in a list is written as nothing, as one between texts is. What is joined are the bytes for
/// which the items stand.
pub(super) fn join(call: &mut Call<'_>) -> Outcome {
    let separator = call.text_argument(0)?.unwrap_or_default();
    let (member, look) = (call.some(1), call.look(1));
    let mut bytes = Vec::new();
    for (at, item) in call.items()?.iter().enumerate() {
        let item = match member {
            Some(path) => look(item, Some(path)),
            None => Some(std::borrow::Cow::Borrowed(item)),
        };
        let item = item.as_deref().filter(|item| !matches!(item, Value::Null));
        let piece = text_of(item, call.budget)?;
        call.budget.spend_text(separator.len() + piece.len())?;
        if at > 0 {
            bytes.extend_from_slice(separator.as_bytes());
        }
        bytes.extend_from_slice(&digest::read(call, 2, &piece)?);
    }
    digest::write_as_read(call, 2, bytes)
}

/// Undoes what a URL has for a text (RFC 3986 section 2.1); what is not an escape stays.
pub(super) fn urldecode(call: &mut Call<'_>) -> Outcome {
    if matches!(call.value, Some(Value::Null)) {
        return Ok(Some(Value::Null));
    }
    let text = call.scalar()?;
    call.budget.spend_text(text.len())?;
    let decoded = percent_encoding::percent_decode_str(&text).decode_utf8();
    made(decoded.map_err(|_| Fault::misfit("not a string in UTF-8"))?.into_owned())
}

fn only_text<'c>(call: &Call<'c>) -> Result<&'c str, Fault> {
    match call.value {
        Some(Value::Text(text)) => Ok(text),
        other => Err(Fault::misfit(format!("{} is not a string", kind(other)))),
    }
}

fn pieces<'t>(call: &mut Call<'_>, pieces: impl Iterator<Item = &'t str>) -> Outcome {
    let pieces: Vec<Value> = pieces.map(Value::from).collect();
    call.budget.spend(pieces.len())?;
    Ok(Some(Value::list(pieces)))
}

pub(super) fn split(call: &mut Call<'_>) -> Outcome {
    let separator = call.word(0)?;
    let most = call.whole_argument(1)?.and_then(|most| usize::try_from(most).ok());
    let most = most.map(|most| most.saturating_add(1));
    let text = only_text(call)?;
    call.budget.spend_text(text.len())?;
    match (separator, most) {
        (None, None) => pieces(call, text.split_whitespace()),
        (Some(separator), None) => pieces(call, text.split(separator)),
        (Some(separator), Some(most)) => pieces(call, text.splitn(most, separator)),
        (None, Some(most)) => {
            let mut rest = text.trim_start();
            let mut words = Vec::new();
            while !rest.is_empty() && words.len() + 1 < most {
                let (word, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                words.push(word);
                rest = behind.trim_start();
            }
            words.extend(Some(rest).filter(|rest| !rest.is_empty()));
            pieces(call, words.into_iter())
        }
    }
}

pub(super) fn lines(call: &mut Call<'_>) -> Outcome {
    let text = only_text(call)?;
    call.budget.spend_text(text.len())?;
    pieces(call, text.lines())
}

pub(super) fn string(call: &mut Call<'_>) -> Outcome {
    made(call.text()?.into_owned())
}

pub(super) fn safe(call: &mut Call<'_>) -> Outcome {
    Ok(call.value.cloned())
}

/// What HTML and XML read as text.
pub(super) fn escape(call: &mut Call<'_>) -> Outcome {
    let text = call.text()?;
    call.budget.spend_text(text.len().saturating_mul(6))?;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            c => out.push(c),
        }
    }
    made(out)
}

pub(super) fn indent(call: &mut Call<'_>) -> Outcome {
    let without_end = |text: &str| {
        let text = text.strip_suffix('\n').unwrap_or(text);
        text.strip_suffix('\r').unwrap_or(text).len()
    };
    let width = call.count_argument(0)?.unwrap_or(4);
    let (first, blank) = (call.flag(1)?, call.flag(2)?);
    let text = call.text()?;
    let text = text.get(..without_end(&text)).unwrap_or_default();
    let lines = text.split('\n').count();
    call.budget.spend_text(lines.saturating_mul(width.saturating_add(64)))?;
    let mut out = String::new();
    for (at, line) in text.split('\n').enumerate() {
        let empty = matches!(line, "" | "\r");
        if (at > 0 || first) && (!empty || blank) {
            out.extend(std::iter::repeat_n(' ', width));
        }
        out.push_str(line);
        out.push('\n');
    }
    out.truncate(without_end(&out));
    made(out)
}

/// `a.b[0].c` as forms with structure in their names write it: `a[b][0][c]`.
pub(super) fn brackets(call: &mut Call<'_>) -> Outcome {
    if matches!(call.value, Some(Value::Null)) {
        return Ok(Some(Value::Null));
    }
    let path = call.scalar()?;
    let mut steps = path.split(['.', '[']).map(|step| step.trim_end_matches(']'));
    let mut written = steps.next().unwrap_or_default().to_owned();
    for step in steps {
        written.push('[');
        written.push_str(step);
        written.push(']');
    }
    made(written)
}

/// All but the letters, digits and `-._~` of RFC 3986, section 2.3.
const ENCODED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text for a segment of a path or a query; the members of a map as a query.
pub(super) fn urlencode(call: &mut Call<'_>) -> Outcome {
    let Some(members) = call.value.and_then(Value::members) else {
        if matches!(call.value, Some(Value::Null)) {
            return made(String::new());
        }
        let text = call.scalar()?;
        call.budget.spend_text(text.len().saturating_mul(3))?;
        return made(percent_encoding::utf8_percent_encode(&text, ENCODED).to_string());
    };
    let mut out = String::new();
    for (name, value) in members {
        let Some(text) = value.scalar_text() else { continue };
        call.budget.spend_text((name.len() + text.len()).saturating_mul(3))?;
        if !out.is_empty() {
            out.push('&');
        }
        out.extend(percent_encoding::utf8_percent_encode(name, ENCODED));
        out.push('=');
        out.extend(percent_encoding::utf8_percent_encode(&text, ENCODED));
    }
    made(out)
}

//! From pieces to lines.

use super::piece::{Kind, Member, Piece};
use super::scalar;

/// How long a line may be.
const WIDTH: usize = 100;
/// How many lists and mappings may stand in each other on one line.
const DEEP: usize = 4;

/// The text of a document, with lines of comment at its beginning.
pub fn document(piece: &Piece, comment: &[String]) -> String {
    let mut out = String::new();
    for line in comment {
        remark_line(&mut out, 0, line);
    }
    if !comment.is_empty() {
        out.push('\n');
    }
    match &piece.kind {
        Kind::Map(members) if !members.is_empty() => write_members(&mut out, members, 0, 0),
        Kind::List(items) if !items.is_empty() => write_items(&mut out, items, 0),
        _ => {
            out.push_str(&flow(piece, 0).unwrap_or_default());
            out.push('\n');
        }
    }
    out
}

fn remark_line(out: &mut String, indent: usize, line: &str) {
    pad(out, indent);
    out.push('#');
    if !line.is_empty() {
        out.push(' ');
        out.push_str(&one_line(line));
    }
    out.push('\n');
}

/// A comment ends with its line.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}')
        .collect::<Vec<_>>()
        .join(" ")
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// The members of a mapping; the first of them is on a line that has begun already, `begun`
/// characters of the indentation are there.
fn write_members(out: &mut String, members: &[Member], indent: usize, begun: usize) {
    for (at, member) in members.iter().enumerate() {
        let begun = if at == 0 { begun } else { 0 };
        if member.apart && begun == 0 && !out.is_empty() && !out.ends_with("\n\n") {
            out.push('\n');
        }
        pad(out, indent - begun);
        let key = scalar::key(&member.key);
        let column = indent + key.chars().count() + 2;
        out.push_str(&key);
        out.push(':');
        write_value(out, &member.value, indent, column);
    }
}

fn write_items(out: &mut String, items: &[Piece], indent: usize) {
    for item in items {
        let on_lines = matches!(item.kind, Kind::Map(_)) && flow_within(item, indent + 2).is_none();
        // What is said of an item that has lines of its own stands above it.
        for line in item.remark.iter().filter(|_| on_lines) {
            remark_line(out, indent, line);
        }
        pad(out, indent);
        out.push('-');
        match &item.kind {
            Kind::Map(members) if on_lines => {
                out.push(' ');
                write_members(out, members, indent + 2, indent + 2);
            }
            _ => write_value(out, item, indent, indent + 2),
        }
    }
}

/// What stands behind `key:` or `-`, at that column.
fn write_value(out: &mut String, piece: &Piece, indent: usize, column: usize) {
    let behind = piece.remark.as_ref().map(|text| format!("  # {}", one_line(text)));
    let behind = behind.unwrap_or_default();
    if let Kind::Text(text) = &piece.kind {
        return write_text(out, text, indent, column, &behind);
    }
    if let Some(line) = flow_within(piece, column) {
        out.push(' ');
        out.push_str(&line);
        out.push_str(&behind);
        out.push('\n');
        return;
    }
    out.push_str(&behind);
    out.push('\n');
    match &piece.kind {
        Kind::Map(members) => write_members(out, members, indent + 2, 0),
        Kind::List(items) => write_items(out, items, indent + 2),
        _ => {}
    }
}

fn write_text(out: &mut String, text: &str, indent: usize, column: usize, behind: &str) {
    let inner = indent + 2;
    if let Some(header) = scalar::literal_header(text) {
        out.push(' ');
        out.push_str(header);
        out.push_str(behind);
        out.push('\n');
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                pad(out, inner);
                out.push_str(line);
            }
            out.push('\n');
        }
        return;
    }
    let line = scalar::text(text, false);
    // What is worked out is not folded: it is one expression.
    if column + line.chars().count() > WIDTH
        && !text.contains("${")
        && let Some(lines) = scalar::folded(text, WIDTH.saturating_sub(inner).max(40))
        && lines.len() > 1
    {
        out.push_str(" >-");
        out.push_str(behind);
        out.push('\n');
        for line in lines {
            pad(out, inner);
            out.push_str(&line);
            out.push('\n');
        }
        return;
    }
    out.push(' ');
    out.push_str(&line);
    out.push_str(behind);
    out.push('\n');
}

/// The piece on the rest of a line, if it is to be there and there is room.
fn flow_within(piece: &Piece, column: usize) -> Option<String> {
    let line = flow(piece, 0)?;
    let short = column + line.chars().count() <= WIDTH;
    let nothing = piece.is_empty() || !matches!(piece.kind, Kind::List(_) | Kind::Map(_));
    (short || nothing).then_some(line)
}

/// The piece on one line; nothing where it has lines of its own, or comments within.
fn flow(piece: &Piece, depth: usize) -> Option<String> {
    match &piece.kind {
        Kind::Null => Some("null".to_owned()),
        Kind::Bool(value) => Some(value.to_string()),
        Kind::Number(literal) => Some(literal.clone()),
        Kind::Text(text) if depth > 0 && scalar::literal_header(text).is_some() => None,
        Kind::Text(text) => Some(scalar::text(text, depth > 0)),
        Kind::List(items) if items.is_empty() => Some("[]".to_owned()),
        Kind::Map(members) if members.is_empty() => Some("{}".to_owned()),
        _ if piece.block || depth >= DEEP => None,
        Kind::List(items) => {
            let inner = items.iter().map(|item| flow_inside(item, depth));
            Some(format!("[{}]", inner.collect::<Option<Vec<_>>>()?.join(", ")))
        }
        Kind::Map(members) => {
            let inner = members.iter().map(|member| {
                if member.apart {
                    return None;
                }
                let value = flow_inside(&member.value, depth)?;
                Some(format!("{}: {value}", scalar::key(&member.key)))
            });
            Some(format!("{{{}}}", inner.collect::<Option<Vec<_>>>()?.join(", ")))
        }
    }
}

fn flow_inside(piece: &Piece, depth: usize) -> Option<String> {
    if piece.remark.is_some() { None } else { flow(piece, depth + 1) }
}

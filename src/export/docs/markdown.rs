//! A page as Markdown (`CommonMark` with the tables of GitHub).

use std::fmt::Write as _;

use super::page::{Block, Inline, Line, Page, Table, on_one_line};
use crate::visible::{Notation, visible};

/// The whole page.
pub(super) fn write(page: &Page) -> String {
    let mut out = format!("# {}\n", text(&page.title));
    contents(page, &mut out);
    for block in &page.blocks {
        out.push('\n');
        match block {
            Block::Heading { level, id, text: title } => {
                let marks = "#".repeat(usize::from(*level));
                let _ = write!(out, "<a id=\"{id}\"></a>\n\n{marks} {}\n", text(title));
            }
            Block::Paragraph(line) => {
                let _ = writeln!(out, "{}", begun(&inline(line, false)));
            }
            Block::List(lines) => {
                for line in lines {
                    let _ = writeln!(out, "- {}", begun(&inline(line, false)));
                }
            }
            Block::Table(shown) => table(shown, &mut out),
            Block::Code { label, text: code } => {
                let fence = "`".repeat(longest(code).max(2) + 1);
                let code = visible(code, Notation::Plain);
                let _ = write!(out, "{}\n\n{fence}text\n", begun(&text(label)));
                let _ = writeln!(out, "{}\n{fence}", code.trim_end());
            }
        }
    }
    out
}

/// Links to the sections, and to what is in them.
fn contents(page: &Page, out: &mut String) {
    out.push('\n');
    for block in &page.blocks {
        let Block::Heading { level: level @ 2..=3, id, text: title } = block else { continue };
        let indent = if *level == 3 { "  " } else { "" };
        let _ = writeln!(out, "{indent}- [{}](#{id})", text(title));
    }
}

fn table(table: &Table, out: &mut String) {
    let _ = writeln!(out, "| {} |", table.head.join(" | "));
    let _ = writeln!(out, "|{}", "---|".repeat(table.head.len()));
    for (id, row) in &table.rows {
        out.push('|');
        let mut anchor = id.as_ref().map(|id| format!("<a id=\"{id}\"></a>")).unwrap_or_default();
        for cell in row {
            let _ = write!(out, " {anchor}{} |", inline(cell, true));
            anchor.clear();
        }
        out.push('\n');
    }
}

fn inline(line: &Line, in_table: bool) -> String {
    let mut out = String::new();
    for piece in &line.0 {
        match piece {
            Inline::Text(plain) => out.push_str(&text(plain)),
            Inline::Code(plain) => out.push_str(&code(plain, in_table)),
            Inline::Strong(plain) => {
                let _ = write!(out, "**{}**", text(plain));
            }
            Inline::Place(place, plain) => {
                let _ = write!(out, "[{}](#{place})", text(plain));
            }
            // Nothing in it ends an autolink, and a cell ends at no percent sign.
            Inline::Url(url) => {
                let _ = write!(out, "<{}>", on_one_line(url).replace('|', "%7C"));
            }
            Inline::Break if in_table => out.push_str("<br>"),
            Inline::Break => out.push_str("\\\n"),
        }
    }
    out
}

/// Text of which nothing is markup: what could begin some has a backslash before it (`CommonMark`
/// section 2.4), and what tags and references begin with is a reference, which also holds where
/// somebody takes the text for HTML.
fn text(plain: &str) -> String {
    let mut escaped = String::new();
    for character in on_one_line(plain).chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '|' => escaped.push_str("\\|"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '$' | '!' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A line at whose beginning nothing is a mark of a list, a heading or a rule.
fn begun(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match line.as_bytes().get(digits) {
        Some(b'.' | b')') if digits > 0 => {
            let (number, rest) = line.split_at(digits);
            format!("{number}\\{rest}")
        }
        Some(b'#' | b'-' | b'+' | b'=' | b':') if digits == 0 => format!("\\{line}"),
        _ => line.to_owned(),
    }
}

/// A code span (`CommonMark` section 6.1), which ends at nothing that is in it.
fn code(plain: &str, in_table: bool) -> String {
    let plain = on_one_line(plain);
    let fence = "`".repeat(longest(&plain) + 1);
    let plain = if in_table { plain.replace('|', "\\|") } else { plain };
    let space =
        if plain.starts_with('`') || plain.ends_with('`') || plain.is_empty() { " " } else { "" };
    format!("{fence}{space}{plain}{space}{fence}")
}

/// The most backticks in a row.
fn longest(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_markup() {
        assert_eq!(
            text("a|b <script>&amp;*_[x](y)"),
            "a\\|b &lt;script&gt;&amp;amp;\\*\\_\\[x\\](y)"
        );
        assert_eq!(code("a`b|c", true), "``a`b\\|c``");
        assert_eq!(code("`", false), "`` ` ``");
        assert_eq!(begun("1. one"), "1\\. one");
        assert_eq!(begun("# one"), "\\# one");
        assert_eq!(text("a\n# b"), "a # b");
    }
}

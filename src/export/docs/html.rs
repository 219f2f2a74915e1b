//! A page as HTML that stands alone: no network, no script, readable from a disk and in print.

use std::fmt::Write as _;

use super::page::{Block, Inline, Line, Page, Table, on_one_line};
use crate::visible::{Notation, visible};

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");

/// The whole page.
pub(super) fn write(page: &Page) -> String {
    let parts = [
        ("{{title}}", escaped(&page.title)),
        ("{{style}}", STYLE.to_owned()),
        ("{{contents}}", contents(page)),
        ("{{content}}", content(page)),
    ];
    // In the order of the places, so that nothing in a part is taken for the place of another.
    let mut out = String::new();
    let mut rest = PAGE;
    for (place, part) in parts {
        if let Some((before, after)) = rest.split_once(place) {
            out.push_str(before);
            out.push_str(&part);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn contents(page: &Page) -> String {
    let mut out = String::from("<ul>");
    let mut inner = false;
    let mut open = false;
    for block in &page.blocks {
        let Block::Heading { level: level @ 2..=3, id, text } = block else { continue };
        match (*level, inner) {
            (2, true) => out.push_str("</ul>"),
            (3, false) if open => out.push_str("<ul>"),
            _ => {}
        }
        inner = *level == 3 && open;
        if *level == 2 {
            out.push_str(if open { "</li>\n<li>" } else { "\n<li>" });
            open = true;
        } else {
            out.push_str("\n<li>");
        }
        let _ = write!(out, "<a href=\"#{id}\">{}</a>", escaped(text));
        if *level == 3 {
            out.push_str("</li>");
        }
    }
    if inner {
        out.push_str("</ul>");
    }
    out.push_str(if open { "</li>\n</ul>" } else { "</ul>" });
    out
}

fn content(page: &Page) -> String {
    let mut out = format!("<h1>{}</h1>\n", escaped(&page.title));
    for block in &page.blocks {
        match block {
            Block::Heading { level, id, text } => {
                let text = escaped(text);
                let _ = writeln!(out, "<h{level} id=\"{id}\">{text}</h{level}>");
            }
            Block::Paragraph(line) => {
                let _ = writeln!(out, "<p>{}</p>", inline(line));
            }
            Block::List(lines) => {
                let items = lines.iter().map(|line| format!("<li>{}</li>\n", inline(line)));
                let _ = writeln!(out, "<ul>\n{}</ul>", items.collect::<String>());
            }
            Block::Table(shown) => table(shown, &mut out),
            Block::Code { label, text } => {
                let label = escaped(label);
                let text = escaped_seen(&visible(text.trim_end(), Notation::Plain));
                let _ = writeln!(
                    out,
                    "<figure><figcaption>{label}</figcaption><pre tabindex=\"0\" role=\"group\" \
                     aria-label=\"{label}\"><code>{text}</code></pre></figure>"
                );
            }
        }
    }
    out
}

/// A table whose rows stand below each other on a narrow screen; so that it stays one there for
/// who does not see it, each part says what it is.
fn table(table: &Table, out: &mut String) {
    let label = escaped(&table.label);
    let head = table
        .head
        .iter()
        .map(|name| format!("<th scope=\"col\" role=\"columnheader\">{}</th>", escaped(name)));
    let _ = write!(
        out,
        "<table role=\"table\" aria-label=\"{label}\"><thead role=\"rowgroup\"><tr role=\"row\">\
         {}</tr></thead>\n<tbody role=\"rowgroup\">\n",
        head.collect::<String>()
    );
    for (id, row) in &table.rows {
        let id = id.as_ref().map(|id| format!(" id=\"{id}\"")).unwrap_or_default();
        let _ = write!(out, "<tr role=\"row\"{id}>");
        for (at, (cell, name)) in row.iter().zip(&table.head).enumerate() {
            let (tag, attributes) = match at {
                0 => ("th", " scope=\"row\" role=\"rowheader\""),
                _ => ("td", " role=\"cell\""),
            };
            let empty = if cell.is_empty() { " class=\"empty\"" } else { "" };
            let name = escaped(name);
            let _ = write!(
                out,
                "<{tag}{attributes} data-name=\"{name}\"{empty}><div>{}</div></{tag}>",
                inline(cell)
            );
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table>\n");
}

fn inline(line: &Line) -> String {
    let mut out = String::new();
    for piece in &line.0 {
        let _ = match piece {
            Inline::Text(text) => write!(out, "{}", escaped(text)),
            Inline::Code(text) => write!(out, "<code>{}</code>", escaped(text)),
            Inline::Strong(text) => write!(out, "<strong>{}</strong>", escaped(text)),
            Inline::Place(place, text) => {
                write!(out, "<a href=\"#{place}\">{}</a>", escaped(text))
            }
            Inline::Url(url) => {
                let url = escaped(url);
                write!(out, "<a href=\"{url}\" rel=\"noreferrer\">{url}</a>")
            }
            Inline::Break => write!(out, "<br>"),
        };
    }
    out
}

/// Text of which nothing is markup, between tags or in quotes; what cannot be seen is shown.
fn escaped(text: &str) -> String {
    escaped_seen(&on_one_line(text))
}

/// The same for what is seen already.
fn escaped_seen(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

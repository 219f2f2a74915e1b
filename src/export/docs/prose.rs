//! Descriptions that people wrote: paragraphs, lists, code between backticks and addresses. They
//! are read as far as that; all else stands as it was written.

use super::page::{Block, Inline, Line};

/// A description as it stands on a page.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut paragraph = String::new();
    let mut list: Vec<String> = Vec::new();
    for written in text.lines() {
        let trimmed = written.trim();
        let item = ["- ", "* ", "+ "].iter().find_map(|mark| trimmed.strip_prefix(mark));
        if let Some(item) = item {
            end_paragraph(&mut paragraph, &mut blocks);
            list.push(item.to_owned());
        } else if trimmed.is_empty() {
            end_paragraph(&mut paragraph, &mut blocks);
            end_list(&mut list, &mut blocks);
        } else if let Some(last) = list.last_mut() {
            last.push(' ');
            last.push_str(trimmed);
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(trimmed);
        }
    }
    end_paragraph(&mut paragraph, &mut blocks);
    end_list(&mut list, &mut blocks);
    blocks
}

fn end_paragraph(paragraph: &mut String, blocks: &mut Vec<Block>) {
    if !paragraph.is_empty() {
        blocks.push(Block::Paragraph(line(paragraph)));
        paragraph.clear();
    }
}

fn end_list(list: &mut Vec<String>, blocks: &mut Vec<Block>) {
    if !list.is_empty() {
        blocks.push(Block::List(list.iter().map(|item| line(item)).collect()));
        list.clear();
    }
}

/// The same on one line.
pub(super) fn line(text: &str) -> Line {
    let mut line = Line::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('`') {
        let Some((code, after)) = behind.split_once('`') else { break };
        line = addresses(line, before);
        line = if code.is_empty() { line.text("``") } else { line.code(code) };
        rest = after;
    }
    addresses(line, rest)
}

/// Text in which addresses are links.
fn addresses(mut line: Line, text: &str) -> Line {
    let mut rest = text;
    let begin = |text: &str| ["http://", "https://"].iter().filter_map(|s| text.find(s)).min();
    while let Some(start) = begin(rest) {
        let (before, found) = rest.split_at(start);
        let ends = |c: char| c.is_whitespace() || "<>\"'`()[]{}|\\^".contains(c);
        let end = found.find(ends).unwrap_or(found.len());
        let (url, after) = found.split_at(end);
        let url = url.trim_end_matches(['.', ',', ';', ':', '!', '?']);
        if !before.is_empty() {
            line = line.text(before);
        }
        // A variable in braces begins: it is no address of anything.
        if after.starts_with('{') || url.ends_with("://") {
            line = line.text(url);
        } else {
            line.0.push(Inline::Url(url.to_owned()));
        }
        rest = found.get(url.len()..).unwrap_or_default();
    }
    if rest.is_empty() { line } else { line.text(rest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_addresses_are_found() {
        let read = line("see `a|b` at https://a.example/x?y=1. And ` alone, http://{host}/");
        let expected = [
            Inline::Text("see ".into()),
            Inline::Code("a|b".into()),
            Inline::Text(" at ".into()),
            Inline::Url("https://a.example/x?y=1".into()),
            Inline::Text(". And ` alone, ".into()),
            Inline::Text("http://".into()),
            Inline::Text("{host}/".into()),
        ];
        assert_eq!(read.0, expected);
    }

    #[test]
    fn lists_and_paragraphs_are_apart() {
        let found = blocks("One\ntwo\n\n- a\n  b\n- c\n\nthree");
        let [Block::Paragraph(one), Block::List(items), Block::Paragraph(last)] = &*found else {
            unreachable!("{found:?}")
        };
        assert_eq!(*one, Line::new().text("One two"));
        assert_eq!(*items, [Line::new().text("a b"), Line::new().text("c")]);
        assert_eq!(*last, Line::new().text("three"));
    }
}

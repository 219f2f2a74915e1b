//! Making text that came from elsewhere fit to be shown.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::wire::xml::illegal_character;

/// Control characters as pictures, so that an answer can't move the cursor or change colours;
/// line feeds and tabs stay. What can't be seen is written out. What a CI service would obey in a
/// job's output is broken up.
pub(super) fn printable(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    let mut before = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\t' => told.push(character),
            '\u{0}'..='\u{1f}' => told.extend(char::from_u32(0x2400 + u32::from(character))),
            '\u{7f}' => told.push('\u{2421}'),
            '\u{200d}' if before.is_some_and(in_emoji) => {
                match characters.peek().copied().is_some_and(in_emoji) {
                    true => told.push(character),
                    false => write_out(character, &mut told),
                }
            }
            _ if is_unseen(character) => write_out(character, &mut told),
            _ => told.push(character),
        }
        before = Some(character);
    }
    let text = told;
    match text.contains("::") || text.contains("##") {
        true => without_commands(&text),
        false => text,
    }
}

/// A character as its code.
fn write_out(character: char, told: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(told, "⟨U+{:04X}⟩", u32::from(character));
}

/// More controls, and what turns the order of its surroundings, breaks lines, or has no width: the
/// category `Cf` of Unicode, but for the signs of it that are drawn.
fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\u{80}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{70f}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{fffe}'
            | '\u{ffff}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0001}'
            | '\u{e0020}'..='\u{e007f}'
    )
}

/// Pictures, their colours and the sign that makes one of a letter: a joiner between them makes
/// one picture of two.
fn in_emoji(character: char) -> bool {
    matches!(character, '\u{fe0f}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Workflow commands of GitHub (`::` at the beginning of a line, white space aside; `##[` anywhere
/// in it), and those of Azure Pipelines and `TeamCity`, with one character written as its code.
fn without_commands(text: &str) -> String {
    const ANYWHERE: [&str; 3] = ["##[", "##vso[", "##teamcity["];
    let mut told = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        let start = line.len() - line.trim_start().len();
        let (blank, rest) = line.split_at(start);
        told.push_str(blank);
        let mut rest = match rest.strip_prefix("::") {
            Some(command) => {
                told.push_str("⟨U+003A⟩:");
                command
            }
            None => rest,
        };
        while let Some(at) = ANYWHERE.iter().filter_map(|word| rest.find(word)).min() {
            let (before, command) = rest.split_at(at);
            told.push_str(before);
            told.push_str("⟨U+0023⟩");
            rest = command.strip_prefix('#').unwrap_or_default();
        }
        told.push_str(rest);
    }
    told
}

/// A text without what XML has no place for (XML 1.0 section 2.2), which is shown as in a terminal.
pub(super) fn legal_in_xml(text: &str) -> Cow<'_, str> {
    match illegal_character(text) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(printable(text)),
    }
}

/// One line of at most `most` characters. Spaces within a line stay, since they may be all that two
/// texts differ in.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let text = printable(text);
    let lines = text.split(['\n', '\t']).map(str::trim).filter(|line| !line.is_empty());
    let line = lines.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    }
}

/// A body as text: its first `most` lines, and how many more there are.
pub(super) fn body(bytes: &[u8], most: usize) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return format!("{} bytes that are not UTF-8\n", bytes.len());
    };
    let lines = text.lines().count();
    let mut shown = String::new();
    for line in text.lines().take(most) {
        shown.push_str(&cut(&printable(line)));
        shown.push('\n');
    }
    if lines > most {
        let _ = writeln!(shown, "… {} more lines …", lines - most);
    }
    shown
}

/// A line that is not so long that it fills the terminal.
fn cut(line: &str) -> String {
    const LONGEST: usize = 2000;
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            let more = line.len() - end;
            format!("{}… {more} more bytes", line.get(..end).unwrap_or_default())
        }
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_a_picture() {
        assert_eq!(printable("a\u{1b}[31mb\r\nc\t\u{7f}\u{202e}"), "a␛[31mb\nc\t␡⟨U+202E⟩");
        assert_eq!(
            printable("a\u{200b}b\u{ad}c\u{200e}\u{feff}"),
            "a⟨U+200B⟩b⟨U+00AD⟩c⟨U+200E⟩⟨U+FEFF⟩"
        );
        assert_eq!(
            printable("👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥 a\u{200d}"),
            "👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥 a⟨U+200D⟩"
        );
        assert_eq!(one_line("  a\n b   c ", 3), "a b…");
        assert_eq!(one_line("  a\n \t b  c\r\n", 9), "a b  c");
        assert_eq!(
            printable("a::b\n  ::error::x\n::stop-commands::y\n a ##[group]b ##[c]## d\n##vso[x]"),
            "a::b\n  ⟨U+003A⟩:error::x\n⟨U+003A⟩:stop-commands::y\n a ⟨U+0023⟩#[group]b ⟨U+0023⟩#[c]## d\n\
             ⟨U+0023⟩#vso[x]"
        );
        assert_eq!(body(b"1\n2\n3\n", 2), "1\n2\n… 1 more lines …\n");
        assert_eq!(body(b"\xff\xfe", 2), "2 bytes that are not UTF-8\n");
    }
}

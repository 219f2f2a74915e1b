//! What of a text is needed to know which names may stand at a place of it: all but what the other
//! operations or scenarios do, and but rows and examples elsewhere. That is most of a long text.

use std::ops::Range;

/// Lists of which only names matter elsewhere, and the keys of these names.
const NAMED: &[(&str, &str)] = &[("operations:", "operationId:"), ("scenarios:", "name:")];
/// Keys of lists that nothing else depends on.
const ROWS: &[&str] = &["fixtures:", "examples:"];

/// The text with blank lines in place of what is not needed at a byte of it; each line stays where
/// it is. It is the whole text if an anchor would be lost.
pub(super) fn excerpt(text: &str, at: usize) -> String {
    let lines: Vec<Line<'_>> = lines(text);
    let mut kept = String::with_capacity(text.len());
    // The key of the names of a list, and where its items begin.
    let (mut name, mut items) = (None, None);
    let mut number = 0;
    while let Some(line) = lines.get(number) {
        let content = line.content();
        if line.indent() == 0 && !content.is_empty() && !content.starts_with(['-', '#']) {
            name = NAMED.iter().find(|(key, _)| content == *key).map(|(_, name)| *name);
            items = None;
        }
        let is_rows = ROWS.contains(&content);
        let is_item = name.is_some()
            && content.starts_with("- ")
            && *items.get_or_insert(line.indent()) == line.indent()
            && !content.starts_with("- {");
        let block = number..number + 1 + below(&lines, number, is_rows);
        let block = lines.get(block).unwrap_or_default();
        let is_here = block.iter().any(|line| line.bytes.start <= at && at <= line.bytes.end);
        if !(is_rows || is_item) || is_here {
            kept.push_str(line.text);
            number += 1;
            continue;
        }
        if block.iter().any(Line::has_anchor) {
            return text.to_owned();
        }
        let inner = line.indent() + content.len() - content.trim_start_matches(['-', ' ']).len();
        for (at, one) in block.iter().enumerate() {
            let is_name = name.filter(|_| is_item).is_some_and(|name| {
                let indent = one.indent() + if at == 0 { inner - line.indent() } else { 0 };
                indent == inner && one.content().trim_start_matches(['-', ' ']).starts_with(name)
            });
            match at == 0 {
                _ if is_name => kept.push_str(one.text),
                true if is_rows => kept.push_str(one.text),
                true => {
                    kept.extend(std::iter::repeat_n(' ', line.indent()));
                    kept.push_str("-\n");
                }
                false => kept.push('\n'),
            }
        }
        number += block.len();
    }
    kept
}

struct Line<'t> {
    /// With its end.
    text: &'t str,
    /// Where it stands, without its end.
    bytes: Range<usize>,
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let line = |line| {
        let from = start;
        start += str::len(line);
        Line { text: line, bytes: from..start - usize::from(line.ends_with('\n')) }
    };
    text.split_inclusive('\n').map(line).collect()
}

impl Line<'_> {
    fn content(&self) -> &str {
        self.text.trim()
    }

    fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    /// Whether something may be named in it for other places.
    fn has_anchor(&self) -> bool {
        let behind = self.text.split('&').skip(1);
        self.text.contains(" &")
            && behind.into_iter().any(|it| it.starts_with(|c: char| c.is_ascii_alphanumeric()))
    }
}

/// How many lines belong to one, which is an item of a list or, if `is_key`, the key of one.
fn below(lines: &[Line<'_>], number: usize, is_key: bool) -> usize {
    let indent = lines.get(number).map_or(0, Line::indent);
    let belongs = |line: &&Line<'_>| {
        let content = line.content();
        content.is_empty()
            || line.indent() > indent
            || is_key && line.indent() == indent && content.starts_with("- ")
    };
    lines.iter().skip(number + 1).take_while(belongs).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_do_is_left_out() {
        let text = "\
errors:
  E: {status: 404}
collections:
  books:
    fixtures:
    - {id: 1}
operations:
- operationId: one
  path: /one
  steps:
  - respond: {}

- summary: Two.
  operationId: two
  examples:
  - a: 1
- {operationId: three}
# end
";
        let excerpt = |part| excerpt(text, text.find(part).unwrap());
        let outside = "\
errors:
  E: {status: 404}
collections:
  books:
    fixtures:

operations:
- operationId: one




-
  operationId: two


- {operationId: three}
# end
";
        assert_eq!(excerpt("status"), outside);
        let one = "- operationId: one\n  path: /one\n  steps:\n  - respond: {}\n\n-\n";
        assert!(excerpt("respond").contains(one), "{}", excerpt("respond"));
        assert!(excerpt("path").contains(one), "{}", excerpt("path"));
        let two = "- summary: Two.\n  operationId: two\n  examples:\n  - a: 1\n";
        assert!(excerpt("a: 1").contains(two), "{}", excerpt("a: 1"));
        assert!(excerpt("{id").contains("    - {id: 1}\n"));
        for part in ["status", "respond", "Two", "end"] {
            assert_eq!(excerpt(part).lines().count(), text.lines().count());
        }
        let anchor = text.replace("steps:", "steps: &shared");
        assert_eq!(super::excerpt(&anchor, 3), anchor);
    }
}

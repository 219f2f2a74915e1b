//! Texts in which something differs each time: captured values, secrets, drawn words, times.

use std::ops::Range;

use regex_lite::Regex;

use super::flow::Flow;
use super::identity::is_random;
use super::renewed::Spelling;

/// A shorter number may be there by chance.
const SHORTEST_NUMBER: usize = 4;
/// RFC 3339, with or without seconds and offset, and RFC 9110 section 5.6.7.
const TIMES: &str = "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?\
    (Z|[+-][0-9]{2}:?[0-9]{2})?\
    |[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT";
/// What stands for a time.
const ANY_TIME: &str = "[A-Za-z0-9,.:+ -]+";

/// What stands for the beginning of a URL of the vendor, which is another one wherever it is asked.
const ANY_URL: &str = r#"https?://[^\s"'<>]+"#;

/// A text with patterns in the places of what differs.
#[derive(Debug)]
pub(super) struct Pattern<'t> {
    text: &'t str,
    /// In their order; each has what stands there instead.
    holes: Vec<(Range<usize>, String)>,
}

/// A line of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Nothing differs in it, nor in those that it is one with.
    Same(String),
    /// A regular expression.
    Pattern(String),
}

impl<'t> Pattern<'t> {
    /// Of a text in the answer to a step; none where nothing differs. `drawn` says that times and
    /// drawn words are looked for, beside what was captured.
    pub(super) fn of(text: &'t str, flow: &Flow, step: usize, drawn: bool) -> Option<Self> {
        let mut holes: Vec<(Range<usize>, String)> = Vec::new();
        if drawn && let Ok(times) = Regex::new(TIMES) {
            let times = times.find_iter(text).map(|found| (found.range(), ANY_TIME.to_owned()));
            holes.extend(times);
        }
        let mut add = |range: Range<usize>, differs: String| {
            let is_apart = |(known, _): &(Range<usize>, String)| {
                known.end <= range.start || range.end <= known.start
            };
            if holes.iter().all(is_apart) {
                holes.push((range, differs));
            }
        };
        for own in flow.own_urls() {
            for (at, _) in text.match_indices(own) {
                let end = at + own.len();
                let behind = text.get(end..).unwrap_or_default();
                // It is no longer host or path.
                if !behind.starts_with(|c: char| c.is_alphanumeric() || "-._~:%@".contains(c)) {
                    add(at..end, ANY_URL.to_owned());
                }
            }
        }
        for Spelling { range, before, expression, behind } in flow.spellings(text) {
            let [before, behind] =
                [before, behind].map(|part| regex_lite::escape(&part.replace("$${", "${")));
            add(range, format!("{before}{expression}{behind}"));
        }
        for word in words(text) {
            let Some(own) = text.get(word.clone()) else { continue };
            let differs = match flow.variable(step, own) {
                Some(_) if own.len() < SHORTEST_NUMBER => {
                    let digits = own.starts_with(|c: char| c.is_ascii_digit());
                    if digits { "[0-9]+".to_owned() } else { ".+".to_owned() }
                }
                Some(capture) => format!("${{{}}}", capture.name),
                None if drawn && (flow.is_shown(own) || is_drawn(own, flow)) => {
                    r"[A-Za-z0-9_-]+".to_owned()
                }
                None => continue,
            };
            add(word, differs);
        }
        holes.sort_by_key(|(range, _)| range.start);
        (!holes.is_empty()).then_some(Self { text, holes })
    }

    /// One regular expression for all of it.
    pub(super) fn whole(&self) -> String {
        format!("^{}$", self.part(0..self.text.len()))
    }

    pub(super) fn is_of_one_line(&self) -> bool {
        !self.text.trim_end().contains('\n')
    }

    /// Line by line; those in which nothing differs are one.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line> {
        let one = self.is_of_one_line();
        let mut lines: Vec<Line> = Vec::new();
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            let all = at..at + line.len();
            at = all.end;
            let content = line.trim_end_matches(['\n', '\r']);
            let own = all.start..all.start + content.len();
            let differs = self.holes.iter().any(|(hole, _)| own.contains(&hole.start));
            match (differs, lines.last_mut()) {
                (true, _) => {
                    let flag = if one { "" } else { "(?m)" };
                    let end = match line.strip_prefix(content).unwrap_or_default() {
                        "" => "",
                        // The end of the last line is no matter.
                        _ if one => r"\s*",
                        "\n" => "",
                        _ => r"\r",
                    };
                    lines.push(Line::Pattern(format!("{flag}^{}{end}$", self.part(own))));
                }
                (false, Some(Line::Same(before))) => before.push_str(line),
                (false, _) if content.trim().is_empty() => {}
                (false, _) => lines.push(Line::Same(line.to_owned())),
            }
        }
        lines.into_iter().map(|line| match line {
            Line::Same(text) => Line::Same(text.trim_end().replace("${", "$${")),
            pattern @ Line::Pattern(_) => pattern,
        })
    }

    fn part(&self, range: Range<usize>) -> String {
        let mut pattern = String::new();
        let mut at = range.start;
        let literal = |from: usize, to: usize| {
            let text = self.text.get(from..to).unwrap_or_default();
            regex_lite::escape(text).replace("${", "$${")
        };
        for (hole, instead) in &self.holes {
            if hole.start < at || hole.end > range.end {
                continue;
            }
            pattern.push_str(&literal(at, hole.start));
            pattern.push_str(instead);
            at = hole.end;
        }
        pattern.push_str(&literal(at, range.end));
        pattern
    }
}

fn is_drawn(word: &str, flow: &Flow) -> bool {
    is_random(word) && !flow.is_steady(word)
}

/// Where words are: letters, digits, `-` and `_`.
fn words(text: &str) -> Vec<Range<usize>> {
    let of_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let mut words: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| of_word(*c)) {
        match words.last_mut() {
            Some(word) if word.end == at => word.end = at + c.len_utf8(),
            _ => words.push(at..at + c.len_utf8()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_in_which_nothing_differs_are_one() {
        let text = "id,name\n1,pen\nmade 2026-01-02T03:04:05Z by ${you}\n\nend\n";
        let pattern = Pattern::of(text, &Flow::default(), 0, true).unwrap();
        let lines: Vec<Line> = pattern.lines().collect();
        let made = format!(r"(?m)^made {ANY_TIME} by \$\{{you\}}$");
        let expected = [
            Line::Same("id,name\n1,pen".to_owned()),
            Line::Pattern(made),
            Line::Same("end".to_owned()),
        ];
        assert_eq!(lines, expected);
        assert!(Pattern::of("1,pen", &Flow::default(), 0, true).is_none());
        assert!(Pattern::of("made 2026-01-02T03:04:05Z", &Flow::default(), 0, false).is_none());
    }
}

//! A text that a regular expression matches, as far as it is read here: who asks looks whether it
//! does.

use std::iter::Peekable;
use std::str::Chars;

/// The most often that anything is repeated.
const MOST: usize = 1000;

/// A short text that the expression matches; nothing where it has something that is not known here.
pub fn sample(pattern: &str) -> Option<String> {
    let mut reader = Reader { rest: pattern.chars().peekable() };
    let text = reader.alternatives(0)?;
    reader.rest.next().is_none().then_some(text)
}

struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
}

impl Reader<'_> {
    /// The first one.
    fn alternatives(&mut self, depth: usize) -> Option<String> {
        let first = self.sequence(depth)?;
        while self.rest.next_if_eq(&'|').is_some() {
            self.sequence(depth)?;
        }
        Some(first)
    }

    fn sequence(&mut self, depth: usize) -> Option<String> {
        let mut text = String::new();
        while self.rest.peek().is_some_and(|next| !matches!(next, '|' | ')')) {
            let atom = self.atom(depth)?;
            let times = self.times()?;
            text.push_str(&atom.repeat(times));
        }
        Some(text)
    }

    fn atom(&mut self, depth: usize) -> Option<String> {
        Some(match self.rest.next()? {
            '^' | '$' => String::new(),
            '.' => "a".to_owned(),
            '[' => self.class()?.to_string(),
            '\\' => self.escaped()?.map(String::from).unwrap_or_default(),
            '(' if depth < 20 => {
                if self.rest.next_if_eq(&'?').is_some() {
                    self.rest.next_if_eq(&':')?;
                }
                let inner = self.alternatives(depth + 1)?;
                self.rest.next_if_eq(&')')?;
                inner
            }
            '(' => return None,
            plain => plain.to_string(),
        })
    }

    /// How often what stands before it comes, at the least.
    fn times(&mut self) -> Option<usize> {
        let times = match self.rest.peek() {
            Some('?' | '*') => 0,
            Some('{') => return self.counted(),
            Some('+') => 1,
            _ => return Some(1),
        };
        self.rest.next();
        self.rest.next_if_eq(&'?');
        Some(times)
    }

    fn counted(&mut self) -> Option<usize> {
        self.rest.next();
        let mut digits = String::new();
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        // Up to the end of it, `{2,5}`.
        self.rest.by_ref().find(|c| *c == '}')?;
        let least = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        (least <= MOST).then_some(least)
    }

    /// A character of a class, the first that is a letter or a digit if there is one.
    fn class(&mut self) -> Option<char> {
        let is_negated = self.rest.next_if_eq(&'^').is_some();
        let mut ranges: Vec<(char, char)> = Vec::new();
        loop {
            let low = match self.rest.next()? {
                ']' if !ranges.is_empty() => break,
                // A class in a class.
                '[' => return None,
                '\\' => self.escaped()??,
                plain => plain,
            };
            let mut high = low;
            if self.rest.next_if_eq(&'-').is_some() {
                match self.rest.peek()? {
                    ']' => ranges.push(('-', '-')),
                    '\\' => return None,
                    _ => high = self.rest.next()?,
                }
            }
            ranges.push((low, high));
        }
        let has = |c: &char| ranges.iter().any(|(low, high)| (low..=high).contains(&c));
        let plain = || ('a'..='z').chain('A'..='Z').chain('0'..='9').chain(' '..='~');
        if is_negated {
            return plain().find(|c| !has(c));
        }
        plain().find(has).or(ranges.first().map(|(low, _)| *low))
    }

    /// A character that an escape stands for; nothing for a place between characters.
    #[expect(clippy::option_option, reason = "an escape that is not known is something else")]
    fn escaped(&mut self) -> Option<Option<char>> {
        Some(match self.rest.next()? {
            'd' => Some('1'),
            'w' => Some('a'),
            's' => Some(' '),
            'b' => None,
            known if known.is_ascii_alphanumeric() => return None,
            plain => Some(plain),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::sample;

    #[test]
    fn samples_match() {
        let patterns = [
            "^[A-Z]{2}[0-9]{2}$",
            "^field_",
            "^(mr|mrs)\\.?$",
            "[^a-z]+@x",
            "^(?:a|b){3,5}-[-_]$",
            "^\\+[1-9][0-9]{1,14}$",
            "a.c*",
            "^[\\]x]$",
            "",
        ];
        for pattern in patterns {
            let text = sample(pattern).unwrap();
            assert!(regex_lite::Regex::new(pattern).unwrap().is_match(&text), "{pattern}: {text}");
        }
    }

    #[test]
    fn what_is_not_read_has_no_sample() {
        for pattern in ["(?i)a", "[[:alpha:]]", "\\pL", "a{2000}", "(a", "a)"] {
            assert_eq!(sample(pattern), None, "{pattern}");
        }
    }
}

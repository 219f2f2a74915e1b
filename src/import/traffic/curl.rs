//! Command lines of curl.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Recorded, Traffic, split_url};
use crate::import::notes::Notes;
use crate::source::{Source, Span};

/// Options that take a value and say nothing about the request itself.
const WITH_VALUE: [&str; 59] = [
    "-o",
    "--output",
    "-w",
    "--write-out",
    "-m",
    "--max-time",
    "--connect-timeout",
    "--retry",
    "--retry-delay",
    "--retry-max-time",
    "-x",
    "--proxy",
    "--cacert",
    "--capath",
    "-E",
    "--cert",
    "--cert-type",
    "--key",
    "--key-type",
    "--pass",
    "--resolve",
    "--connect-to",
    "--limit-rate",
    "-c",
    "--cookie-jar",
    "-D",
    "--dump-header",
    "--interface",
    "-K",
    "--config",
    "-U",
    "--proxy-user",
    "--noproxy",
    "--unix-socket",
    "--max-redirs",
    "--max-filesize",
    "--ciphers",
    "--tls-max",
    "--tlsuser",
    "--tlspassword",
    "--aws-sigv4",
    "--doh-url",
    "--dns-servers",
    "--keepalive-time",
    "--local-port",
    "--pinnedpubkey",
    "--proto",
    "--proto-redir",
    "--socks5",
    "--socks5-hostname",
    "--stderr",
    "--trace",
    "--trace-ascii",
    "-C",
    "--continue-at",
    "-y",
    "-Y",
    "--speed-limit",
    "--speed-time",
];

/// Reads all command lines of a text.
pub(super) fn read(source: &Arc<Source>, notes: &mut Notes) -> Traffic {
    let mut traffic = Traffic::default();
    let mut command: Vec<String> = Vec::new();
    let mut start = 0;
    for word in words(&source.text) {
        match word {
            Word::Text(text, at) => {
                if command.is_empty() {
                    start = at;
                }
                command.push(text);
            }
            Word::End => {
                let place = Span { source: source.clone(), start, end: start + 4 };
                traffic.requests.extend(request(&std::mem::take(&mut command), &place, notes));
            }
        }
    }
    traffic
}

enum Word {
    Text(String, usize),
    /// The command ends here.
    End,
}

/// The words of a shell's text, as far as curl commands need it.
fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<(String, usize)> = None;
    let mut letters = text.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        match c {
            '\'' | '"' => {
                let dollar = word.as_mut().is_some_and(|(text, _)| {
                    let ansi = c == '\'' && text.ends_with('$');
                    if ansi {
                        text.pop();
                    }
                    ansi
                });
                let (text, _) = word.get_or_insert_with(|| (String::new(), at));
                while let Some((_, inner)) = letters.next() {
                    match inner {
                        inner if inner == c => break,
                        '\\' if dollar => text.push(match letters.next().map(|(_, c)| c) {
                            Some('n') => '\n',
                            Some('t') => '\t',
                            Some('r') => '\r',
                            Some(other) => other,
                            None => '\\',
                        }),
                        '\\' if c == '"' => match letters.next().map(|(_, c)| c) {
                            Some('\n') | None => {}
                            Some(escaped @ ('"' | '\\' | '$' | '`')) => text.push(escaped),
                            Some(other) => text.extend(['\\', other]),
                        },
                        inner => text.push(inner),
                    }
                }
            }
            '\\' => match letters.next() {
                Some((_, '\n')) | None => {}
                Some((_, '\r')) => {
                    letters.next_if(|(_, next)| *next == '\n');
                }
                Some((_, other)) => {
                    word.get_or_insert_with(|| (String::new(), at)).0.push(other);
                }
            },
            '#' if word.is_none() => while letters.next_if(|(_, next)| *next != '\n').is_some() {},
            '\n' | ';' | '|' | '&' => {
                words.extend(word.take().map(|(text, at)| Word::Text(text, at)));
                words.push(Word::End);
            }
            c if c.is_whitespace() => {
                words.extend(word.take().map(|(text, at)| Word::Text(text, at)));
            }
            c => word.get_or_insert_with(|| (String::new(), at)).0.push(c),
        }
    }
    words.extend(word.take().map(|(text, at)| Word::Text(text, at)));
    words.push(Word::End);
    words
}

fn request(command: &[String], place: &Span, notes: &mut Notes) -> Option<Recorded> {
    let at = command.iter().position(|word| word == "curl" || word.ends_with("/curl"))?;
    let mut words = command.iter().skip(at + 1).cloned();
    let mut request = Recorded { place: Some(place.clone()), ..Recorded::default() };
    let mut data: Vec<String> = Vec::new();
    let (mut url, mut method, mut in_query, mut json) = (None, None, false, false);
    while let Some(word) = words.next() {
        // `--header=x`, `-Hx`
        let (option, own) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => {
                (option.to_owned(), Some(value.to_owned()))
            }
            _ if word.starts_with('-') && !word.starts_with("--") && word.len() > 2 => {
                match word.get(..2) {
                    Some(short) if "-X-H-d-u-A-e-b-F".contains(short) => {
                        (short.to_owned(), word.get(2..).map(str::to_owned))
                    }
                    _ => (word.clone(), None),
                }
            }
            _ => (word.clone(), None),
        };
        let mut value = || own.clone().or_else(|| words.next()).unwrap_or_default();
        match option.as_str() {
            "-X" | "--request" => method = Some(value()),
            "-H" | "--header" => {
                if let Some((name, text)) = value().split_once(':') {
                    request.headers.push((name.trim().to_owned(), text.trim().to_owned()));
                }
            }
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" | "--json" => {
                let text = value();
                json |= option == "--json";
                match text.strip_prefix('@').filter(|_| option != "--data-raw") {
                    Some(file) => {
                        let text = format!("the body in the file `{file}`");
                        notes.leave(text, Some(place));
                    }
                    None => data.push(text),
                }
            }
            "--data-urlencode" => {
                let text = value();
                let (name, text) = text.split_once('=').unwrap_or(("", &text));
                let text = utf8_percent_encode(text, NON_ALPHANUMERIC);
                data.push(if name.is_empty() {
                    text.to_string()
                } else {
                    format!("{name}={text}")
                });
            }
            "-F" | "--form" => {
                value();
                notes.leave("parts of forms (`-F`): multipart is not written", Some(place));
            }
            "-u" | "--user" => {
                let key = STANDARD.encode(value());
                request.headers.push(("Authorization".to_owned(), format!("Basic {key}")));
            }
            "--oauth2-bearer" => {
                request.headers.push(("Authorization".to_owned(), format!("Bearer {}", value())));
            }
            "-r" | "--range" => {
                request.headers.push(("Range".to_owned(), format!("bytes={}", value())));
            }
            "-T" | "--upload-file" => {
                let text = format!("the body in the file `{}`", value());
                notes.leave(text, Some(place));
            }
            "--url-query" | "--proxy-header" | "--request-target" | "--variable" => {
                value();
                notes.leave(format!("the option `{option}`"), Some(place));
            }
            "-A" | "--user-agent" => request.headers.push(("User-Agent".to_owned(), value())),
            "-e" | "--referer" => request.headers.push(("Referer".to_owned(), value())),
            "-b" | "--cookie" => request.headers.push(("Cookie".to_owned(), value())),
            "-G" | "--get" => in_query = true,
            "-I" | "--head" => method = Some("HEAD".to_owned()),
            "--url" => url = Some(value()),
            option if WITH_VALUE.contains(&option) => drop(value()),
            option if option.starts_with('-') => {}
            _ => url = url.or(Some(word)),
        }
    }
    let url = url?;
    (request.host, request.path) = split_url(&url);
    let data = (!data.is_empty()).then(|| data.join("&"));
    if let Some(data) = data {
        if in_query {
            let sign = if request.path.contains('?') { '&' } else { '?' };
            request.path = format!("{}{sign}{data}", request.path);
        } else {
            let kind = if json { "application/json" } else { "application/x-www-form-urlencoded" };
            if request.header("Content-Type").is_none() {
                request.headers.push(("Content-Type".to_owned(), kind.to_owned()));
            }
            request.body = Some(data);
        }
    }
    let usual = if request.body.is_some() { "POST" } else { "GET" };
    request.method = method.unwrap_or_else(|| usual.to_owned()).to_uppercase();
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_options_say_is_in_the_request_and_no_value_is_taken_for_a_url() {
        let text = "curl --oauth2-bearer k3y --proxy-user a:b -r 0-9 https://x.example/a";
        let traffic = read(&Source::new("a.sh", text), &mut Notes::default());
        let [request] = traffic.requests.as_slice() else { panic!("one request") };
        assert_eq!(request.path, "/a");
        assert_eq!(request.header("Authorization"), Some("Bearer k3y"));
        assert_eq!(request.header("Range"), Some("bytes=0-9"));
    }
}

//! A curl command that repeats a request.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::client::Request;
use super::event::SHOWN_BODY;
use super::mask::{BytePiece, Mask, Piece};

/// One argument of a command may have 128 KiB on Linux; longer bodies go through a pipe.
const LONGEST_ARGUMENT: usize = 96 * 1024;

/// The command for a POSIX shell, with secrets as variables of the environment.
pub(super) fn command(request: &Request, mask: &Mask) -> String {
    let mut command = String::new();
    let text = std::str::from_utf8(&request.body).ok();
    let text = text.filter(|text| !text.contains('\0') && text.len() <= LONGEST_ARGUMENT);
    // A body of nothing is announced too; curl says nothing of what it is not given.
    let has_body = !request.body.is_empty() || request.header("content-length") == Some("0");
    let too_large = request.body.len() > SHOWN_BODY;
    if has_body && text.is_none() && !too_large {
        command.push_str(&piped(&request.body, mask));
        command.push_str(" | ");
    }
    command.push_str("curl -sS -i");
    match (&*request.method, has_body) {
        ("GET", false) | ("POST", true) => {}
        ("HEAD", false) => command.push_str(" --head"),
        (method, _) => _ = write!(command, " -X {}", quote(method, mask)),
    }
    let (target, plain) = target(request);
    if !plain {
        _ = write!(command, " --request-target {}", quote(&request.target, mask));
    }
    if let Some(socket) = &request.origin.socket {
        _ = write!(command, " --unix-socket {}", quote(&socket.to_string_lossy(), mask));
    }
    _ = write!(command, " --path-as-is --globoff {}", quote(&target, mask));
    let authority = request.origin.authority();
    for (name, value) in &request.headers {
        let own = name.eq_ignore_ascii_case("content-length")
            && *value == request.body.len().to_string()
            || name.eq_ignore_ascii_case("host") && *value == authority;
        if own {
            continue;
        }
        let field = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        _ = write!(command, " -H {}", quote(&field, mask));
    }
    // What curl would send of its own accord.
    if request.header("accept").is_none() {
        command.push_str(" -H Accept:");
    }
    if request.header("user-agent").is_none() {
        command.push_str(" -H User-Agent:");
    }
    if has_body {
        if request.header("content-type").is_none() {
            command.push_str(" -H Content-Type:");
        }
        match text {
            // `--data-binary` takes what begins with it for the name of a file.
            Some(text) if text.starts_with('@') => {
                _ = write!(command, " --data-raw {}", quote(text, mask));
            }
            Some(text) => _ = write!(command, " --data-binary {}", quote(text, mask)),
            None if too_large => {
                let length = request.body.len();
                _ = write!(
                    command,
                    " --data-binary @body  # body: a file with the {length} bytes that were sent, too many to be shown here"
                );
            }
            None => command.push_str(" --data-binary @-"),
        }
    }
    command
}

/// Commands that write bytes, of which those that are no secrets stand in base64.
fn piped(body: &[u8], mask: &Mask) -> String {
    let pieces = mask.byte_pieces(body);
    let commands = pieces.iter().map(|piece| match piece {
        BytePiece::Plain(plain) => format!("printf %s '{}' | base64 -d", STANDARD.encode(plain)),
        BytePiece::Secret(shell) => format!("printf %s \"{shell}\""),
    });
    match &*commands.collect::<Vec<_>>() {
        [one] => one.clone(),
        all => format!("{{ {}; }}", all.join("; ")),
    }
}

/// The URL, and whether curl takes it as it is.
fn target(request: &Request) -> (String, bool) {
    let fits = request.target.starts_with('/')
        && request.target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    let target = if fits { &*request.target } else { "/" };
    match &request.origin.socket {
        Some(_) => (format!("http://{}{target}", request.origin.authority()), fits),
        None => (format!("{}{target}", request.origin), fits),
    }
}

/// As one word of a shell.
fn quote(text: &str, mask: &Mask) -> String {
    let mut word = String::with_capacity(text.len() + 2);
    for piece in mask.pieces(text) {
        match piece {
            Piece::Plain(plain) => {
                word.push('\'');
                word.push_str(&plain.replace('\'', r"'\''"));
                word.push('\'');
            }
            Piece::Secret(shell) => _ = write!(word, "\"{shell}\""),
        }
    }
    if word.is_empty() { "''".to_owned() } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::url;

    fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Request {
        Request {
            origin: url::parse("http://a:81").unwrap().origin,
            method: method.to_owned(),
            target: target.to_owned(),
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: body.to_vec(),
            takes_cookies: true,
        }
    }

    #[test]
    fn a_command_says_all_that_was_sent_and_no_secret() {
        let mut mask = Mask::default();
        mask.add("s3cret", "KEY");
        let all = [("Host", "a:81"), ("Accept", "*/*"), ("User-Agent", "x"), ("K", "s3cret!")];
        let cases = [
            (
                request("GET", "/x?[y]", &all, b""),
                "curl -sS -i --path-as-is --globoff 'http://a:81/x?[y]' -H 'Accept: */*' \
                 -H 'User-Agent: x' -H 'K: '\"${KEY}\"'!'",
            ),
            (
                request("POST", "/x", &[("Content-Length", "6"), ("E", "")], b"it's\n1"),
                "curl -sS -i --path-as-is --globoff 'http://a:81/x' -H 'E;' -H Accept: \
                 -H User-Agent: -H Content-Type: --data-binary 'it'\\''s\n1'",
            ),
            (
                request("POST", "/x", &[all[1], all[2], ("Content-Length", "0")], b""),
                "curl -sS -i --path-as-is --globoff 'http://a:81/x' -H 'Accept: */*' \
                 -H 'User-Agent: x' -H Content-Type: --data-binary ''",
            ),
            (
                request("PUT", "/a b", &all[1..3], b"\xff"),
                "printf %s '/w==' | base64 -d | curl -sS -i -X 'PUT' --request-target '/a b' \
                 --path-as-is --globoff 'http://a:81/' -H 'Accept: */*' -H 'User-Agent: x' \
                 -H Content-Type: --data-binary @-",
            ),
            (
                request("POST", "/x", &all[1..3], b"\xffs3cret\xff"),
                "{ printf %s '/w==' | base64 -d; printf %s \"${KEY}\"; printf %s '/w==' | base64 -d; } \
                 | curl -sS -i --path-as-is --globoff 'http://a:81/x' -H 'Accept: */*' \
                 -H 'User-Agent: x' -H Content-Type: --data-binary @-",
            ),
            (
                request("POST", "/x", &all[1..3], &vec![b's'; SHOWN_BODY + 1]),
                "curl -sS -i --path-as-is --globoff 'http://a:81/x' -H 'Accept: */*' \
                 -H 'User-Agent: x' -H Content-Type: --data-binary @body  # body: a file with the \
                 262145 bytes that were sent, too many to be shown here",
            ),
        ];
        for (request, expected) in cases {
            assert_eq!(command(&request, &mask), expected);
        }
    }

    /// What a shell gives a program for a command line, and what comes to it through a pipe.
    fn run(command: &str) -> (Vec<Vec<u8>>, Vec<u8>) {
        let shell = |script: String| {
            let output = std::process::Command::new("sh")
                .args(["-c", &script])
                .env("KEY", "s3cret")
                .stdin(std::process::Stdio::null())
                .output()
                .unwrap();
            assert!(output.status.success(), "{script}");
            output.stdout
        };
        let words = shell(command.replacen("curl -sS", "printf '%s\\0' -sS", 1));
        let input = shell(command.replacen("curl -sS", "cat; : -sS", 1));
        let words = words.strip_suffix(b"\0").unwrap().split(|byte| *byte == 0);
        (words.map(<[u8]>::to_vec).collect(), input)
    }

    fn argument<'w>(words: &'w [Vec<u8>], option: &str) -> Option<&'w [u8]> {
        let at = words.iter().position(|word| word == option.as_bytes())?;
        words.get(at + 1).map(Vec::as_slice)
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config {
            cases: 64, ..proptest::test_runner::Config::default()
        })]
        #[test]
        fn a_shell_reads_from_a_command_what_was_sent(
            body in "[@-]?([!'\"$`\\\\\n\r\t%*?~#&;|<>(){}\\x01é\u{1f600}a]|s3cret|\\PC){0,12}",
            binary in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..9),
            with_binary: bool,
            value in "[@-]?[ -~é]{0,9}",
        ) {
            let mut mask = Mask::default();
            mask.add("s3cret", "KEY");
            let body = match with_binary {
                true => [body.as_bytes(), &binary, b"\0"].concat(),
                false => body.into_bytes(),
            };
            let value = value.trim();
            let command = command(&request("POST", "/x?a='%27", &[("X", value)], &body), &mask);
            let (words, input) = run(&command);
            let field = if value.is_empty() { "X;".to_owned() } else { format!("X: {value}") };
            proptest::prop_assert_eq!(argument(&words, "-H").unwrap(), field.as_bytes());
            proptest::prop_assert!(words.iter().any(|word| word == b"http://a:81/x?a='%27"));
            let raw = argument(&words, "--data-raw");
            let given = match (raw, argument(&words, "--data-binary")) {
                (Some(raw), None) => raw,
                (None, Some(b"@-")) => &input,
                (None, Some(text)) => {
                    proptest::prop_assert!(!text.starts_with(b"@"));
                    text
                }
                (None, None) => b"",
                both => panic!("{both:?}"),
            };
            proptest::prop_assert_eq!(given, &*body);
        }
    }
}

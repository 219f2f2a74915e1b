//! The pages that are followed step by step: each file that they show is written, each command is
//! run, and what it prints has to be what the page says.
//!
//! A block `yaml file=NAME` is written to a file of that name. A block `console` holds commands
//! (`$ `, and further lines while one ends in a backslash) with what they print, in which `...`
//! stands for anything, and a line of it for any lines. `console serve` starts a mock, in place
//! of the one before, and waits until it is ready. Commands run in a folder of their own, and
//! `127.0.0.1:4010` is a free port.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use support::folder::Folder;

const PORT: &str = "127.0.0.1:4010";

/// A mock that is stopped when the next one starts.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Guide {
    folder: Folder,
    /// `NAME=value` lines of the page.
    variables: Vec<(String, String)>,
    address: String,
    serving: Option<Serving>,
}

struct Block<'a> {
    info: &'a str,
    text: String,
    line: usize,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (line, text) in page.lines().enumerate() {
        match (text.strip_prefix("```"), open.take()) {
            (Some(info), None) => open = Some(Block { info, text: String::new(), line: line + 2 }),
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some(mut block)) => {
                block.text.push_str(text);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    blocks
}

/// Commands with what they print.
fn commands(text: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        let begins = line.strip_prefix("$ ");
        match (begins, commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), String::new())),
            (None, Some((command, _))) if goes_on => {
                command.push('\n');
                command.push_str(line);
            }
            (None, Some((_, printed))) => {
                printed.push_str(line);
                printed.push('\n');
            }
            (None, None) => panic!("a block begins with `$ `: {line}"),
        }
        goes_on = (begins.is_some() || goes_on) && line.ends_with('\\');
    }
    commands
}

/// Without the lines of `Date` headers, which are of the day of the run.
fn undated(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.to_lowercase().starts_with("date: "));
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a text is what a page says, where `...` is anything.
fn fits(said: &str, printed: &str) -> bool {
    let (said, printed) = (undated(said), undated(printed));
    let mut parts = said.trim_end().split("...");
    let Some(mut rest) = printed.trim_end().strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts = parts.peekable();
    let mut open = false;
    while let Some(part) = parts.next() {
        open = true;
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    open || rest.is_empty()
}

impl Guide {
    fn new(name: &str) -> Self {
        let folder = Folder::new(&format!("guide-{name}"), &[]);
        Self { folder, variables: Vec::new(), address: PORT.to_owned(), serving: None }
    }

    fn shell(&self, command: &str) -> Command {
        let programs = Path::new(env!("CARGO_BIN_EXE_counterpart-mock")).parent().unwrap();
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("bash");
        shell.args(["-c", command]).current_dir(&self.folder.0).env("PATH", path);
        shell
            .envs(self.variables.iter().map(|(name, value)| (name, self.ours(value))))
            .stdin(Stdio::null());
        shell.env("NO_COLOR", "1").env_remove("http_proxy").env_remove("HTTP_PROXY");
        shell
    }

    fn ours(&self, text: &str) -> String {
        text.replace(PORT, &self.address)
    }

    fn theirs(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.replace(&self.address, PORT).replace("\r\n", "\n")
    }

    fn run(&mut self, block: &Block) {
        for (command, said) in commands(&block.text) {
            let assigned = command.split_once('=').filter(|(name, value)| {
                name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') && !value.contains(' ')
            });
            if let Some((name, value)) = assigned {
                self.variables.push((name.to_owned(), value.to_owned()));
                continue;
            }
            if block.info == "console serve" {
                self.serve(&command, &said, block.line);
                continue;
            }
            let output = self.shell(&self.ours(&command)).output().unwrap();
            let printed = self.theirs(&output.stdout) + &self.theirs(&output.stderr);
            assert!(
                fits(&said, &printed),
                "line {}: `{command}`\n--- the page says\n{said}\n--- it prints\n{printed}",
                block.line,
            );
        }
    }

    fn serve(&mut self, command: &str, said: &str, line: usize) {
        self.serving = None;
        let command = format!("exec {command} --listen 127.0.0.1:0");
        let mut shell = self.shell(&command);
        let mut child = shell.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        self.serving = Some(Serving(child));
        let mut printed = String::new();
        while !printed.ends_with("ready\n") {
            let Some(read) = lines.next() else { break };
            printed.push_str(&read.unwrap());
            printed.push('\n');
        }
        let (_, url) = printed.split_once("http://").unwrap();
        let (address, _) = url.split_once('/').unwrap();
        address.clone_into(&mut self.address);
        let printed = self.theirs(printed.as_bytes());
        assert!(fits(said, &printed), "line {line}: `{command}` prints\n{printed}");
    }

    fn follow(&mut self, page: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let page = std::fs::read_to_string(path).unwrap();
        let mut followed = 0;
        for block in blocks(&page) {
            match block.info.split_once(" file=") {
                Some((_, file)) => self.folder.write(file, &block.text),
                None if block.info.starts_with("console") => self.run(&block),
                None => continue,
            }
            followed += 1;
        }
        assert!(followed > 0, "nothing is followed");
    }
}

#[test]
fn a_page_is_held_to_what_is_printed() {
    for (said, printed, fit) in [
        ("a\nb", "a\nb\n", true),
        ("a", "ab", false),
        ("a...c", "abc", true),
        ("a...d", "abc", false),
        ("...\nc", "a\nb\nc", true),
        ("a\n...\nc", "a\nb\nc", true),
        ("a\n...", "a\nb\nc", true),
        ("...", "", true),
        ("", "x", false),
    ] {
        assert_eq!(fits(said, printed), fit, "{said:?} {printed:?}");
    }
}

#[test]
fn the_first_spec_is_made_as_its_page_says() {
    Guide::new("first-spec").follow("docs/first-spec.md");
}

#[test]
fn the_real_vendor_is_recorded_as_its_page_says() {
    Guide::new("record").follow("docs/record.md");
}

#[test]
fn a_vendor_is_added_as_its_page_says() {
    Guide::new("adding-a-vendor").follow("docs/adding-a-vendor.md");
}

#[test]
fn stubs_become_a_spec_as_the_page_says() {
    Guide::new("coming-from").follow("docs/coming-from-wiremock.md");
}

#[test]
fn a_session_with_the_four_goes_as_its_page_says() {
    Guide::new("session").follow("docs/session.md");
}

#[test]
fn the_first_page_shows_what_is_so() {
    Guide::new("readme").follow("README.md");
}

#[test]
fn scenarios_are_made_of_a_spec_as_the_page_says() {
    Guide::new("generate").follow("docs/generate.md");
}

#[test]
fn the_recipes_work() {
    Guide::new("recipes").follow("docs/recipes.md");
}

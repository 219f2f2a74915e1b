//! An editor: the program, spoken to over its standard input and output.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

pub const SPEC: &str = "\
counterpart: 1
vendor: shelf
info: {title: Shelf, version: '1'}
servers: [{url: http://127.0.0.1/shelf}]
statements:
- {id: L01, says: books are listed}
collections:
  books:
    key: id
    schema:
      type: object
      properties:
        id: {type: string}
        title: {type: string}
    fixtures:
    - {id: b1, title: One}
operations:
- operationId: list_books
  implements: L01
  method: GET
  path: /books
  parameters:
  - {name: title, in: query, schema: {type: string}}
  steps:
  - respond:
      status: 200
      body: {format: json, of: {first: one}}
";

pub const SCENARIO: &str = "\
counterpart: 1
vendor: shelf
scenarios:
- name: lists
  covers: [L01]
  steps:
  - call: list_boks
    expect: {status: 200}
";

/// A program that is spoken to.
pub struct Editor {
    pub child: Child,
    pub input: Option<ChildStdin>,
    pub output: BufReader<ChildStdout>,
    asked: u64,
    pub folder: PathBuf,
}

impl Editor {
    /// Starts the program in a folder of its own, and says hello.
    pub fn start(name: &str) -> Self {
        let mut editor = Self::quiet(name);
        let root = uri(&editor.folder);
        let answer = editor.ask("initialize", &json!({"rootUri": root, "capabilities": {}}));
        assert_eq!(answer["result"]["capabilities"]["positionEncoding"], "utf-16");
        editor.tell("initialized", &json!({}));
        editor
    }

    pub fn quiet(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lsp").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("specs")).unwrap();
        fs::create_dir_all(folder.join("scenarios")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_counterpart-mock"))
            .arg("lsp")
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output, asked: 0, folder }
    }

    pub fn raw(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        input.flush().unwrap();
    }

    pub fn tell(&mut self, method: &str, params: &Value) {
        self.raw(&json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string());
    }

    /// Asks, and waits for the answer.
    pub fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.raw(&message.to_string());
        loop {
            let answer = self.next().unwrap();
            if answer["id"] == id {
                return answer;
            }
        }
    }

    /// The next message; none at the end.
    pub fn next(&mut self) -> Option<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if line == "\r\n" {
                break;
            }
            length = line.trim().strip_prefix("Content-Length: ").unwrap().parse().unwrap();
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        Some(serde_json::from_slice(&body).unwrap())
    }

    /// What is told to be wrong in a file, the next time that something is told about it.
    pub fn wrong(&mut self, file: &str) -> Vec<Value> {
        let uri = uri(&self.folder.join(file));
        loop {
            let message = self.next().unwrap();
            if message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri
            {
                return message["params"]["diagnostics"].as_array().unwrap().clone();
            }
        }
    }

    /// Waits until nothing is told to be wrong in a file.
    pub fn until_right(&mut self, file: &str) {
        while !self.wrong(file).is_empty() {}
    }

    pub fn save(&self, file: &str, text: &str) {
        let path = self.folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn open(&mut self, file: &str, text: &str) {
        let uri = uri(&self.folder.join(file));
        let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
        self.tell("textDocument/didOpen", &json!({"textDocument": document}));
    }

    pub fn change(&mut self, file: &str, changes: &Value) {
        let document = json!({"uri": uri(&self.folder.join(file)), "version": 2});
        let params = json!({"textDocument": document, "contentChanges": changes});
        self.tell("textDocument/didChange", &params);
    }

    /// Asks about the place of `|` in a text, which is what the file holds then, without it.
    pub fn at(&mut self, method: &str, file: &str, text: &str) -> Value {
        let offset = text.find('|').unwrap();
        self.change(file, &json!([{"text": text.replacen('|', "", 1)}]));
        let position = place(&text[..offset]);
        let document = json!({"uri": uri(&self.folder.join(file))});
        let params = json!({"textDocument": document, "position": position});
        self.ask(method, &params)["result"].clone()
    }

    /// Ends it; the code that it ends with.
    pub fn end(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", &Value::Null)["result"], Value::Null);
        self.tell("exit", &Value::Null);
        assert!(self.next().is_none());
        self.child.wait().unwrap().code().unwrap()
    }
}

pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// The place behind a text.
pub fn place(text: &str) -> Value {
    let line = text.rsplit('\n').next().unwrap();
    json!({"line": text.matches('\n').count(), "character": line.encode_utf16().count()})
}

pub fn range(text: &str, part: &str) -> Value {
    let at = text.find(part).unwrap();
    json!({"start": place(&text[..at]), "end": place(&text[..at + part.len()])})
}

//! The language server as an editor meets it: the program, spoken to over its standard input and
//! output.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

const SPEC: &str = "\
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

const SCENARIO: &str = "\
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
struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    asked: u64,
    folder: PathBuf,
}

impl Editor {
    /// Starts the program in a folder of its own, and says hello.
    fn start(name: &str) -> Self {
        let mut editor = Self::quiet(name);
        let root = uri(&editor.folder);
        let answer = editor.ask("initialize", &json!({"rootUri": root, "capabilities": {}}));
        assert_eq!(answer["result"]["capabilities"]["positionEncoding"], "utf-16");
        editor.tell("initialized", &json!({}));
        editor
    }

    fn quiet(name: &str) -> Self {
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

    fn raw(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.raw(&json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string());
    }

    /// Asks, and waits for the answer.
    fn ask(&mut self, method: &str, params: &Value) -> Value {
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
    fn next(&mut self) -> Option<Value> {
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
    fn wrong(&mut self, file: &str) -> Vec<Value> {
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
    fn until_right(&mut self, file: &str) {
        while !self.wrong(file).is_empty() {}
    }

    fn save(&self, file: &str, text: &str) {
        let path = self.folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn open(&mut self, file: &str, text: &str) {
        let uri = uri(&self.folder.join(file));
        let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
        self.tell("textDocument/didOpen", &json!({"textDocument": document}));
    }

    fn change(&mut self, file: &str, changes: &Value) {
        let document = json!({"uri": uri(&self.folder.join(file)), "version": 2});
        let params = json!({"textDocument": document, "contentChanges": changes});
        self.tell("textDocument/didChange", &params);
    }

    /// Asks about the place of `|` in a text, which is what the file holds then, without it.
    fn at(&mut self, method: &str, file: &str, text: &str) -> Value {
        let offset = text.find('|').unwrap();
        self.change(file, &json!([{"text": text.replacen('|', "", 1)}]));
        let position = place(&text[..offset]);
        let document = json!({"uri": uri(&self.folder.join(file))});
        let params = json!({"textDocument": document, "position": position});
        self.ask(method, &params)["result"].clone()
    }

    /// Ends it; the code that it ends with.
    fn end(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", &Value::Null)["result"], Value::Null);
        self.tell("exit", &Value::Null);
        assert!(self.next().is_none());
        self.child.wait().unwrap().code().unwrap()
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// The place behind a text.
fn place(text: &str) -> Value {
    let line = text.rsplit('\n').next().unwrap();
    json!({"line": text.matches('\n').count(), "character": line.encode_utf16().count()})
}

fn range(text: &str, part: &str) -> Value {
    let at = text.find(part).unwrap();
    json!({"start": place(&text[..at]), "end": place(&text[..at + part.len()])})
}

#[test]
fn a_spec_is_checked_while_it_is_typed() {
    let mut editor = Editor::start("spec");
    editor.open("specs/shelf.yaml", SPEC);
    assert_eq!(editor.wrong("specs/shelf.yaml"), Vec::<Value>::new());
    let at = range(SPEC, "    key: id\n");
    // Two units of UTF-16 for one character, before what is wrong.
    editor.change(
        "specs/shelf.yaml",
        &json!([{"range": at, "text": "    key: id\n    titel😀: {}\n"}]),
    );
    let wrong = editor.wrong("specs/shelf.yaml");
    assert_eq!(wrong.len(), 1, "{wrong:#?}");
    let begin = json!({"line": 9, "character": 4});
    assert_eq!(wrong[0]["range"], json!({"start": begin, "end": {"line": 9, "character": 11}}));
    // Nothing of it was saved.
    editor.change("specs/shelf.yaml", &json!([{"text": SPEC}]));
    assert!(editor.wrong("specs/shelf.yaml").is_empty());
    assert_eq!(editor.end(), 0);
}

#[test]
fn the_editor_is_told_what_check_tells() {
    let mut editor = Editor::start("same");
    let text = SPEC.replace("implements: L01", "implements: L02").replace("method:", "methd:");
    editor.save("specs/shelf.yaml", &text);
    editor.open("specs/shelf.yaml", &text);
    let wrong = editor.wrong("specs/shelf.yaml");
    let check = Command::new(env!("CARGO_BIN_EXE_counterpart-mock"))
        .args(["check", "specs"])
        .current_dir(&editor.folder)
        .output()
        .unwrap();
    let told = String::from_utf8(check.stderr).unwrap();
    assert!(wrong.len() >= 2, "{wrong:#?}");
    assert_eq!(told.matches("error[").count() + told.matches("warning[").count(), wrong.len());
    for one in &wrong {
        for line in one["message"].as_str().unwrap().lines() {
            assert!(told.contains(line), "{line} is not in:\n{told}");
        }
        let line = one["range"]["start"]["line"].as_u64().unwrap() + 1;
        assert!(told.contains(&format!("shelf.yaml:{line}:")), "{line} is not in:\n{told}");
    }
    assert_eq!(editor.end(), 0);
}

#[test]
fn a_scenario_is_held_against_the_spec_that_is_open() {
    let mut editor = Editor::start("scenario");
    editor.save("specs/shelf.yaml", SPEC);
    editor.open("scenarios/lists.yaml", SCENARIO);
    let wrong = editor.wrong("scenarios/lists.yaml");
    assert_eq!(wrong.len(), 1, "{wrong:#?}");
    assert_eq!(wrong[0]["range"], range(SCENARIO, "list_boks"));
    assert!(wrong[0]["message"].as_str().unwrap().contains("did you mean `list_books`?"));

    let document = json!({"uri": uri(&editor.folder.join("scenarios/lists.yaml"))});
    let asked = json!({
        "textDocument": document,
        "range": range(SCENARIO, "boks"),
        "context": {"diagnostics": wrong},
    });
    let actions = editor.ask("textDocument/codeAction", &asked)["result"].clone();
    assert_eq!(actions[0]["title"], "Change to `list_books`");
    let edit = &actions[0]["edit"]["changes"][document["uri"].as_str().unwrap()][0];
    assert_eq!(edit, &json!({"range": range(SCENARIO, "list_boks"), "newText": "list_books"}));
    editor.change(
        "scenarios/lists.yaml",
        &json!([{"range": edit["range"], "text": edit["newText"]}]),
    );
    assert!(editor.wrong("scenarios/lists.yaml").is_empty());

    // The spec as it is typed counts, not as it was saved.
    editor.open("specs/shelf.yaml", &SPEC.replace("list_books", "all_books"));
    assert_eq!(editor.wrong("scenarios/lists.yaml").len(), 1);
    let closed = json!({"textDocument": {"uri": uri(&editor.folder.join("specs/shelf.yaml"))}});
    editor.tell("textDocument/didClose", &closed);
    assert!(editor.wrong("scenarios/lists.yaml").is_empty());
    assert_eq!(editor.end(), 0);
}

#[test]
fn what_may_stand_at_a_place_is_offered() {
    let mut editor = Editor::start("completion");
    editor.open("specs/shelf.yaml", SPEC);
    editor.open("scenarios/lists.yaml", SCENARIO);
    let within = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    for (file, text, known, unknown) in [
        ("scenarios/lists.yaml", within(SCENARIO, "list_boks", "li|"), "list_books", "call"),
        ("scenarios/lists.yaml", within(SCENARIO, " list_boks", "|"), "list_books", "call"),
        ("scenarios/lists.yaml", within(SCENARIO, "[L01]", "[|]"), "L01", "list_books"),
        ("scenarios/lists.yaml", within(SCENARIO, "  covers: [L01]", "  |"), "covers", "call"),
        ("specs/shelf.yaml", within(SPEC, "implements: L01", "implements: |"), "L01", "path"),
        (
            "specs/shelf.yaml",
            within(SPEC, "  path: /books", "  path: /books\n  |"),
            "requestBody",
            "path",
        ),
        ("specs/shelf.yaml", within(SPEC, "first: one", "first: '${ | }'"), "now", "lower"),
    ] {
        let offset = text.find('|').unwrap();
        let (head, tail) = (&text[..offset], &text[offset + 1..]);
        editor.change(file, &json!([{"text": format!("{head}{tail}")}]));
        let params = json!({
            "textDocument": {"uri": uri(&editor.folder.join(file))},
            "position": place(head),
        });
        let result = editor.ask("textDocument/completion", &params)["result"].clone();
        let items = result["items"].as_array().unwrap().iter();
        let names: Vec<&str> = items.map(|item| item["label"].as_str().unwrap()).collect();
        assert!(names.contains(&known), "{known} is not among {names:?} in:\n{head}\u{2038}{tail}");
        assert!(!names.contains(&unknown), "{unknown} is among {names:?}");
    }
    // What is open is what was typed, and not what was tried.
    editor.change("scenarios/lists.yaml", &json!([{"text": SCENARIO}]));
    editor.change("specs/shelf.yaml", &json!([{"text": SPEC}]));
    let text = SCENARIO.replacen(": 1\n", ": 1\n# a|\n", 1);
    let result = editor.at("textDocument/completion", "scenarios/lists.yaml", &text);
    assert_eq!(result["items"], json!([]));
    assert_eq!(editor.end(), 0);
}

#[test]
fn names_and_keys_are_explained_and_found() {
    let mut editor = Editor::start("places");
    let scenario = SCENARIO.replace("list_boks", "list_books");
    editor.save("scenarios/lists.yaml", &scenario);
    editor.open("specs/shelf.yaml", SPEC);
    editor.open("scenarios/lists.yaml", &scenario);
    for (file, text, from, to, told) in [
        ("scenarios/lists.yaml", &*scenario, "[L01", "[L|01", "books are listed"),
        ("scenarios/lists.yaml", &*scenario, "list_books", "list|_books", "path: /books"),
        ("scenarios/lists.yaml", &*scenario, "covers", "cov|ers", "Ids of statements"),
        ("scenarios/lists.yaml", &*scenario, "[L01", "[|L01", "covered by `lists`, lists.yaml:5"),
        ("scenarios/lists.yaml", &*scenario, "[L01", "[|L01", "by `list_books`, shelf.yaml:19"),
        ("specs/shelf.yaml", SPEC, "implements: L01", "implements: L0|1", "books are listed"),
        ("specs/shelf.yaml", SPEC, "L01, says", "L|01, says", "covered by `lists`"),
        ("specs/shelf.yaml", SPEC, "implements: L01", "impl|ements: L01", "that it implements"),
    ] {
        let shown = editor.at("textDocument/hover", file, &text.replacen(from, to, 1));
        let shown = shown["contents"]["value"].as_str().unwrap_or_default().to_owned();
        assert!(shown.contains(told), "{to}: {shown}");
    }
    let (spec_uri, scenario_uri) = (
        uri(&editor.folder.join("specs/shelf.yaml")),
        uri(&editor.folder.join("scenarios/lists.yaml")),
    );
    let given = json!({"uri": spec_uri, "range": range(SPEC, "list_books")});
    let text = scenario.replace("list_books", "list_b|ooks");
    let found = editor.at("textDocument/definition", "scenarios/lists.yaml", &text);
    assert_eq!(found, json!([given]));
    let text = SPEC.replace("list_books", "|list_books");
    let found = editor.at("textDocument/references", "specs/shelf.yaml", &text);
    let used = json!({"uri": scenario_uri, "range": range(&scenario, "list_books")});
    assert_eq!(found, json!([given, used]));
    assert_eq!(
        editor.at("textDocument/definition", "specs/shelf.yaml", &format!("# |\n{SPEC}")),
        Value::Null
    );
    // Steps that are included are scenarios too, those of others are not.
    let steps = "- call: list_books\n";
    for file in ["scenarios/parts/one.yaml", "scenarios/parts/two.yaml"] {
        editor.save(file, steps);
    }
    let text = format!("{scenario}  - include: parts/one.yaml\n");
    editor.change("scenarios/lists.yaml", &json!([{"text": text}]));
    let found = editor.at(
        "textDocument/references",
        "specs/shelf.yaml",
        &SPEC.replace("list_books", "list|_books"),
    );
    let parts: Vec<&str> =
        found.as_array().unwrap().iter().map(|it| it["uri"].as_str().unwrap()).collect();
    let steps_uri = uri(&editor.folder.join("scenarios/parts/one.yaml"));
    assert_eq!(parts, [&*spec_uri, &*scenario_uri, &*steps_uri]);
    assert_eq!(editor.end(), 0);
}

#[test]
fn a_name_is_changed_wherever_it_stands_unless_something_breaks() {
    let mut editor = Editor::start("rename");
    let scenario = SCENARIO.replace("list_boks", "list_books");
    let spec = format!(
        "{SPEC}- operationId: other\n  method: GET\n  path: /other\n  steps: [{{respond: {{status: 204}}}}]\n"
    );
    editor.save("scenarios/lists.yaml", &scenario);
    editor.save("scenarios/strange.yaml", &scenario.replace("shelf", "strange"));
    editor.open("specs/shelf.yaml", &spec);
    let about = |text: &str, part: &str, new: &str| {
        let at = text.find(part).unwrap();
        let document = json!({"uri": uri(&editor.folder.join("specs/shelf.yaml"))});
        json!({"textDocument": document, "position": place(&text[..at]), "newName": new})
    };
    let asked = about(&spec, "list_books", "all_books");
    let (taken, broken) = (about(&spec, "list_books", "other"), about(&spec, "list_books", "a: b"));
    let statement = about(&spec, "L01", "L1");
    let nothing = about(&spec, "path: /books", "x");
    let prepared = editor.ask("textDocument/prepareRename", &asked)["result"].clone();
    assert_eq!(prepared, json!({"range": range(&spec, "list_books"), "placeholder": "list_books"}));
    let changes = editor.ask("textDocument/rename", &asked)["result"]["changes"].clone();
    let edit = |text: &str, part, new| json!([{"range": range(text, part), "newText": new}]);
    let spec_uri = uri(&editor.folder.join("specs/shelf.yaml"));
    let scenario_uri = uri(&editor.folder.join("scenarios/lists.yaml"));
    assert_eq!(
        changes,
        json!({
            spec_uri.clone(): edit(&spec, "list_books", "all_books"),
            scenario_uri.clone(): edit(&scenario, "list_books", "all_books"),
        })
    );
    let changes = editor.ask("textDocument/rename", &statement)["result"]["changes"].clone();
    assert_eq!(changes[&spec_uri].as_array().unwrap().len(), 2);
    assert_eq!(changes[&scenario_uri], edit(&scenario, "L01", "L1"));
    for (wrong, told) in [(taken, "other"), (broken, "is no name"), (nothing, "no name here")] {
        let error = editor.ask("textDocument/rename", &wrong)["error"].clone();
        assert!(error["message"].as_str().unwrap().contains(told), "{error}");
    }
    // Nothing of what was tried stays: what is asked anew is told of the texts as they are.
    let found = editor.ask("textDocument/prepareRename", &asked)["result"].clone();
    assert_eq!(found, prepared);
    assert_eq!(editor.end(), 0);
}

#[test]
fn names_are_found_while_a_text_is_no_yaml() {
    let mut editor = Editor::start("broken");
    let scenario = SCENARIO.replace("list_boks", "list_books");
    editor.save("scenarios/lists.yaml", &scenario);
    editor.open("specs/shelf.yaml", SPEC);
    editor.until_right("specs/shelf.yaml");
    let text = SPEC.replace("list_books", "|list_books");
    editor.at("textDocument/references", "specs/shelf.yaml", &text);
    // A line above is not finished, so that nothing below can be read.
    let broken = SPEC.replace("servers: [{", "\n\nservers: [{\"");
    let text = broken.replace("list_books", "list|_books");
    let found = editor.at("textDocument/references", "specs/shelf.yaml", &text);
    let given = json!({"uri": uri(&editor.folder.join("specs/shelf.yaml")), "range": range(&broken, "list_books")});
    let used = json!({"uri": uri(&editor.folder.join("scenarios/lists.yaml")), "range": range(&scenario, "list_books")});
    assert_eq!(found, json!([given, used]));
    let shown =
        editor.at("textDocument/hover", "specs/shelf.yaml", &broken.replace("path:", "pa|th:"));
    assert!(!shown.is_null());
    assert_eq!(editor.end(), 0);
}

#[test]
fn a_long_spec_is_answered_from_what_it_was_and_then_from_what_it_is() {
    let mut editor = Editor::start("long");
    let operation = |number: usize| {
        format!(
            "- operationId: op{number}\n  implements: L01\n  method: GET\n  path: /op{number}\n  \
             steps:\n  - find: {{in: books, where: {{id: x}}, as: book}}\n  - respond:\n      \
             status: 200\n"
        )
    };
    let operations: String = (0..200).map(operation).collect();
    let spec = format!("{SPEC}{operations}");
    let file = "specs/shelf.yaml";
    editor.open(file, &spec);
    assert!(editor.wrong(file).is_empty());
    let titles = |result: &Value| -> Vec<String> {
        let items = result["items"].as_array().unwrap().iter();
        items.map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    };
    let within = |from: &str, to: &str| spec.replacen(from, to, 1);
    let place = "path: /op150\n";
    for (text, known) in [
        (within("op150\n  implements: L01", "op150\n  implements: |"), "L01"),
        (within(place, "path: /op150\n  |\n"), "parameters"),
        (within("in: books", "in: bo|"), "books"),
        (within("operations:", "comp|\noperations:"), "components"),
    ] {
        let found = titles(&editor.at("textDocument/completion", file, &text));
        assert!(found.iter().any(|it| it == known), "{known} is not among {found:?}");
    }
    // What was just written is known too.
    let text = within("says: books are", "says: many books are").replacen("L01\n", "L|01\n", 1);
    let found = editor.at("textDocument/hover", file, &text);
    assert!(found["contents"]["value"].as_str().unwrap().contains("books are listed"));
    let text = within("- {id: L01", "- {id: L02, says: more}\n- {id: L01");
    let text = text.replacen("implements: L01", "implements: L0|2", 1);
    let found = editor.at("textDocument/hover", file, &text);
    assert!(found["contents"]["value"].as_str().unwrap().contains("says: more"), "{found}");
    assert_eq!(editor.end(), 0);
}

#[test]
fn what_is_no_message_ends_nothing() {
    let mut editor = Editor::quiet("messages");
    let early = editor.ask("textDocument/hover", &json!({}));
    assert_eq!(early["error"]["code"], -32002);
    editor.ask("initialize", &json!({}));
    editor.raw("{not json");
    let answer = editor.next().unwrap();
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32700)));
    editor.raw("[]");
    assert_eq!(editor.next().unwrap()["error"]["code"], -32600);
    assert_eq!(editor.ask("textDocument/nonsense", &json!({}))["error"]["code"], -32601);
    assert_eq!(editor.ask("initialize", &json!({}))["error"]["code"], -32600);
    for params in [json!(null), json!([]), json!({"textDocument": {"uri": 5}, "position": 7})] {
        let answer = editor.ask("textDocument/completion", &params);
        assert_eq!(answer["error"]["code"], -32602, "{params}");
        editor.tell("textDocument/didOpen", &params);
        editor.tell("textDocument/didChange", &params);
        editor.tell("textDocument/didClose", &params);
    }
    editor.tell("$/cancelRequest", &json!({"id": 1}));
    // Changes of what is not open, and of places that are not there.
    editor.change("specs/none.yaml", &json!([{"text": "x"}]));
    editor.open("specs/shelf.yaml", SPEC);
    let far = json!({"line": 99_999, "character": 99_999});
    let reversed = json!({"start": far, "end": {"line": 0, "character": 0}});
    editor.change("specs/shelf.yaml", &json!([{"range": reversed, "text": SPEC}]));
    assert!(editor.wrong("specs/shelf.yaml").is_empty());
    assert_eq!(editor.end(), 0);
}

#[test]
fn a_half_written_text_is_told_and_nothing_else_ends() {
    let mut editor = Editor::start("half");
    editor.open("specs/shelf.yaml", SPEC);
    assert!(editor.wrong("specs/shelf.yaml").is_empty());
    let half = SPEC.replace("servers: [{", "servers: [{\"");
    editor.change("specs/shelf.yaml", &json!([{"text": half}]));
    assert!(!editor.wrong("specs/shelf.yaml").is_empty());
    // Every beginning of it, and each line with the cursor at its end.
    for (end, _) in SPEC.char_indices().step_by(23) {
        let text = format!("{}|", &SPEC[..end]);
        editor.at("textDocument/completion", "specs/shelf.yaml", &text);
    }
    editor.change("specs/shelf.yaml", &json!([{"text": SPEC}]));
    editor.until_right("specs/shelf.yaml");
    // What is of neither language is left alone.
    editor.open("compose.yaml", "services:\n  web: {image: [}\n");
    let items = editor.at("textDocument/completion", "compose.yaml", "ser|\n");
    assert_eq!(items, Value::Null);
    assert_eq!(editor.end(), 0);
}

#[test]
fn who_asked_for_the_end_is_told_nothing_more() {
    let mut editor = Editor::start("silence");
    editor.open("specs/shelf.yaml", SPEC);
    editor.until_right("specs/shelf.yaml");
    let document = json!({"uri": uri(&editor.folder.join("specs/shelf.yaml")), "version": 2});
    let params = json!({"textDocument": document, "contentChanges": [{"text": "counterpart: 2"}]});
    let change = json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params});
    let end = json!({"jsonrpc": "2.0", "id": "end", "method": "shutdown"});
    // All at once, so that the end has come before the changes are looked at.
    let mut messages = Vec::new();
    for message in [&change, &change, &end] {
        let text = message.to_string();
        write!(messages, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
    }
    editor.input.as_mut().unwrap().write_all(&messages).unwrap();
    while editor.next().unwrap()["id"] != "end" {}
    editor.input = None;
    assert_eq!(editor.next(), None);
    assert_eq!(editor.child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_end_tells_whether_it_was_asked_for() {
    let mut editor = Editor::start("gone");
    editor.input = None;
    assert!(editor.next().is_none());
    assert_eq!(editor.child.wait().unwrap().code(), Some(1));

    let mut editor = Editor::start("exit");
    editor.tell("exit", &Value::Null);
    assert!(editor.next().is_none());
    assert_eq!(editor.child.wait().unwrap().code(), Some(1));

    let mut editor = Editor::start("shutdown");
    editor.ask("shutdown", &Value::Null);
    assert_eq!(editor.ask("textDocument/completion", &json!({}))["error"]["code"], -32600);
    editor.input = None;
    assert!(editor.next().is_none());
    assert_eq!(editor.child.wait().unwrap().code(), Some(0));
}

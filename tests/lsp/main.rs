//! The language server as an editor meets it: the program, spoken to over its standard input and
//! output.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod changes;
mod editor;
mod fields;
mod long;
mod places;

use std::io::Write;
use std::process::Command;

use serde_json::{Value, json};

use editor::{Editor, SCENARIO, SPEC, range, uri};

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
